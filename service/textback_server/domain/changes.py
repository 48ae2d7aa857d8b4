"""What is written together: drafts, changes, and the one all-or-nothing write."""

from dataclasses import dataclass
from datetime import datetime

from textback_server.domain.events import Event
from textback_server.domain.messages import Inbound, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A message before and after, and the events that say so. Stands only if `before.revision` still stands."""

    before: Message
    after: Message
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """News of a person, who has this number, from `time`.

    `block` are our senders (numbers or Messaging Service SIDs) that they opted out of, `unblock` those that they opted
    in to; what is in both is blocked. `told`: a notice is texted back to them, and it is this many-th of its hour (0:
    none is); stands only if that still is so.
    """

    account: str
    number: str
    block: tuple[str, ...] = ()
    unblock: tuple[str, ...] = ()
    time: datetime
    told: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """All or nothing: some changes, and perhaps the inbound SMS that caused them and what it says of its person."""

    changes: tuple[Change, ...] = ()
    inbound: Inbound | None = None
    person: PersonChange | None = None
