"""What became of a question, for callers that get one answer instead of a stream."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb


class Status(StrEnum):
    """Whether there is an answer, there may still be one, or there will be none."""

    COMPLETED = "COMPLETED"
    IN_PROGRESS = "IN_PROGRESS"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`message` is for people; `reply` holds text, body, choice and time (RFC 3339), if somebody answered.

    Where the texts were erased since, it also holds `content_erased`.
    """

    status: Status
    message: str
    message_id: str = ""
    reply: Mapping[str, str | bool] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON has it."""
        reply = None if self.reply is None else dict(self.reply)
        return {"status": self.status, "message": self.message, "message_id": self.message_id, "reply": reply}


_ENDINGS: Mapping[int, str] = MappingProxyType(
    {
        message_pb.OUTCOME_TIMED_OUT: "Nobody answered in time.",
        message_pb.OUTCOME_CANCELLED: "The question was cancelled.",
        message_pb.OUTCOME_OPTED_OUT: "The person texted STOP and gets no messages from this sender.",
        message_pb.OUTCOME_UNKNOWN: "Nobody can say whether Twilio sent the SMS.",
        message_pb.OUTCOME_SETTLED: "Twilio took the SMS; no receipt came.",
        message_pb.OUTCOME_DELIVERED: "The SMS was delivered.",
    }
)


def sent(message: message_pb.SmsMessage) -> Outcome:
    """A message without a question, as Twilio took it."""
    word = message_pb.MessageState.Name(message.state).removeprefix("MESSAGE_STATE_").lower().replace("_", " ")
    said = f"SMS to {message.recipient}: {word}.\nMessage: {message.text}"
    return Outcome(status=Status.COMPLETED, message=said, message_id=message.message_id)


def waiting(message_id: str, recipient: str) -> Outcome:
    """The question is open."""
    said = f"Still waiting for {recipient or 'the person'} to answer; ask again with this message_id."
    return Outcome(status=Status.IN_PROGRESS, message=said, message_id=message_id)


def unreachable(message_id: str, why: str) -> Outcome:
    """Nobody can say now what became of the question."""
    said = f"The service cannot be reached now ({why}); the question stays as it is: ask again with this message_id."
    return Outcome(status=Status.IN_PROGRESS, message=said, message_id=message_id)


def ended(event: event_pb.SmsEvent) -> Outcome:
    """What the terminal event says. A timeout that stands for a choice is an answer that nobody gave."""
    if event.result.outcome == message_pb.OUTCOME_REPLIED:
        return _answered(event.message_id, event.reply_received.reply)
    return _unanswered(event.message_id, event.result, event.event_time.ToJsonString())


def closed(message: message_pb.SmsMessage) -> Outcome | None:
    """The same of a message that was looked up; None while it has not ended."""
    if not message.HasField("result"):
        return None
    if message.result.outcome != message_pb.OUTCOME_REPLIED:
        return _unanswered(message.message_id, message.result, message.wait.expire_time.ToJsonString())
    found = _answered(message.message_id, message.wait.reply)
    if not message.content_erased:
        return found
    chosen = f' with "{message.result.choice}"' if message.result.choice else ""
    said = f"The person answered{chosen}; the text of the answer was erased since."
    return replace(found, message=said, reply={**(found.reply or {}), "content_erased": True})


def earlier(message: message_pb.SmsMessage) -> Outcome:
    """An answer that was there before the call that asks for it."""
    reply = message.wait.reply
    said = f"The person answered before this call, at {reply.receive_time.ToJsonString()}: {reply.body}"
    return replace(_answered(message.message_id, reply), message=said)


def _answered(message_id: str, reply: message_pb.Reply) -> Outcome:
    return Outcome(
        status=Status.COMPLETED,
        message=f"The person answered: {reply.body}",
        message_id=message_id,
        reply={
            "text": reply.text,
            "body": reply.body,
            "choice": reply.choice,
            "time": reply.receive_time.ToJsonString(),
        },
    )


def _unanswered(message_id: str, result: message_pb.Result, time: str) -> Outcome:
    said = _ENDINGS.get(result.outcome) or result.failure.message or "The SMS cannot arrive."
    if result.outcome == message_pb.OUTCOME_TIMED_OUT and result.choice:
        said = f'Nobody answered in time, which stands for "{result.choice}".'
        silence = {"text": "", "body": "", "choice": result.choice, "time": time}
        return Outcome(status=Status.COMPLETED, message=said, message_id=message_id, reply=silence)
    fine = result.outcome in (message_pb.OUTCOME_DELIVERED, message_pb.OUTCOME_SETTLED)
    return Outcome(status=Status.COMPLETED if fine else Status.FAILED, message=said, message_id=message_id)
