"""The append-only record of everything that happened in one world. Live updates and waits read it and nothing else."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from twilio_emulator.waits import Wait

if TYPE_CHECKING:
    from twilio_emulator.world import Delivery, Message

CAPACITY = 10_000


class Kind(StrEnum):
    """What an entry tells."""

    MESSAGE = "message"
    STATUS = "status"
    WEBHOOK = "webhook"
    REFUSAL = "refusal"
    FAULT = "fault"
    SETTING = "setting"
    ANNOTATION = "annotation"
    DELETED = "deleted"
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A line of the trace: who says it, what, and of which message or phone if of one.

    `time` is when it was, if they say.
    """

    source: str
    text: str = field(repr=False)
    message_sid: str | None = None
    phone: str | None = None
    time: datetime | None = None
    wait: Wait | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One step: `id` starts at 1 and grows by 1, also across a reset. `message` is how it stood after the step.

    `time` is the machine's, also where the emulator's own clock stands still: it tells how long things took.
    """

    id: int
    time: datetime
    kind: Kind
    message: "Message | None" = None
    delivery: "Delivery | None" = None
    note: Note | None = None


class Journal:
    """The last `CAPACITY` entries, with ids that never repeat."""

    def __init__(self) -> None:
        """Start empty; the first entry gets id 1."""
        self.last_id = 0
        self.listeners: set[Callable[[], None]] = set()
        self._entries: deque[Entry] = deque(maxlen=CAPACITY)

    def append(
        self,
        kind: Kind,
        *,
        message: "Message | None" = None,
        delivery: "Delivery | None" = None,
        note: Note | None = None,
    ) -> None:
        """Add an entry and tell the listeners."""
        self.last_id += 1
        entry = Entry(id=self.last_id, time=datetime.now(UTC), kind=kind, message=message, delivery=delivery, note=note)
        self._entries.append(entry)
        for listener in tuple(self.listeners):
            listener()

    def covers(self, after: int) -> bool:
        """Tell whether every entry later than `after` is still here."""
        return self.last_id - len(self._entries) <= after <= self.last_id

    def after(self, after: int) -> Iterator[Entry]:
        """Yield the kept entries later than `after`, oldest first, as they stand now."""
        newer = min(self.last_id - after, len(self._entries))
        entries = list(self._entries)
        return iter(entries[len(entries) - newer :] if newer > 0 else [])
