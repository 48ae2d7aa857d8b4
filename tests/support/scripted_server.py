"""A real gRPC server that plays a message's events from a script and breaks streams where told.

It keeps the contract that the client relies on: events are stored, SendSmsAndWait with a known request_id replays from
event 1, WatchMessage replays after a sequence.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from typing_extensions import override

from textback.v1 import sms_event_pb2 as ev
from textback.v1 import sms_message_pb2 as msg
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceServicer, add_SmsServiceServicer_to_server

Context: TypeAlias = grpc.aio.ServicerContext[object, object]
SERVICE = pb.DESCRIPTOR.services_by_name["SmsService"].full_name
MESSAGE_ID = "msg_01jd8x2k5r0000000000000000"
START = datetime(2026, 11, 21, 13, 2, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Where one stream ends, and how."""

    after: int = 0
    """Events of this stream before the break."""
    code: grpc.StatusCode | None = grpc.StatusCode.UNAVAILABLE
    """None: the stream ends OK, without a terminal event."""
    message: str = "broken by the script"
    reason: str = ""
    retry_after: float | None = None
    field: str = ""
    """Adds a field violation."""
    heartbeat: bool = False
    """Sends a heartbeat before the break."""


@dataclass(kw_only=True)
class ScriptedServicer(SmsServiceServicer):
    """Plays `events`; each stream takes the next of `breaks`, the streams after those run to the end."""

    events: Sequence[ev.SmsEvent] = ()
    breaks: list[Break] = field(default_factory=list)
    unary_breaks: list[Break] = field(default_factory=list)
    hold_after: int | None = None
    """Streams wait after this sequence until `go_on` is set."""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a stream waits so."""
    list_nothing: bool = False
    """No message is listed, instead of three pages."""
    emulator: bool = True
    requests: list[object] = field(default_factory=list)
    """Every request, in order."""
    authorization: list[str] = field(default_factory=list)
    open_streams: int = 0
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever no stream is open after there was one."""

    @override
    async def SendSmsAndWait(
        self, request: pb.SendSmsAndWaitRequest, context: Context
    ) -> AsyncIterator[pb.SendSmsAndWaitResponse]:
        """Play from event 1."""
        async for event in self._play(request, 0, context):
            yield pb.SendSmsAndWaitResponse(event=event)

    @override
    async def WatchMessage(
        self, request: pb.WatchMessageRequest, context: Context
    ) -> AsyncIterator[pb.WatchMessageResponse]:
        """Play after the requested sequence."""
        async for event in self._play(request, request.after_sequence, context):
            yield pb.WatchMessageResponse(event=event)

    @override
    async def SendSms(self, request: pb.SendSmsRequest, context: Context) -> pb.SendSmsResponse:
        """Return a queued message."""
        await self._unary(request, context)
        return pb.SendSmsResponse(message=message(request_id=request.request_id, wait=False))

    @override
    async def Ping(self, request: pb.PingRequest, context: Context) -> pb.PingResponse:
        """Say whether the far end is an emulator."""
        await self._unary(request, context)
        return pb.PingResponse(
            account="default",
            account_sid="AC00…0001",
            account_status="active",
            account_type="Full",
            emulator=self.emulator,
            sender="+15005550006",
            sender_can_sms=True,
            webhook_points_here=True,
            round_trip=Duration(nanos=4_000_000),
        )

    @override
    async def GetMessage(self, request: pb.GetMessageRequest, context: Context) -> pb.GetMessageResponse:
        """Return the message."""
        await self._unary(request, context)
        return pb.GetMessageResponse(message=message())

    @override
    async def CancelWait(self, request: pb.CancelWaitRequest, context: Context) -> pb.CancelWaitResponse:
        """Return the message, its wait cancelled."""
        await self._unary(request, context)
        cancelled = message()
        cancelled.wait.state = msg.WAIT_STATE_CANCELLED
        cancelled.result.outcome = msg.OUTCOME_CANCELLED
        return pb.CancelWaitResponse(message=cancelled)

    @override
    async def ListMessages(self, request: pb.ListMessagesRequest, context: Context) -> pb.ListMessagesResponse:
        """Return three pages of one message each."""
        await self._unary(request, context)
        if self.list_nothing:
            return pb.ListMessagesResponse()
        page = int(request.page_token or "1")
        return pb.ListMessagesResponse(
            messages=[message(message_id=f"msg_{page}")], next_page_token=str(page + 1) if page < 3 else ""
        )

    @override
    async def ListInbound(self, request: pb.ListInboundRequest, context: Context) -> pb.ListInboundResponse:
        """Return two pages of one inbound SMS each."""
        await self._unary(request, context)
        page = int(request.page_token or "1")
        inbound = msg.InboundSms(
            twilio_sid=f"SM{page:032x}",
            sender="+14155550123",
            recipient="+15005550006",
            body="4821 Yes.\x1b[2J",
            disposition=msg.INBOUND_DISPOSITION_REPLY,
            message_id=MESSAGE_ID,
        )
        inbound.receive_time.FromDatetime(START)
        return pb.ListInboundResponse(inbound=[inbound], next_page_token="2" if page == 1 else "")

    async def _play(self, request: object, after: int, context: Context) -> AsyncIterator[ev.SmsEvent]:
        self._note(request, context)
        self.open_streams += 1
        self.quiet.clear()
        try:
            stop = self.breaks.pop(0) if self.breaks else None
            for sent, event in enumerate(each for each in self.events if each.sequence > after):
                if stop is not None and sent == stop.after:
                    break
                if self.hold_after is not None and event.sequence > self.hold_after:
                    self.held.set()
                    await self.go_on.wait()
                yield event
            if stop is not None:
                if stop.heartbeat:
                    yield heartbeat(after)
                await abort(context, stop)
        finally:
            self.open_streams -= 1
            if not self.open_streams:
                self.quiet.set()

    async def _unary(self, request: object, context: Context) -> None:
        self._note(request, context)
        if self.unary_breaks:
            await abort(context, self.unary_breaks.pop(0))

    def _note(self, request: object, context: Context) -> None:
        self.requests.append(request)
        metadata = dict(context.invocation_metadata() or ())
        self.authorization.append(str(metadata.get("authorization", "")))


