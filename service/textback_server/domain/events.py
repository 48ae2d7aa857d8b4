"""What can happen to a message: one frozen class per kind, and the numbered event that carries it."""

from dataclasses import dataclass, field
from datetime import datetime

from textback_server.domain.messages import Failure, MessageId, MessageState, Reply, Result
from textback_server.domain.rejections import RejectReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning:
    """Something to know that does not stop the work."""

    reason: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """The message is stored; Twilio has not been called yet. What was stored is on the message itself.

    `state` is PENDING if it is held back, else SENDING.
    """

    warnings: tuple[Warning, ...] = ()
    state: MessageState = MessageState.SENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """The SMS moved on."""

    state: MessageState
    twilio_status: str = ""
    twilio_sid: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRejected:
    """An inbound SMS was seen that is not the answer; the question stays open."""

    reason: RejectReason
    body: str = field(repr=False)
    twilio_sid: str
    person_told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReceived:
    """Terminal: the person answered."""

    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """Terminal: nobody answered in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Terminal: the SMS cannot arrive."""

    state: MessageState
    failure: Failure
    twilio_status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptedOut:
    """Terminal: the person wants no messages from this sender. `twilio_sid`: the inbound that said so, if any."""

    twilio_sid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Terminal: CancelWait, or never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Terminal, without a wait: accepted, and no receipt came."""


Happening = Created | StatusChanged | ReplyRejected | ReplyReceived | TimedOut | Failed | OptedOut | Cancelled | Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One numbered step in a message's history. With a `result` it is the last."""

    message_id: MessageId
    sequence: int
    time: datetime
    what: Happening
    result: Result | None = None

    @property
    def terminal(self) -> bool:
        """Whether nothing follows."""
        return self.result is not None
