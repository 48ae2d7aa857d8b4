"""An event loop that never waits: its clock jumps to the next timer. The same program gives the same run."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.support.builders import NOW

T = TypeVar("T")

LONGEST_RUN = 30 * 24 * 3600.0
"""Seconds of simulated time after which a run is stuck."""


class Stuck(Exception):  # noqa: N818 - a verdict
    """Nothing will ever happen again, or the run goes on for ever."""


class _Idle(selectors.SelectSelector):
    """A selector that lets simulated time pass where another would sleep."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        super().__init__()
        self._pass_time = pass_time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """No file is ever ready: there is no outside."""
        if timeout is None:
            raise Stuck("everybody waits for somebody else")
        if timeout > 0:
            self._pass_time(timeout)
        return []


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Time is a number here. `skip` lets it pass while everything stands still, as a paused process would see it."""

    def __init__(self) -> None:
        """Start at zero."""
        self._seconds = 0.0
        super().__init__(_Idle(self.skip))

    def time(self) -> float:
        """Seconds since the start."""
        return self._seconds

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += seconds
        if self._seconds > LONGEST_RUN:
            raise Stuck("the run goes on for ever")

    def now(self) -> datetime:
        """The same as a moment; the engine's clock."""
        return NOW + timedelta(seconds=self._seconds)


def run_simulated(main: Callable[[SimulatedLoop], Coroutine[Any, Any, T]]) -> T:
    """Run `main` to its end in a simulated loop of its own."""
    loop = SimulatedLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))
