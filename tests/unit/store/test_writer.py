"""The writer: group commit, whose errors are whose, and what follows a failed COMMIT."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from textback_server.store.protocol import StoreBusy, StoreUnavailable
from textback_server.store.sqlite import batch
from textback_server.store.sqlite import writer as writer_module
from textback_server.store.sqlite.batch import MOST, Row
from textback_server.store.sqlite.writer import FULL, LoopWriter, Rows, ThreadWriter

SCHEMA = """
CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT);
CREATE TABLE children (row INTEGER REFERENCES rows (id) DEFERRABLE INITIALLY DEFERRED);
"""
TRIGGER = """
CREATE TEMP TRIGGER put_rows AFTER INSERT ON batch WHEN NEW.what = 'put events' BEGIN
  INSERT INTO rows SELECT revision, content FROM batch WHERE what = 'event';
  DELETE FROM batch;
END;
"""


class Database:
    """A small database, and what was said to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connections = 0
        self.statements: list[str] = []
        connection = sqlite3.connect(path)
        connection.executescript(SCHEMA)
        connection.close()

    def connect(self) -> sqlite3.Connection:
        """Opens it as the writer would, and listens."""
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        batch.define(connection)
        self.connections += 1
        connection.set_trace_callback(self.statements.append)
        return connection

    def rows(self) -> list[int]:
        """What another connection sees."""
        connection = sqlite3.connect(self.path)
        try:
            return [row for (row,) in connection.execute("SELECT id FROM rows ORDER BY id")]
        finally:
            connection.close()

    def steps(self) -> list[str]:
        """The first word of each statement; for each trigger that it fires it is heard again."""
        return [statement.split()[0] for statement, _ in groupby(self.statements)]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(batch, "TRIGGERS", TRIGGER)
    return Database(tmp_path / "some.db")


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[ThreadWriter]:
    made = ThreadWriter(database.connect)
    yield made
    await asyncio.to_thread(made.close)


