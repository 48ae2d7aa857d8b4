"""The control API's own JSON: what the page, the command and tests read."""

from collections.abc import Mapping

from twilio_emulator.journal import Entry
from twilio_emulator.rules import MEANINGS
from twilio_emulator.segments import measure
from twilio_emulator.world import Delivery, Message, World


def message_view(message: Message) -> dict[str, object]:
    """Write a message from the person's side: `phone` is the person, `number` is ours."""
    size = measure(message.body)
    return {
        "sid": message.sid,
        "id": message.position,
        "phone": message.phone,
        "number": message.number,
        "direction": message.direction,
        "body": message.body,
        "media": message.media,
        "status": message.status,
        "error_code": message.error_code,
        "error_meaning": MEANINGS.get(message.error_code) if message.error_code else None,
        "encoding": size.encoding,
        "segments": size.segments,
        "created": message.created.isoformat(),
        "updated": message.updated.isoformat(),
        "webhook": delivery_view(message.delivery),
    }


def delivery_view(delivery: Delivery | None) -> dict[str, object] | None:
    """Write how a webhook went. The URL's query may hold a signature of the application, so it is left out."""
    if delivery is None:
        return None
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


def entry_view(entry: Entry) -> Mapping[str, object]:
    """Write a journal entry."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "message": message_view(entry.message) if entry.message else None,
        "delivery": delivery_view(entry.delivery),
    }


def phone_view(world: World, phone: str) -> dict[str, object]:
    """Write one phone: its newest message, how many there are, and which of our numbers it refuses."""
    messages = world.conversation(phone)
    return {
        "phone": phone,
        "messages": len(messages),
        "last": message_view(messages[-1]) if messages else None,
        "blocked": world.blocked_numbers(phone),
    }
