"""Asks Twilio for its lists: replies and delivery news that no webhook brought, and proof of what was sent.

It asks by sender, never by message, so its calls do not grow with the open waits. What it finds goes the same way as
what webhooks bring.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import structlog

from textback_server.domain.polling import PATIENCE, back_off, replies_pause, statuses_pause
from textback_server.domain.reasons import Reason
from textback_server.engine.clock import Clock
from textback_server.engine.lines import Book, Line, Look
from textback_server.engine.passes import Passes
from textback_server.gateway.accounts import Accounts
from textback_server.gateway.protocol import NotListable
from textback_server.store.protocol import Store, StoreError

TICK = 1.0
"""Seconds between two looks at what is under way."""
FRESH = timedelta(seconds=5)
"""For how long a reading of what is under way counts: a question that came since hardly ends by then."""
SOON = timedelta(seconds=10)
"""For how long at most the length of a list may keep back what somebody waits for: replies, and proof of a POST."""

_NOT_LET_IN = (Reason.TWILIO_AUTH_FAILED, Reason.TWILIO_ACCOUNT_SUSPENDED)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollerSettings:
    """`enabled` False: replies and news come by webhook alone. `webhooks`: they come that way too."""

    enabled: bool = True
    webhooks: bool = True


class Poller:
    """One loop for all accounts; their passes go side by side."""

    def __init__(
        self, *, store: Store, passes: Passes, accounts: Accounts, clock: Clock, settings: PollerSettings
    ) -> None:
        self._store = store
        self._passes = passes
        self._clock = clock
        self._settings = settings
        self._started = clock()
        self._books = [Book(account.name) for account in accounts.all]
        self._wanted: datetime | None = None

    @property
    def enabled(self) -> bool:
        """Whether replies are looked for at all."""
        return self._settings.enabled

    async def run(self) -> None:
        """Poll until cancelled."""
        if not self.enabled:
            return
        async with asyncio.TaskGroup() as group:
            for book in self._books:
                group.create_task(self._mind(book), name=f"poll {book.name}")
                group.create_task(self._keep_up(book), name=f"read {book.name}")

    async def _mind(self, book: Book) -> None:
        while True:
            await self.round(book)
            await asyncio.sleep(TICK)

    async def _keep_up(self, book: Book) -> None:
        """Know what is under way also while Twilio keeps a round waiting."""
        while True:
            await asyncio.sleep(TICK)
            await self._safely(book, self._read(book))

    async def poll(self) -> None:
        """One round over every account."""
        await asyncio.gather(*map(self.round, self._books))

    def horizon(self, now: datetime) -> datetime:
        """Up to when expired waits may be ended: what was answered by then is known, or Twilio stays silent.

        A process that stood still, with its machine, looks before it ends anything.
        """
        if not self.enabled:
            return now
        began = datetime.min.replace(tzinfo=now.tzinfo)
        reads = [book.read for book in self._books if book.read is not None]
        if len(reads) < len(self._books):
            return now - PATIENCE if now - PATIENCE >= self._started else began
        asking = [line for book in self._books if book.able for line in book.lines.values() if line.agenda.oldest_wait]
        seen = (line.replies.seen(now) or began for line in asking)
        stale = (read for read in reads if read < now - FRESH)
        return min(chain(seen, stale), default=now)

    def want(self, now: datetime) -> None:
        """Waits have expired: look soon whether they were answered."""
        self._wanted = now

    async def round(self, book: Book) -> None:
        """Look at what is under way from an account's senders, as far as it is time to."""
        await self._safely(book, self._round(book))

    async def _round(self, book: Book) -> None:
        await self._read(book)
        if not book.rests(self._clock()):
            for line in tuple(book.lines.values()):
                await self._look(book, line)

    async def _read(self, book: Book) -> None:
        now = self._clock()
        book.update(await self._store.agenda(book.name), now)

    async def _safely(self, book: Book, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except NotListable as error:
            self._turned_away(book, error)
        except StoreError as error:
            _log.error("poll.store", account=book.name, error=type(error).__name__)
        except Exception:  # noqa: BLE001 - one bad answer must not end the process: it is asked again
            _log.exception("poll.defect", account=book.name)

    async def _look(self, book: Book, line: Line) -> None:
        agenda, now, webhooks = line.agenda, self._clock(), self._settings.webhooks
        pause = replies_pause(agenda, now, webhooks=webhooks)
        due = line.replies.due(pause, self._wanted, now, most=SOON)
        if due or self._came_meanwhile(line.replies, agenda.oldest_wait):
            await self._passes.replies(book, line)
            _let_in(book)
        pause = statuses_pause(agenda, now, webhooks=webhooks)
        most = SOON if agenda.unproven else timedelta.max
        due = line.statuses.due(pause, None, now, most=most)
        if due or self._came_meanwhile(line.statuses, agenda.oldest_moving):
            await self._passes.statuses(book, line)
            _let_in(book)

    def _came_meanwhile(self, look: Look, oldest: datetime | None) -> bool:
        """Whether news may have come while nobody was here: looked for first of all after a start."""
        return look.tried is None and oldest is not None and oldest < self._started

    def _turned_away(self, book: Book, error: NotListable) -> None:
        book.failures += 1
        book.able = error.reason not in _NOT_LET_IN
        pause = back_off(book.failures, error.retry_after)
        book.turned_away(pause, self._clock())
        for line in book.lines.values():  # those that are not reached any more too
            line.replies.owed(self._clock())
        _log.warning(
            "poll.failed", account=book.name, reason=error.reason.value, error=str(error), retry=pause.total_seconds()
        )


def _let_in(book: Book) -> None:
    book.failures, book.able, book.resume = 0, True, None
