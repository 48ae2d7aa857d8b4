"""What a killed writer acknowledged, and whether a store holds it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.builders import ACCOUNT, NOW, PERSON
from textback_server.domain.messages import Code, Message
from textback_server.store.protocol import MessageFilter, Store

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Ids of the messages that were made, and of those whose wait was closed."""

    created: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def __or__(self, other: "Acknowledged") -> "Acknowledged":
        """Both."""
        return Acknowledged(created=self.created | other.created, closed=self.closed | other.closed)

    def __len__(self) -> int:
        """How many writes."""
        return len(self.created) + len(self.closed)


def killed_after(
    acks: int,
    path: Path,
    *,
    life: int = 0,
    pragmas: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Acknowledged:
    """Run `store_writer` until it has acknowledged so many writes, and kill it at that."""
    command = [sys.executable, "-m", "tests.support.store_writer", str(path), str(life), *pragmas]
    said: dict[str, set[str]] = {"created": set(), "closed": set()}
    environment = {**os.environ, **(env or {})}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        for count, line in enumerate(process.stdout, 1):
            if count == acks:
                process.kill()  # what it said until it died still counts
            if line.endswith("\n"):
                word, message_id = line.split()
                said[word].add(message_id)
    assert process.returncode == -9
    return Acknowledged(created=frozenset(said["created"]), closed=frozenset(said["closed"]))


async def lost(store: Store, acknowledged: Acknowledged) -> Acknowledged:
    """What of it the store does not hold. Whatever it does hold, it must hold whole."""
    page = await store.messages(MessageFilter(account=ACCOUNT), None, 1_000_000)
    for message in page.rows:
        await _assert_whole(store, message)
    closed = {message.id for message in page.rows if message.wait and not message.wait.open}
    return Acknowledged(
        created=acknowledged.created - {message.id for message in page.rows}, closed=acknowledged.closed - closed
    )


async def _assert_whole(store: Store, message: Message) -> None:
    """Message, events, code and inbound agree: each write is there in full or not at all."""
    events = await store.events(message.id, 0)
    closed = message.wait is not None and not message.wait.open
    assert [event.sequence for event in events] == list(range(1, message.sequence + 1))
    assert events[-1].terminal is closed
    assert (await store.received(ACCOUNT, message.id.replace("msg_", "SM")) is not None) is closed
    code = message.wait.code if message.wait else Code("")
    assert (await store.standing(ACCOUNT, PERSON, [code], NOW)).matches == (message,)
