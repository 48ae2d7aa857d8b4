"""What the extension does: `run` sends, `ask` asks, `check` looks for the answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import grpc

from textback.v1 import sms_message_pb2 as message_pb
from textback_adapters import outcomes
from textback_adapters.limacharlie import fields
from textback_adapters.limacharlie.protocol import Answer, Continuation, Request
from textback_adapters.patience import Patience, may_pass
from textback_adapters.wording import refusal
from textback_client import AskOptions, SendOptions, Textback, TextbackError

ORGANIZATION = "limacharlie-organization"
"""The label that says whose message it is."""
LONGEST_BODY = 8_000
"""Characters of a text to send that are handed on; the service cuts it to what an SMS takes."""
FIRST_LOOK = 15
LAST_LOOK = 300
"""Seconds between two looks for an answer: at first, and the most that LimaCharlie waits."""
LOOKS = 10
"""How often LimaCharlie calls again."""
_MARGIN = 5
_MOST = LOOKS * LAST_LOOK
_PATIENCE = 10.0
_NAMES = MappingProxyType(
    {
        "sms.recipient": "to",
        "sms.sender": "from",
        "sms.body": "body",
        "wait.choices": "choices",
        "wait.timeout_choice": "timeout_choice",
        "wait.reply_timeout": "timeout_seconds",
    }
)
"""The service's fields, as rules name them."""
_FINAL = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
)
"""After anything else a look may find the answer later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, for one account, with the key under which LimaCharlie repeats it."""

    textback: Textback
    account: str
    request: Request
    key: str

    @property
    def oid(self) -> str:
        """The organization."""
        return self.request.org.oid

    @property
    def request_id(self) -> str:
        """The same for each repetition, and another for another organization, also where they share an account."""
        said = json.dumps([self.oid, self.request.action, self.key])
        return f"lc-{hashlib.sha256(said.encode()).hexdigest()[:40]}"

    @property
    def context(self) -> message_pb.Context:
        """The investigation it belongs to."""
        return message_pb.Context(case_id=self.request.inv_id[:256])


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The looks that are left to take, and the time that they must outlast; rarer and rarer, as far as that allows."""

    left: int
    time: int
    before: int = 0

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Looks:
        """What the last look left; none for a look that is no continuation."""
        numbers = [state.get(name) for name in ("left", "time", "before")]
        left, time, before = (each if isinstance(each, int) and 0 <= each <= _MOST else 0 for each in numbers)
        return cls(left=left, time=time, before=before)

    @property
    def delay(self) -> int:
        """Seconds to the next look: twice the last ones, at least what the later ones cannot make up for."""
        soon = max(self.before * 2, FIRST_LOOK)
        return max(min(max(soon, self.time - LAST_LOOK * (self.left - 1)), LAST_LOOK, self.time), 1)

    def after(self) -> dict[str, int]:
        """What is left after it, as a continuation carries it."""
        return {"left": self.left - 1, "time": max(self.time - self.delay, 0), "before": self.delay}


async def run(call: Call) -> Answer:
    """Send one SMS. A text that is too long is cut: a lost alert is worse than a short one."""
    data = call.request.data or {}
    options = SendOptions(
        sender=fields.name(data, "from"),
        account=call.account,
        truncate=True,
        labels={ORGANIZATION: call.oid},
        context=call.context,
    )
    if call.key:
        options["request_id"] = call.request_id
    recipient, body = fields.name(data, "to"), fields.text(data, "body")
    try:
        message = await call.textback.send(recipient, body[:LONGEST_BODY], **options)
    except TextbackError as error:
        return refused(error, repeatable=bool(call.key))
    state = message_pb.MessageState.Name(message.state).removeprefix("MESSAGE_STATE_")
    warnings = ["The text was too long and was cut."] if message.text != body else []
    return Answer(data={"message_id": message.message_id, "state": state, "warnings": warnings})


async def ask(call: Call) -> Answer:
    """Ask; the answer comes when LimaCharlie calls again. A text that is too long is refused."""
    data = call.request.data or {}
    timeout = fields.seconds(data, "timeout_seconds")
    options = AskOptions(
        account=call.account,
        labels={ORGANIZATION: call.oid},
        context=call.context,
        reply_timeout=timeout,
        choices=fields.choices(data, "choices"),
        timeout_choice=fields.choice(data, "timeout_choice"),
    )
    if data.get("from") not in (None, ""):
        options["sender"] = fields.name(data, "from")
    if call.key:
        options["request_id"] = call.request_id
    recipient, body = fields.name(data, "to"), fields.question(data, "body")
    message_id = ""
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                async for event in call.textback.ask(recipient, body, **options):
                    message_id = event.message_id
                    if event.terminal:
                        return Answer(data=outcomes.ended(event).as_dict())
                    if not event.HasField("created"):
                        break
    except TextbackError as error:
        return refused(error, repeatable=bool(call.key))
    if not message_id:
        return Answer(error="textback does not answer; try again.", retriable=bool(call.key))
    return _later(message_id, recipient, Looks(left=LOOKS, time=math.ceil(timeout) + _MARGIN))


async def check(call: Call) -> Answer:
    """Tell the answer, or ask to be called again."""
    data = call.request.data or {}
    message_id = fields.name(data, "message_id")
    try:
        message = await Patience(_PATIENCE).heard(lambda: call.textback.get(message_id, account=call.account))
    except TextbackError as error:
        return Answer(error=refusal(error, _NAMES), retriable=error.code not in _FINAL)
    if message.labels.get(ORGANIZATION) != call.oid:
        return Answer(error="message_id: there is no such question of this organization.")
    found = outcomes.closed(message)
    if found is None:
        return _later(message_id, message.recipient, Looks.of(data))
    return Answer(data=found.as_dict())


def refused(error: TextbackError, *, repeatable: bool) -> Answer:
    """An error. It may be repeated only where that cannot text anybody twice and may help."""
    stored = "message_id" in error.metadata
    # gRPC's own RESOURCE_EXHAUSTED, which has no reason, is a call that is too large.
    may = may_pass(error) or (error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and error.reason != "")
    return Answer(error=refusal(error, _NAMES), retriable=repeatable and not stored and may)


def _later(message_id: str, recipient: str, looks: Looks) -> Answer:
    waiting = outcomes.waiting(message_id, recipient).as_dict()
    if looks.left < 1:
        return Answer(data=waiting)
    state = {"message_id": message_id} | looks.after()
    return Answer(data=waiting, continuations=(Continuation(seconds=looks.delay, action="check", state=state),))
