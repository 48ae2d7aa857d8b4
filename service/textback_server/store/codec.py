"""Stored values ↔ domain values: JSON text for what is kept, integer microseconds for what is compared.

A field at its default is not written, one that is absent gets its default, an unknown one is passed over: a value
outlives its class's next version, and defaults of stored classes are for ever. So are names of event kinds, those of
their classes.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TypeVar, get_args

from pydantic import ConfigDict, RootModel, TypeAdapter, ValidationError

from textback_server.domain.events import Event, Happening
from textback_server.domain.messages import Inbound, Message, MessageId, Result
from textback_server.store.protocol import StoreUnavailable

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class _StoredMessage(RootModel[Message]):
    """Only for its settings: `request_hash` is bytes, which JSON has not."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


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


def dump_message(message: Message) -> str:
    """All of a message as JSON."""
    # Labels are any Mapping: `fallback` writes those that are not a dict, and the warning about them is moot.
    return _StoredMessage(message).model_dump_json(fallback=dict, warnings=False, exclude_defaults=True)


def load_message(content: str) -> Message:
    """The message that `dump_message` wrote. Raises StoreUnavailable if it cannot be read."""
    return _checked(lambda: _StoredMessage.model_validate_json(content).root)


def dump_inbound(inbound: Inbound) -> str:
    """All of an inbound SMS as JSON."""
    return _INBOUND.dump_json(inbound, exclude_defaults=True).decode()


def load_inbound(content: str) -> Inbound:
    """The inbound SMS that `dump_inbound` wrote. Raises StoreUnavailable if it cannot be read."""
    return _checked(lambda: _INBOUND.validate_json(content))


def dump_event(event: Event) -> tuple[str, int, int, str, str, str | None]:
    """An event as the row (message_id, sequence, time, kind, content, result)."""
    kind = type(event.what).__name__
    content = _KINDS[kind].dump_json(event.what, exclude_defaults=True).decode()
    result = None if event.result is None else _RESULT.dump_json(event.result, exclude_defaults=True).decode()
    return event.message_id, event.sequence, microseconds(event.time), kind, content, result


def load_event(row: tuple[str, int, int, str, str, str | None]) -> Event:
    """The event that `dump_event` wrote. Raises StoreUnavailable if it cannot be read."""
    message_id, sequence, stamp, kind, content, result = row
    if kind not in _KINDS:
        raise _unreadable()
    return Event(
        message_id=MessageId(message_id),
        sequence=sequence,
        time=time_of(stamp),
        what=_checked(lambda: _KINDS[kind].validate_json(content)),
        result=None if result is None else _checked(lambda: _RESULT.validate_json(result)),
    )


def _checked(load: Callable[[], T]) -> T:
    try:
        return load()
    except ValidationError:
        raise _unreadable() from None  # pydantic's text would quote the row


def _unreadable() -> StoreUnavailable:
    return StoreUnavailable("A stored row cannot be read: it was written by another version, or is damaged.")
