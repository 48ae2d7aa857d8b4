"""Stored values ↔ domain values: columns for what is searched for, JSON text for the rest, times in microseconds.

A field at its default is not written, one that is absent gets its default, an unknown one is passed over: a value
outlives its class's next version, and defaults of stored classes are for ever. So are names of event kinds, those of
their classes.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter
from pydantic_core import from_json

from textback_server.domain.events import Event, Happening
from textback_server.domain.messages import Inbound, Message, MessageId, Result
from textback_server.store.protocol import StoreUnavailable

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


MessageRow = tuple[str, str, str, bytes, str, str, str, str, str | None, int, int, str]
"""What a query that is `whole` brings of a message."""

EventRow = tuple[int, int, str, str, str | None]
"""Sequence, time, kind, content, result."""

_NAMES = (
    "id", "account", "request_id", "request_hash", "recipient", "sender", "twilio_sid", "state", "wait_state",
    "create_time", "revision", "content",
)  # fmt: skip
_COLUMNS = ", ".join(f"messages.{name}" for name in _NAMES)

# Columns hold these; in the content they would be there twice.
_BESIDE: Any = {
    "id": True, "account": True, "request_id": True, "request_hash": True, "twilio_sid": True, "state": True,
    "create_time": True, "revision": True, "sms": {"recipient", "sender"}, "wait": {"state"},
}  # fmt: skip

_MESSAGE = TypeAdapter(Message)
_INBOUND = TypeAdapter(Inbound)
_RESULT = TypeAdapter(Result)
_KINDS: Mapping[str, TypeAdapter[Happening]] = MappingProxyType(
    {kind.__name__: TypeAdapter(kind) for kind in get_args(Happening)}
)


def microseconds(time: datetime) -> int:
    """An aware time as microseconds since 1970, exactly."""
    return (time - EPOCH) // MICROSECOND


def time_of(stamp: int) -> datetime:
    """The UTC time of `microseconds`."""
    return EPOCH + stamp * MICROSECOND


def whole(sql: str) -> str:
    """The query with its `*` spelt out: what `load_message` takes."""
    return sql.replace("*", _COLUMNS, 1)


def dump_message(message: Message) -> str:
    """What no column has of a message, as JSON."""
    # Labels are any Mapping: `fallback` writes those that are not a dict, and the warning about them is moot.
    content = _MESSAGE.dump_json(message, exclude=_BESIDE, fallback=dict, warnings=False, exclude_defaults=True)
    return content.decode()


def load_message(row: MessageRow) -> Message:
    """The message of a row. Raises StoreUnavailable if it cannot be read."""
    return _checked(lambda: _MESSAGE.validate_python(_joined(row)))


def _joined(row: MessageRow) -> dict[str, Any]:
    """Columns and content as one."""
    given: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    kept: dict[str, Any] = from_json(given.pop("content"))
    kept["sms"] |= {"recipient": given.pop("recipient"), "sender": given.pop("sender")}
    if (wait_state := given.pop("wait_state")) is not None:
        kept["wait"]["state"] = wait_state
    return kept | given | {"create_time": time_of(given["create_time"])}


def dump_inbound(inbound: Inbound) -> str:
    """All of an inbound SMS as JSON."""
    return _INBOUND.dump_json(inbound, exclude_defaults=True).decode()


def load_inbound(content: str) -> Inbound:
    """The inbound SMS that `dump_inbound` wrote. Raises StoreUnavailable if it cannot be read."""
    return _checked(lambda: _INBOUND.validate_json(content))


def dump_event(event: Event) -> EventRow:
    """An event as a row."""
    kind = type(event.what).__name__
    content = _KINDS[kind].dump_json(event.what, exclude_defaults=True).decode()
    result = None if event.result is None else _RESULT.dump_json(event.result, exclude_defaults=True).decode()
    return event.sequence, microseconds(event.time), kind, content, result


def load_event(message_id: str, row: EventRow) -> Event:
    """The event that `dump_event` wrote. Raises StoreUnavailable if it cannot be read."""
    sequence, stamp, kind, content, result = row
    if kind not in _KINDS:
        raise _unreadable()
    return Event(
        message_id=MessageId(message_id),
        sequence=sequence,
        time=_checked(lambda: time_of(stamp)),
        what=_checked(lambda: _KINDS[kind].validate_json(content)),
        result=None if result is None else _checked(lambda: _RESULT.validate_json(result)),
    )


def _checked(load: Callable[[], T]) -> T:
    try:
        return load()
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):  # what pydantic raises is a ValueError
        raise _unreadable() from None  # their texts would quote the row


def _unreadable() -> StoreUnavailable:
    return StoreUnavailable("A stored row cannot be read: it was written by another version, or is damaged.")