async def abort(context: Context, stop: Break) -> None:
    """End a call as `stop` says, with google.rpc details like the service's own."""
    if stop.code is None:
        return
    details: list[AnyMessage] = []
    if stop.reason:
        details.append(_packed(error_details_pb2.ErrorInfo(reason=stop.reason, domain="textback", metadata={"k": "v"})))
        details.append(_packed(error_details_pb2.Help(links=[{"url": "https://www.twilio.com/docs/errors/20003"}])))
    if stop.retry_after is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromNanoseconds(int(stop.retry_after * 1e9))
        details.append(_packed(retry))
    if stop.field:
        bad = error_details_pb2.BadRequest(field_violations=[{"field": stop.field, "description": stop.message}])
        details.append(_packed(bad))
    status = status_pb2.Status(code=stop.code.value[0], message=stop.message, details=details)
    trailing = (("grpc-status-details-bin", status.SerializeToString()),) if details else ()
    await context.abort(stop.code, stop.message, trailing)


def _packed(detail: object) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(detail)  # type: ignore[arg-type]  # untyped google.rpc message
    return packed


@asynccontextmanager
async def serving(
    servicer: ScriptedServicer,
    address: str = "127.0.0.1:0",
    *,
    healthy: bool = True,
) -> AsyncIterator[str]:
    """Run a server; yields its address, and ends open streams on leaving."""
    server = grpc.aio.server()
    add_SmsServiceServicer_to_server(servicer, server)
    checks = health_aio.HealthServicer()
    answer = health_pb2.HealthCheckResponse
    await checks.set(SERVICE, answer.SERVING if healthy else answer.NOT_SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    port = server.add_insecure_port(address)
    await server.start()
    try:
        yield f"127.0.0.1:{port}" if address.startswith("127.0.0.1") else address
    finally:
        await server.stop(0)


def message(*, message_id: str = MESSAGE_ID, request_id: str = "", wait: bool = True) -> msg.SmsMessage:
    """Build the message of the script: a yes-or-no question with code 4821, open for 10 minutes."""
    built = msg.SmsMessage(
        message_id=message_id,
        request_id=request_id,
        account="default",
        state=msg.MESSAGE_STATE_QUEUED,
        twilio_status="queued",
        twilio_sid="SM" + "5f" * 16,
        recipient="+14155550123",
        sender="+15005550006",
        text='Isolate host web-03?\nText back "4821 YES" or "4821 NO".',
        encoding=msg.SMS_ENCODING_GSM7,
        segments=1,
    )
    built.create_time.FromDatetime(START)
    built.update_time.FromDatetime(START)
    if wait:
        built.wait.state = msg.WAIT_STATE_OPEN
        built.wait.code = "4821"
        built.wait.expire_time.FromDatetime(START + timedelta(minutes=10))
        built.wait.choices.extend([msg.Choice(value="yes"), msg.Choice(value="no")])
    return built


def event(sequence: int, seconds: float, built: ev.SmsEvent) -> ev.SmsEvent:
    """Number and date an event, `seconds` after the start."""
    built.message_id = MESSAGE_ID
    built.sequence = sequence
    built.event_time.FromDatetime(START + timedelta(seconds=seconds))
    return built


def heartbeat(sequence: int, left: float = 584) -> ev.SmsEvent:
    """Build a heartbeat."""
    beat = ev.Heartbeat()
    beat.time_left.FromTimedelta(timedelta(seconds=left))
    return event(sequence, 0, ev.SmsEvent(heartbeat=beat))


def status(sequence: int, seconds: float, state: msg.MessageState.ValueType) -> ev.SmsEvent:
    """Build a status change."""
    return event(sequence, seconds, ev.SmsEvent(status_changed=ev.StatusChanged(state=state)))


def question(choices: Sequence[str] = ("yes", "no")) -> list[ev.SmsEvent]:
    """Build the events of an answered question: created, queued, sent, delivered, one rejected reply, "4821 Yes."."""
    asked = message()
    del asked.wait.choices[:]
    asked.wait.choices.extend(msg.Choice(value=choice) for choice in choices)
    rejected = ev.ReplyRejected(reason=msg.REJECT_REASON_NOT_A_CHOICE, body="4821 maybe", person_told=True)
    choice = choices[0] if choices else ""
    reply = msg.Reply(text="Yes.", body="4821 Yes.", choice=choice, via=msg.REPLY_VIA_WEBHOOK)
    result = msg.Result(outcome=msg.OUTCOME_REPLIED, choice=choice, text="Yes.", decided_by=msg.DECIDED_BY_REPLY)
    return [
        event(1, 0, ev.SmsEvent(created=ev.Created(message=asked))),
        status(2, 0.1, msg.MESSAGE_STATE_QUEUED),
        status(3, 0.6, msg.MESSAGE_STATE_SENT),
        status(4, 1.3, msg.MESSAGE_STATE_DELIVERED),
        event(5, 21, ev.SmsEvent(reply_rejected=rejected)),
        event(6, 31, ev.SmsEvent(reply_received=ev.ReplyReceived(reply=reply), terminal=True, result=result)),
    ]


def timed_out(choice: str = "") -> list[ev.SmsEvent]:
    """Build the events of a question that nobody answered."""
    decided = msg.DECIDED_BY_TIMEOUT if choice else msg.DECIDED_BY_UNSPECIFIED
    result = msg.Result(outcome=msg.OUTCOME_TIMED_OUT, choice=choice, decided_by=decided)
    return [*question()[:4], event(5, 600, ev.SmsEvent(timed_out=ev.TimedOut(), terminal=True, result=result))]


def failed() -> list[ev.SmsEvent]:
    """Build the events of a question whose SMS cannot arrive."""
    failure = msg.Failure(
        reason="UNDELIVERED",
        message="unknown handset",
        twilio_code=30005,
        help_url="https://www.twilio.com/docs/errors/30005",
    )
    result = msg.Result(outcome=msg.OUTCOME_FAILED, failure=failure)
    lost = ev.Failed(state=msg.MESSAGE_STATE_UNDELIVERED, twilio_status="undelivered", failure=failure)
    return [*question()[:3], event(4, 2.5, ev.SmsEvent(failed=lost, terminal=True, result=result))]


def ending(built: ev.SmsEvent) -> list[ev.SmsEvent]:
    """Build the events of a question that ends with `built`."""
    return [*question()[:2], event(3, 5, built)]
