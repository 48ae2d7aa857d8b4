"""Minds the time: one loop for all messages, however many wait."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from textback_server.domain.facts import Due
from textback_server.domain.messages import Message, MessageState
from textback_server.engine.clock import Clock
from textback_server.engine.ledger import Ledger
from textback_server.engine.outbox import Outbox
from textback_server.engine.poller import Poller
from textback_server.store.protocol import Store, StoreError

TICK = 0.5
"""Seconds between two looks at what is due."""
BATCH = 500

_log = structlog.get_logger(__name__)


class Sweeper:
    """Expires waits and leases, and takes up again what was held back."""

    def __init__(
        self, store: Store, ledger: Ledger, outbox: Outbox, clock: Clock, poller: Poller | None = None
    ) -> None:
        """With a `poller` a wait ends when it has had a look for replies since, or Twilio was silent for long."""
        self._poller = poller
        self._store = store
        self._ledger = ledger
        self._outbox = outbox
        self._clock = clock

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                while await self.sweep() >= BATCH:
                    pass
            except StoreError as error:
                _log.error("sweep.store", error=str(error))  # twice a second; what it is, the checkup logs once
            await asyncio.sleep(TICK)

    async def sweep(self) -> int:
        """Look once at what is due, all together. Returns how many messages moved on."""
        due = await self._due(self._clock())
        return sum(await asyncio.gather(*(self._outbox.finish(self._look(message)) for message in due)))

    async def _due(self, now: datetime) -> Sequence[Message]:
        horizon = now if self._poller is None else self._poller.horizon(now)
        if self._poller is None or horizon >= now:
            return await self._store.due(now, BATCH)
        if await self._store.expired(horizon, now):
            self._poller.want(now)
        due = await self._store.due(horizon, BATCH)
        urgent = await self._store.urgent(horizon, now, BATCH)
        return [*due, *(message for message in urgent if not _may_be_answered(message, now))]

    async def _look(self, message: Message) -> bool:
        try:
            change = await self._ledger.record(message, Due())
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - one bad row must not end the process: it is looked at again
            _log.exception("sweep.row", message_id=message.id)
            return False
        if change and change.before.state is MessageState.PENDING and change.after.state is MessageState.SENDING:
            self._outbox.start(change.after)
        return change is not None


def _may_be_answered(message: Message, now: datetime) -> bool:
    """Whether it only expired: an answer may be at Twilio already. Nobody answers what was never sent."""
    wait, unsent = message.wait, message.state is MessageState.PENDING and not message.resent
    return wait is not None and wait.open and wait.expire_time <= now and not unsent
