"""The emulator's time: the machine's, or one that only moves when it is told to."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from twilio_emulator.settings import ClockMode

MAX_ADVANCE = 400 * 24 * 3600.0


class Clock:
    """Tells the time and does things later. A manual clock starts at the machine's time and then stands still."""

    def __init__(self, mode: ClockMode = "real") -> None:
        """Start now."""
        self.manual = mode == "manual"
        self._now = datetime.now(UTC)
        self._planned: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._handles: set[asyncio.Handle] = set()

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        return self._now if self.manual else datetime.now(UTC)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do `action` in `seconds` of this clock; without a delay as soon as the event loop comes to it."""
        loop = asyncio.get_running_loop()
        if self.manual and seconds > 0:
            due = self._now + timedelta(seconds=seconds)
            heapq.heappush(self._planned, (due, next(self._order), action))
            return

        def act() -> None:
            self._handles.discard(handle)
            action()

        handle: asyncio.Handle = loop.call_later(seconds, act) if seconds > 0 else loop.call_soon(act)
        self._handles.add(handle)

    def switch(self, mode: ClockMode) -> None:
        """Stand still from now on, or go with the machine's time again; what was planned stays planned."""
        if self.manual is (mode == "manual"):
            return
        planned, self._planned = sorted(self._planned), []
        self.manual, self._now = mode == "manual", datetime.now(UTC)
        for due, _, action in planned:
            self.after(max((due - self._now).total_seconds(), 0.0), action)

    def advance(self, seconds: float) -> datetime:
        """Move a manual clock on, doing what falls due in its order and at its time; return the new moment.

        Raises ValueError for the real clock and for what is no way forward.
        """
        if not self.manual:
            raise ValueError("clock: it is real and moves by itself; switch it to manual")
        if not 0 <= seconds <= MAX_ADVANCE:
            raise ValueError(f"seconds: {seconds} s; it may be 0 to {MAX_ADVANCE:.0f}")
        target = self._now + timedelta(seconds=seconds)
        while self._planned and self._planned[0][0] <= target:
            self._now, _, action = heapq.heappop(self._planned)
            action()
        self._now = target
        return target

    def cancel(self) -> None:
        """Forget everything that was to be done later."""
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
        self._planned.clear()
