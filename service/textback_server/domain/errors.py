"""The one error that a caller may see. Everything else is a defect and leaves the server as INTERNAL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from textback_server.domain.reasons import Reason

MAX_TOLD = 4_096
"""Bytes of violations that are told in detail: they travel in headers, in base64, and clients take 8 KiB of those."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One wrong field: its path in the request, and a sentence that says what it was and what it may be."""

    field: str
    description: str


class Refusal(Exception):  # noqa: N818 - it is an answer, not a defect
    """A request that is answered with an error. `message` alone is a full sentence."""

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        violations: Sequence[Violation] = (),
        metadata: Mapping[str, str] | None = None,
        retry_after: timedelta | None = None,
        twilio_code: int = 0,
    ) -> None:
        """Keep what the api room needs to write a google.rpc.Status."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.violations = tuple(violations)
        self.metadata = dict(metadata or {})
        self.retry_after = retry_after
        self.twilio_code = twilio_code


def invalid(violations: Sequence[Violation]) -> Refusal:
    """All bad fields at once (the first `MAX_TOLD` bytes), as one refusal whose message names the first."""
    first, more = violations[0], len(violations) - 1
    rest = f" (and {more} more)" if more else ""
    message = f"{first.field}: {first.description}{rest}"
    return Refusal(Reason.INVALID_FIELD, message, violations=_told(violations))


def _told(violations: Sequence[Violation]) -> Sequence[Violation]:
    left = MAX_TOLD
    for count, each in enumerate(violations):
        left -= len(each.field.encode()) + len(each.description.encode())
        if left < 0:
            return violations[: max(count, 1)]
    return violations
