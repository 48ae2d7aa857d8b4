"""The store on SQLite: one writer, look-ups on the event loop, lists in a thread of their own."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from textback_server.domain.changes import Write
from textback_server.domain.drafts import Draft
from textback_server.domain.events import Event
from textback_server.domain.limits import NO_LIMITS, Limits
from textback_server.domain.messages import Code, Inbound, Message
from textback_server.domain.polling import Agenda
from textback_server.store.protocol import CodesInUse, InboundFilter, Key, MessageFilter, Page, Standing
from textback_server.store.sqlite import files, forgetting, reads, writes
from textback_server.store.sqlite.writer import LoopWriter, ThreadWriter, Writer, closed, unavailable

T = TypeVar("T")

MEMORY = ":memory:"


class SqliteStore:
    """A `Store`. Made by `open`; belongs to the event loop that opened it.

    Look-ups by index run on the loop (about 10 µs each from the page cache), lists in a thread. `scanner` is None for a
    database in memory, which is read and written on the loop.
    """

    def __init__(
        self, writer: Writer, reader: sqlite3.Connection, scanner: sqlite3.Connection | None, resources: ExitStack
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._scanner = scanner
        self._scans = ThreadPoolExecutor(1, thread_name_prefix="store-lists")
        self._resources = resources
        self._closed = False
        self._log_is_stale = False

    @classmethod
    @asynccontextmanager
    async def open(cls, path: str | Path) -> AsyncIterator[Self]:
        """Opens or makes the store at `path`, or one in memory (`:memory:`), and closes it at the end.

        Raises StoreUnusable: another process has it, its schema is newer, or it cannot be opened.
        """
        store = cls._in_memory() if str(path) == MEMORY else await cls._on_disk(Path(path))
        try:
            yield store
        finally:
            await store.close()

    @classmethod
    def _in_memory(cls) -> Self:
        connection = files.connect_in_memory()
        return cls(LoopWriter(connection), connection, None, ExitStack())

    @classmethod
    async def _on_disk(cls, path: Path) -> Self:
        reader, scanner, resources = await asyncio.to_thread(_open_files, path)
        writer = ThreadWriter(lambda: files.connect_to_write(path), files.identity(path))
        return cls(writer, reader, scanner, resources)

    async def create(
        self, draft: Draft, codes: Sequence[Code], now: datetime, limits: Limits = NO_LIMITS
    ) -> tuple[Message, bool]:
        """See Store.create."""
        return await self._writer.submit(writes.create(writes.New(draft=draft, codes=codes, now=now, limits=limits)))

    async def commit(self, write: Write) -> None:
        """See Store.commit."""
        await self._writer.submit(writes.commit(write))

    async def get(self, account: str, message_id: str) -> Message | None:
        """See Store.get."""
        return self._read(lambda connection: reads.get(connection, account, message_id))

    async def load(self, message_id: str) -> Message | None:
        """See Store.load."""
        return self._read(lambda connection: reads.load(connection, message_id))

    async def find(self, account: str, twilio_sid: str) -> Message | None:
        """See Store.find."""
        return self._read(lambda connection: reads.find(connection, account, twilio_sid))

    async def recall(self, account: str, request_id: str) -> Message | None:
        """See Store.recall."""
        return self._read(lambda connection: reads.recall(connection, account, request_id))

    async def events(self, message_id: str, after: int, limit: int = 100) -> Sequence[Event]:
        """See Store.events."""
        return self._read(lambda connection: reads.events(connection, message_id, after, limit))

    async def messages(self, where: MessageFilter, older_than: Key | None, limit: int) -> Page[Message]:
        """See Store.messages."""
        return await self._scan(lambda connection: reads.messages(connection, where, older_than, limit))

    async def inbound(self, where: InboundFilter, older_than: Key | None, limit: int) -> Page[Inbound]:
        """See Store.inbound."""
        return await self._scan(lambda connection: reads.inbound(connection, where, older_than, limit))

    async def standing(self, account: str, person: str, codes: Sequence[Code], now: datetime) -> Standing:
        """See Store.standing."""
        return self._read(lambda connection: reads.standing(connection, account, person, codes, now))

    async def codes_in_use(self, account: str, person: str, now: datetime) -> CodesInUse:
        """See Store.codes_in_use."""
        return self._read(lambda connection: reads.codes_in_use(connection, account, person, now))

    async def blocked(self, account: str, sender: str, person: str, now: datetime) -> bool:
        """See Store.blocked."""
        return self._read(lambda connection: reads.blocked(connection, account, sender, person, now))

    async def blocks(self, account: str, person: str) -> tuple[str, ...]:
        """See Store.blocks."""
        return self._read(lambda connection: reads.blocks(connection, account, person))

    async def open_waits(
        self, account: str, person: str, limit: int = 100, *, until: datetime | None = None
    ) -> Sequence[Message]:
        """See Store.open_waits."""
        return self._read(lambda connection: reads.open_waits(connection, account, person, limit, until))

    async def received(self, account: str, twilio_sid: str) -> Inbound | None:
        """See Store.received."""
        return self._read(lambda connection: reads.received(connection, account, twilio_sid))

    async def unfinished_opt_outs(self, limit: int) -> Sequence[Inbound]:
        """See Store.unfinished_opt_outs."""
        return self._read(lambda connection: reads.unfinished_opt_outs(connection, limit))

    async def due(self, now: datetime, limit: int) -> Sequence[Message]:
        """See Store.due."""
        return self._read(lambda connection: reads.due(connection, now, limit))

    async def urgent(self, after: datetime, now: datetime, limit: int) -> Sequence[Message]:
        """See Store.urgent."""
        return self._read(lambda connection: reads.urgent(connection, after, now, limit))

    async def expired(self, after: datetime, now: datetime) -> bool:
        """See Store.expired."""
        return self._read(lambda connection: reads.expired(connection, after, now))

    async def agenda(self, account: str) -> Sequence[Agenda]:
        """See Store.agenda."""
        return self._read(lambda connection: reads.agenda(connection, account))

    async def unproven(self, account: str, sender: str, limit: int) -> Sequence[Message]:
        """See Store.unproven."""
        return self._read(lambda connection: reads.unproven(connection, account, sender, limit))

    async def unseen(self, account: str, twilio_sids: Sequence[str]) -> frozenset[str]:
        """See Store.unseen."""
        return self._read(lambda connection: reads.unseen(connection, account, twilio_sids))

    async def sent_today(self, account: str, now: datetime) -> int:
        """See Store.sent_today."""
        return self._read(lambda connection: reads.sent_today(connection, account, now))

    async def forget(self, now: datetime, bodies_before: datetime, rows_before: datetime, limit: int) -> int:
        """See Store.forget."""
        done = await self._writer.submit(
            lambda connection: forgetting.forget(connection, now, bodies_before, rows_before, limit)
        )
        self._log_is_stale = self._log_is_stale or done > 0
        if self._log_is_stale and done < limit:  # what was erased is still in the log
            self._log_is_stale = not await self._writer.submit(files.truncate_log, alone=True)
        return done

    async def check(self) -> None:
        """See Store.check."""
        await self._writer.submit(writes.touch)
        self._read(reads.secret)

    async def secret(self) -> bytes:
        """See Store.secret."""
        return self._read(reads.secret)

    async def close(self) -> None:
        """See Store.close. May be called again."""
        if self._closed:
            return
        self._closed = True
        if self._scanner is None:
            self._writer.close()
        else:
            await asyncio.to_thread(self._close_files)

    def _close_files(self) -> None:
        self._scans.shutdown()
        self._writer.close()
        self._resources.close()

    def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise closed()
        return _run(query, self._reader)

    async def _scan(self, query: Callable[[sqlite3.Connection], T]) -> T:
        if self._scanner is None or self._closed:
            return self._read(query)
        return await asyncio.get_running_loop().run_in_executor(self._scans, _run, query, self._scanner)


def _open_files(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection, ExitStack]:
    """The two reading connections of a prepared store, and what to close in the end: they and the lock."""
    with ExitStack() as stack:
        stack.enter_context(files.held(path))
        files.prepare(path)
        reader, scanner = files.connect_to_read(path), files.connect_to_read(path)
        stack.callback(reader.close)
        stack.callback(scanner.close)
        return reader, scanner, stack.pop_all()


def _run(query: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
    try:
        return query(connection)
    except sqlite3.Error as error:
        raise unavailable(error) from error
