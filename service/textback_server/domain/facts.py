"""What the world tells us about a message. `transitions.apply` decides what follows from each."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from textback_server.domain.messages import Failure, MessageState, Reply
from textback_server.domain.rejections import RejectReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAccepted:
    """Twilio answered the POST with a SID."""

    twilio_sid: str
    twilio_status: str
    state: MessageState


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRefused:
    """Twilio provably did not and will not send it: a 4xx with Twilio's error body, or a 201 that is already failed."""

    failure: Failure
    twilio_sid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHeld:
    """Twilio provably did not take it now (429, or no connection before the first byte): may be tried again."""

    failure: Failure
    retry_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUnclear:
    """Nobody can say whether Twilio took it: a timeout, a reset, a 5xx, an answer without a SID."""

    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReported:
    """Twilio reports a message's status, by callback or in a list."""

    state: MessageState
    twilio_status: str
    twilio_sid: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotListed:
    """Twilio's list of messages, asked at `list_time` and read to its end, does not show the message."""

    list_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """An inbound SMS answers the question."""

    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRefused:
    """An inbound SMS was meant for the question but is not an answer.

    `person_told`: they were texted why; `hinted`: with the one hint that a wait has.
    """

    reason: RejectReason
    body: str = field(repr=False)
    twilio_sid: str
    person_told: bool
    hinted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """The person texted an opt-out word."""

    twilio_sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested:
    """The caller gave up waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The message's `due` time has come."""


Fact = (
    PostAccepted
    | PostRefused
    | PostHeld
    | PostUnclear
    | StatusReported
    | NotListed
    | Replied
    | ReplyRefused
    | OptOut
    | CancelRequested
    | Due
)
