"""A message's events as lines for people. No I/O, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from textback.v1 import sms_event_pb2 as ev
from textback.v1 import sms_message_pb2 as pb
from textback_cli.words import clock, said, span


class Mark(StrEnum):
    """What a line starts with."""

    GOOD = "✓"
    BAD = "✗"
    NOTE = "·"
    WARN = "!"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of progress."""

    mark: Mark
    text: str

    def __str__(self) -> str:
        return f"{self.mark} {self.text}" if self.mark else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the events said so far."""

    message: pb.SmsMessage | None = None
    start: datetime | None = None
    """Time of the first event seen."""
    until: datetime | None = None
    """When the question closes, by this machine's clock."""

    @property
    def erased(self) -> bool:
        """Whether the texts are kept no more."""
        return self.message is not None and self.message.content_erased

    def learn(self, event: ev.SmsEvent, now: datetime) -> Known:
        """Return what is known after `event`, which arrived at `now`."""
        known = self if self.start or event.WhichOneof("kind") == "heartbeat" else replace(self, start=_time(event))
        match event.WhichOneof("kind"):
            case "created":
                message = event.created.message
                until = message.wait.expire_time.ToDatetime(UTC) if message.HasField("wait") else None
                return replace(known, message=message, until=until)
            case "heartbeat" if event.heartbeat.HasField("time_left"):
                return replace(known, until=now + event.heartbeat.time_left.ToTimedelta())
            case _:
                return known


def header(message: pb.SmsMessage, *, emulator: bool) -> Line:
    """Write who is asked what, and by which code."""
    code = f"   code {message.wait.code}" if message.HasField("wait") else ""
    segments = f"{message.segments} segment{'' if message.segments == 1 else 's'}"
    label = "EMULATOR  " if emulator else ""
    return Line(mark=Mark.NONE, text=f"{label}{message.message_id} → {message.recipient}{code}   {segments}")


def lines(known: Known, event: ev.SmsEvent, *, zone: tzinfo | None = None) -> list[Line]:
    """Write one event; `known` includes it. A heartbeat and an unknown kind are silent."""
    match event.WhichOneof("kind"):
        case "created":
            stored = Line(mark=Mark.GOOD, text=f"{'stored':<11}{clock(_time(event), zone)}")
            return [stored, *warnings(event.created)]
        case "status_changed":
            return [_status(event.status_changed, _when(known, event, zone))]
        case "reply_rejected":
            return [_rejected(known, event.reply_rejected, _when(known, event, zone))]
        case _:
            return [ending(known, event)] if event.terminal else []


def warnings(created: ev.Created) -> list[Line]:
    """Write what is to be known about a message, a line each."""
    return [Line(mark=Mark.WARN, text=f"{each.message} {each.fix}".strip()) for each in created.warnings]


def ending(known: Known, event: ev.SmsEvent) -> Line:
    """Write how the message ended."""
    result = event.result
    match result.outcome:
        case pb.OUTCOME_REPLIED:
            body = said(event.reply_received.reply.body or result.text, erased=known.erased)
            return Line(mark=Mark.GOOD, text=f"{result.choice or 'answered':<11}{body}{_after(known, event)}")
        case pb.OUTCOME_TIMED_OUT:
            taken = f'; taken as "{result.choice}"' if result.choice else ""
            return Line(mark=Mark.BAD, text=f"no answer{_within(known)}{taken}")
        case pb.OUTCOME_FAILED:
            lost = _MARKS.get(event.failed.state) is Mark.BAD
            state = state_word(event.failed.state) if lost else "failed"
            return Line(mark=Mark.BAD, text=f"{state}: {failure(result.failure)}")
        case pb.OUTCOME_OPTED_OUT:
            why = "the person texted STOP" if event.opted_out.twilio_sid else "the person had texted STOP before"
            return Line(mark=Mark.BAD, text=f"opted out: {why}")
        case pb.OUTCOME_CANCELLED:
            return Line(mark=Mark.BAD, text=f"cancelled{_after(known, event)}")
        case pb.OUTCOME_DELIVERED:
            return Line(mark=Mark.GOOD, text=f"delivered{_after(known, event)}")
        case pb.OUTCOME_UNKNOWN:
            return Line(mark=Mark.BAD, text="outcome unknown: nobody can say whether the SMS was sent")
        case pb.OUTCOME_SETTLED:
            return Line(mark=Mark.NOTE, text="settled: Twilio took it, and no receipt came")
        case _:
            return Line(mark=Mark.NOTE, text="ended")


