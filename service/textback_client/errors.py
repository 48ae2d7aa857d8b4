"""The one error type, decoded from the google.rpc.Status that textback attaches to every failure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

_STATUS_DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that is wrong with a request."""

    field: str
    """Path of the field, e.g. `sms.recipient`."""
    description: str
    """What it was and what it may be."""


@dataclass(kw_only=True, eq=False)
class TextbackError(Exception):
    """A call failed for good: repeating it as it is does not help, or the client's patience or deadline has ended.

    The question itself may well be open still: what was sent stays sent.
    """

    code: grpc.StatusCode
    """The gRPC status code."""
    message: str
    """One full sentence."""
    reason: str = ""
    """Stable UPPER_SNAKE word from docs/errors.md. Empty if the failure is not textback's own, e.g. no connection."""
    violations: tuple[Violation, ...] = ()
    """All fields that are wrong."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Details, e.g. `message_id` or Twilio's error code; `request_id` is added by this client."""
    help_url: str = ""
    """A page about the failure, often Twilio's."""
    retry_after: float | None = None
    """Seconds after which the server says a repetition may succeed. None if it did not say."""

    def __str__(self) -> str:
        """Return code, reason and sentence."""
        return f"{self.code.name}{f' {self.reason}' if self.reason else ''}: {self.message}"


def decode(call: grpc.RpcError, *, request_id: str = "") -> TextbackError:
    """Turn a gRPC error into a `TextbackError`; details that cannot be read are left out."""
    error = TextbackError(code=call.code(), message=call.details() or "")
    metadata = {"request_id": request_id} if request_id else {}
    for detail in _details(call):
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo.FromString(detail.value)
            error.reason = info.reason
            metadata |= dict(info.metadata)
        elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            bad = error_details_pb2.BadRequest.FromString(detail.value)
            error.violations = tuple(
                Violation(field=each.field, description=each.description) for each in bad.field_violations
            )
        elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            delay = error_details_pb2.RetryInfo.FromString(detail.value).retry_delay
            error.retry_after = delay.seconds + delay.nanos / 1e9
        elif detail.Is(error_details_pb2.Help.DESCRIPTOR):
            links = error_details_pb2.Help.FromString(detail.value).links
            error.help_url = links[0].url if links else ""
    error.metadata = metadata
    return error


@contextmanager
def decoded() -> Iterator[None]:
    """Turn a gRPC error, blocking or asyncio, into a `TextbackError`."""
    try:
        yield
    except grpc.RpcError as error:
        raise decode(error) from None


def _details(call: grpc.RpcError) -> Iterable[Any]:
    trailing = cast("Iterable[tuple[str, str | bytes]]", call.trailing_metadata() or ())
    value = dict(trailing).get(_STATUS_DETAILS)
    try:
        return tuple(status_pb2.Status.FromString(value).details) if isinstance(value, bytes) else ()
    except DecodeError:
        return ()
