"""The store in one SQLite file: the default, for one process."""

from textback_server.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
