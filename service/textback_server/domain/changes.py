"""What is written together: drafts, changes, and the one all-or-nothing write."""

from dataclasses import dataclass

from textback_server.domain.events import Event
from textback_server.domain.messages import Inbound, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A message before and after, and the events that say so. Stands only if `before.revision` still stands."""

    before: Message
    after: Message
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """All or nothing: some changes, and perhaps the inbound SMS that caused them."""

    changes: tuple[Change, ...] = ()
    inbound: Inbound | None = None
