"""The database file: its lock, its mode, its connections, its migrations."""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from textback_server.store.protocol import StoreUnavailable, StoreUnusable
from textback_server.store.sqlite import batch
from textback_server.store.sqlite.troubles import trouble_of

OLDEST = (3, 37, 0)
"""The first SQLite with STRICT tables."""

_PATIENCE = 5_000
"""Milliseconds to wait for a lock."""

_WRITE_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # a commit that was acknowledged survives a power loss
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what retention erases is gone from the file
    f"PRAGMA busy_timeout = {_PATIENCE}",
    "PRAGMA wal_autocheckpoint = 8000",
    "PRAGMA temp_store = MEMORY",  # what undoes a step that fails; there may be no other disk to put it
)
# Only the writer may checkpoint: two checkpointing connections can lose commits in SQLite before 3.51.3.
_READ_PRAGMAS = ("PRAGMA query_only = ON", f"PRAGMA busy_timeout = {_PATIENCE}", "PRAGMA wal_autocheckpoint = 0")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the schema."""

    number: int
    sql: str


def migrations() -> tuple[Migration, ...]:
    """All steps, in order: `migrations/sqlite/NNNN_name.sql`."""
    folder = resources.files("textback_server.store").joinpath("migrations", "sqlite")
    files = [(int(file.name[:4]), file) for file in folder.iterdir() if file.name.endswith(".sql")]
    return tuple(Migration(number, file.read_text("utf-8")) for number, file in sorted(files, key=lambda pair: pair[0]))


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds `<path>.lock`, so that no second process opens the same store. Raises StoreUnusable."""
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnusable(f"The store {path} cannot be opened: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StoreUnusable(
            f"Another process uses the store {path}. Stop that one, or give this one a file of its own."
        ) from error
    try:
        yield
    finally:
        os.close(lock)


def prepare(path: Path) -> None:
    """Makes the file if there is none, for its owner only, and brings its schema up to date. Raises StoreUnusable."""
    try:
        _refuse_orphaned_log(path)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        _hide(path)
        with closing(_connect(_existing(path), _WRITE_PRAGMAS)) as connection:
            # Both take effect before the first table only. A reply changes some 17 pages, each for a few bytes.
            connection.execute("PRAGMA page_size = 2048")
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                raise StoreUnusable(f"The store {path} lies on a file system without shared memory; use a local disk.")
            migrate(connection, migrations(), str(path))
    except OSError as error:
        raise StoreUnusable(f"The store {path} cannot be opened: {error.strerror}.") from error
    except sqlite3.Error as error:
        trouble = trouble_of(error)
        why = str(error) if trouble is None else f"{trouble.what}. To do: {trouble.fix}"
        raise StoreUnusable(f"The store {path} cannot be opened: {why}.") from error


def _hide(path: Path) -> None:
    """Mode 0600, also for a backup that was put back with another. Files of somebody else stay as they are."""
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with suppress(FileNotFoundError, PermissionError):
            file.chmod(0o600)


def _refuse_orphaned_log(path: Path) -> None:
    """SQLite would throw away the log of a database that is empty, and all that is in it."""
    log = Path(f"{path}-wal")
    lost = not path.exists() or path.stat().st_size == 0
    if lost and log.exists() and log.stat().st_size:
        raise StoreUnusable(
            f"The store {path} is gone or empty, but its log {log} is not. "
            "Put the file back; or, to begin with an empty store, move the log away."
        )


def identity(path: Path) -> Callable[[], None]:
    """A check that the file at `path` is still the one that it is now. Raises StoreUnavailable.

    SQLite goes on writing to a file that was deleted or moved away, where nobody will ever find it.
    """
    known = path.stat()

    def check() -> None:
        try:
            found = path.stat()
        except OSError:
            raise StoreUnavailable("The store's file is gone: put it back, or stop and restore a backup.") from None
        if (found.st_dev, found.st_ino) != (known.st_dev, known.st_ino):
            raise StoreUnavailable("The store's file is another one than at start: put it back, or start again.")

    return check


def migrate(connection: sqlite3.Connection, steps: Sequence[Migration], name: str) -> None:
    """Applies the steps that are missing, each in one transaction, and makes the secret. Raises StoreUnusable."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise StoreUnusable(f"SQLite 3.37 or newer is needed; this Python brings {sqlite3.sqlite_version}.")
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    newest = steps[-1].number
    if version > newest:
        raise StoreUnusable(
            f"The store {name} has schema {version}, and this program knows up to {newest}: "
            "it was written by a newer version. Start that one, or restore a backup from before."
        )
    for step in steps:
        if step.number > version:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{step.sql}\nPRAGMA user_version = {step.number};\nCOMMIT;"  # our own files
            )
    connection.execute(
        "INSERT INTO secret (one, value) VALUES (1, ?) ON CONFLICT DO NOTHING", (secrets.token_bytes(32),)
    )


def truncate_log(connection: sqlite3.Connection) -> bool:
    """Folds the log into the database and empties it, so that nothing erased is left there. False: somebody reads it.

    Not in a transaction.
    """
    connection.execute("PRAGMA busy_timeout = 50")  # writes wait meanwhile
    try:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
    return not busy


def connect_to_write(path: Path) -> sqlite3.Connection:
    """The one connection that writes and checkpoints."""
    return _writing(_connect(_existing(path), _WRITE_PRAGMAS))


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    return _connect(_existing(path), _READ_PRAGMAS)


def connect_in_memory() -> sqlite3.Connection:
    """A database of its own, gone when closed, with today's schema."""
    connection = _connect(":memory:", _WRITE_PRAGMAS)
    migrate(connection, migrations(), "in memory")
    return _writing(connection)


def _writing(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        batch.define(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _existing(path: Path) -> str:
    """The file, but never a new one: a store that vanished must not come back empty."""
    return f"{path.absolute().as_uri()}?mode=rw"


def _connect(name: str, pragmas: Sequence[str]) -> sqlite3.Connection:
    # Opened in one thread and used in another, never in two at once. isolation_level: transactions are ours to begin.
    connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, uri=True)
    try:
        for pragma in pragmas:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
