"""A process that writes to a store as fast as it can, says what was acknowledged, and is killed at that.

    python -m tests.support.store_writer PATH LIFE SYNCHRONOUS CHECKPOINT

It asks one person a question after the other, sixteen at a time, and closes each wait. SYNCHRONOUS is SQLite's word
(the store's is FULL); CHECKPOINT is how many pages the log may hold.
"""

import asyncio
import itertools
import sys
from collections.abc import Iterator
from unittest.mock import patch

from tests.support.builders import NOW, a_closing, a_draft, an_inbound
from textback_server.domain.changes import Write
from textback_server.domain.messages import Code, MessageId
from textback_server.store.sqlite import SqliteStore, files

_AT_ONCE = 16
_PRAGMAS = "_WRITE_PRAGMAS"


async def main(path: str, life: int) -> None:
    """Write until killed."""
    numbers = itertools.count(life * 1_000_000)
    async with SqliteStore.open(path) as store:
        await asyncio.gather(*(_ask(store, numbers) for _ in range(_AT_ONCE)))


async def _ask(store: SqliteStore, numbers: Iterator[int]) -> None:
    for number in numbers:
        draft = a_draft(message_id=MessageId(f"msg_{number}"), request_id=str(number))
        message, _ = await store.create(draft, [Code(f"{number:09d}")], NOW)
        _say("created", message.id)
        inbound = an_inbound(twilio_sid=f"SM{number}", message_id=message.id)
        await store.commit(Write(changes=(a_closing(message),), inbound=inbound))
        _say("closed", message.id)


def _say(word: str, message_id: str) -> None:
    sys.stdout.write(f"{word} {message_id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    path, life, synchronous, checkpoint = sys.argv[1:]
    changed = (f"PRAGMA synchronous = {synchronous}", f"PRAGMA wal_autocheckpoint = {checkpoint}")
    with patch.object(files, _PRAGMAS, (*getattr(files, _PRAGMAS), *changed)):
        asyncio.run(main(path, int(life)))
