"""Questions that whoever is under test has open, as they say themselves: what a person's next text may answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

CAPACITY: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A question to a phone: the code that answers it, until when, and who asked."""

    id: str
    phone: str
    code: str
    until: datetime
    asked: datetime
    by: str = ""
    open: bool = True


@dataclass(slots=True)
class Waits:
    """The open ones, the oldest first; the oldest goes when there are too many."""

    _open: dict[str, Wait] = field(default_factory=dict)

    def note(self, wait: Wait) -> None:
        """Learn that a question is open, or that it is no longer."""
        self._open.pop(wait.id, None)
        if wait.open:
            self._open[wait.id] = wait
        while len(self._open) > CAPACITY:
            del self._open[next(iter(self._open))]

    def of(self, phone: str) -> list[Wait]:
        """The open questions to a phone."""
        return [wait for wait in self._open.values() if wait.phone == phone]

    def clear(self) -> None:
        """Forget all."""
        self._open.clear()
