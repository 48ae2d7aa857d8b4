"""The stores that must keep the contract. A further one is a further line in KINDS."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from textback_server.store.protocol import Store
from textback_server.store.sqlite import SqliteStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How to open a store whose data lies in (or is named after) a folder, and what it can do."""

    name: str
    open: Callable[[Path], AbstractAsyncContextManager[Store]]
    durable: bool
    """What was stored is there when the same folder is opened again."""


KINDS = (
    Kind(name="sqlite", open=lambda folder: SqliteStore.open(folder / "textback.db"), durable=True),
    Kind(name="sqlite-memory", open=lambda _: SqliteStore.open(":memory:"), durable=False),
)
