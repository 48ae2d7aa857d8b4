"""A message's events as a stream: first the stored ones, then live. Level-triggered: cannot lose or double."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from textback_server.domain.errors import Refusal
from textback_server.domain.events import Event
from textback_server.domain.messages import Message
from textback_server.domain.reasons import Reason
from textback_server.engine.hub import Bell, Hub
from textback_server.store.protocol import Store

_RESTART = timedelta(seconds=1)
_MOMENT = 0.001
"""Seconds: uvloop counts whole milliseconds, so what it calls at a time it may call a little before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """Nothing new. `sequence` is the last one that the stream has brought, or was asked to begin after."""

    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """Seconds: between heartbeats on a quiet stream, a stream's greatest age (less up to a tenth), a write unread."""

    heartbeat: float = 15.0
    max_age: float = 3_600.0
    unread: float = 60.0


Write = Callable[[Event | Heartbeat], Awaitable[None]]
"""Takes what comes next of a stream, and returns once its client can take more."""


class Streams:
    """Follows messages until their end, until the stream is too old, or until the server goes away."""

    def __init__(self, store: Store, hub: Hub, settings: StreamSettings, rng: random.Random) -> None:
        self.settings = settings
        self._store = store
        self._hub = hub
        self._rng = rng
        self._closing = False

    def close(self) -> None:
        """End every stream, resumably: the server is going away."""
        self._closing = True
        self._hub.ring_all()

    async def follow(self, message: Message, after: int, write: Write) -> None:
        """Write events after a sequence number; the terminal one is the last.

        Raises Refusal SHUTTING_DOWN or STREAM_RECYCLED where the stream ends before the message does.
        """
        if message.result is not None and after >= message.sequence:
            return
        end = asyncio.get_running_loop().time() + self.settings.max_age * self._rng.uniform(0.9, 1.0)
        with self._hub.listen(message.id) as bell:
            while True:
                bell.clear()
                for event in bell.take(after) or await self._store.events(message.id, after):
                    after = event.sequence
                    await self._written(write, event)
                    if event.terminal:
                        return
                self._check_age(end, after)
                if not await self._rung(bell, end):
                    self._check_age(end, after)
                    await self._written(write, Heartbeat(sequence=after))

    async def _written(self, write: Write, what: Event | Heartbeat) -> None:
        """Write it, and wait as long as it may take the client to read on.

        What it does not read in time it gets nevertheless, before the end of the stream: grpc has it.
        """
        try:
            async with asyncio.timeout(self.settings.unread):
                await write(what)
        except TimeoutError:
            if isinstance(what, Event) and what.terminal:
                return
            why = f"The client did not read for {self.settings.unread:g} seconds"
            raise _resumable(Reason.STREAM_RECYCLED, why, what.sequence, _RESTART) from None

    async def _rung(self, bell: Bell, end: float) -> bool:
        """Whether there was news before the next heartbeat."""
        loop = asyncio.get_running_loop()
        # Not asyncio.timeout: thousands of streams are quiet, and to cancel and raise costs more than a heartbeat.
        pulse = loop.call_at(min(loop.time() + self.settings.heartbeat, end), bell.set)
        try:
            await bell.wait()
        finally:
            pulse.cancel()
        return bell.rung

    def _check_age(self, end: float, after: int) -> None:
        if self._closing:
            raise _resumable(Reason.SHUTTING_DOWN, "The server is going away", after, _RESTART)
        if asyncio.get_running_loop().time() + _MOMENT >= end:
            raise _resumable(Reason.STREAM_RECYCLED, "The stream is at its greatest age", after, timedelta())


def _resumable(reason: Reason, why: str, after: int, retry_after: timedelta) -> Refusal:
    return Refusal(
        reason,
        f"{why}; resume with WatchMessage after sequence {after}.",
        metadata={"last_sequence": str(after)},
        retry_after=retry_after,
    )
