"""Forgets in time: erases what was said some days after the end, and removes the rows some weeks after it."""

import asyncio

import structlog

from textback_server.domain.erasing import Retention
from textback_server.engine.clock import Clock
from textback_server.store.protocol import Store, StoreError

BATCH = 100
"""Messages and inbound SMS in one write: other writes wait about 20 ms for it."""
BREATH = 0.2
"""Seconds between two batches: the writer is others' meanwhile."""
REST = 60.0
"""Seconds until the next look when nothing was left to do."""

_log = structlog.get_logger(__name__)


class Janitor:
    """One loop, a batch at a time."""

    def __init__(self, store: Store, clock: Clock, retention: Retention) -> None:
        self._store = store
        self._clock = clock
        self._retention = retention

    async def run(self) -> None:
        """Tidy until cancelled."""
        while True:
            more = await self._more()
            await asyncio.sleep(BREATH if more else REST)

    async def tidy(self) -> int:
        """Forget one batch. Returns how many messages and inbound SMS it was."""
        now = self._clock()
        bodies, rows = now - self._retention.content, now - self._retention.rows
        done = await self._store.forget(now, bodies, rows, BATCH)
        if done:
            _log.info("store.forgot", count=done)
        return done

    async def _more(self) -> bool:
        try:
            return await self.tidy() >= BATCH
        except StoreError as error:
            _log.error("janitor.store", error=str(error))
        except Exception:  # noqa: BLE001 - one bad row must not end the process: it is looked at again
            _log.exception("janitor.defect")
        return False
