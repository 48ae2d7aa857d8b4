"""Bells: who waits for news of which message. A lost, doubled or early ring is harmless: the store has the truth."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from textback_server.domain.changes import Change
from textback_server.domain.events import Event
from textback_server.domain.messages import MessageId


class Bell(asyncio.Event):
    """Set when there is news, some of which it may have brought along, or when whoever waits is to look up.

    `rung`: there is news.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rung = False
        self._brought: Sequence[Event] = ()

    def clear(self) -> None:
        """Wait for what comes from now on."""
        super().clear()
        self.rung = False

    def ring(self, events: Sequence[Event]) -> None:
        """Wake whoever waits, and leave these events for them."""
        self._brought = [*self._brought, *events]
        self.rung = True
        self.set()

    def take(self, after: int) -> Sequence[Event]:
        """What it brought, if that begins right after a sequence number and leaves nothing out; else nothing."""
        brought, self._brought = self._brought, ()
        whole = all(event.sequence == after + place for place, event in enumerate(brought, 1))
        return brought if whole else ()


class Hub:
    """One set of bells per message that somebody listens to; O(1) to ring."""

    def __init__(self) -> None:
        self._bells: dict[MessageId, set[Bell]] = {}

    def ring(self, changes: Iterable[Change]) -> None:
        """Wake everybody who listens to the messages that changed."""
        for change in changes:
            for bell in self._bells.get(change.after.id, ()):
                bell.ring(change.events)

    def ring_all(self) -> None:
        """Wake everybody."""
        for bells in self._bells.values():
            for bell in bells:
                bell.ring(())

    @contextmanager
    def listen(self, message_id: MessageId) -> Iterator[Bell]:
        """Lend a bell. Clear it first, then read the store, then wait for it: no news can be missed."""
        bell = Bell()
        bells = self._bells.setdefault(message_id, set())
        bells.add(bell)
        try:
            yield bell
        finally:
            bells.discard(bell)
            if not bells and self._bells.get(message_id) is bells:
                del self._bells[message_id]

    @property
    def listeners(self) -> int:
        """How many bells are lent."""
        return sum(map(len, self._bells.values()))
