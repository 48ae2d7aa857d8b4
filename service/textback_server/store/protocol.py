"""What the engine asks of a store. A store knows no transitions: it keeps what it is given, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import auto
from typing import Generic, Protocol, TypeVar

from textback_server.domain.changes import Write
from textback_server.domain.drafts import Draft
from textback_server.domain.events import Event
from textback_server.domain.limits import NO_LIMITS, Limits
from textback_server.domain.messages import (
    Code,
    Disposition,
    Inbound,
    Message,
    MessageState,
    WaitState,
)
from textback_server.domain.polling import Agenda
from textback_server.domain.reading import Standing as Standing  # noqa: PLC0414
from textback_server.domain.words import Word

T = TypeVar("T")


class StoreError(Exception):
    """Base of what a store may raise."""


class Conflict(StoreError):  # noqa: N818 - the store's word for a lost race
    """A change's `before.revision` no longer stands: read again and decide again. Nothing was written."""


class Duplicate(StoreError):  # noqa: N818 - see above
    """The inbound SMS (account, SID) is stored already. Nothing was written."""


class Limit(Word):
    """Which of an account's limits; each is a number of `Limits`."""

    PER_RECIPIENT = auto()
    PER_DAY = auto()
    PENDING = auto()


class CodesTaken(StoreError):  # noqa: N818 - see above
    """None of the offered codes is free for this recipient. Nothing was written.

    A code is free if it is not taken, does not begin or end with one that is, and is not shorter than one that is.
    """


class Blocked(StoreError):  # noqa: N818 - see above
    """The person opted out of this sender (see Store.blocked). Nothing was written."""


class LimitReached(StoreError):  # noqa: N818 - see above
    """One of the account's limits leaves no room for this message. Nothing was written."""

    def __init__(self, limit: "Limit") -> None:
        """`limit` names which."""
        super().__init__(f"The account's limit is reached: {limit}.")
        self.limit = limit


class StoreUnavailable(StoreError):  # noqa: N818 - see above
    """The store cannot be read or written: disk full, I/O error, closed. `str()` names no path and no content."""


class StoreBusy(StoreError):  # noqa: N818 - see above
    """More writes are waiting than the store takes. Nothing was written."""


