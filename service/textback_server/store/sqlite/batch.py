"""What is written, as rows of `batch` (batch.sql): however many there are, they are one step for SQLite.

A thread that writes gives Python's lock away at each step, and gets it back only when the event loop runs dry.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from itertools import chain
from operator import attrgetter
from types import MappingProxyType
from typing import Any

MOST = 60
"""Rows of one step."""

TRIGGERS = resources.files(__package__).joinpath("batch.sql").read_text("utf-8")


@dataclass(slots=True)  # not frozen: that takes three times as long to make
class Row:
    """One thing to write, and what of it is to be known. The rest is 0 or empty: Python is slow to hand over a None.

    Times are microseconds since 1970.
    """

    what: str = ""
    account: str = ""
    id: str = ""
    request_id: str = ""
    request_hash: bytes | str = ""
    recipient: str = ""
    sender: str = ""
    case_id: str = ""
    create_time: int = 0
    twilio_sid: str = ""
    old_revision: int = 0
    revision: int = 0
    state: str = ""
    wait_state: str = ""
    due: int = 0
    end_time: int = 0
    content: str = ""
    # Limits, and what they are counted since.
    now: int = 0
    blocked_since: int = 0
    hour_ago: int = 0
    day: int = 0
    per_recipient: int = 0
    pending: int = 0
    per_day: int = 0
    # A code, all that must not be taken beside it (a JSON array), and until when it stays taken.
    code: str = ""
    excluded: str = ""
    free_time: int = 0
    # An event, and of an inbound SMS its time.
    sequence: int = 0
    time: int = 0
    kind: str = ""
    event: str = ""
    result: str = ""
    disposition: str = ""
    # A label.
    name: str = ""
    value: str = ""


NOTHING = Row()

_WRITTEN_BY: Mapping[str, str] = MappingProxyType(
    {
        "inbound": "put inbound",
        "spoken to": "put inbound",
        "message": "put messages",
        "label": "put messages",
        "change": "put changes",
        "event": "put events",
    }
)
"""What a row may be, and the row that has it written."""
_ORDER = tuple(dict.fromkeys(_WRITTEN_BY.values()))

_COLUMNS = [field.name for field in fields(Row)]
_PLACES = f"({', '.join('?' * len(_COLUMNS))})"
_values: Callable[[Row], tuple[Any, ...]] = attrgetter(*_COLUMNS)


def define(connection: sqlite3.Connection) -> None:
    """Make `batch` and its triggers, for this connection only."""
    connection.executescript(f"CREATE TEMP TABLE batch ({', '.join(_COLUMNS)});\n{TRIGGERS}")


def put(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Write all rows, or none if there are at most MOST.

    Raises sqlite3.IntegrityError; where a row may not be written, its text is a word of batch.sql.
    """
    for begin in range(0, len(rows), MOST):
        step = _step(rows[begin : begin + MOST])
        connection.execute(_insert(len(step)), tuple(chain.from_iterable(map(_values, step))))


def _step(rows: Sequence[Row]) -> list[Row]:
    """The rows and those that have them written, filled up so that few statements are ever prepared."""
    needed = {_ORDER[-1], *(_WRITTEN_BY[row.what] for row in rows)}
    puts = [Row(what=put) for put in _ORDER if put in needed]
    used = len(rows) + len(puts)
    unit = 1 << max(0, (used - 1).bit_length() - 3)
    return [*rows, *[NOTHING] * (-used % unit), *puts]


@cache
def _insert(rows: int) -> str:
    """The statement for so many rows."""
    return "INSERT INTO batch VALUES " + ", ".join([_PLACES] * rows)  # noqa: S608 - question marks
