"""The price of durability itself: one commit by SQLite alone, with the pragmas of the store."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter


@contextmanager
def durable(path: Path) -> Iterator[Callable[[], float]]:
    """Lend a function that writes a kilobyte, on disk when it returns, and says how many seconds that took."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE entries (content TEXT NOT NULL)")

        def commit() -> float:
            begun = perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO entries VALUES (?)", ("x" * 1_024,))
            connection.execute("COMMIT")
            return perf_counter() - begun

        yield commit
