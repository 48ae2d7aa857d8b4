"""A process that writes to a store as fast as it can, says what was acknowledged, and is killed at that.

    python -m tests.support.store_writer PATH LIFE [PRAGMA]...

It asks one person a question after the other, sixteen at a time, and closes each wait. Each PRAGMA is said after the
store's own; without one the store is as it is.
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
    path, life, *pragmas = sys.argv[1:]
    with patch.object(files, _PRAGMAS, (*getattr(files, _PRAGMAS), *pragmas)):
        asyncio.run(main(path, int(life)))
