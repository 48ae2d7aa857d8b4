"""Many rows by one statement: a thread gives Python's lock away at each statement, and waits for it afterwards."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

Row = tuple[str | int | bytes | None, ...]

MOST = 64
"""Rows of one statement. Fewer go by powers of two, so that few statements are ever prepared."""

_ROW = re.compile(r"VALUES (\([?, ]+\))")


def run(connection: sqlite3.Connection, sql: str, rows: Sequence[Row]) -> int:
    """Run a statement with one `VALUES (?, …)` for all rows; return how many rows it wrote."""
    return sum(cursor.rowcount for cursor in _executed(connection, sql, rows))


def greatest(connection: sqlite3.Connection, sql: str, rows: Sequence[Row]) -> tuple[int, ...]:
    """Run a query of maxima over its `VALUES (?, …)` for all rows, of which there are some; return those maxima."""
    return tuple(map(max, zip(*(cursor.fetchone() for cursor in _executed(connection, sql, rows)), strict=True)))


def _executed(connection: sqlite3.Connection, sql: str, rows: Sequence[Row]) -> Iterator[sqlite3.Cursor]:
    for part in _parts(rows):
        yield connection.execute(_for(sql, len(part)), tuple(chain.from_iterable(part)))


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    begin = 0
    while left := len(rows) - begin:
        size = min(MOST, 1 << left.bit_length() - 1)
        yield rows[begin : begin + size]
        begin += size


@cache
def _for(sql: str, rows: int) -> str:
    """The statement for so many rows."""
    return _ROW.sub(lambda found: "VALUES " + ", ".join([found[1]] * rows), sql)
