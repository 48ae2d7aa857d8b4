"""How a message ends: the result, and the event that tells of a change."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from textback_server.domain.events import (
    Cancelled,
    Failed,
    Happening,
    OptedOut,
    ReplyReceived,
    ReplyRejected,
    Settled,
    StatusChanged,
    TimedOut,
)
from textback_server.domain.messages import (
    DecidedBy,
    Failure,
    Message,
    MessageState,
    Outcome,
    Result,
    Wait,
    WaitState,
)
from textback_server.domain.reasons import Reason

_WITHOUT_WAIT: Mapping[MessageState, Outcome] = MappingProxyType(
    {
        MessageState.DELIVERED: Outcome.DELIVERED,
        MessageState.READ: Outcome.DELIVERED,
        MessageState.UNDELIVERED: Outcome.FAILED,
        MessageState.FAILED: Outcome.FAILED,
        MessageState.CANCELLED: Outcome.CANCELLED,
        MessageState.OUTCOME_UNKNOWN: Outcome.UNKNOWN,
    }
)

_UNNAMED = Failure(reason=Reason.UNDELIVERABLE, message="Twilio reports that the SMS did not arrive, without a code.")
_NO_ANSWER = Failure(
    reason=Reason.TOO_MANY_INVALID_REPLIES, message="The person sent as many wrong answers as the request allows."
)
_WITHDRAWN = Failure(reason=Reason.TWILIO_CANCELLED, message="The SMS was cancelled at Twilio before it was sent.")


def ended(message: Message, *, settled: bool) -> Result | None:
    """The result that the message has come to; None while it can still go on."""
    if message.wait is not None:
        return _answered(message, message.wait)
    if settled:
        return Result(outcome=Outcome.SETTLED)
    outcome = _WITHOUT_WAIT.get(message.state)
    if outcome is None:
        return None
    return Result(outcome=outcome, failure=failure_of(message) if outcome is Outcome.FAILED else None)


def _answered(message: Message, wait: Wait) -> Result | None:
    match wait.state:
        case WaitState.OPEN:
            return None
        case WaitState.REPLIED:
            reply = wait.reply
            if reply is None:
                raise ValueError("a wait that is REPLIED has a reply")
            return Result(outcome=Outcome.REPLIED, choice=reply.choice, text=reply.text, decided_by=DecidedBy.REPLY)
        case WaitState.TIMED_OUT:
            choice = wait.terms.timeout_choice
            return Result(outcome=Outcome.TIMED_OUT, choice=choice, decided_by=DecidedBy.TIMEOUT if choice else None)
        case WaitState.CANCELLED:
            return Result(outcome=Outcome.CANCELLED)
        case WaitState.OPTED_OUT:
            return Result(outcome=Outcome.OPTED_OUT, failure=message.failure)
        case WaitState.FAILED:
            return Result(outcome=Outcome.FAILED, failure=failure_of(message))


def failure_of(message: Message) -> Failure:
    """Why the SMS cannot arrive, also where Twilio gave no code."""
    if message.wait is not None and exhausted(message.wait):
        return _NO_ANSWER
    if message.failure is not None:
        return message.failure
    return _WITHDRAWN if message.state is MessageState.CANCELLED else _UNNAMED


def exhausted(wait: Wait) -> bool:
    """Whether the person sent as many wrong answers as the terms allow."""
    return 0 < wait.terms.max_invalid_replies <= wait.invalid


def event_of(
    before: Message, after: Message, result: Result | None, rejection: ReplyRejected | None, opt_out_sid: str
) -> Happening | None:
    """What to tell of a change that came to `result`; None if nobody needs to know."""
    if result is not None:
        return _ENDINGS[result.outcome](after, opt_out_sid)
    if rejection is not None:
        return rejection
    return _status(after, "") if after.state is not before.state else None


def _status(message: Message, _: str) -> Happening:
    return StatusChanged(
        state=message.state,
        twilio_status=message.twilio_status,
        twilio_sid=message.twilio_sid,
        failure=message.failure,
    )


def _replied(message: Message, _: str) -> Happening:
    if message.wait is None or message.wait.reply is None:
        raise ValueError("a message that ended with a reply has one")
    return ReplyReceived(reply=message.wait.reply)


def _failed(message: Message, _: str) -> Happening:
    return Failed(state=message.state, failure=failure_of(message), twilio_status=message.twilio_status)


_ENDINGS: Mapping[Outcome, Callable[[Message, str], Happening]] = MappingProxyType(
    {
        Outcome.REPLIED: _replied,
        Outcome.TIMED_OUT: lambda _message, _sid: TimedOut(),
        Outcome.CANCELLED: lambda _message, _sid: Cancelled(),
        Outcome.OPTED_OUT: lambda _message, sid: OptedOut(twilio_sid=sid),
        Outcome.FAILED: _failed,
        Outcome.DELIVERED: _status,
        Outcome.UNKNOWN: _status,
        Outcome.SETTLED: lambda _message, _sid: Settled(),
    }
)
