"""Asking once: the same question, asked again while it is open or soon after its answer, is not texted again.

What is the same is kept where every process finds it after any restart: as a label of the message.
"""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback_adapters import outcomes
from textback_adapters.outcomes import Outcome
from textback_adapters.patience import Patience, may_pass, silence
from textback_client import AskOptions, EventStream, Textback, TextbackError

LABEL = "textback-adapter"
"""The label that holds what makes a question the same."""
LATELY = timedelta(hours=1)
"""For how long after it came an answer is told to the same call again."""
OCCASION = 0.9
"""The part of its wait after which the same call is another occasion: what asks daily, and waits a day, comes later."""
JUST_ENDED = timedelta(minutes=2)
"""For how long that nobody answered is told to a caller that does not wait to the end, instead of asking again."""

_REUSED = "REQUEST_ID_REUSED"

Told = Callable[[event_pb.SmsEvent], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and what makes it the same as another: the parts of `identity`, as JSON has them."""

    recipient: str
    body: str
    identity: tuple[object, ...]
    options: AskOptions = field(default_factory=AskOptions)

    @property
    def key(self) -> str:
        """The identity, short and without anything that could be read back."""
        return hashlib.sha256(json.dumps(self.identity).encode()).hexdigest()[:32]


async def ask(textback: Textback, question: Question, told: Told, patience: Patience, *, new: bool = False) -> Outcome:
    """Ask, or go on with the same question if it is open, or was answered lately; follow it to the end of `patience`.

    `new` asks again in any case. Raises TextbackError.
    """
    before = await patience.heard(lambda: _newest(textback, question))
    if not new:
        if before is not None and _answered_lately(before):
            return outcomes.earlier(before)
        found = await _open(textback, question, before, patience)
        if found is not None:
            return await follow(textback.watch(found.message_id), told, patience, found.recipient)
        if before is not None and patience.end is not None and _just_timed_out(before):
            return outcomes.closed(before) or outcomes.waiting(before.message_id, before.recipient)
    after = uuid.uuid4().hex if new else (before.message_id if before else "first")
    options = cast("AskOptions", {**question.options, "request_id": f"{question.key}-{after}"})
    options["labels"] = {**_labels(question.options.get("labels")), LABEL: question.key}
    stream = textback.ask(question.recipient, question.body, **options)
    try:
        return await follow(stream, told, patience, question.recipient)
    except TextbackError as error:
        # Another process was quicker by an instant, with other details beside the same question.
        if error.reason != _REUSED:
            raise
        return await follow(textback.watch(error.metadata["message_id"]), told, patience, question.recipient)


async def follow(stream: EventStream, told: Told, patience: Patience, recipient: str) -> Outcome:
    """Tell of each event until the end, or say that the question is open still.

    Raises TextbackError where no message is known, or no later call can help.
    """
    try:
        async with asyncio.timeout_at(patience.first_word) as limit:
            async for event in stream:
                limit.reschedule(patience.end)
                await told(event)
                if event.terminal:
                    return outcomes.ended(event)
    except TimeoutError:
        if not stream.message_id:
            raise (stream.trouble or silence()) from None
        if stream.trouble is not None:
            return outcomes.unreachable(stream.message_id, stream.trouble.message)
        return outcomes.waiting(stream.message_id, recipient)
    except TextbackError as error:
        if not stream.message_id or not may_pass(error):
            raise
        return outcomes.unreachable(stream.message_id, error.message)
    raise RuntimeError("a stream ends with a terminal event, or with an error")


def _answered_lately(message: message_pb.SmsMessage) -> bool:
    """Whether a caller that went away may come back for this answer, and it can be none to an earlier occasion."""
    if message.wait.state != message_pb.WAIT_STATE_REPLIED:
        return False
    now = datetime.now(UTC)
    asked = message.create_time.ToDatetime(UTC)
    open_for = message.wait.expire_time.ToDatetime(UTC) - asked
    return now - message.wait.reply.receive_time.ToDatetime(UTC) < LATELY and now - asked < open_for * OCCASION


def _just_timed_out(message: message_pb.SmsMessage) -> bool:
    """Whether a caller that asks again and again, each time for a while, may have come too late to hear of the end."""
    ended = message.wait.expire_time.ToDatetime(UTC)
    return message.wait.state == message_pb.WAIT_STATE_TIMED_OUT and datetime.now(UTC) - ended < JUST_ENDED


async def _open(
    textback: Textback, question: Question, before: message_pb.SmsMessage | None, patience: Patience
) -> message_pb.SmsMessage | None:
    """The same question if it is open: the newest, or an older one where `new` asked beside it."""
    if before is None or before.wait.state == message_pb.WAIT_STATE_OPEN:
        return before
    return await patience.heard(lambda: _newest(textback, question, message_pb.WAIT_STATE_OPEN))


async def _newest(
    textback: Textback, question: Question, *states: message_pb.WaitState.ValueType
) -> message_pb.SmsMessage | None:
    async for message in textback.list(labels={LABEL: question.key}, wait_states=states, page_size=1):
        return message
    return None


def _labels(given: Mapping[str, str] | None) -> dict[str, str]:
    return dict(given or {})
