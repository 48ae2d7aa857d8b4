"""Domain values for tests: valid by default, and each field can be said."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from textback_server.domain.changes import Change
from textback_server.domain.drafts import Draft
from textback_server.domain.events import Cancelled, Event, Happening, Warning
from textback_server.domain.facts import Fact, Replied, ReplyRefused, StatusReported
from textback_server.domain.messages import (
    Choice,
    Code,
    Context,
    Disposition,
    Inbound,
    Message,
    MessageId,
    MessageState,
    Outcome,
    Reply,
    ReplyVia,
    Result,
    Sms,
    Terms,
    WaitState,
)
from textback_server.domain.rejections import RejectReason
from textback_server.domain.transitions import apply

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACCOUNT = "main"
PERSON = "+14155550123"
SENDER = "+14155550100"

_numbers = itertools.count(1)


def an_id() -> MessageId:
    """A message id that no other call returns; later ones sort later."""
    return MessageId(f"msg_{next(_numbers):026d}")


def a_sid(prefix: str = "SM") -> str:
    """A Twilio SID that no other call returns."""
    return f"{prefix}{next(_numbers):032x}"


def terms(*choices: str, reply_timeout: timedelta = timedelta(hours=1), timeout_choice: str = "") -> Terms:
    """What may be answered: anything, or one of the choices."""
    answers = tuple(Choice(value=value) for value in choices)
    return Terms(reply_timeout=reply_timeout, choices=answers, timeout_choice=timeout_choice)


WAITING = terms()


def a_draft(
    *,
    message_id: MessageId | None = None,
    account: str = ACCOUNT,
    recipient: str = PERSON,
    sender: str = SENDER,
    body: str = "Is this login yours?",
    request_id: str = "",
    request_hash: bytes = b"\x00\xff",
    labels: Mapping[str, str] | None = None,
    validity_period: timedelta | None = None,
    context: Context | None = None,
    wait: Terms | None = WAITING,
    create_time: datetime = NOW,
    warnings: tuple[Warning, ...] = (),
) -> Draft:
    """A valid request that is not stored yet; with `wait=None` it asks nothing."""
    return Draft(
        id=message_id or an_id(),
        account=account,
        request_id=request_id,
        request_hash=request_hash,
        sms=Sms(recipient=recipient, sender=sender, body=body, validity_period=validity_period, labels=labels or {}),
        context=context,
        terms=wait,
        create_time=create_time,
        warnings=warnings,
    )


def a_message(draft: Draft | None = None, code: str = "4821") -> Message:
    """A message as first stored: being sent, and waiting if its draft does."""
    draft = draft or a_draft()
    return draft.accept(None if draft.terms is None else Code(code))[0]


def an_inbound(
    body: str = "4821 yes",
    *,
    account: str = ACCOUNT,
    twilio_sid: str = "",
    sender: str = PERSON,
    recipient: str = SENDER,
    receive_time: datetime = NOW,
    via: ReplyVia = ReplyVia.WEBHOOK,
    disposition: Disposition = Disposition.UNMATCHED,
    message_id: MessageId | None = None,
) -> Inbound:
    """An SMS from a person to us, with a SID of its own."""
    return Inbound(
        account=account,
        twilio_sid=twilio_sid or a_sid(),
        sender=sender,
        recipient=recipient,
        body=body,
        receive_time=receive_time,
        via=via,
        disposition=disposition,
        message_id=message_id,
    )


def a_change(before: Message, *happenings: Happening, at: datetime = NOW, **fields: object) -> Change:
    """The next revision of a message: with these fields, and an event for each of these happenings."""
    last = before.sequence + len(happenings)
    known: dict[str, Any] = {"update_time": at, **fields, "revision": before.revision + 1, "sequence": last}
    events = tuple(
        Event(message_id=before.id, sequence=before.sequence + step, time=at, what=what)
        for step, what in enumerate(happenings, 1)
    )
    return Change(before=before, after=replace(before, **known), events=events)


def a_closing(before: Message, *, at: datetime = NOW) -> Change:
    """The message's open wait is cancelled."""
    if before.wait is None:
        raise ValueError("no wait to close")
    wait, result = replace(before.wait, state=WaitState.CANCELLED), Result(outcome=Outcome.CANCELLED)
    change = a_change(before, Cancelled(), at=at, wait=wait, result=result, alarm=None)
    return replace(change, events=(replace(change.events[0], result=result),))


def an_answer(before: Message, body: str, *, at: datetime = NOW) -> Change:
    """The message's open wait is answered."""
    reply = Reply(text=body, body=body, choice="", twilio_sid=a_sid(), receive_time=at, via=ReplyVia.WEBHOOK)
    return _applied(before, Replied(reply=reply), at)


def a_rejection(before: Message, body: str, *, at: datetime = NOW) -> Change:
    """The message's open wait got a text that is no answer."""
    fact = ReplyRefused(reason=RejectReason.NOT_A_CHOICE, body=body, twilio_sid=a_sid(), person_told=False)
    return _applied(before, fact, at)


def a_receipt(before: Message, *, at: datetime = NOW) -> Change:
    """The SMS was delivered, which ends a message that asks nothing."""
    fact = StatusReported(state=MessageState.DELIVERED, twilio_status="delivered", twilio_sid=a_sid())
    return _applied(before, fact, at)


def _applied(before: Message, fact: Fact, at: datetime) -> Change:
    change = apply(before, fact, at)
    if change is None:
        raise ValueError("no news to this message")
    return change
