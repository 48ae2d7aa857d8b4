"""The database file: pragmas, mode, lock, migrations, I/O errors."""

import asyncio
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.builders import NOW, a_draft
from tests.support.disks import full_disk
from textback_server.store.protocol import StoreUnavailable, StoreUnusable
from textback_server.store.sqlite import SqliteStore, files
from textback_server.store.sqlite.writer import ThreadWriter

NEWEST = files.migrations()[-1].number
HOLDER = """
import asyncio, sys
from textback_server.store.sqlite import SqliteStore

async def main():
    async with SqliteStore.open(sys.argv[1]):
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


def pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "textback.db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("page_size", 2_048),
        ("auto_vacuum", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("busy_timeout", 5_000),
        ("wal_autocheckpoint", 8_000),
        ("user_version", NEWEST),
    ],
)
def test_writing_connection_has_the_pragma(path: Path, name: str, value: object) -> None:
    files.prepare(path)
    with closing(files.connect_to_write(path)) as connection:
        assert pragma(connection, name) == value


def test_reading_connection_can_neither_write_nor_checkpoint(path: Path) -> None:
    files.prepare(path)
    with closing(files.connect_to_read(path)) as connection:
        assert pragma(connection, "wal_autocheckpoint") == 0
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM secret")


@pytest.mark.parametrize("connect", [files.connect_to_write, files.connect_to_read])
def test_connection_makes_no_file(path: Path, connect: Callable[[Path], sqlite3.Connection]) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        connect(path)
    assert not path.exists()


def put_back(path: Path) -> None:
    """A backup that everybody may read."""
    files.prepare(path)
    path.chmod(0o644)


@pytest.mark.parametrize("restored", [False, True])
async def test_files_are_for_their_owner_only(path: Path, *, restored: bool) -> None:
    if restored:
        put_back(path)
    async with SqliteStore.open(path) as store:
        await store.create(a_draft(wait=None), (), NOW)
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == {f"textback.db{suffix}": 0o600 for suffix in ("", ".lock", "-wal", "-shm")}


async def test_log_is_folded_into_the_database_when_the_store_closes(path: Path) -> None:
    draft = a_draft(wait=None)
    async with SqliteStore.open(path) as store:
        await store.create(draft, (), NOW)
    assert not path.with_name("textback.db-wal").exists()
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:  # looks at this file alone
        assert connection.execute("SELECT id FROM messages").fetchall() == [(draft.id,)]


async def test_writer_leaves_an_empty_log_when_readers_are_still_there(path: Path) -> None:
    files.prepare(path)
    with closing(files.connect_to_read(path)) as reader:
        assert len(reader.execute("SELECT value FROM secret").fetchone()[0]) == 32
        writer = ThreadWriter(lambda: files.connect_to_write(path))
        await writer.submit(lambda connection: connection.execute("UPDATE secret SET value = x'00'").rowcount)
        await asyncio.to_thread(writer.close)
        assert path.with_name("textback.db-wal").stat().st_size == 0
        assert reader.execute("SELECT value FROM secret").fetchone() == (b"\0",)


async def test_second_process_is_refused_until_the_first_ends(path: Path) -> None:
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, str(path), stdin=PIPE, stdout=PIPE)
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"open\n"
        with pytest.raises(StoreUnusable, match=r"Another process uses the store .*textback\.db\. Stop that one"):
            async with SqliteStore.open(path):
                pass
    finally:
        await holder.communicate(b"")
    async with SqliteStore.open(path) as store:
        assert await store.load("msg") is None


async def test_open_is_refused_when_the_schema_is_newer(path: Path) -> None:
    async with SqliteStore.open(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreUnusable, match=rf"has schema 99, and this program knows up to {NEWEST}: .* newer version"):
        async with SqliteStore.open(path):
            pass


def test_open_is_refused_when_the_file_is_no_database(path: Path) -> None:
    text = "something else, and long enough to be looked at " * 100
    path.write_text(text)
    with pytest.raises(StoreUnusable, match=r"the file is not a database, .* To do: name another file"):
        files.prepare(path)
    assert path.read_text() == text


async def test_open_is_refused_when_the_folder_does_not_exist(path: Path) -> None:
    with pytest.raises(StoreUnusable, match="No such file or directory"):
        async with SqliteStore.open(path / "textback.db"):
            pass


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [step.number for step in files.migrations()] == list(range(1, len(files.migrations()) + 1))


def test_migration_leaves_nothing_behind_when_it_fails() -> None:
    steps = (*files.migrations(), files.Migration(NEWEST + 1, "CREATE TABLE half (id INTEGER); CREATE TABLE nonsense;"))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            files.migrate(connection, steps, "test")
        connection.rollback()
        assert pragma(connection, "user_version") == NEWEST
        assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchone() is None


async def test_store_is_unavailable_while_the_disk_takes_nothing_and_then_recovers(path: Path) -> None:
    lost, kept, later = (a_draft(wait=None, body="x" * 20_000) for _ in range(3))
    async with SqliteStore.open(path) as store:
        await store.create(kept, (), NOW)
        with full_disk(path):
            with pytest.raises(
                StoreUnavailable, match=r"^The store's database does not work \(SQLITE_\w+\): the disk "
            ):
                await store.create(lost, (), NOW)
            assert await store.load(kept.id) is not None
        await store.create(later, (), NOW)
        found = [await store.load(draft.id) is not None for draft in (lost, kept, later)]
    assert found == [False, True, True]


@contextmanager
def elsewhere(path: Path, instead: bytes | None = None) -> Iterator[None]:
    """The file is moved away and then back; meanwhile there is another one in its place, or none."""
    away = path.with_name("elsewhere.db")
    path.rename(away)
    if instead is not None:
        path.write_bytes(instead)
    yield
    assert path.exists() is (instead is not None)
    away.rename(path)


@pytest.mark.parametrize(("instead", "why"), [(None, "is gone: put it back"), (b"", "is another one than at start")])
async def test_store_takes_nothing_until_its_file_is_back(path: Path, instead: bytes | None, why: str) -> None:
    before, lost, after = (a_draft(wait=None) for _ in range(3))
    async with SqliteStore.open(path) as store:
        await store.create(before, (), NOW)
        with elsewhere(path, instead):
            for _ in range(2):  # the second time by a connection that is opened anew
                with pytest.raises(StoreUnavailable, match=why):
                    await store.create(lost, (), NOW)
            with pytest.raises(StoreUnavailable, match=why):
                await store.check()
        await store.create(after, (), NOW)
    async with SqliteStore.open(path) as store:
        assert [await store.load(draft.id) is not None for draft in (before, lost, after)] == [True, False, True]


@pytest.mark.parametrize("emptied", [True, False], ids=["emptied", "deleted"])
def test_open_is_refused_when_the_database_is_lost_but_its_log_is_there(path: Path, *, emptied: bool) -> None:
    log = path.with_name("textback.db-wal")
    log.write_bytes(b"what was committed last")
    if emptied:
        path.write_bytes(b"")
    with pytest.raises(
        StoreUnusable, match=r"is gone or empty, but its log .*textback\.db-wal is not\. Put the file back"
    ):
        files.prepare(path)
    assert log.read_bytes() == b"what was committed last"
    assert path.exists() is emptied


async def test_check_fails_while_the_disk_takes_nothing(path: Path) -> None:
    async with SqliteStore.open(path) as store:
        await store.check()
        with full_disk(path), pytest.raises(StoreUnavailable, match="the disk"):
            await store.check()
        await store.check()