def failure(why: pb.Failure) -> str:
    """Write why an SMS did not arrive: Twilio's code, a sentence, and a link to what it means."""
    code = f"{why.twilio_code} " if why.twilio_code else ""
    link = f"   {why.help_url}" if why.help_url else ""
    return f"{code}{why.message or why.reason}{link}"


def reason_word(reason: pb.RejectReason.ValueType) -> str:
    """Write why an inbound SMS was no answer, in lower case words; empty if there is nothing to say."""
    if not reason:
        return ""
    try:
        return pb.RejectReason.Name(reason).removeprefix("REJECT_REASON_").lower().replace("_", " ")
    except ValueError:
        return f"reason {reason}"


def state_word(state: pb.MessageState.ValueType) -> str:
    """Write a message state in lower case words; a state newer than this command is called by its number."""
    try:
        return pb.MessageState.Name(state).removeprefix("MESSAGE_STATE_").lower().replace("_", " ")
    except ValueError:
        return f"state {state}"


def waiting(known: Known, left: str) -> str:
    """Write what the command is waiting for."""
    if known.message is not None and not known.message.HasField("wait"):
        return "following   (Ctrl-C leaves the message alone)"
    return f"waiting{f', {left} left' if left else ''}   (Ctrl-C leaves the question open)"


_MARKS = {
    pb.MESSAGE_STATE_PENDING: Mark.NOTE,
    pb.MESSAGE_STATE_SENDING: Mark.NOTE,
    pb.MESSAGE_STATE_UNCONFIRMED: Mark.NOTE,
    pb.MESSAGE_STATE_OUTCOME_UNKNOWN: Mark.BAD,
    pb.MESSAGE_STATE_UNDELIVERED: Mark.BAD,
    pb.MESSAGE_STATE_FAILED: Mark.BAD,
    pb.MESSAGE_STATE_CANCELLED: Mark.BAD,
}


def _status(change: ev.StatusChanged, when: str) -> Line:
    why = f"   {failure(change.failure)}" if change.HasField("failure") else ""
    return Line(mark=_MARKS.get(change.state, Mark.GOOD), text=f"{state_word(change.state):<11}{when}{why}")


_REJECTIONS = {
    pb.REJECT_REASON_NO_CODE: "has no code of an open question",
    pb.REJECT_REASON_WRONG_CODE: "has no code of an open question",
    pb.REJECT_REASON_SEVERAL_CODES: "has the codes of several questions",
    pb.REJECT_REASON_SEVERAL_ANSWERS: "gives different answers",
    pb.REJECT_REASON_EMPTY: "has the code but no answer",
    pb.REJECT_REASON_TAPBACK: "is a reaction, not an answer",
    pb.REJECT_REASON_ECHO: "is our own text come back",
    pb.REJECT_REASON_AUTO_REPLY: "is an automatic reply",
    pb.REJECT_REASON_FOREIGN: "came from another phone",
    pb.REJECT_REASON_OPT_IN: "is an opt-in word without the code",
    pb.REJECT_REASON_HELP: "asks Twilio for help",
}


def _rejected(known: Known, rejected: ev.ReplyRejected, when: str) -> Line:
    told = "; they were told" if rejected.person_told else ""
    why = _REJECTIONS.get(rejected.reason, "is not the answer")
    if rejected.reason == pb.REJECT_REASON_NOT_A_CHOICE:
        why = f"is not {_either(known)}"
    return Line(mark=Mark.BAD, text=f"{said(rejected.body, erased=known.erased)} {why}{told}   {when}")


def _either(known: Known) -> str:
    values = [choice.value for choice in known.message.wait.choices] if known.message else []
    if not values:
        return "one of the choices"
    *most, last = values
    return f"{', '.join(most)} or {last}" if most else last


def _time(event: ev.SmsEvent) -> datetime:
    return event.event_time.ToDatetime(UTC)


def _since(known: Known, event: ev.SmsEvent) -> timedelta:
    return _time(event) - (known.start or _time(event))


def _when(known: Known, event: ev.SmsEvent, zone: tzinfo | None) -> str:
    if known.start == _time(event) and known.message is None:
        return clock(_time(event), zone)
    return f"+{span(_since(known, event))}"


def _after(known: Known, event: ev.SmsEvent) -> str:
    return f" after {span(_since(known, event))}" if known.message else ""


def _within(known: Known) -> str:
    if known.message is None:
        return " in time"
    message = known.message
    length = message.wait.expire_time.ToDatetime(UTC) - message.create_time.ToDatetime(UTC)
    return f" in {span(timedelta(seconds=round(length.total_seconds())))}"
