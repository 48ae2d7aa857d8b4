"""Messages, lists and the state of an account as lines for people. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo

from textback.v1 import sms_message_pb2 as pb
from textback.v1 import sms_service_pb2 as service
from textback_cli.story import Line, Mark, failure, header, reason_word, state_word
from textback_cli.words import clock, date, said

_ENDINGS = {
    pb.OUTCOME_TIMED_OUT: "no answer in time",
    pb.OUTCOME_CANCELLED: "cancelled",
    pb.OUTCOME_OPTED_OUT: "opted out",
    pb.OUTCOME_DELIVERED: "delivered",
    pb.OUTCOME_UNKNOWN: "outcome unknown",
    pb.OUTCOME_SETTLED: "settled without a receipt",
}
_DISPOSITIONS = {
    pb.INBOUND_DISPOSITION_REPLY: "reply",
    pb.INBOUND_DISPOSITION_REJECTED: "rejected",
    pb.INBOUND_DISPOSITION_LATE: "late",
    pb.INBOUND_DISPOSITION_UNMATCHED: "unmatched",
    pb.INBOUND_DISPOSITION_OPT_OUT: "opt out",
    pb.INBOUND_DISPOSITION_OPT_IN: "opt in",
    pb.INBOUND_DISPOSITION_FOREIGN: "foreign",
}


def sent(message: pb.SmsMessage, *, emulator: bool) -> list[str]:
    """Write what `send` did."""
    why = f"   {failure(message.failure)}" if message.HasField("failure") else ""
    bad = message.state in {pb.MESSAGE_STATE_FAILED, pb.MESSAGE_STATE_UNDELIVERED, pb.MESSAGE_STATE_CANCELLED}
    state = Line(
        mark=Mark.BAD if bad else Mark.GOOD, text=f"{state_word(message.state):<11}{message.twilio_sid}{why}".rstrip()
    )
    return [str(header(message, emulator=emulator)), str(state)]


def card(message: pb.SmsMessage, *, zone: tzinfo | None = None) -> list[str]:
    """Write all that matters about one message."""
    twilio = " ".join(filter(None, (message.twilio_status, message.twilio_sid)))
    rows = [
        ("text", said(message.text, erased=message.content_erased)),
        ("sender", message.sender),
        ("state", state_word(message.state) + (f"   Twilio: {twilio}" if twilio else "")),
        ("failure", failure(message.failure) if message.HasField("failure") else ""),
        ("answer", standing(message, zone=zone)),
        ("case", message.context.case_id),
        ("labels", " ".join(f"{key}={value}" for key, value in sorted(message.labels.items()))),
        ("request", message.request_id),
        ("created", date(message.create_time.ToDatetime(UTC), zone)),
    ]
    return [str(header(message, emulator=False)), *(f"{name:<11}{value}" for name, value in rows if value)]


def standing(message: pb.SmsMessage, *, zone: tzinfo | None = None) -> str:
    """Write in a few words how a message ended, or until when it is open."""
    result = message.result
    if message.HasField("result"):
        if result.outcome == pb.OUTCOME_REPLIED:
            body = said(message.wait.reply.body or result.text, erased=message.content_erased)
            return f"{result.choice} {body}" if result.choice else body
        if result.outcome == pb.OUTCOME_FAILED:
            return f"failed: {failure(result.failure)}"
        taken = f', taken as "{result.choice}"' if result.choice else ""
        return _ENDINGS.get(result.outcome, "ended") + taken
    if message.HasField("wait") and message.wait.state == pb.WAIT_STATE_OPEN:
        return f"open until {clock(message.wait.expire_time.ToDatetime(UTC), zone, seconds=False)}"
    return ""


def message_row(message: pb.SmsMessage, *, zone: tzinfo | None = None) -> tuple[str, ...]:
    """Write a message as cells of a table."""
    created = date(message.create_time.ToDatetime(UTC), zone)
    return message.message_id, created, message.recipient, state_word(message.state), standing(message, zone=zone)


def inbound_row(inbound: pb.InboundSms, *, zone: tzinfo | None = None) -> tuple[str, ...]:
    """Write an inbound SMS as cells of a table."""
    received = date(inbound.receive_time.ToDatetime(UTC), zone)
    became = dict.fromkeys((_DISPOSITIONS.get(inbound.disposition, "other"), reason_word(inbound.reason)))
    what = ", ".join(filter(None, became))
    body = said(inbound.body, erased=inbound.content_erased)
    return inbound.twilio_sid, received, inbound.sender, what, inbound.message_id or "-", body


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Align rows in columns; the last column is as wide as it is."""
    rows = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["   ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def ping(answer: service.PingResponse) -> list[str]:
    """Write what Twilio says of an account."""
    parts = [answer.account, answer.account_sid, " ".join(filter(None, (answer.account_status, answer.account_type)))]
    if answer.sender:
        can = " can send SMS" if answer.sender_can_sms else " cannot send SMS"
        parts.append(answer.sender + (can if answer.HasField("sender_can_sms") else ""))
    parts.append(f"{answer.round_trip.ToMilliseconds()} ms to Twilio")
    parts.append("EMULATOR: no SMS leaves this machine" if answer.emulator else "")
    good = Line(mark=Mark.GOOD, text="   ".join(filter(None, parts)))
    return [str(good), *(f"{Mark.WARN} {each.message} {each.fix}".rstrip() for each in answer.warnings)]
