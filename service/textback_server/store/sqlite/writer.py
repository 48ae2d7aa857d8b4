"""Group commit: what is submitted while one transaction is written to disk becomes the next one.

An operation's error undoes only itself; a COMMIT that fails undoes, and fails, all of its batch. An operation may run
twice before it counts, so it does nothing but what its connection undoes. Those of a batch run in any order: none has
seen what another does. A caller that is cancelled leaves its operation in place: it is written, and nobody is told.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from textback_server.store.protocol import StoreBusy, StoreError, StoreUnavailable
from textback_server.store.sqlite.batch import MOST, Row, put
from textback_server.store.sqlite.troubles import explained

T = TypeVar("T")

CAPACITY = 10_000
"""Operations that may wait for their turn."""
BATCH = 1_024
"""Operations in one transaction, at most."""

CROWD = 8
"""Operations, in a batch or come meanwhile, from which on the next batch waits for as many."""
FULL = 16
"""It does not wait for more than these."""
PAUSE = 0.005
"""Nor for longer than these seconds."""

Operation = Callable[[sqlite3.Connection], T]
Settle = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """An operation that is nothing but rows, and what it answers once they are written.

    `by_itself` does the same and answers for itself, also where the rows may not be written as they are. Of two whose
    `touches` have something in common the second is done by itself: it may not be what the first has left possible.
    """

    rows: Sequence[Row]
    value: T
    by_itself: Callable[[sqlite3.Connection], T]
    touches: frozenset[Hashable]

    def __call__(self, connection: sqlite3.Connection) -> T:
        """By itself."""
        return self.by_itself(connection)


@dataclass(frozen=True, slots=True)
class Item:
    """An operation, and who waits for it. `alone`: it runs after its batch, outside any transaction."""

    operation: Operation[Any]
    future: asyncio.Future[Any]
    alone: bool = False

    def succeed(self, value: object) -> None:
        """Tells the caller, if it still waits."""
        if not self.future.done():
            self.future.set_result(value)

    def fail(self, error: Exception) -> None:
        """Tells the caller, if it still waits."""
        if not self.future.done():
            self.future.set_exception(error)


class Writer(Protocol):
    """Whoever runs write operations: a batch of them after another, those of one batch in any order."""

    def submit(self, operation: Operation[T], *, alone: bool = False) -> asyncio.Future[T]:
        """Takes an operation; the future is done when it is durable. Raises StoreBusy, StoreUnavailable (closed).

        `alone`: it runs outside any transaction.
        """

    def close(self) -> None:
        """Finishes what was submitted and closes the connection. Blocks; may be called again."""


class ThreadWriter:
    """A thread with the only connection that writes. `connect` is called again after a transaction that failed.

    `check` is called before that too, and before each COMMIT or step that commits; what it raises undoes the batch.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], check: Callable[[], None] = lambda: None) -> None:
        self._connect = connect
        self._check = check
        self._connection: sqlite3.Connection | None = None
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Item] = deque()
        self._ready = threading.Condition()
        self._closing = False
        self._enough = 1
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation[T], *, alone: bool = False) -> asyncio.Future[T]:
        """See Writer."""
        future: asyncio.Future[T] = self._loop.create_future()
        with self._ready:
            if self._closing:
                raise closed()
            if len(self._queue) >= CAPACITY:
                raise StoreBusy(f"More than {CAPACITY} writes are waiting for the store.")
            self._queue.append(Item(operation, future, alone))
            if len(self._queue) >= self._enough:
                self._ready.notify()
        return future

    def close(self) -> None:
        """See Writer."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            settles = self._write(batch)
            with suppress(RuntimeError):  # the loop is gone: nobody is left to tell
                self._loop.call_soon_threadsafe(_tell, settles)
            self._gather(len(batch))
        if self._connection is not None:
            with suppress(sqlite3.Error):  # the log stays, and is read at the next start
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()

    def _gather(self, written: int) -> None:
        """Where many write, waits until as many are there again: most of a commit's price is paid for each batch."""
        with self._ready:
            many = min(written + len(self._queue), FULL)
            if many >= CROWD:
                self._enough = many
                self._ready.wait_for(lambda: len(self._queue) >= many or self._closing, PAUSE)
                self._enough = 1

    def _next(self) -> list[Item]:
        """The next batch; empty when closing and nothing is left."""
        with self._ready:
            self._ready.wait_for(lambda: self._queue or self._closing)
            return [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]

    def _write(self, batch: Sequence[Item]) -> list[Settle]:
        try:
            if self._connection is None:
                self._check()
                self._connection = self._connect()
            return _written(self._connection, batch, self._check)
        except Exception as error:  # noqa: BLE001 - whatever it was, each caller in the batch must hear of it
            if self._connection is not None:
                self._connection.close()  # undoes what was not committed
                self._connection = None
            return _all_failed(batch, error)


