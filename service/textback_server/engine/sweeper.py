"""Minds the time: one loop for all messages, however many wait."""

import asyncio

import structlog

from textback_server.domain.facts import Due
from textback_server.domain.messages import Message, MessageState
from textback_server.engine.clock import Clock
from textback_server.engine.ledger import Ledger
from textback_server.engine.outbox import Outbox
from textback_server.store.protocol import Store, StoreError

TICK = 0.5
"""Seconds between two looks at what is due."""
BATCH = 500

_log = structlog.get_logger(__name__)


class Sweeper:
    """Expires waits and leases, and takes up again what was held back."""

    def __init__(self, store: Store, ledger: Ledger, outbox: Outbox, clock: Clock) -> None:
        self._store = store
        self._ledger = ledger
        self._outbox = outbox
        self._clock = clock

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                while await self.sweep() == BATCH:
                    pass
            except StoreError:
                _log.exception("sweep.store")
            await asyncio.sleep(TICK)

    async def sweep(self) -> int:
        """Look once at what is due, all together. Returns how many messages moved on."""
        due = await self._store.due(self._clock(), BATCH)
        return sum(await asyncio.gather(*(self._outbox.finish(self._look(message)) for message in due)))

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
