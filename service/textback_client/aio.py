"""The asyncio client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Self, Unpack

import grpc

from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_event_pb2 import SmsEvent
from textback.v1.sms_message_pb2 import InboundSms, Result, SmsMessage
from textback.v1.sms_service_pb2_grpc import SmsServiceStub
from textback_client import channel as channels
from textback_client import requests
from textback_client.errors import TextbackError, decode, decoded
from textback_client.resume import Resume
from textback_client.retries import Retries

if TYPE_CHECKING:
    # Exists for type checkers only.
    from textback.v1.sms_service_pb2_grpc import SmsServiceAsyncStub


class EventStream:
    """One message's events, each once, across broken connections.

    `Textback.ask` and `Textback.watch` make it. Iterate over it, or await `result()`, or both:
    iterating again goes on where the last iteration stopped. Leaving it changes nothing for the question.
    """

    def __init__(self, stub: SmsServiceAsyncStub, resume: Resume, metadata: tuple[tuple[str, str], ...]) -> None:
        self._stub = stub
        self._resume = resume
        self._metadata = metadata

    @property
    def request_id(self) -> str:
        """The idempotency key; empty for `watch`."""
        return self._resume.request_id

    @property
    def message_id(self) -> str:
        """The message; empty before the first event."""
        return self._resume.message_id

    @property
    def trouble(self) -> TextbackError | None:
        """Why the stream is being reconnected right now; None while it flows."""
        return self._resume.trouble

    async def __aiter__(self) -> AsyncIterator[SmsEvent]:
        """Yield the events, heartbeats included, until the terminal one.

        Raises:
            TextbackError: the call can never succeed, or patience or deadline have ended.
        """
        resume = self._resume
        resume.start(time.monotonic())
        while not resume.ended:
            call = self._call()
            broken: grpc.aio.AioRpcError | None = None
            try:
                async for response in call:
                    if resume.accept(response.event, time.monotonic()):
                        yield response.event
                    if resume.ended:
                        return
            except grpc.aio.AioRpcError as error:
                broken = error
            finally:
                # gRPC does not cancel a call whose iteration is left.
                call.cancel()
            await asyncio.sleep(resume.broken(broken, time.monotonic()))

    async def result(self) -> Result:
        """Wait for the end and return how the message ended.

        Raises:
            TextbackError: as for iteration.
        """
        async for _ in self:
            pass
        return self._resume.result

    def _call(
        self,
    ) -> (
        grpc.aio.UnaryStreamCall[pb.SendSmsAndWaitRequest, pb.SendSmsAndWaitResponse]
        | grpc.aio.UnaryStreamCall[pb.WatchMessageRequest, pb.WatchMessageResponse]
    ):
        remaining = self._resume.remaining(time.monotonic())
        match self._resume.next_call():
            case pb.SendSmsAndWaitRequest() as request:
                return self._stub.SendSmsAndWait(request, timeout=remaining, metadata=self._metadata)
            case pb.WatchMessageRequest() as request:
                return self._stub.WatchMessage(request, timeout=remaining, metadata=self._metadata)


class Textback:
    """A textback service, for asyncio programs.

    Use it as an async context manager, or call `close`. Safe for any number of concurrent calls on one event loop.
    """

    def __init__(
        self,
        server: str,
        *,
        account: str = "",
        token: str | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        plaintext: bool | None = None,
        timeout: float = 30.0,
        patience: float = 60.0,
        options: Sequence[tuple[str, str | int]] = (),
    ) -> None:
        """Prepare a client; it connects with the first call.

        Args:
            server: "host:port" or "unix:path".
            account: the account to use where a call names none; empty for the server's default.
            token: sent as `authorization: Bearer`.
            credentials: TLS credentials; without them loopback and unix addresses are plaintext, others TLS.
            plaintext: overrides that choice.
            timeout: seconds for a unary call.
            patience: seconds of silence from the server after which a stream or a send gives up, counted from the
                question's end while one is open.
            options: further gRPC channel options.

        Raises:
            ValueError: the choices contradict each other.
        """
        self._target = channels.target(
            server, credentials=credentials, plaintext=plaintext, token=token, options=options
        )
        self._account = account
        self._metadata = channels.metadata(token)
        self._timeout = timeout
        self._patience = patience

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        await self.close()

    async def close(self) -> None:
        """Close the connection and end all calls. Questions stay open."""
        await self.channel.close()

    @cached_property
    def channel(self) -> grpc.aio.Channel:
        """The gRPC channel, for calls that this client does not wrap."""
        to = self._target
        if to.credentials is None:
            return grpc.aio.insecure_channel(to.server, options=to.options)
        return grpc.aio.secure_channel(to.server, to.credentials, options=to.options)

    @cached_property
    def _stub(self) -> SmsServiceAsyncStub:
        return SmsServiceStub(self.channel)

    def ask(
        self, recipient: str, body: str = "", *, deadline: float | None = None, **options: Unpack[requests.AskOptions]
    ) -> EventStream:
        """Ask a person by SMS; the question is sent when the stream is first read. A template replaces the body.

        `deadline` is how many seconds this stream may take in all, None for as long as the question is open.

        Raises:
            TypeError, ValueError: an option is of no use; said before anything is sent.
        """
        return self._stream(requests.ask_request(recipient, body, self._account, options), deadline)

    def watch(
        self, message_id: str, *, after_sequence: int = 0, account: str | None = None, deadline: float | None = None
    ) -> EventStream:
        """Follow a message's events after a sequence number: first the stored ones, then live."""
        account = self._account if account is None else account
        first = pb.WatchMessageRequest(account=account, message_id=message_id, after_sequence=after_sequence)
        return self._stream(first, deadline)

    async def send(self, recipient: str, body: str = "", **options: Unpack[requests.SendOptions]) -> SmsMessage:
        """Hand one SMS to Twilio and return the stored message; repeated with its request_id where that helps.

        A template replaces the body.

        Raises:
            TextbackError: refused, or out of patience.
            TypeError, ValueError: `data` is no JSON.
        """
        request = requests.send_request(recipient, body, self._account, options)
        retries = Retries(patience=self._patience)
        retries.start(time.monotonic())
        while True:
            try:
                return (await self._stub.SendSms(request, timeout=self._timeout, metadata=self._metadata)).message
            except grpc.aio.AioRpcError as error:
                failure = decode(error, request_id=request.request_id)
            await asyncio.sleep(retries.pause(failure, time.monotonic()))

    async def ping(self, *, account: str | None = None, timeout: float | None = None) -> pb.PingResponse:
        """Prove that the account's Twilio credentials and sender work, right now. Sends nothing."""
        request = pb.PingRequest(account=self._account if account is None else account)
        with decoded():
            return await self._stub.Ping(request, timeout=timeout or self._timeout, metadata=self._metadata)

    async def get(self, message_id: str, *, account: str | None = None) -> SmsMessage:
        """Read one message."""
        request = pb.GetMessageRequest(account=self._account if account is None else account, message_id=message_id)
        with decoded():
            return (await self._stub.GetMessage(request, timeout=self._timeout, metadata=self._metadata)).message

    async def cancel(self, message_id: str, *, account: str | None = None) -> SmsMessage:
        """Stop waiting for a reply and return the message. Nothing unsends an SMS."""
        request = pb.CancelWaitRequest(account=self._account if account is None else account, message_id=message_id)
        with decoded():
            return (await self._stub.CancelWait(request, timeout=self._timeout, metadata=self._metadata)).message

    async def list(self, **where: Unpack[requests.MessageFilter]) -> AsyncIterator[SmsMessage]:
        """Yield messages, newest first, page after page."""
        request = requests.list_request(self._account, where)
        while True:
            with decoded():
                page = await self._stub.ListMessages(request, timeout=self._timeout, metadata=self._metadata)
            for message in page.messages:
                yield message
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def list_inbound(self, **where: Unpack[requests.InboundFilter]) -> AsyncIterator[InboundSms]:
        """Yield inbound SMS, matched or not, newest first, page after page."""
        request = requests.inbound_request(self._account, where)
        while True:
            with decoded():
                page = await self._stub.ListInbound(request, timeout=self._timeout, metadata=self._metadata)
            for inbound in page.inbound:
                yield inbound
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def _stream(self, first: pb.SendSmsAndWaitRequest | pb.WatchMessageRequest, deadline: float | None) -> EventStream:
        retries = Retries(patience=self._patience, deadline=deadline)
        return EventStream(self._stub, Resume(first, retries), self._metadata)
