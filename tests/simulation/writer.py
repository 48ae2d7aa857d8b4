"""The writer of a simulated process: production's, in memory, that takes its time and dies with its process."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, TypeVar

from textback_server.store.sqlite.writer import LoopWriter, Operation

T = TypeVar("T")


class MortalWriter:
    """Implements `Writer`. `step` is told of each commit, before and after, and may kill: then nothing is answered."""

    def __init__(self, disk: LoopWriter, rng: random.Random, commit_time: float, step: Callable[[str], None]) -> None:
        """Write to `disk`, which outlives this process; a commit takes up to `commit_time` seconds."""
        self._disk = disk
        self._rng = rng
        self._commit_time = commit_time
        self._step = step
        self._loop = asyncio.get_running_loop()
        self._queue: list[tuple[Operation[Any], asyncio.Future[Any]]] = []
        self._dead = False

    def submit(self, operation: Operation[T], *, alone: bool = False) -> asyncio.Future[T]:  # noqa: ARG002 - nobody asks
        """Take an operation; what gathers within a commit's time is one transaction."""
        future: asyncio.Future[T] = self._loop.create_future()
        if not self._queue:
            self._loop.call_later(self._rng.uniform(0, self._commit_time), self._commit)
        self._queue.append((operation, future))
        return future

    def close(self) -> None:
        """A process that is simulated only dies."""

    def die(self) -> None:
        """What is not committed yet never is, and nobody is told anything any more."""
        self._dead = True

    def _commit(self) -> None:
        self._step("commit begins")
        batch, self._queue = self._queue, []
        if self._dead:
            return
        for operation, future in batch:
            self._disk.submit(operation).add_done_callback(self._teller(future))
        self._loop.call_soon(self._step, "commit is done")

    def _teller(self, future: asyncio.Future[Any]) -> Callable[[asyncio.Future[Any]], None]:
        def tell(done: asyncio.Future[Any]) -> None:
            error = done.exception()
            if self._dead or future.done():
                return
            if error is None:
                future.set_result(done.result())
            else:
                future.set_exception(error)

        return tell
