"""From what client and store speak to the words of `history`."""

import re

from tests.support.history import Step, Stored
from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback_server.domain.events import Event, Failed, OptedOut, ReplyReceived, ReplyRejected, StatusChanged
from textback_server.domain.messages import Message
from textback_server.store.protocol import InboundFilter, MessageFilter, Store

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")
_ALL = 100_000


def told_by_store(event: Event) -> Step:
    """An event of the store."""
    match event.what:
        case StatusChanged(state=state, twilio_sid=sid):
            detail = f"{state} {sid}".rstrip()
        case ReplyReceived(reply=reply):
            detail = reply.twilio_sid
        case ReplyRejected(twilio_sid=sid) | OptedOut(twilio_sid=sid):
            detail = sid
        case Failed(state=state):
            detail = str(state)
        case _:
            detail = ""
    kind = _HUMP.sub("_", type(event.what).__name__).lower()
    return Step(sequence=event.sequence, kind=kind, detail=detail, terminal=event.terminal)


def told_by_client(event: event_pb.SmsEvent) -> Step:
    """An event of a stream."""
    kind = event.WhichOneof("kind") or ""
    match kind:
        case "status_changed":
            detail = f"{_state(event.status_changed.state)} {event.status_changed.twilio_sid}".rstrip()
        case "reply_received":
            detail = event.reply_received.reply.twilio_sid
        case "reply_rejected" | "opted_out":
            detail = getattr(event, kind).twilio_sid
        case "failed":
            detail = _state(event.failed.state)
        case _:
            detail = ""
    return Step(sequence=event.sequence, kind=kind, detail=detail, terminal=event.terminal)


async def stored_messages(store: Store, account: str) -> tuple[Stored, ...]:
    """All messages of an account, with their events."""
    page = await store.messages(MessageFilter(account=account), None, _ALL)
    return tuple([await _stored(store, message) for message in page.rows])


async def stored_inbound(store: Store, account: str) -> tuple[str, ...]:
    """The SIDs of all that was texted to an account."""
    page = await store.inbound(InboundFilter(account=account), None, _ALL)
    return tuple(sms.twilio_sid for sms in page.rows)


async def _stored(store: Store, message: Message) -> Stored:
    events = await store.events(message.id, 0, _ALL)
    wait = message.wait
    return Stored(
        id=message.id,
        key=message.request_id,
        recipient=message.sms.recipient,
        code=wait.code if wait else "",
        twilio_sid=message.twilio_sid,
        answered_by=wait.reply.twilio_sid if wait and wait.reply else "",
        steps=tuple(map(told_by_store, events)),
    )


def _state(state: message_pb.MessageState.ValueType) -> str:
    return message_pb.MessageState.Name(state).removeprefix("MESSAGE_STATE_")
