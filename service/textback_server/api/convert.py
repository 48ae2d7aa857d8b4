"""Domain values as protobuf messages."""

from datetime import UTC, datetime, timedelta
from typing import assert_never

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as service_pb
from textback_server.domain import events
from textback_server.domain.drafts import as_created
from textback_server.domain.messages import (
    Choice,
    Context,
    Failure,
    Inbound,
    Message,
    MessageState,
    Reply,
    Result,
    Wait,
)
from textback_server.engine.follow import Heartbeat
from textback_server.gateway.errors import help_url
from textback_server.gateway.protocol import Pong

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def message(value: Message) -> message_pb.SmsMessage:
    """A message."""
    return message_pb.SmsMessage(
        message_id=value.id,
        request_id=value.request_id,
        account=value.account,
        state=_state(value.state),
        twilio_status=value.twilio_status,
        twilio_sid=value.twilio_sid,
        recipient=value.sms.recipient,
        sender=value.sms.sender,
        text=value.text,
        encoding=message_pb.SmsEncoding.Value(f"SMS_ENCODING_{value.encoding}"),
        segments=value.segments,
        labels=value.sms.labels,
        context=_context(value.context) if value.context else None,
        create_time=_time(value.create_time),
        update_time=_time(value.update_time),
        failure=_failure(value.failure) if value.failure else None,
        wait=_wait(value.wait) if value.wait else None,
        sequence=value.sequence,
        result=_result(value.result) if value.result else None,
        content_erased=value.content_erased,
    )


def event(value: events.Event, about: Message) -> event_pb.SmsEvent:
    """One stored event of a message."""
    made = event_pb.SmsEvent(
        message_id=value.message_id,
        sequence=value.sequence,
        event_time=_time(value.time),
        terminal=value.terminal,
        result=_result(value.result) if value.result else None,
    )
    _fill(made, value.what, about)
    return made


def heartbeat(value: Heartbeat, about: Message, now: datetime) -> event_pb.SmsEvent:
    """A sign of life, with what is left of the wait."""
    beat = event_pb.Heartbeat()
    if about.wait is not None:
        left = Duration()
        left.FromTimedelta(max(about.wait.expire_time - now, timedelta()))
        beat.time_left.CopyFrom(left)
    return event_pb.SmsEvent(message_id=about.id, sequence=value.sequence, event_time=_time(now), heartbeat=beat)


def _fill(made: event_pb.SmsEvent, what: events.Happening, about: Message) -> None:
    match what:
        case events.Created():
            warnings = [warning(each) for each in what.warnings]
            made.created.CopyFrom(event_pb.Created(message=message(as_created(about, what.state)), warnings=warnings))
        case events.StatusChanged():
            made.status_changed.CopyFrom(
                event_pb.StatusChanged(
                    state=_state(what.state),
                    twilio_status=what.twilio_status,
                    twilio_sid=what.twilio_sid,
                    failure=_failure(what.failure) if what.failure else None,
                )
            )
        case events.ReplyRejected():
            made.reply_rejected.CopyFrom(
                event_pb.ReplyRejected(
                    reason=message_pb.RejectReason.Value(f"REJECT_REASON_{what.reason}"),
                    body=what.body,
                    twilio_sid=what.twilio_sid,
                    person_told=what.person_told,
                )
            )
        case events.ReplyReceived():
            made.reply_received.CopyFrom(event_pb.ReplyReceived(reply=_reply(what.reply)))
        case events.TimedOut():
            made.timed_out.SetInParent()
        case events.Failed():
            made.failed.CopyFrom(
                event_pb.Failed(
                    state=_state(what.state), twilio_status=what.twilio_status, failure=_failure(what.failure)
                )
            )
        case events.OptedOut():
            made.opted_out.CopyFrom(event_pb.OptedOut(twilio_sid=what.twilio_sid))
        case events.Cancelled():
            made.cancelled.SetInParent()
        case events.Settled():
            made.settled.SetInParent()
        case _:
            assert_never(what)


