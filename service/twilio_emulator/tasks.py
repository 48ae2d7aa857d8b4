"""The emulator's background work, in one set that is awaited when it closes."""

import asyncio
from collections.abc import Coroutine


class Tasks:
    """Owns every task of one emulator. Unlike a TaskGroup it may be closed from another task than opened it."""

    def __init__(self) -> None:
        """Own nothing yet."""
        self._running: set[asyncio.Task[None]] = set()
        self._failures: list[Exception] = []

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run `work` in the background; what it raises comes out of `close`."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def cancel(self) -> None:
        """Ask everything that runs to stop."""
        for task in tuple(self._running):
            task.cancel()

    async def close(self) -> None:
        """Stop everything, wait for it, and raise what went wrong since the start as one ExceptionGroup."""
        while self._running:
            self.cancel()
            await asyncio.wait(self._running)
            await asyncio.sleep(0)
        if self._failures:
            raise ExceptionGroup("the emulator's background work failed", self._failures)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._failures.append(error)
