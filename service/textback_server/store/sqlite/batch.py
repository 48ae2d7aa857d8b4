"""What is written, as rows of `batch` (batch.sql): however many there are, they are one step for SQLite.

A thread that writes gives Python's lock away at each step, and gets it back only when the event loop runs dry.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from itertools import chain
from operator import attrgetter
from typing import Any, Literal

MOST = 64
"""Rows of one step."""

TRIGGERS = resources.files(__package__).joinpath("batch.sql").read_text("utf-8")


@dataclass(slots=True)  # not frozen: that takes three times as long to make
class Row:
    """One thing to write, and what of it is to be known. Times are microseconds since 1970."""

    what: Literal["message", "label", "change", "event", "inbound", "spoken to"] | None = None
    account: str | None = None
    id: str | None = None
    request_id: str | None = None
    request_hash: bytes | None = None
    recipient: str | None = None
    sender: str | None = None
    case_id: str | None = None
    create_time: int | None = None
    twilio_sid: str | None = None
    old_revision: int | None = None
    revision: int | None = None
    state: str | None = None
    wait_state: str | None = None
    due: int | None = None
    end_time: int | None = None
    content: str | None = None
    # Limits, None where there is none, and what they are counted since.
    now: int | None = None
    blocked_since: int | None = None
    hour_ago: int | None = None
    day: int | None = None
    per_recipient: int | None = None
    pending: int | None = None
    per_day: int | None = None
    # A code, all that must not be taken beside it (a JSON array), and until when it stays taken.
    code: str | None = None
    excluded: str | None = None
    free_time: int | None = None
    # An event, and of an inbound SMS its time.
    sequence: int | None = None
    time: int | None = None
    kind: str | None = None
    event: str | None = None
    result: str | None = None
    disposition: str | None = None
    # A label.
    name: str | None = None
    value: str | None = None


NOTHING = Row()

_COLUMNS = [field.name for field in fields(Row)]
_NULLS = ", ".join(f"NULL AS {name}" for name in _COLUMNS)
_PLACES = f"({', '.join('?' * len(_COLUMNS))})"
_values: Callable[[Row], tuple[Any, ...]] = attrgetter(*_COLUMNS)


def define(connection: sqlite3.Connection) -> None:
    """Make `batch` and its triggers, for this connection only."""
    connection.executescript(f"CREATE TEMP VIEW batch AS SELECT {_NULLS};\n{TRIGGERS}")


def put(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Write all rows, or none if there are at most MOST.

    Raises sqlite3.IntegrityError; where a row may not be written, its text is a word of batch.sql.
    """
    for part in _parts(rows):
        connection.execute(_insert(len(part)), tuple(chain.from_iterable(map(_values, part))))


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """As many as fit in one step, filled up to a power of two, so that few statements are ever prepared."""
    for begin in range(0, len(rows), MOST):
        part = rows[begin : begin + MOST]
        size = 1 << (len(part) - 1).bit_length()
        yield [*part, *[NOTHING] * (size - len(part))]


@cache
def _insert(rows: int) -> str:
    """The statement for so many rows."""
    return "INSERT INTO batch VALUES " + ", ".join([_PLACES] * rows)  # noqa: S608 - question marks
