"""What SQLite's errors mean to who runs the service, and what helps."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is the matter, and what to do about it: the middle and the end of a sentence."""

    what: str
    fix: str


TROUBLES: Mapping[int, Trouble] = MappingProxyType(
    {
        sqlite3.SQLITE_FULL: Trouble("the disk is full", "free some space"),
        sqlite3.SQLITE_IOERR: Trouble(
            "the disk cannot be read or written", "look for a full quota and at the system's log"
        ),
        sqlite3.SQLITE_READONLY: Trouble("the file or its file system is read-only", "make it writable"),
        sqlite3.SQLITE_CANTOPEN: Trouble(
            "a file of it cannot be opened", "make its folder writable for the service's user"
        ),
        sqlite3.SQLITE_CORRUPT: Trouble("the file is damaged", "restore a backup (docs/operations.md)"),
        sqlite3.SQLITE_NOTADB: Trouble(
            "the file is not a database, or its beginning is damaged", "name another file, or restore a backup"
        ),
    }
)
"""By SQLite's primary result code (https://sqlite.org/rescode.html)."""


def trouble_of(error: Exception) -> Trouble | None:
    """What an error means; None if it is none of those that an operator can do something about."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else TROUBLES.get(code & 0xFF)


def explained(error: Exception) -> str:
    """The end of a sentence that has named the error: what it means; empty if nobody knows."""
    trouble = trouble_of(error)
    return "" if trouble is None else f": {trouble.what}; {trouble.fix}"
