"""SmsService: turns calls into requests to the desk, and its answers into protobuf."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import grpc

from textback.v1 import sms_service_pb2 as pb
from textback_server.api import convert
from textback_server.api.checks import Checks
from textback_server.api.errors import refusal_of
from textback_server.api.lists import inbound_filter, message_filter
from textback_server.api.pages import Pager, fitting, size
from textback_server.api.requests import Rules, SendRequest, Stamp, draft_of, refuse_blind_retry
from textback_server.domain.drafts import Draft
from textback_server.domain.errors import Refusal
from textback_server.domain.events import Event
from textback_server.domain.messages import Message
from textback_server.domain.reasons import Reason
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.clock import Clock
from textback_server.engine.desk import Desk
from textback_server.engine.follow import Heartbeat, Streams
from textback_server.engine.strangers import Strangers
from textback_server.gateway.accounts import Account, Accounts
from textback_server.gateway.ping_warnings import SENDER_SHARED
from textback_server.gateway.protocol import Gateway
from textback_server.store.protocol import InboundFilter, Key, Store

PATIENCE = 15.0
"""Seconds that SendSms waits for Twilio's answer."""
_SPOKE = 50
"""Inbound SMS that GetMessage shows."""
_MARGIN = 0.2
"""Seconds before the caller's deadline at which SendSms answers with what it knows."""

if TYPE_CHECKING:  # grpc's own class takes no parameters when run
    Context = grpc.aio.ServicerContext[Any, Any]

Response = type[pb.SendSmsAndWaitResponse] | type[pb.WatchMessageResponse]


