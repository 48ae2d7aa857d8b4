"""LimaCharlie's extension protocol: signed JSON messages, and how they are answered.

Source: refractionPOINT/lc-extension, `common/messages.go` and `core/extension.go`.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

VERSION = 20221218
SIGNATURE = "lc-ext-sig"
LARGEST = 1_048_576
"""Bytes of a message, before and after it is unpacked."""


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
    inv_id: str = ""


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

    idempotency_key: str = Field(default="", max_length=256)
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


def signed(body: bytes, signature: str, secret: bytes) -> bool:
    """Whether whoever knows the secret made this body: hex HMAC-SHA256 over it, without its compression."""
    expected = hmac.new(secret, body, sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape"))
