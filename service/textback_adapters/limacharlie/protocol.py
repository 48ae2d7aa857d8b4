"""LimaCharlie's extension protocol: signed JSON messages, and how they are answered.

Source: refractionPOINT/lc-extension, `common/messages.go` and `core/extension.go`.
"""

import hmac
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

VERSION = 20221218
SIGNATURE = "lc-ext-sig"
LARGEST = 1_048_576
"""Bytes of a message, before and after it is unpacked."""
_WINDOWS = MappingProxyType({"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS})
"""How zlib is told of the codings that a body may have."""

_Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
"""A text for which null is as if it were left out."""


class Unreadable(ValueError):  # noqa: N818 - an answer, not a defect
    """A body that makes no message. `str()` says why."""


class TooLarge(ValueError):  # noqa: N818 - an answer, not a defect
    """A body that grows beyond bounds when it is unpacked."""


class Organization(BaseModel):
    """Whose request it is; `jwt` would let us act for them at LimaCharlie, which nothing here does."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    oid: str = Field(min_length=1, max_length=64)


class Request(BaseModel):
    """An action of a rule or a person."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    org: Organization
    action: str = Field(max_length=64)
    data: dict[str, Any] | None = None
    inv_id: _Text = ""


class Event(BaseModel):
    """What happened to a subscription."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    org: Organization
    event_name: str = Field(max_length=64)


class Validation(BaseModel):
    """A configuration that is to be checked."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    org: Organization


class Message(BaseModel):
    """One call of LimaCharlie: exactly one of its parts is there."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    idempotency_key: _Text = Field(default="", max_length=256)
    heartbeat: dict[str, Any] | None = None
    schema_request: dict[str, Any] | None = None
    error_report: dict[str, Any] | None = None
    conf_validation: Validation | None = None
    event: Event | None = None
    request: Request | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """A wish to be called again in some seconds, with what is needed then."""

    seconds: int
    action: str
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What LimaCharlie is told. An error that is not said to be final is repeated by it."""

    data: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    retriable: bool = False
    continuations: tuple[Continuation, ...] = ()

    @property
    def status(self) -> int:
        """The HTTP status: LimaCharlie's own library answers 500 for what may be repeated and 400 for what may not."""
        if not self.error:
            return 200
        return 500 if self.retriable else 400

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON has it."""
        answer: dict[str, Any] = {"version": VERSION, "data": dict(self.data)}
        if self.error:
            answer |= {"error": self.error, "retriable": self.retriable}
        if self.continuations:
            answer["continuations"] = [
                {"in_delay_sec": each.seconds, "action": each.action, "state": dict(each.state)}
                for each in self.continuations
            ]
        return answer


def unpacked(body: bytes, coding: str) -> bytes:
    """The body without its compression. Raises Unreadable or TooLarge."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in _WINDOWS:
        raise Unreadable(f"Content-Encoding: is {coding[:40]}; it may be gzip or deflate.")
    unpacking = zlib.decompressobj(_WINDOWS[coding])
    try:
        found = unpacking.decompress(body, LARGEST + 1)
    except zlib.error:
        raise Unreadable(f"the message: did not arrive whole, or is no {coding}.") from None
    if len(found) > LARGEST:
        raise TooLarge
    if not unpacking.eof or unpacking.unused_data:
        raise Unreadable(f"the message: did not arrive whole, or is no {coding}.")
    return found


def signed(body: bytes, signature: str, secret: bytes) -> bool:
    """Whether whoever knows the secret made this body: hex HMAC-SHA256 over it, without its compression."""
    expected = hmac.new(secret, body, sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape"))