def insert(number: int, text: str = "") -> writer_module.Operation[int]:
    def operation(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO rows VALUES (?, ?)", (number, text))
        return number

    return operation


class Inserts:
    """Makes operations that insert a number by rows, answer ten times it, and tell which ran by themselves."""

    def __init__(self) -> None:
        self.by_themselves: list[int] = []

    def insert(self, number: int, touches: Hashable, times: int = 1, text: str = "") -> Rows[int]:
        """An operation that touches this; `times` more than once, it is a row for each of the next numbers too."""

        def by_itself(connection: sqlite3.Connection) -> int:
            self.by_themselves.append(number)
            return 10 * insert(number)(connection)

        rows = [Row(what="event", revision=each, content=text) for each in range(number, number + times)]
        return Rows(rows, 10 * number, by_itself, frozenset({touches}))


def orphan(connection: sqlite3.Connection) -> None:
    """Passes now, and makes the COMMIT fail."""
    connection.execute("INSERT INTO children VALUES (-1)")


@contextmanager
def busy(writer: ThreadWriter) -> Iterator[asyncio.Future[None]]:
    """The writer is inside a transaction until the block ends: what is submitted meanwhile queues up."""
    entered, leave = threading.Event(), threading.Event()

    def operation(_: sqlite3.Connection) -> None:
        entered.set()
        leave.wait(10)

    future = writer.submit(operation)
    assert entered.wait(10)
    try:
        yield future
    finally:
        leave.set()


async def test_writes_share_one_transaction_when_they_come_during_another(
    writer: ThreadWriter, database: Database
) -> None:
    with busy(writer):
        futures = [writer.submit(insert(number)) for number in range(200)]
    assert await asyncio.gather(*futures) == list(range(200))
    assert database.statements.count("COMMIT") == 2
    assert database.rows() == list(range(200))


async def test_writes_are_told_only_after_their_commit(writer: ThreadWriter, database: Database) -> None:
    assert await writer.submit(insert(1)) == 1
    assert database.statements[-1] == "COMMIT"


async def test_error_undoes_only_its_own_operation(writer: ThreadWriter, database: Database) -> None:
    def fails(connection: sqlite3.Connection) -> None:
        insert(2)(connection)
        raise LookupError("mine")

    with busy(writer):
        one, two, three = writer.submit(insert(1)), writer.submit(fails), writer.submit(insert(3))
    with pytest.raises(LookupError, match="mine"):
        await two
    assert (await one, await three) == (1, 3)
    assert database.rows() == [1, 3]


async def test_rows_of_many_operations_are_one_step_when_nothing_else_is_to_do(
    writer: ThreadWriter, database: Database
) -> None:
    inserts = Inserts()
    with busy(writer) as first:
        futures = [writer.submit(inserts.insert(number, number)) for number in range(5)]
    await first
    assert await asyncio.gather(*futures) == [0, 10, 20, 30, 40]
    assert database.steps() == ["BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "INSERT"]
    assert (inserts.by_themselves, database.rows()) == ([], [0, 1, 2, 3, 4])


async def test_rows_share_one_transaction_with_whatever_else_is_to_do(writer: ThreadWriter, database: Database) -> None:
    inserts = Inserts()
    with busy(writer) as first:
        many = writer.submit(inserts.insert(100, "many", times=MOST + 1))
        others = [writer.submit(inserts.insert(number, "the same")) for number in (1, 2)]
        other = writer.submit(insert(3))
    await first
    assert await asyncio.gather(many, *others, other) == [1_000, 10, 20, 3]
    assert database.steps()[4:7] == ["BEGIN", "INSERT", "INSERT"]
    assert database.steps().count("COMMIT") == 2
    assert inserts.by_themselves == [2]
    assert database.rows() == [1, 2, 3, *range(100, 101 + MOST)]


@pytest.mark.parametrize("besides", [False, True])
async def test_each_operation_is_done_by_itself_when_rows_of_any_may_not_be_written(
    writer: ThreadWriter, database: Database, *, besides: bool
) -> None:
    inserts = Inserts()
    await writer.submit(insert(2))
    with busy(writer):
        futures = [writer.submit(inserts.insert(number, number)) for number in range(4)]
        others = [writer.submit(insert(9))] if besides else []
    results = await asyncio.gather(*futures, *others, return_exceptions=True)
    assert [type(result) for result in results] == [int, int, StoreUnavailable, int, *[int] * besides]
    assert inserts.by_themselves == [0, 1, 2, 3]
    assert database.rows() == [0, 1, 2, 3, *[9] * besides]


async def test_writes_of_a_crowd_go_together_when_they_come_one_by_one(
    writer: ThreadWriter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "PAUSE", 30)
    inserts = Inserts()
    with busy(writer):
        crowd = [writer.submit(inserts.insert(number, number)) for number in range(FULL)]
    await asyncio.gather(*crowd)
    database.statements.clear()
    futures = []
    for number in range(100, 100 + FULL):
        await asyncio.to_thread(lambda: None)  # time for the writer to take what is there
        futures.append(writer.submit(inserts.insert(number, number)))
    await asyncio.gather(*futures)
    assert database.steps() == ["INSERT"]


async def test_writes_do_not_wait_for_a_crowd_that_is_gone(
    writer: ThreadWriter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    inserts = Inserts()
    with busy(writer):
        crowd = [writer.submit(inserts.insert(number, number)) for number in range(FULL)]
    await asyncio.gather(*crowd)
    assert await writer.submit(inserts.insert(100, 100)) == 1_000
    monkeypatch.setattr(writer_module, "PAUSE", 30)
    with busy(writer):
        crowd = [writer.submit(inserts.insert(number, number)) for number in range(200, 200 + FULL)]
    await asyncio.gather(*crowd)
    async with asyncio.timeout(10):
        await asyncio.to_thread(writer.close)
    assert len(database.rows()) == 2 * FULL + 1


async def test_nothing_of_a_batch_stands_when_it_takes_several_steps_and_the_last_fails(
    writer: ThreadWriter, database: Database
) -> None:
    inserts = Inserts()
    await writer.submit(insert(2))
    with busy(writer):
        many = writer.submit(inserts.insert(100, "many", times=MOST))
        last = writer.submit(inserts.insert(2, 2))
    assert await many == 1_000
    with pytest.raises(StoreUnavailable):
        await last
    assert (inserts.by_themselves, database.rows()) == ([100, 2], [2, 100])


async def test_operation_that_touches_the_same_undoes_nothing_of_the_first(
    writer: ThreadWriter, database: Database
) -> None:
    inserts = Inserts()
    with busy(writer):
        futures = [writer.submit(inserts.insert(number, "the same")) for number in (1, 1, 2)]
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(result) for result in results] == [int, StoreUnavailable, int]
    assert (inserts.by_themselves, database.rows()) == ([1, 2], [1, 2])


async def test_nothing_is_done_by_itself_when_the_disk_is_full(writer: ThreadWriter, database: Database) -> None:
    inserts = Inserts()
    await writer.submit(lambda connection: connection.execute("PRAGMA max_page_count = 8"))
    with pytest.raises(StoreUnavailable, match="SQLITE_FULL"):
        await writer.submit(inserts.insert(1, 1, text="x" * 100_000))
    assert (inserts.by_themselves, database.rows()) == ([], [])
    assert await writer.submit(inserts.insert(2, 2)) == 20
    assert database.rows() == [2]


async def test_file_is_looked_at_before_rows_are_written(database: Database) -> None:
    gone = False

    def check() -> None:
        if gone:
            raise StoreUnavailable("It is gone.")

    writer, inserts = ThreadWriter(database.connect, check), Inserts()
    try:
        assert await writer.submit(inserts.insert(1, 1)) == 10
        gone = True
        with pytest.raises(StoreUnavailable, match="gone"):
            await writer.submit(inserts.insert(2, 2))
    finally:
        await asyncio.to_thread(writer.close)
    assert (inserts.by_themselves, database.rows()) == ([], [1])


async def test_sql_error_is_told_without_content(writer: ThreadWriter, database: Database) -> None:
    await writer.submit(insert(1))
    with pytest.raises(StoreUnavailable) as caught:
        await writer.submit(insert(1, "private text"))
    assert str(caught.value) == "The store's database does not work (SQLITE_CONSTRAINT_PRIMARYKEY)."
    assert database.connections == 1


async def test_all_of_a_batch_fail_when_its_commit_fails_and_the_next_succeeds(
    writer: ThreadWriter, database: Database
) -> None:
    with busy(writer):
        lost: list[asyncio.Future[Any]] = [writer.submit(insert(1)), writer.submit(orphan), writer.submit(insert(2))]
    results = await asyncio.gather(*lost, return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailable] * 3
    assert database.rows() == []
    assert await writer.submit(insert(3)) == 3
    assert database.rows() == [3]
    assert database.connections == 2


async def test_writes_fail_while_the_database_cannot_be_opened_and_then_succeed(database: Database) -> None:
    blocked = True

    def connect() -> sqlite3.Connection:
        if blocked:
            raise sqlite3.OperationalError("unable to open database file")
        return database.connect()

    writer = ThreadWriter(connect)
    try:
        with pytest.raises(StoreUnavailable):
            await writer.submit(insert(1))
        blocked = False
        assert await writer.submit(insert(2)) == 2
    finally:
        await asyncio.to_thread(writer.close)
    assert database.rows() == [2]


async def test_writes_fail_while_the_disk_is_full_and_then_succeed(writer: ThreadWriter, database: Database) -> None:
    def limit(pages: int) -> writer_module.Operation[sqlite3.Cursor]:
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}")

    await writer.submit(limit(8))
    with pytest.raises(StoreUnavailable, match="SQLITE_FULL"):
        await writer.submit(insert(1, "x" * 100_000))
    await writer.submit(limit(1_000))
    assert await writer.submit(insert(2, "x" * 100_000)) == 2
    assert database.rows() == [2]


async def test_submit_is_refused_when_too_many_wait(
    writer: ThreadWriter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "CAPACITY", 2)
    with busy(writer):
        taken = [writer.submit(insert(number)) for number in range(2)]
        with pytest.raises(StoreBusy):
            writer.submit(insert(9))
    await asyncio.gather(*taken)
    assert database.rows() == [0, 1]


async def test_operation_stands_when_its_future_is_cancelled(writer: ThreadWriter, database: Database) -> None:
    with busy(writer):
        gone = writer.submit(insert(1))
        gone.cancel()
        kept = writer.submit(insert(2))
    assert await kept == 2
    assert database.rows() == [1, 2]


async def test_close_finishes_what_was_submitted_and_ends_the_thread(database: Database) -> None:
    writer = ThreadWriter(database.connect)
    with busy(writer):
        futures = [writer.submit(insert(number)) for number in range(writer_module.BATCH + 1)]
    await asyncio.to_thread(writer.close)
    assert database.rows() == list(range(writer_module.BATCH + 1))
    assert await asyncio.gather(*futures) == list(range(writer_module.BATCH + 1))
    assert "store-writer" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(StoreUnavailable, match="closed"):
        writer.submit(insert(-1))


async def test_writes_of_one_turn_share_one_transaction_when_there_is_no_thread(database: Database) -> None:
    writer = LoopWriter(database.connect())
    futures = [writer.submit(insert(number)) for number in range(3)]
    assert database.statements == []  # readers in this turn see what stood before
    assert await asyncio.gather(*futures) == [0, 1, 2]
    assert database.statements.count("COMMIT") == 1
    writer.close()


async def test_all_of_a_turn_fail_when_its_commit_fails_and_the_next_succeeds(database: Database) -> None:
    writer = LoopWriter(database.connect())
    lost: list[asyncio.Future[Any]] = [writer.submit(insert(1)), writer.submit(orphan)]
    results = await asyncio.gather(*lost, return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailable] * 2
    assert await writer.submit(insert(2)) == 2
    writer.close()
    assert database.rows() == [2]
