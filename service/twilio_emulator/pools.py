"""Messaging Services as sender pools, and who refuses messages from which of them."""

import dataclasses
from collections.abc import Collection
from datetime import datetime

from twilio_emulator.account import MessagingService


class Pools:
    """The account's Messaging Services. A number belongs to one of them at most."""

    def __init__(self, services: Collection[MessagingService]) -> None:
        """Start with `services`, no sticky sender and nobody opted out."""
        self.services = {service.sid: service for service in services}
        self._sticky: dict[tuple[str, str], str] = {}
        self._turn: dict[str, int] = {}
        self._opted_out: set[tuple[str, str]] = set()

    def of(self, number: str | None) -> MessagingService | None:
        """Return the service that `number` belongs to."""
        return next((service for service in self.services.values() if number in service.numbers), None)

    def set_numbers(self, sid: str, numbers: tuple[str, ...], now: datetime) -> None:
        """Replace the pool of a service."""
        self.services[sid] = dataclasses.replace(self.services[sid], numbers=numbers, updated=now)

    def choose(self, sid: str, phone: str) -> str | None:
        """Choose the sender to `phone`: the one it knows if that is still in the pool, else the next in turn.

        None: the pool is empty, or the service is gone.
        """
        service = self.services.get(sid)
        if service is None or not service.numbers:
            return None
        known = self._sticky.get((sid, phone))
        if service.sticky_sender and known in service.numbers:
            return known
        turn = self._turn.get(sid, 0)
        self._turn[sid] = turn + 1
        chosen = service.numbers[turn % len(service.numbers)]
        self._sticky[sid, phone] = chosen
        return chosen

    def opt_out(self, number: str, phone: str) -> None:
        """Refuse further messages to `phone` from `number`, or from the whole service that it belongs to."""
        self._opted_out.add((self._scope(number), phone))

    def opt_in(self, number: str, phone: str) -> None:
        """Allow again what `opt_out` refused."""
        self._opted_out.discard((self._scope(number), phone))

    def is_opted_out(self, sender: str, phone: str) -> bool:
        """Tell whether `phone` refuses messages from `sender`: a number, or the SID of a service."""
        return (self._scope(sender), phone) in self._opted_out

    def _scope(self, sender: str) -> str:
        service = self.of(sender)
        return service.sid if service else sender
