"""Bells: who waits for news of which message. Carries no data, so a lost, doubled or early ring is harmless."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from textback_server.domain.messages import MessageId


class Hub:
    """One set of bells per message that somebody listens to; O(1) to ring."""

    def __init__(self) -> None:
        self._bells: dict[MessageId, set[asyncio.Event]] = {}

    def ring(self, ids: Iterable[MessageId]) -> None:
        """Wake everybody who listens to these messages."""
        for message_id in ids:
            for bell in self._bells.get(message_id, ()):
                bell.set()

    def ring_all(self) -> None:
        """Wake everybody."""
        self.ring(tuple(self._bells))

    @contextmanager
    def listen(self, message_id: MessageId) -> Iterator[asyncio.Event]:
        """Lend a bell. Clear it first, then read the store, then wait for it: no news can be missed."""
        bell = asyncio.Event()
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
