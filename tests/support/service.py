"""A running service in this process: real gRPC, real store, real webhooks; Twilio is the emulator or a stub."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.json_format import ParseDict
from google.rpc import error_details_pb2
from google.rpc.status_pb2 import Status

from tests.support.emulators import PHONE, SENDER, emulator
from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceStub
from textback_server.api.server import ServerSettings
from textback_server.app import App, running
from textback_server.config import Address, Settings
from textback_server.domain.limits import NO_LIMITS
from textback_server.engine.follow import StreamSettings
from textback_server.gateway.accounts import Account, Accounts, Secret
from twilio_emulator import Emulator
from twilio_emulator.world import Direction

if TYPE_CHECKING:
    from textback.v1.sms_service_pb2_grpc import SmsServiceAsyncStub

__all__ = [
    "PHONE",
    "SENDER",
    "Service",
    "Stoppable",
    "Stream",
    "account_at",
    "eventually",
    "failing",
    "failure_of",
    "service",
    "serving",
    "settings_for",
    "stoppable",
    "waiting",
]

Wait = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A call's error as a caller can read it."""

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: dict[str, str]
    violations: dict[str, str]
    retry_after: float | None
    pushback: str | None
    help_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service, a channel to it, and the emulator behind it."""

    app: App
    stub: "SmsServiceAsyncStub"
    channel: grpc.aio.Channel
    emulator: Emulator
    store: Path

    async def send(
        self, body: str = "Backup finished.", recipient: str = PHONE, **fields: Any
    ) -> message_pb.SmsMessage:
        """SendSms, with any fields as JSON."""
        request = ParseDict({"sms": {"recipient": recipient, "body": body}} | fields, pb.SendSmsRequest())
        return (await self.stub.SendSms(request, timeout=20)).message

    def ask(self, wait: Wait | None = None, recipient: str = PHONE, **fields: Any) -> "Stream":
        """SendSmsAndWait, with any fields as JSON."""
        said = {"sms": {"recipient": recipient, "body": "Isolate host web-03?"}, "wait": wait or {}} | fields
        return Stream(self.stub.SendSmsAndWait(ParseDict(said, pb.SendSmsAndWaitRequest()), timeout=30))

    def watch(self, message_id: str, after: int = 0) -> "Stream":
        """WatchMessage."""
        request = pb.WatchMessageRequest(message_id=message_id, after_sequence=after)
        return Stream(self.stub.WatchMessage(request, timeout=30))

    async def get(self, message_id: str) -> message_pb.SmsMessage:
        """GetMessage."""
        return (await self.stub.GetMessage(pb.GetMessageRequest(message_id=message_id), timeout=10)).message

    def texts(self, phone: str = PHONE) -> list[str]:
        """What the person has on their phone from us."""
        conversation = self.emulator.world.conversation(phone)
        return [message.body for message in conversation if message.direction is not Direction.INBOUND]

    async def answer(self, text: str, phone: str = PHONE) -> int:
        """Text back; returns what our webhook answered."""
        reply = await self.emulator.reply(phone, text)
        assert reply.delivery is not None
        return reply.delivery.status or 0


class Stream:
    """A stream of events, heartbeats left out, cancelled at the end."""

    def __init__(self, call: Any) -> None:
        self.call = call

    async def __aenter__(self) -> "Stream":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.call.cancel()

    async def next(self) -> event_pb.SmsEvent:
        """The next event that is stored."""
        async for answer in self.call:
            if answer.event.WhichOneof("kind") != "heartbeat":
                event: event_pb.SmsEvent = answer.event
                return event
        raise AssertionError("the stream ended")

    async def until(self, kind: str) -> event_pb.SmsEvent:
        """The next event of a kind."""
        while (event := await self.next()).WhichOneof("kind") != kind:
            assert not event.terminal, f"{event} came before {kind}"
        return event

    async def state(self, state: str) -> event_pb.SmsEvent:
        """The next status_changed to a state."""
        wanted = message_pb.MessageState.Value(f"MESSAGE_STATE_{state}")
        while (event := await self.until("status_changed")).status_changed.state != wanted:
            assert not event.terminal
        return event

    async def created(self) -> message_pb.SmsMessage:
        """The message as stored: event 1."""
        return (await self.until("created")).created.message

    async def rest(self) -> list[event_pb.SmsEvent]:
        """All events to the end of the stream."""
        return [answer.event async for answer in self.call if answer.event.WhichOneof("kind") != "heartbeat"]


async def failing(call: Any) -> Failure:
    """The error with which a call ends; it must end with one."""
    try:
        if isinstance(call, Stream):
            await call.rest()
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return failure_of(error)
    raise AssertionError("the call succeeded")


def failure_of(error: grpc.aio.AioRpcError) -> Failure:
    """An error as a caller can read it."""
    trailers = dict[str, Any](error.trailing_metadata() or ())
    status = Status.FromString(trailers.get("grpc-status-details-bin", b""))
    found: dict[str, Any] = {}
    for kind in ("ErrorInfo", "BadRequest", "RetryInfo", "Help"):
        detail = getattr(error_details_pb2, kind)()
        for packed in status.details:
            if packed.Unpack(detail):
                found[kind] = detail
    info, bad, retry, link = (found.get(kind) for kind in ("ErrorInfo", "BadRequest", "RetryInfo", "Help"))
    return Failure(
        code=error.code(),
        message=error.details() or "",
        reason=info.reason if info else "",
        metadata=dict(info.metadata) if info else {},
        violations={each.field: each.description for each in bad.field_violations} if bad else {},
        retry_after=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
        pushback=trailers.get("grpc-retry-pushback-ms"),
        help_url=link.links[0].url if link else "",
    )


def waiting(*choices: str, seconds: int = 600, **fields: Any) -> Wait:
    """Wait options as JSON."""
    return {"reply_timeout": f"{seconds}s", "choices": [{"value": value} for value in choices]} | fields


def settings_for(twilio: Emulator, store: Path, **changes: Any) -> Settings:
    """Settings of a service on free ports beside an emulator."""
    chosen: dict[str, Any] = {
        "accounts": Accounts((account_at(twilio),)),
        "public_url": None,
        "public_url_follows_listener": True,
        "listen": Address("127.0.0.1", 0),
        "http_listen": Address("127.0.0.1", 0),
        "store": str(store),
        "reply_timeout_min": timedelta(seconds=10),
        "reply_timeout_max": timedelta(days=7),
        "limits": NO_LIMITS,
    }
    return Settings(**chosen | changes)


def account_at(twilio: Emulator, **changes: Any) -> Account:
    """The emulator's account."""
    chosen: dict[str, Any] = {
        "name": "default",
        "account_sid": twilio.account_sid,
        "auth_token": Secret(twilio.auth_token),
        "senders": (SENDER,),
        "api_url": twilio.url,
    }
    return Account(**chosen | changes)


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something that nobody announces has come true, 5 s at most."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nobody sets an event
            await asyncio.sleep(0.005)


