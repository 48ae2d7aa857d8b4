"""Whether the store works: tried again and again, and told to whoever decides if calls are welcome."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from textback_server.store.protocol import Store, StoreBusy, StoreUnavailable

PAUSE = 5.0
"""Seconds between two tries while it works."""
SOON = 1.0
"""Seconds between two tries while it does not."""
PATIENCE = 10.0
"""Seconds that a try may take."""

_log = structlog.get_logger(__name__)


class Checkup:
    """One loop. `tell` hears of each change; at first the store is taken to work."""

    def __init__(self, store: Store, tell: Callable[[bool], Awaitable[None]]) -> None:
        self._store = store
        self._tell = tell
        self._works = True

    async def run(self) -> None:
        """Try until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(PAUSE if self._works else SOON)

    async def look(self) -> None:
        """Try once."""
        trouble = await self._trouble()
        works = not trouble
        if works is self._works:
            return
        self._works = works
        if works:
            _log.warning("store.recovered")
        else:
            _log.error("store.down", error=trouble)
        await self._tell(works)

    async def _trouble(self) -> str:
        """What is wrong with the store, a sentence; empty if nothing is."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._store.check()
        except StoreBusy:  # it has too much to do, but does it
            return ""
        except StoreUnavailable as error:
            return str(error)
        except TimeoutError:
            return f"The store did not answer within {PATIENCE:g} seconds."
        return ""
