"""The power fails: of what was written only what was synced is sure to be there, of the rest any sectors or none.

A library that is loaded before all others (`tests/support/power_loss.c`) keeps what was synced while the real store
writes. The same test of a store that does not sync each commit must lose something, or this one would show nothing.
"""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.killed_writer import Acknowledged, killed_after, lost
from tests.support.toolchains import require
from textback_server.store.sqlite import SqliteStore

SOURCE = Path(__file__).resolve().parents[1] / "support" / "power_loss.c"
SECTOR = 512
ACKS = 200
OFTEN = "PRAGMA wal_autocheckpoint = 50"
"""So few pages of log between two checkpoints that the power fails in and around many."""
UNSYNCED = "PRAGMA synchronous = NORMAL"
OUTCOMES = 12
"""What may be left of one power loss: the synced alone, and so many with some of the rest."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the library is loaded as Linux does it")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("library") / "power_loss.so"
    flags = ("-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC")
    subprocess.run((require("cc"), *flags, "-o", made, SOURCE, "-ldl"), check=True)
    return made


def fails(library: Path, folder: Path, *pragmas: str) -> Acknowledged:
    """The power fails under a writer in `folder`, whose store is changed by `pragmas`; what it had acknowledged."""
    live, synced = folder / "live", folder / "synced"
    live.mkdir()
    synced.mkdir()
    env = {"LD_PRELOAD": str(library), "PLATTER": str(synced)}
    return killed_after(ACKS, live / "textback.db", pragmas=pragmas, env=env)


def left(folder: Path) -> Iterator[Path]:
    """What the power loss may have left, each in a folder of its own: SQLite shares memory between equal files."""
    for seed in range(OUTCOMES + 1):
        rng = random.Random(seed)
        outcome = folder / f"outcome-{seed}"
        outcome.mkdir()
        for name in ("textback.db", "textback.db-wal"):
            synced, live = folder / "synced" / name, folder / "live" / name
            if seed == 0:
                shutil.copy(synced, outcome / name)
            else:
                (outcome / name).write_bytes(torn(synced.read_bytes(), live.read_bytes(), rng))
        yield outcome / "textback.db"


def torn(synced: bytes, live: bytes, rng: random.Random) -> bytes:
    """A file of which some sectors reached the disk and some did not."""
    size = rng.choice((len(synced), len(live)))
    places = range(0, size, SECTOR)
    sectors = [rng.choice((synced, live))[place : place + SECTOR].ljust(SECTOR, b"\0") for place in places]
    return b"".join(sectors)[:size]


@pytest.mark.parametrize("pragmas", [(), (OFTEN,)], ids=["as-it-is", "often"])
async def test_nothing_acknowledged_is_lost_when_the_power_fails(
    library: Path, tmp_path: Path, pragmas: tuple[str, ...]
) -> None:
    acknowledged = fails(library, tmp_path, *pragmas)
    for path in left(tmp_path):
        async with SqliteStore.open(path) as store:
            assert not await lost(store, acknowledged)
    assert len(acknowledged) >= ACKS


async def test_power_loss_is_noticed_when_commits_are_not_synced(library: Path, tmp_path: Path) -> None:
    acknowledged = fails(library, tmp_path, UNSYNCED)
    async with SqliteStore.open(next(left(tmp_path))) as store:
        assert await lost(store, acknowledged)
