"""Time as the engine sees it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Now, UTC, in whole microseconds."""


def system_clock() -> datetime:
    """Now."""
    return datetime.now(UTC)
