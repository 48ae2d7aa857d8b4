"""When a failed call is worth another try, and after how long. No I/O, no clock of its own."""

from __future__ import annotations

import random

import grpc

from textback_client.errors import TextbackError

FIRST_PAUSE = 0.1
"""Seconds: the longest first pause; it doubles with each failure in a row."""
LONGEST_PAUSE = 5.0
"""Seconds: no back-off grows beyond this."""

_TRANSPORT_WORDS = ("RST_STREAM", "Stream removed", "GOAWAY", "Connection reset", "Broken pipe", "Socket closed")


def can_help(failure: TextbackError) -> bool:
    """Say whether the same call may succeed later.

    CANCELLED comes from a server that stops or is flooded: it never means that the caller cancelled, since that
    raises no gRPC error here. INTERNAL and UNKNOWN count only as a broken transport.
    """
    match failure.code:
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.CANCELLED:
            return True
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return failure.retry_after is not None
        case grpc.StatusCode.INTERNAL | grpc.StatusCode.UNKNOWN:
            return not failure.reason and any(word in failure.message for word in _TRANSPORT_WORDS)
        case _:
            return False


class Retries:
    """Counts failures in a row and ends them by patience or deadline.

    All times are seconds on one monotonic clock that the caller reads.
    """

    def __init__(self, *, patience: float, deadline: float | None = None) -> None:
        """Give up `deadline` seconds after the start, None for never.

        `patience` is how many seconds nothing may be heard from the server before the last failure is final. While a
        question is known to be open, patience starts at its end.
        """
        self._patience = patience
        self._deadline = deadline
        self._stop_at: float | None = None
        self._hopeful_until = 0.0
        self._failures = 0

    def start(self, now: float) -> None:
        """Start the clocks; starting again renews the patience, never the deadline."""
        if self._deadline is not None and self._stop_at is None:
            self._stop_at = now + self._deadline
        self.heard(now)

    def remaining(self, now: float) -> float | None:
        """Return the seconds left for a call, None if it may take for ever."""
        return None if self._stop_at is None else max(self._stop_at - now, 0.001)

    def heard(self, now: float, *, open_for: float = 0.0) -> None:
        """Note that the server answered, and that the question is open for `open_for` more seconds."""
        self._hopeful_until = max(self._hopeful_until, now + open_for + self._patience)

    def progressed(self) -> None:
        """Note that something new came: the next pause is short again."""
        self._failures = 0

    def pause(self, failure: TextbackError, now: float) -> float:
        """Return the seconds to wait before the next try: full jitter, never less than the server asked for.

        Raises:
            TextbackError: nothing is left to try.
        """
        if self._stop_at is not None and now >= self._stop_at:
            raise TextbackError(
                code=grpc.StatusCode.DEADLINE_EXCEEDED,
                message=f"the caller's deadline passed; last: {failure}",
                metadata=failure.metadata,
            ) from failure
        if not can_help(failure) or now >= self._hopeful_until:
            raise failure
        ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 16))
        self._failures += 1
        pause = random.uniform(0, ceiling) + (failure.retry_after or 0.0)  # noqa: S311  jitter needs no secrecy
        return pause if self._stop_at is None else min(pause, self._stop_at - now)
