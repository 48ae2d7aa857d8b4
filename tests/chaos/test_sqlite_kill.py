"""kill -9 of a process that writes: whatever it acknowledged is there, and nothing is there by half."""

from pathlib import Path

from tests.support.killed_writer import Acknowledged, killed_after, lost
from textback_server.store.sqlite import SqliteStore

KILLS = 3
ACKS = 300
"""Acknowledged writes to see before each kill."""


async def test_everything_acknowledged_is_there_when_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "textback.db"
    acknowledged = Acknowledged()
    for life in range(KILLS):
        acknowledged |= killed_after(ACKS, path, life=life)
        async with SqliteStore.open(path) as store:
            assert not await lost(store, acknowledged)
    assert len(acknowledged) >= KILLS * ACKS