class StoreUnusable(StoreError):  # noqa: N818 - see above
    """The store cannot be opened as it is. `str()` is for the operator: which store, and what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesInUse:
    """A recipient's codes that are open or in quarantine: how many, and the digits of the longest (0 without any)."""

    count: int
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A place in a list, newest first: continue with what is older than (time, id)."""

    time: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some rows, newest first, and where to go on; `next` is None on the last page."""

    rows: tuple[T, ...]
    next: Key | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Which messages to list. All that is given must fit; empty means any."""

    account: str
    states: tuple[MessageState, ...] = ()
    wait_states: tuple[WaitState, ...] = ()
    recipient: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFilter:
    """Which inbound SMS to list. All that is given must fit; empty means any."""

    account: str
    sender: str = ""
    dispositions: tuple[Disposition, ...] = ()
    message_id: str = ""


class Store(Protocol):
    """The correlation store. Every method may raise StoreUnavailable."""

    async def create(
        self, draft: Draft, codes: Sequence[Code], now: datetime, limits: Limits = NO_LIMITS
    ) -> tuple[Message, bool]:
        """Store `draft.accept(code)` with the first free code (or `draft.accept(None)` without a wait).

        Returns (message, True), or (the message that has this request_id already, False), whatever else stands.
        Raises Blocked, CodesTaken, LimitReached, StoreBusy.
        """

    async def commit(self, write: Write) -> None:
        """Write everything or nothing. Raises Conflict, Duplicate (which wins over Conflict), StoreBusy.

        A second message with a Twilio SID that is stored already, or a notice that is not the next one of its hour, is
        a Conflict too. Closing a wait puts its code in quarantine. A block that is written again counts from its latest
        time.
        """

    async def get(self, account: str, message_id: str) -> Message | None:
        """The message, if this account has it."""

    async def load(self, message_id: str) -> Message | None:
        """The message, whatever its account."""

    async def find(self, account: str, twilio_sid: str) -> Message | None:
        """The message that Twilio knows by this SID."""

    async def recall(self, account: str, request_id: str) -> Message | None:
        """The message that this request_id made."""

    async def events(self, message_id: str, after: int, limit: int = 100) -> Sequence[Event]:
        """At most `limit` events with a greater sequence, in order."""

    async def messages(self, where: MessageFilter, older_than: Key | None, limit: int) -> Page[Message]:
        """A page of messages, by (create_time, id), newest first."""

    async def inbound(self, where: InboundFilter, older_than: Key | None, limit: int) -> Page[Inbound]:
        """A page of inbound SMS, by (receive_time, SID), newest first."""

    async def standing(self, account: str, person: str, codes: Sequence[Code], now: datetime) -> Standing:
        """What is known of this person, for these candidate codes. Its cost does not grow with their open waits.

        `newest_open`, `sole_open`, `closed_recently` and `foreign` (at most two) are looked up only where none of the
        matches is open.
        """

    async def codes_in_use(self, account: str, person: str, now: datetime) -> CodesInUse:
        """What a new code for this person must keep clear of. Its cost does not grow with their open waits."""

    async def blocked(self, account: str, sender: str, person: str, now: datetime) -> bool:
        """Whether the person opted out of this sender less than `BLOCK` ago, and not in to it since."""

    async def blocks(self, account: str, person: str) -> tuple[str, ...]:
        """The senders that the person opted out of and not in to since, also those whose block has lapsed."""

    async def open_waits(
        self, account: str, person: str, limit: int = 100, *, until: datetime | None = None
    ) -> Sequence[Message]:
        """At most `limit` messages to this person whose wait is open, newest first, made at `until` or before."""

    async def received(self, account: str, twilio_sid: str) -> Inbound | None:
        """The inbound SMS as it is stored."""

    async def unfinished_opt_outs(self, limit: int) -> Sequence[Inbound]:
        """At most `limit` inbound SMS by which a person opted out whose wait is open and older, the oldest first."""

    async def due(self, now: datetime, limit: int) -> Sequence[Message]:
        """At most `limit` messages whose `due` has come, the longest overdue first."""

    async def urgent(self, after: datetime, now: datetime, limit: int) -> Sequence[Message]:
        """At most `limit` messages that came due after `after` and whose SMS is PENDING, SENDING or UNCONFIRMED."""

    async def expired(self, after: datetime, now: datetime) -> bool:
        """Whether a message with an open wait came due after `after`."""

    async def agenda(self, account: str) -> Sequence[Agenda]:
        """What is under way, by sender. Its cost grows with the senders, not with what is under way."""

    async def unproven(self, account: str, sender: str, limit: int) -> Sequence[Message]:
        """At most `limit` messages that are SENDING or UNCONFIRMED, or OUTCOME_UNKNOWN with an open wait."""

    async def unseen(self, account: str, twilio_sids: Sequence[str]) -> frozenset[str]:
        """Those of the SIDs that no stored inbound SMS has."""

    async def sent_today(self, account: str, now: datetime) -> int:
        """How many messages the account took on this day of UTC, while there was a limit on that."""

    async def forget(self, now: datetime, bodies_before: datetime, rows_before: datetime, limit: int) -> int:
        """Erase the content of what ended by `bodies_before`, and remove what ended by `rows_before`.

        At most `limit` messages and inbound SMS, in one write; returns how many it was, or fewer if no more are left. A
        message ends with its result; while somebody has to look at it, or its code is not free, its row stays. An
        inbound SMS counts from its arrival, and lasts as long as a message that it speaks to. When nothing is left to
        do, the erased texts are in none of the store's files.
        """

    async def check(self) -> None:
        """Write and read something small. Raises StoreUnavailable if the store cannot be written or read."""

    async def secret(self) -> bytes:
        """32 random bytes, made when the store was first opened: the key of callback tokens."""

    async def close(self) -> None:
        """Finish what was submitted and close."""
