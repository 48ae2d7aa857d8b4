"""The checkup: tells of each change once."""

from pathlib import Path

from tests.support.disks import full_disk
from textback_server.engine.checkup import Checkup
from textback_server.store.sqlite import SqliteStore


async def test_each_change_is_told_once(tmp_path: Path) -> None:
    told: list[bool] = []

    async def tell(works: bool) -> None:
        told.append(works)

    path = tmp_path / "textback.db"
    async with SqliteStore.open(path) as store:
        checkup = Checkup(store, tell)
        for _ in range(2):
            await checkup.look()
        assert told == []
        with full_disk(path):
            for _ in range(2):
                await checkup.look()
        assert told == [False]
        for _ in range(2):
            await checkup.look()
        assert told == [False, True]
    await checkup.look()
    assert told == [False, True, False], "a closed store works no more"