class LoopWriter:
    """The same without a thread, for a database in memory: what one turn of the loop submits is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._queue: list[Item] = []
        self._closed = False

    def submit(self, operation: Operation[T], *, alone: bool = False) -> asyncio.Future[T]:
        """See Writer."""
        if self._closed:
            raise closed()
        future: asyncio.Future[T] = self._loop.create_future()
        if not self._queue:
            self._loop.call_soon(self._flush)  # later, so that readers in this turn see what a thread would show
        self._queue.append(Item(operation, future, alone))
        return future

    def close(self) -> None:
        """See Writer."""
        if not self._closed:
            self._flush()
            self._closed = True
            self._connection.close()

    def _flush(self) -> None:
        batch, self._queue = self._queue, []
        if batch:
            _tell(self._write(batch))

    def _write(self, batch: Sequence[Item]) -> list[Settle]:
        try:
            return _written(self._connection, batch, lambda: None)
        except Exception as error:  # noqa: BLE001 - whatever it was, each caller in the batch must hear of it
            self._connection.rollback()
            return _all_failed(batch, error)


def closed() -> StoreUnavailable:
    """What a closed store answers."""
    return StoreUnavailable("The store is closed.")


def unavailable(error: Exception) -> StoreUnavailable:
    """SQLite's own name for an error and what it means, without path or content."""
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    return StoreUnavailable(f"The store's database does not work ({name}){explained(error)}.")


def _written(connection: sqlite3.Connection, batch: Sequence[Item], check: Callable[[], None]) -> list[Settle]:
    """Runs a batch: what may share a transaction, then the rest. Returns what to tell each caller."""
    together = [item for item in batch if not item.alone]
    settles = _transaction(connection, together, check) if together else []
    return settles + [_alone(connection, item) for item in batch if item.alone]


def _transaction(connection: sqlite3.Connection, batch: Sequence[Item], check: Callable[[], None]) -> list[Settle]:
    """Runs and commits a batch; returns what to tell each caller. Raises if nothing was written."""
    settles, rows, others = _apart(batch)
    if others or len(rows) > MOST:
        connection.execute("BEGIN IMMEDIATE")
    else:  # SQLite makes it a transaction, and commits it in the same step
        check()
    try:
        put(connection, rows)
    except sqlite3.OperationalError:  # disk full, I/O error: not of what was to be written
        raise
    except Exception:  # noqa: BLE001 - it happens again, to the one whose it is
        connection.rollback()
        connection.execute("BEGIN IMMEDIATE")
        settles, others = [], batch
    if connection.in_transaction:
        settles += [_attempt(connection, item) for item in others]
        check()
        connection.execute("COMMIT")
    return settles


def _apart(batch: Sequence[Item]) -> tuple[list[Settle], list[Row], Sequence[Item]]:
    """What to tell those whose rows can be written together, those rows, and the other operations."""
    settles, rows, others, touched = list[Settle](), list[Row](), list[Item](), set[Hashable]()
    for item in batch:
        operation = item.operation
        if isinstance(operation, Rows) and touched.isdisjoint(operation.touches):
            touched |= operation.touches
            settles.append(partial(item.succeed, operation.value))
            rows += operation.rows
        else:
            others.append(item)
    return settles, rows, others


def _alone(connection: sqlite3.Connection, item: Item) -> Settle:
    try:
        value = item.operation(connection)
    except Exception as error:  # noqa: BLE001 - its caller must hear of it, and nobody else
        told = _as_told(error)
        return lambda: item.fail(told)
    return lambda: item.succeed(value)


def _attempt(connection: sqlite3.Connection, item: Item) -> Settle:
    connection.execute("SAVEPOINT operation")
    try:
        value = item.operation(connection)
    except Exception as error:
        if not connection.in_transaction:  # SQLite gave up the whole transaction: disk full, I/O error
            raise
        connection.execute("ROLLBACK TO operation")
        connection.execute("RELEASE operation")
        told = _as_told(error)
        return lambda: item.fail(told)
    connection.execute("RELEASE operation")
    return lambda: item.succeed(value)


def _as_told(error: Exception) -> Exception:
    if not isinstance(error, sqlite3.Error):
        return error
    told = unavailable(error)
    told.__cause__ = error
    return told


def _all_failed(batch: Sequence[Item], error: Exception) -> list[Settle]:
    def failure(item: Item) -> Settle:
        if isinstance(error, StoreError):
            return lambda: item.fail(error)
        told = unavailable(error)
        told.__cause__ = error
        return lambda: item.fail(told)

    return [failure(item) for item in batch]


def _tell(settles: Sequence[Settle]) -> None:
    for settle in settles:
        settle()
