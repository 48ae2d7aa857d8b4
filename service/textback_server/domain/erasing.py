"""What is forgotten of a message some time after its end: what was sent and what people wrote.

Outcome, choice, states and times stay, and so do numbers, code, labels and context: they go with the rows.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from textback_server.domain.events import Event, Happening, ReplyReceived, ReplyRejected
from textback_server.domain.messages import Inbound, Message, Reply, Result, Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long after a message's end, or an unmatched inbound SMS's arrival, its content and then its rows stay."""

    content: timedelta
    rows: timedelta


DEFAULT_RETENTION = Retention(content=timedelta(days=7), rows=timedelta(days=30))


def erased(message: Message) -> Message:
    """The message without what was sent and answered, as a revision of its own."""
    return replace(
        message,
        text="",
        sms=replace(message.sms, body=""),
        wait=message.wait and _wait(message.wait),
        result=message.result and _result(message.result),
        content_erased=True,
        revision=message.revision + 1,
    )


def erased_event(event: Event) -> Event:
    """The event without what was answered; itself if it tells nothing of that."""
    what, result = _happening(event.what), event.result and _result(event.result)
    return event if what == event.what and result == event.result else replace(event, what=what, result=result)


def erased_inbound(inbound: Inbound) -> Inbound:
    """The inbound SMS without its text."""
    return replace(inbound, body="", content_erased=True)


def _happening(what: Happening) -> Happening:
    match what:
        case ReplyRejected():
            return replace(what, body="")
        case ReplyReceived():
            return replace(what, reply=_reply(what.reply))
        case _:
            return what


def _wait(wait: Wait) -> Wait:
    return replace(wait, terms=replace(wait.terms, prompt=""), reply=wait.reply and _reply(wait.reply))


def _reply(reply: Reply) -> Reply:
    return replace(reply, text="", body="")


def _result(result: Result) -> Result:
    return replace(result, text="")
