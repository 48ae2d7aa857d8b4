"""A service that is started again whenever it dies, and callers who do not care."""

import asyncio
import multiprocessing
import random
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.json_format import ParseDict

from tests.support.dying_server import FastClock, Orders, serve
from tests.support.history import Seen, Step
from tests.support.retelling import told_by_client
from tests.support.service import account_at, failure_of, settings_for, waiting
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceStub
from textback_server.config import Address
from textback_server.gateway.accounts import Accounts
from twilio_emulator import Emulator

if TYPE_CHECKING:
    from textback.v1.sms_service_pb2_grpc import SmsServiceAsyncStub

SPEED = 20.0
"""Seconds of the service's and Twilio's clock in one of ours: leases, settling and timeouts end while one watches."""
START_LIMIT = 30
_PORTS = (20_000, 32_000)
_GOES_ON = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)

# One process has everything loaded, and each life is a fork of it.
_NURSERY = multiprocessing.get_context("forkserver")
_NURSERY.set_forkserver_preload(["tests.support.dying_server"])


def fast_clock(twilio: Emulator) -> FastClock:
    """A clock for everybody, Twilio included."""
    clock = FastClock(began=datetime.now(UTC), speed=SPEED)
    twilio.world.now = clock
    return clock


@dataclass(slots=True, kw_only=True)
class Lives:
    """The service, life after life. `deaths` counts those that were not asked for by SIGTERM; `died`: there was one."""

    orders: Orders
    twilio: Emulator
    sender: str
    hooked: bool = True
    deaths: int = 0
    died: asyncio.Event = field(default_factory=asyncio.Event)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _up: asyncio.Event = field(default_factory=asyncio.Event)
    _stub: Any = None
    _process: Any = None

    async def stub(self) -> "SmsServiceAsyncStub":
        """The service, once it is up."""
        await self._up.wait()
        stub: SmsServiceAsyncStub = self._stub
        return stub

    def kill(self) -> None:
        """End the present life, wherever it is."""
        self._process.kill()

    async def live(self) -> None:
        """Start, and start again after each death, until cancelled; then stop as a supervisor would."""
        async with self._stack:
            orders = self.orders
            try:
                while True:
                    await self._one(orders)
                    orders = replace(orders, die="")
            finally:
                if self._process is not None:
                    self._process.terminate()
                    await _readable(self._process.sentinel)
                    self._process.join()

    async def _one(self, orders: Orders) -> None:
        ready, told = _NURSERY.Pipe(duplex=False)
        with ready:
            with told:
                self._process = _NURSERY.Process(target=serve, args=(orders, told))
                self._process.start()
            async with asyncio.timeout(START_LIMIT):
                await _readable(ready.fileno())
            try:
                address, inbound_url = ready.recv()
            except EOFError:  # it died before it was ready
                address = ""
        if address:
            self.twilio.set_sms_url(inbound_url if self.hooked else None, number=self.sender)
            channel = await self._stack.enter_async_context(grpc.aio.insecure_channel(address))
            self._stub = SmsServiceStub(channel)
            self._up.set()
        await _readable(self._process.sentinel)
        self._process.join()
        assert self._process.exitcode == -signal.SIGKILL, f"it ended by itself: {self._process.exitcode}"
        self.deaths += 1
        self.died.set()
        self._up.clear()


async def _readable(descriptor: int) -> None:
    """Wait until something is to be read, or the other end is closed."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)


@asynccontextmanager
async def lives(
    twilio: Emulator, clock: FastClock, sender: str, folder: Path, *, die: str = "", hooked: bool = True
) -> AsyncIterator[Lives]:
    """A service beside the emulator, from its own number, with its own store in `folder`, always at one address.

    `die` is where its first life ends. `hooked` False: Twilio does not call it with what people text.
    """
    settings = settings_for(
        twilio,
        folder / "textback.db",
        accounts=Accounts((account_at(twilio, senders=(sender,)),)),
        http_listen=Address("127.0.0.1", _free_port()),
        reply_timeout_min=timedelta(seconds=1),
    )
    orders = Orders(settings=settings, clock=clock, defects=str(folder / "defects"), die=die)
    service = Lives(orders=orders, twilio=twilio, sender=sender, hooked=hooked)
    async with asyncio.TaskGroup() as group:
        living = group.create_task(service.live())
        yield service
        living.cancel()


def _free_port() -> int:
    """A port that stays free between two lives: below those that the system gives to connections."""
    while True:
        try:
            with socket.create_server(("127.0.0.1", random.randrange(*_PORTS))) as free:
                port: int = free.getsockname()[1]
                return port
        except OSError:
            continue


@dataclass(slots=True, kw_only=True)
class Caller:
    """One request, made again with its key until its end is known. `end` is its terminal event, `streams` what it saw.

    A stream that told nothing yet goes by the key.
    """

    service: Lives
    key: str
    phone: str
    seconds: int
    asks: bool = True
    cancels: bool = False
    acknowledged: list[str] = field(default_factory=list)
    end: Step | None = None
    streams: list[Seen] = field(default_factory=list)

    async def run(self) -> None:
        """Call until the end."""
        while self.end is None:
            stub = await self.service.stub()
            try:
                await self._attempt(stub)
            except grpc.aio.AioRpcError as error:
                refused = failure_of(error).metadata.get("message_id")
                if refused is not None:  # Twilio did, and the message says so
                    self.acknowledged.append(refused)
                elif error.code() not in _GOES_ON:
                    raise
                await asyncio.sleep(0.05)

    async def _attempt(self, stub: "SmsServiceAsyncStub") -> None:
        """Watch what was acknowledged, or ask again with the key: both must show the same."""
        if len(self.acknowledged) % 2:
            after = self._last()
            request = pb.WatchMessageRequest(message_id=self.acknowledged[-1], after_sequence=after)
            await self._follow(stub, stub.WatchMessage(request, timeout=30), after)
            return
        said = {"request_id": self.key, "sms": {"recipient": self.phone, "body": f"[{self.key}] Isolate the host?"}}
        if self.asks:
            asked = ParseDict(said | {"wait": waiting("yes", "no", seconds=self.seconds)}, pb.SendSmsAndWaitRequest())
            await self._follow(stub, stub.SendSmsAndWait(asked, timeout=30), 0)
        else:
            sent = await stub.SendSms(ParseDict(said, pb.SendSmsRequest()), timeout=30)
            self.acknowledged.append(sent.message.message_id)

    async def _follow(self, stub: "SmsServiceAsyncStub", call: Any, after: int) -> None:
        seen = Seen(message_id=self.key, after=after)
        self.streams.append(seen)
        async for answer in call:
            event = answer.event
            if event.WhichOneof("kind") == "heartbeat":
                continue
            if not seen.steps:
                seen.message_id = event.message_id
                self.acknowledged.append(event.message_id)
            seen.steps.append(told_by_client(event))
            if event.terminal:
                self.end = seen.steps[-1]
            elif self.cancels and event.sequence > 1:
                await stub.CancelWait(pb.CancelWaitRequest(message_id=event.message_id), timeout=10)
        seen.ended = True

    def _last(self) -> int:
        return max((seen.steps[-1].sequence for seen in self.streams if seen.steps), default=0)
