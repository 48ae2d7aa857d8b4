"""What became of a question, for callers that get one answer instead of a stream."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    """`message` is for people; `reply` holds text, body, choice and time (RFC 3339), if somebody answered."""

    status: Status
    message: str
    message_id: str = ""
    reply: Mapping[str, str] | None = None

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


def ended(event: event_pb.SmsEvent) -> Outcome:
    """What the terminal event says. A timeout that stands for a choice is an answer that nobody gave."""
    result = event.result
    if result.outcome == message_pb.OUTCOME_REPLIED:
        reply = event.reply_received.reply
        return Outcome(
            status=Status.COMPLETED,
            message=f"The person answered: {reply.body}",
            message_id=event.message_id,
            reply={
                "text": reply.text,
                "body": reply.body,
                "choice": reply.choice,
                "time": reply.receive_time.ToJsonString(),
            },
        )
    said = _ENDINGS.get(result.outcome) or result.failure.message or "The SMS cannot arrive."
    if result.outcome == message_pb.OUTCOME_TIMED_OUT and result.choice:
        said = f'Nobody answered in time, which stands for "{result.choice}".'
        silence = {"text": "", "body": "", "choice": result.choice, "time": event.event_time.ToJsonString()}
        return Outcome(status=Status.COMPLETED, message=said, message_id=event.message_id, reply=silence)
    fine = result.outcome in (message_pb.OUTCOME_DELIVERED, message_pb.OUTCOME_SETTLED)
    return Outcome(status=Status.COMPLETED if fine else Status.FAILED, message=said, message_id=event.message_id)