def inbound(value: Inbound) -> message_pb.InboundSms:
    """An inbound SMS."""
    return message_pb.InboundSms(
        twilio_sid=value.twilio_sid,
        account=value.account,
        sender=value.sender,
        recipient=value.recipient,
        body=value.body,
        receive_time=_time(value.receive_time),
        via=message_pb.ReplyVia.Value(f"REPLY_VIA_{value.via}"),
        disposition=message_pb.InboundDisposition.Value(f"INBOUND_DISPOSITION_{value.disposition}"),
        message_id=value.message_id or "",
        reason=message_pb.RejectReason.Value(f"REJECT_REASON_{value.reason or 'UNSPECIFIED'}"),
        content_erased=value.content_erased,
    )


def pong(value: Pong, account: str) -> service_pb.PingResponse:
    """What Twilio says of an account, its SID masked but for the ends."""
    trip = Duration()
    trip.FromTimedelta(value.round_trip)
    return service_pb.PingResponse(
        account=account,
        account_sid=f"{value.account_sid[:4]}…{value.account_sid[-4:]}",
        account_status=value.account_status,
        account_type=value.account_type,
        emulator=value.emulator,
        round_trip=trip,
        sender=value.sender,
        sender_can_sms=value.sender_can_sms,
        webhook_points_here=value.webhook_points_here,
        warnings=[warning(each) for each in value.warnings],
    )


def warning(value: events.Warning) -> message_pb.Warning:
    """Something to know."""
    return message_pb.Warning(reason=value.reason, message=value.message, fix=value.fix)


def _wait(value: Wait) -> message_pb.Wait:
    return message_pb.Wait(
        state=message_pb.WaitState.Value(f"WAIT_STATE_{value.state}"),
        code=value.code,
        expire_time=_time(value.expire_time),
        choices=[_choice(each) for each in value.terms.choices],
        timeout_choice=value.terms.timeout_choice,
        reply=_reply(value.reply) if value.reply else None,
        rejected_replies=value.rejections,
        reply_match=message_pb.ReplyMatch.Value(f"REPLY_MATCH_{value.terms.reply_match}"),
    )


def _choice(value: Choice) -> message_pb.Choice:
    return message_pb.Choice(value=value.value, aliases=value.aliases)


def _context(value: Context) -> message_pb.Context:
    return message_pb.Context(
        case_id=value.case_id,
        alert_group_identifiers=value.alert_group_identifiers,
        target_entities=[
            message_pb.TargetEntity(identifier=each.identifier, entity_type=each.entity_type)
            for each in value.target_entities
        ],
        scope=value.scope,
    )


def _reply(value: Reply) -> message_pb.Reply:
    return message_pb.Reply(
        text=value.text,
        body=value.body,
        choice=value.choice,
        twilio_sid=value.twilio_sid,
        receive_time=_time(value.receive_time),
        via=message_pb.ReplyVia.Value(f"REPLY_VIA_{value.via}"),
    )


def _result(value: Result) -> message_pb.Result:
    decided = message_pb.DecidedBy.Value(f"DECIDED_BY_{value.decided_by or 'UNSPECIFIED'}")
    return message_pb.Result(
        outcome=message_pb.Outcome.Value(f"OUTCOME_{value.outcome}"),
        choice=value.choice,
        text=value.text,
        decided_by=decided,
        failure=_failure(value.failure) if value.failure else None,
    )


def _failure(value: Failure) -> message_pb.Failure:
    return message_pb.Failure(
        reason=value.reason,
        message=value.message,
        twilio_code=value.twilio_code,
        help_url=help_url(value.twilio_code) if value.twilio_code else "",
    )


def _state(value: MessageState) -> message_pb.MessageState.ValueType:
    return message_pb.MessageState.Value(f"MESSAGE_STATE_{value}")


def _time(value: datetime) -> Timestamp:
    since = value - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1_000)
