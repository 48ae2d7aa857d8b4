"""Asking once: the same question, asked again while it is open, is picked up and not texted again.

What is the same is kept where every process finds it after any restart: as a label of the message.
"""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback_adapters import outcomes
from textback_adapters.outcomes import Outcome
from textback_client import AskOptions, EventStream, Textback, TextbackError

LABEL = "textback-adapter"
"""The label that holds what makes a question the same."""

_REUSED = "REQUEST_ID_REUSED"

Told = Callable[[event_pb.SmsEvent], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and what makes it the same as another: the parts of `identity`."""

    recipient: str
    body: str
    identity: tuple[str, ...]
    options: AskOptions = field(default_factory=AskOptions)

    @property
    def key(self) -> str:
        """The identity, short and without anything that could be read back."""
        return hashlib.sha256(json.dumps(self.identity).encode()).hexdigest()[:32]


async def ask(
    textback: Textback, question: Question, told: Told, *, new: bool = False, patience: float | None
) -> Outcome:
    """Ask, or pick up the same question if it is open, and follow it for `patience` seconds (None: to its end).

    `new` asks again in any case. Raises TextbackError.
    """
    before = await _newest(textback, question)
    if not new:
        # An older one may be open still, where `new` asked beside it.
        is_open = before is not None and before.wait.state == message_pb.WAIT_STATE_OPEN
        found = before if is_open else await _newest(textback, question, message_pb.WAIT_STATE_OPEN)
        if found is not None:
            return await follow(textback.watch(found.message_id), told, patience)
    after = uuid.uuid4().hex if new else (before.message_id if before else "first")
    options = cast("AskOptions", {**question.options, "request_id": f"{question.key}-{after}"})
    options["labels"] = {**_labels(question.options.get("labels")), LABEL: question.key}
    try:
        return await follow(textback.ask(question.recipient, question.body, **options), told, patience)
    except TextbackError as error:
        # Another process was quicker by an instant, with other details beside the same question.
        if error.reason != _REUSED:
            raise
        return await follow(textback.watch(error.metadata["message_id"]), told, patience)


async def follow(stream: EventStream, told: Told, patience: float | None) -> Outcome:
    """Tell of each event until the end, or say that it is still open after `patience` seconds."""
    message_id, recipient = "", ""
    try:
        async with asyncio.timeout(patience):
            async for event in stream:
                message_id = event.message_id
                if event.HasField("created"):
                    recipient = event.created.message.recipient
                await told(event)
                if event.terminal:
                    return outcomes.ended(event)
    except TimeoutError:
        return outcomes.waiting(message_id, recipient)
    raise RuntimeError("a stream ends with a terminal event, or with an error")


async def _newest(
    textback: Textback, question: Question, *states: message_pb.WaitState.ValueType
) -> message_pb.SmsMessage | None:
    async for message in textback.list(labels={LABEL: question.key}, wait_states=states, page_size=1):
        return message
    return None


def _labels(given: Mapping[str, str] | None) -> dict[str, str]:
    return dict(given or {})