class Servicer:
    """The eight calls, by their names. Those that stream write to their context."""

    def __init__(
        self,
        *,
        desk: Desk,
        streams: Streams,
        store: Store,
        gateway: Gateway,
        accounts: Accounts,
        callbacks: Callbacks,
        rules: Rules,
        strangers: Strangers,
        polls: bool,
        clock: Clock,
    ) -> None:
        """`polls`: replies are also looked for in Twilio's list."""
        self._strangers = strangers
        self._polls = polls
        self._desk = desk
        self._streams = streams
        self._store = store
        self._gateway = gateway
        self._accounts = accounts
        self._callbacks = callbacks
        self._rules = rules
        self._clock = clock

    async def Ping(self, request: pb.PingRequest, context: Context) -> pb.PingResponse:  # noqa: ARG002, N802
        """Prove that credentials and sender work, now."""
        account = self._accounts.pick(request.account)
        pong = await self._gateway.probe(account.name, self._callbacks.inbound_url(account.name))
        if self._strangers.shared(account.name, pong.sender, self._clock()):
            pong = replace(pong, warnings=(*pong.warnings, SENDER_SHARED))
        return convert.pong(pong, account.name)

    async def SendSms(self, request: pb.SendSmsRequest, context: Context) -> pb.SendSmsResponse:  # noqa: N802
        """Hand one SMS to Twilio; answer when Twilio did, or when patience ends."""
        draft = self._draft(request, context)
        left = context.time_remaining()
        patience = PATIENCE if left is None else max(0.0, min(PATIENCE, left - _MARGIN))
        message = await self._desk.send(draft, patience)
        if refusal := refusal_of(message):
            raise refusal
        return pb.SendSmsResponse(message=convert.message(message))

    async def SendSmsAndWait(self, request: pb.SendSmsAndWaitRequest, context: Context) -> None:  # noqa: N802
        """Hand one SMS over and stream what becomes of it."""
        message = await self._desk.accept(self._draft(request, context))
        await self._follow(message, 0, pb.SendSmsAndWaitResponse, context)

    async def WatchMessage(self, request: pb.WatchMessageRequest, context: Context) -> None:  # noqa: N802
        """Replay a message's events after a sequence number, then go on live."""
        message = await self._named(request.account, request.message_id)
        if request.after_sequence > message.sequence:
            raise Refusal(
                Reason.SEQUENCE_BEYOND_END,
                f"after_sequence: {request.after_sequence} is beyond the newest event, {message.sequence}.",
                metadata={"last_sequence": str(message.sequence)},
            )
        await self._follow(message, request.after_sequence, pb.WatchMessageResponse, context)

    async def GetMessage(self, request: pb.GetMessageRequest, context: Context) -> pb.GetMessageResponse:  # noqa: ARG002, N802
        """Read one message."""
        message = await self._named(request.account, request.message_id)
        spoke = InboundFilter(account=message.account, message_id=message.id)
        page = await self._store.inbound(spoke, None, _SPOKE)
        return pb.GetMessageResponse(
            message=convert.message(message), inbound=[convert.inbound(row) for row in page.rows]
        )

    async def ListMessages(self, request: pb.ListMessagesRequest, context: Context) -> pb.ListMessagesResponse:  # noqa: ARG002, N802
        """List messages, newest first."""
        account, checks = self._accounts.pick(request.account), Checks()
        where = message_filter(checks, request, account.name)
        pager, limit = Pager(repr(where)), size(checks, request.page_size)
        key = pager.key(checks, request.page_token)
        checks.finish()
        page = await self._store.messages(where, key, limit)
        rows = [convert.message(row) for row in page.rows]
        if (count := fitting(rows)) == len(rows):
            return pb.ListMessagesResponse(messages=rows, next_page_token=pager.token(page.next))
        last = page.rows[count - 1]
        here = pager.token(Key(time=last.create_time, id=last.id))
        return pb.ListMessagesResponse(messages=rows[:count], next_page_token=here)

    async def ListInbound(self, request: pb.ListInboundRequest, context: Context) -> pb.ListInboundResponse:  # noqa: ARG002, N802
        """List inbound SMS, newest first."""
        account, checks = self._accounts.pick(request.account), Checks()
        where = inbound_filter(checks, request, account.name)
        pager, limit = Pager(repr(where)), size(checks, request.page_size)
        key = pager.key(checks, request.page_token)
        checks.finish()
        page = await self._store.inbound(where, key, limit)
        rows = [convert.inbound(row) for row in page.rows]
        if (count := fitting(rows)) == len(rows):
            return pb.ListInboundResponse(inbound=rows, next_page_token=pager.token(page.next))
        last = page.rows[count - 1]
        here = pager.token(Key(time=last.receive_time, id=last.twilio_sid))
        return pb.ListInboundResponse(inbound=rows[:count], next_page_token=here)

    async def CancelWait(self, request: pb.CancelWaitRequest, context: Context) -> pb.CancelWaitResponse:  # noqa: ARG002, N802
        """Stop waiting for a reply."""
        account = self._accounts.pick(request.account)
        _require_id(request.message_id)
        message = await self._desk.cancel(account.name, request.message_id)
        return pb.CancelWaitResponse(message=convert.message(message))

    def _draft(self, request: SendRequest, context: Context) -> Draft:
        account = self._accounts.pick(request.account)
        if not request.request_id:
            refuse_blind_retry(_previous_attempts(context))
        message_id, now = self._desk.stamp()
        stamp = Stamp(id=message_id, time=now, prefix=self._gateway.prefix(account.name))
        draft = draft_of(request, account, stamp, self._rules)
        if draft.terms is not None:
            self._require_inbound_path(account)
        return draft

    def _require_inbound_path(self, account: Account) -> None:
        if self._callbacks.inbound_url(account.name) is None and not self._polls:
            raise Refusal(
                Reason.NO_INBOUND_PATH,
                "No reply could ever reach this service: set TEXTBACK_PUBLIC_URL to the address at which Twilio "
                "reaches it and let the sender's inbound webhook point there, or set TEXTBACK_POLLING to on.",
            )

    async def _named(self, account: str, message_id: str) -> Message:
        name = self._accounts.pick(account).name
        _require_id(message_id)
        return await self._desk.get(name, message_id)

    async def _follow(self, message: Message, after: int, response: Response, context: Context) -> None:
        begun = False

        async def write(what: Event | Heartbeat) -> None:
            nonlocal begun
            if not begun:
                # By itself: were it sent with a message that nobody reads, grpc could not tell the client of any end.
                await context.send_initial_metadata(())
                begun = True
            if isinstance(what, Heartbeat):
                event = convert.heartbeat(what, message, self._clock())
            else:
                event = convert.event(what, message)
            await context.write(response(event=event))

        await self._streams.follow(message, after, write)


def _require_id(message_id: str) -> None:
    checks = Checks()
    checks.text("message_id", message_id, least=1, most=64)
    checks.finish()


def _previous_attempts(context: Context) -> int:
    for key, value in context.invocation_metadata() or ():
        if key == "grpc-previous-rpc-attempts":
            return int(value) if str(value).isdigit() else 1
    return 0
