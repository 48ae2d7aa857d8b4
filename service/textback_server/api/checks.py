"""Collects every wrong field of a request, so that one answer names them all."""

from datetime import timedelta
from decimal import Decimal

from google.protobuf.duration_pb2 import Duration

from textback_server.domain.errors import Violation, invalid
from textback_server.domain.numbers import quoted
from textback_server.domain.prompts import spoken


class Checks:
    """The violations of one request so far."""

    def __init__(self) -> None:
        self._violations: list[Violation] = []

    def fail(self, field: str, problem: str) -> None:
        """Note a wrong field; an empty problem is none."""
        if problem:
            self._violations.append(Violation(field, problem))

    def finish(self) -> None:
        """Raise Refusal INVALID_FIELD if anything was wrong."""
        if self._violations:
            raise invalid(self._violations)

    def text(self, field: str, value: str, *, most: int, least: int = 0) -> None:
        """Visible characters, so many."""
        size = f"{least} to {most}" if least else f"at most {most}"
        if not least <= len(value) <= most:
            self.fail(field, f"has {len(value)} characters; it may have {size}")
        elif not value.isprintable():
            self.fail(field, f"{quoted(value)} has characters that cannot be seen; it may have {size} visible ones")

    def count(self, field: str, number: int, *, most: int) -> None:
        """So many entries."""
        if number > most:
            self.fail(field, f"has {number} entries; it may have at most {most}")

    def span(self, field: str, value: Duration, *, least: timedelta, most: timedelta) -> timedelta:
        """A duration between bounds; returns it, or the nearest bound where it is not."""
        span = timedelta(seconds=max(-(10**12), min(value.seconds, 10**12)), microseconds=value.nanos // 1_000)
        if not least <= span <= most:
            self.fail(field, f"is {_seconds(value)} s; it may be {spoken(least)} to {spoken(most)}")
        return max(least, min(span, most))


def _seconds(value: Duration) -> str:
    return f"{(value.seconds + Decimal(value.nanos).scaleb(-9)).normalize():f}"
