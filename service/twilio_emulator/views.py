"""The control API's own JSON: what the page, the command and tests read."""

from collections.abc import Mapping, Sequence

from typing_extensions import TypedDict  # typing's own is not enough for pydantic before Python 3.12

from twilio_emulator.deliveries import Record
from twilio_emulator.journal import Entry, Note
from twilio_emulator.rules import MEANINGS
from twilio_emulator.segments import measure
from twilio_emulator.waits import Wait
from twilio_emulator.world import Delivery, Message, World


class DeliveryView(TypedDict):
    """How a call to the application went. The URL is without its query, which may hold a secret of the application."""

    message_sid: str
    purpose: str
    url: str
    ok: bool
    status: int | None
    error: str | None
    milliseconds: int
    attempts: int


class MessageView(TypedDict):
    """A message from the person's side: `phone` is the person, `number` is ours."""

    sid: str
    id: int
    phone: str
    number: str | None
    direction: str
    body: str
    media: int
    status: str
    error_code: int | None
    error_meaning: str | None
    encoding: str
    segments: int
    created: str
    updated: str
    webhook: DeliveryView | None


class WaitView(TypedDict):
    """An open question, or one that has closed: `code` answers it, `by` is who asked."""

    id: str
    phone: str
    code: str
    until: str
    asked: str
    by: str
    open: bool


class PhoneView(TypedDict):
    """A phone: its name if a seed gave one, its newest message, how many there are, which of our numbers it refuses.

    `waits` are the open questions to it, as far as whoever is under test tells.
    """

    phone: str
    name: str
    messages: int
    last: MessageView | None
    blocked: list[str]
    waits: list[WaitView]


class RequestView(TypedDict):
    """What was posted to the application, and the signature that it carried."""

    url: str
    form: dict[str, str]
    signature: str


class ResponseView(TypedDict):
    """What the application answered; of a long body the beginning."""

    status: int
    content_type: str
    body: str


class RecordView(TypedDict):
    """An entry of the delivery log. `again` is the id of the entry that it repeats, `fault` what was done to it."""

    id: int
    started: str
    message_sid: str
    purpose: str
    ok: bool
    error: str | None
    milliseconds: int
    attempts: int
    fault: str | None
    again: int | None
    request: RequestView
    response: ResponseView | None


class NoteView(TypedDict):
    """A line of the trace that is no message, status or call: who says it, when, of which message or phone."""

    source: str
    text: str
    message_sid: str | None
    phone: str | None
    time: str | None
    wait: WaitView | None


class EntryView(TypedDict):
    """An entry of the journal; `time` is the machine's."""

    id: int
    time: str
    kind: str
    message: MessageView | None
    delivery: DeliveryView | None
    note: NoteView | None


def message_view(message: Message) -> MessageView:
    """Write a message from the person's side."""
    size = measure(message.body)
    return {
        "sid": message.sid,
        "id": message.position,
        "phone": message.phone,
        "number": message.number,
        "direction": message.direction,
        "body": message.body,
        "media": len(message.media),
        "status": message.status,
        "error_code": message.error_code,
        "error_meaning": MEANINGS.get(message.error_code) if message.error_code else None,
        "encoding": size.encoding,
        "segments": size.segments,
        "created": message.created.isoformat(),
        "updated": message.updated.isoformat(),
        "webhook": delivery_view(message.delivery) if message.delivery else None,
    }


def delivery_view(delivery: Delivery) -> DeliveryView:
    """Write how a webhook went."""
    return {
        "message_sid": delivery.message_sid,
        "purpose": delivery.purpose,
        "url": delivery.url.partition("?")[0],
        "ok": delivery.ok,
        "status": delivery.status,
        "error": delivery.error,
        "milliseconds": delivery.milliseconds,
        "attempts": delivery.attempts,
    }


def record_view(record: Record) -> RecordView:
    """Write an entry of the delivery log."""
    delivery, answer = record.delivery, record.answer
    return {
        "id": record.id,
        "started": record.started.isoformat(),
        "message_sid": record.message.sid,
        "purpose": record.purpose,
        "ok": delivery.ok,
        "error": delivery.error,
        "milliseconds": delivery.milliseconds,
        "attempts": delivery.attempts,
        "fault": record.fault,
        "again": record.again,
        "request": {"url": delivery.url.partition("?")[0], "form": dict(record.form), "signature": record.signature},
        "response": {"status": answer.status, "content_type": answer.content_type, "body": answer.body}
        if answer
        else None,
    }


def entry_view(entry: Entry) -> EntryView:
    """Write a journal entry."""
    note = entry.note
    return {
        "id": entry.id,
        "time": entry.time.isoformat(),
        "kind": entry.kind,
        "message": message_view(entry.message) if entry.message else None,
        "delivery": delivery_view(entry.delivery) if entry.delivery else None,
        "note": note_view(note) if note else None,
    }


def note_view(note: Note) -> NoteView:
    """Write a line of the trace."""
    return {
        "source": note.source,
        "text": note.text,
        "message_sid": note.message_sid,
        "phone": note.phone,
        "time": note.time.isoformat() if note.time else None,
        "wait": wait_view(note.wait) if note.wait else None,
    }


def wait_view(wait: Wait) -> WaitView:
    """Write a question."""
    return {
        "id": wait.id,
        "phone": wait.phone,
        "code": wait.code,
        "until": wait.until.isoformat(),
        "asked": wait.asked.isoformat(),
        "by": wait.by,
        "open": wait.open,
    }


def phone_view(world: World, phone: str, names: Mapping[str, str], waits: Sequence[Wait]) -> PhoneView:
    """Write one phone; `names` are those of the contacts, `waits` the open questions to it."""
    messages = world.conversation(phone)
    return {
        "phone": phone,
        "name": names.get(phone, ""),
        "messages": len(messages),
        "last": message_view(messages[-1]) if messages else None,
        "blocked": world.blocked_numbers(phone),
        "waits": [wait_view(wait) for wait in waits],
    }