QUICK: dict[str, Any] = {
    "streams": StreamSettings(heartbeat=0.2),
    "server": ServerSettings(lame_duck=0.0, grace=1.0),
}


@asynccontextmanager
async def serving(twilio: Emulator, settings: Settings, **tuning: Any) -> AsyncIterator[Service]:
    """Run the service beside a running emulator."""
    async with running(settings, **QUICK | tuning) as app, grpc.aio.insecure_channel(app.grpc) as channel:
        yield _service(twilio, settings, app, channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stoppable:
    """A service that goes on being called while it stops. `stopped` ends when it has stopped."""

    service: Service
    stop: asyncio.Event
    stopped: asyncio.Task[None]


@asynccontextmanager
async def stoppable(twilio: Emulator, settings: Settings, **tuning: Any) -> AsyncIterator[Stoppable]:
    """Run the service in a task of its own, until it is told to stop or the context ends."""
    started: asyncio.Future[App] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()

    async def run() -> None:
        async with running(settings, **QUICK | tuning) as app:
            started.set_result(app)
            await stop.wait()

    async with asyncio.TaskGroup() as group:
        stopped = group.create_task(run())
        app = await started
        try:
            async with grpc.aio.insecure_channel(app.grpc) as channel:
                service = _service(twilio, settings, app, channel)
                yield Stoppable(service=service, stop=stop, stopped=stopped)
        finally:
            stop.set()


def _service(twilio: Emulator, settings: Settings, app: App, channel: grpc.aio.Channel) -> Service:
    twilio.set_sms_url(app.inbound_url)
    return Service(app=app, stub=SmsServiceStub(channel), channel=channel, emulator=twilio, store=Path(settings.store))


@asynccontextmanager
async def service(folder: Path, **changes: Any) -> AsyncIterator[Service]:
    """Run emulator and service, wired to each other."""
    async with (
        emulator() as twilio,
        serving(twilio, settings_for(twilio, folder / "textback.db", **changes)) as running_,
    ):
        yield running_
