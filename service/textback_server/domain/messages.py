"""The message, its wait, and the words for where they stand. Values only; decisions are in `transitions`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import auto
from typing import NewType

from textback_server.domain.reasons import Reason
from textback_server.domain.rejections import RejectReason
from textback_server.domain.words import Word

MessageId = NewType("MessageId", str)
"""`msg_` and 26 characters of base 32; sorts by creation time."""

Code = NewType("Code", str)
"""Decimal digits that the person texts back."""


class MessageState(Word):
    """Where an SMS is on its way: ours up to UNCONFIRMED and OUTCOME_UNKNOWN, then Twilio's."""

    PENDING = auto()
    SENDING = auto()
    UNCONFIRMED = auto()
    OUTCOME_UNKNOWN = auto()
    ACCEPTED = auto()
    QUEUED = auto()
    SENT = auto()
    DELIVERED = auto()
    UNDELIVERED = auto()
    FAILED = auto()
    CANCELLED = auto()
    READ = auto()


class WaitState(Word):
    """Open, or how a wait ended."""

    OPEN = auto()
    REPLIED = auto()
    TIMED_OUT = auto()
    CANCELLED = auto()
    OPTED_OUT = auto()
    FAILED = auto()


class Outcome(Word):
    """How a message ended. DELIVERED, UNKNOWN and SETTLED happen only without a wait."""

    REPLIED = auto()
    TIMED_OUT = auto()
    CANCELLED = auto()
    OPTED_OUT = auto()
    FAILED = auto()
    DELIVERED = auto()
    UNKNOWN = auto()
    SETTLED = auto()


class DecidedBy(Word):
    """Who decided a question."""

    REPLY = auto()
    TIMEOUT = auto()


class ReplyVia(Word):
    """By which way an inbound SMS came."""

    WEBHOOK = auto()
    POLLING = auto()


class ReplyMatch(Word):
    """What a reply must carry to find its question: the code, or nothing where only one question is open."""

    CODE = auto()
    SENDER = auto()


class Notices(Word):
    """What may be texted back to the person: nothing, what helps them to be understood, or also a confirmation."""

    NONE = auto()
    HINTS = auto()
    ALL = auto()


class Encoding(Word):
    """How a text is encoded on the air (3GPP TS 23.038)."""

    GSM7 = auto()
    UCS2 = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """What to send. `validity_period` is how long Twilio may hold it; None leaves Twilio's default.

    `resend_if_unconfirmed`: the caller would rather have it arrive twice than never.
    """

    recipient: str
    sender: str
    body: str = field(repr=False)
    validity_period: timedelta | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    smart_encoded: bool = False
    resend_if_unconfirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEntity:
    """One entity of a case."""

    identifier: str
    entity_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the caller is working on. Stored, returned, never sent to Twilio."""

    case_id: str = ""
    alert_group_identifiers: tuple[str, ...] = ()
    target_entities: tuple[TargetEntity, ...] = ()
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that counts, and other texts that mean the same."""

    value: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What may be answered, for how long, and what the person is told.

    `prompt` is a template, empty for ours. `allow_empty_reply` None: a bare code counts where there are no choices.
    `max_invalid_replies` 0: any number of wrong answers may come before the right one.
    """

    reply_timeout: timedelta
    choices: tuple[Choice, ...] = ()
    timeout_choice: str = ""
    reply_match: ReplyMatch = ReplyMatch.CODE
    prompt: str = ""
    allow_empty_reply: bool | None = None
    notices: Notices = Notices.HINTS
    max_invalid_replies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an SMS did not or cannot arrive. `refused`: Twilio said so in its answer to the POST."""

    reason: Reason
    message: str
    twilio_code: int = 0
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An inbound SMS that answered a question."""

    text: str = field(repr=False)
    body: str = field(repr=False)
    choice: str
    twilio_sid: str
    receive_time: datetime
    via: ReplyVia


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a message ended: one, for ever."""

    outcome: Outcome
    choice: str = ""
    text: str = field(default="", repr=False)
    decided_by: DecidedBy | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The part of a message that expects a reply.

    `rejections` counts the texts that were no answer and of which an event tells, `invalid` all that were meant as one.
    `hinted`: the person had the one hint.
    """

    code: Code
    terms: Terms
    state: WaitState
    expire_time: datetime
    reply: Reply | None = None
    rejections: int = 0
    invalid: int = 0
    hinted: bool = False

    @property
    def open(self) -> bool:
        """Whether a reply still counts."""
        return self.state is WaitState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One outbound SMS that we were asked to send, and all we know of it.

    `revision` counts writes (compare-and-set), `sequence` counts events. `alarm` is when the send must be looked at
    next: the end of a lease, of a back-off, or of waiting for evidence. `resent`: an attempt that nobody can speak for
    was given up for a second one. `content_erased`: its texts are empty because they were kept long enough.
    """

    id: MessageId
    account: str
    request_id: str
    request_hash: bytes = field(repr=False)
    sms: Sms
    context: Context | None = None
    text: str = field(repr=False)
    encoding: Encoding
    segments: int
    create_time: datetime
    update_time: datetime
    state: MessageState
    attempt: int
    alarm: datetime | None
    resent: bool = False
    twilio_sid: str = ""
    twilio_status: str = ""
    failure: Failure | None = None
    wait: Wait | None = None
    result: Result | None = None
    content_erased: bool = False
    sequence: int = 1
    revision: int = 1

    @property
    def due(self) -> datetime | None:
        """When somebody must look at it next; None: never by itself."""
        if self.wait is None or not self.wait.open:
            return self.alarm
        return self.wait.expire_time if self.alarm is None else min(self.alarm, self.wait.expire_time)


class Disposition(Word):
    """What became of an inbound SMS."""

    REPLY = auto()
    REJECTED = auto()
    LATE = auto()
    UNMATCHED = auto()
    OPT_OUT = auto()
    OPT_IN = auto()
    FOREIGN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """Any inbound SMS, matched or not. `sender` is the person, `recipient` our number.

    `message_id` is the message that it speaks to first, `also` are the others that it speaks to.
    `opt_out_type`: Twilio's OptOutType (STOP, START or HELP), sent only with Advanced Opt-Out. `service` is the
    Messaging Service that our number belongs to, where Twilio says so, and `sent_time` Twilio's date of it: known only
    of those that were found in its list. `content_erased`: `body` is empty because it was kept long enough.
    """

    account: str
    twilio_sid: str
    sender: str
    recipient: str
    body: str = field(repr=False)
    receive_time: datetime
    via: ReplyVia
    disposition: Disposition = Disposition.UNMATCHED
    message_id: MessageId | None = None
    also: tuple[MessageId, ...] = ()
    reason: RejectReason | None = None
    opt_out_type: str = ""
    service: str = ""
    sent_time: datetime | None = None
    content_erased: bool = False
