"""kill -9 of a process that writes: whatever it acknowledged is there, and nothing is there by half."""

import subprocess
import sys
from pathlib import Path

from tests.support.builders import ACCOUNT, NOW, PERSON
from textback_server.domain.messages import Code, Message
from textback_server.store.protocol import MessageFilter
from textback_server.store.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[2]
KILLS = 3
ACKS = 300
"""Acknowledged writes to see before each kill."""

# Asks one person a question after the other, sixteen at a time, and closes each wait; says what has been acknowledged.
WRITER = """
import asyncio, itertools, sys
from tests.support.builders import ACCOUNT, NOW, a_closing, a_draft, an_inbound
from textback_server.domain.changes import Write
from textback_server.domain.messages import Code, MessageId
from textback_server.store.sqlite import SqliteStore

life = int(sys.argv[2])
numbers = itertools.count(life * 1_000_000)

async def ask(store):
    while True:
        number = next(numbers)
        draft = a_draft(message_id=MessageId(f"msg_{number}"), request_id=str(number))
        message, _ = await store.create(draft, [Code(f"{number:09d}")], NOW)
        print("created", message.id, flush=True)
        inbound = an_inbound(twilio_sid=f"SM{number}", message_id=message.id)
        await store.commit(Write(changes=(a_closing(message),), inbound=inbound))
        print("closed", message.id, flush=True)

async def main():
    async with SqliteStore.open(sys.argv[1]) as store:
        await asyncio.gather(*(ask(store) for _ in range(16)))

asyncio.run(main())
"""


def acknowledged_before_a_kill(path: Path, life: int) -> dict[str, set[str]]:
    command = [sys.executable, "-c", WRITER, str(path), str(life)]
    acked: dict[str, set[str]] = {"created": set(), "closed": set()}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for count, line in enumerate(process.stdout, 1):
            if count == ACKS:
                process.kill()  # what it said until it died still counts
            if line.endswith("\n"):
                word, message_id = line.split()
                acked[word].add(message_id)
    assert process.returncode == -9
    return acked


async def assert_whole(store: SqliteStore, message: Message) -> None:
    """Message, events, code and inbound agree: each write is there in full or not at all."""
    events = await store.events(message.id, 0)
    closed = message.wait is not None and not message.wait.open
    assert [event.sequence for event in events] == list(range(1, message.sequence + 1))
    assert events[-1].terminal is closed
    assert (await store.received(ACCOUNT, message.id.replace("msg_", "SM")) is not None) is closed
    code = message.wait.code if message.wait else Code("")
    assert (await store.standing(ACCOUNT, PERSON, [code], NOW)).matches == (message,)


async def test_everything_acknowledged_is_there_when_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "textback.db"
    created: set[str] = set()
    closed: set[str] = set()
    for life in range(KILLS):
        acked = acknowledged_before_a_kill(path, life)
        created |= acked["created"]
        closed |= acked["closed"]
        async with SqliteStore.open(path) as store:
            page = await store.messages(MessageFilter(account=ACCOUNT), None, 1_000_000)
            found = {str(message.id): message for message in page.rows}
            assert created <= found.keys()
            assert not [name for name in closed if (wait := found[name].wait) is None or wait.open]
            for message in page.rows:
                await assert_whole(store, message)
    assert len(created) + len(closed) >= KILLS * ACKS
