"""The life of a message: one table, and one pure function that applies a fact to it.

Two axes. The message's state says where the SMS is; the wait's state says whether a reply still counts. A row of
`TABLE` says what a stimulus makes of both. `docs/states.md` is printed from it and the tests are generated from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import auto
from types import MappingProxyType
from typing import Any

from textback_server.domain import facts
from textback_server.domain.changes import Change
from textback_server.domain.endings import ended, event_of, exhausted
from textback_server.domain.events import Event, ReplyRejected
from textback_server.domain.messages import Failure, Message, MessageState, Result, Wait, WaitState
from textback_server.domain.reasons import Reason
from textback_server.domain.rejections import INVALID_ANSWERS
from textback_server.domain.words import Word

LEASE = timedelta(seconds=30)
"""How long one POST may take, process death included, before it counts as unclear."""
SETTLE = timedelta(seconds=120)
"""How long evidence for an unconfirmed POST is awaited (reference: Twilio publishes no bound)."""
ABSENCE = timedelta(seconds=60)
"""How much longer a message that may be sent again waits for a list that does not show it."""
RECEIPT = timedelta(hours=72)
"""When no further receipt is to be expected (Twilio support: nothing more is likely after about 72 h)."""
GIVE_UP = timedelta(minutes=10)
"""How long a message without a wait is offered to a Twilio that takes nothing."""
MAX_REJECTIONS = 20
"""How many `reply_rejected` events one wait gets."""


class Stimulus(Word):
    """What a fact amounts to, given the message and the time."""

    CLAIMED = auto()
    ACCEPTED = auto()
    REFUSED = auto()
    BARRED = auto()
    HELD = auto()
    UNCLEAR = auto()
    REPORTED = auto()
    ABSENT = auto()
    LEASE_ENDED = auto()
    SETTLED = auto()
    GAVE_UP = auto()
    REPLIED = auto()
    REJECTED = auto()
    OPTED_OUT = auto()
    CANCELLED = auto()
    EXPIRED = auto()


class ByRank(Word):
    """Instead of a state: the state that the fact names, if it is further on than the present one."""

    NAMED = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """What becomes of the SMS, and of a wait that is open (None: it stays open)."""

    becomes: MessageState | ByRank
    wait: WaitState | None = None


RANK: Mapping[MessageState, int] = MappingProxyType(
    {
        MessageState.PENDING: 0,
        MessageState.SENDING: 1,
        MessageState.UNCONFIRMED: 2,
        MessageState.OUTCOME_UNKNOWN: 3,
        MessageState.ACCEPTED: 4,
        MessageState.QUEUED: 5,
        MessageState.SENT: 6,
        MessageState.DELIVERED: 7,
        MessageState.UNDELIVERED: 7,
        MessageState.FAILED: 7,
        MessageState.CANCELLED: 7,
        MessageState.READ: 8,
    }
)
"""Delivery news merges by rank, never by arrival: Twilio's callbacks may come in any order."""

DEAD = frozenset({MessageState.UNDELIVERED, MessageState.FAILED, MessageState.CANCELLED})
"""States from which nobody will ever read the SMS: an open wait ends at once."""

_UNPROVEN = (MessageState.SENDING, MessageState.UNCONFIRMED, MessageState.OUTCOME_UNKNOWN)
_AT_TWILIO = (MessageState.ACCEPTED, MessageState.QUEUED, MessageState.SENT)


def _table() -> dict[tuple[MessageState, Stimulus], Row]:
    state, stimulus, wait = MessageState, Stimulus, WaitState
    table = {
        (state.PENDING, stimulus.CLAIMED): Row(state.SENDING),
        (state.PENDING, stimulus.GAVE_UP): Row(state.FAILED),
        (state.SENDING, stimulus.LEASE_ENDED): Row(state.UNCONFIRMED),
        (state.SENDING, stimulus.HELD): Row(state.PENDING),
        (state.UNCONFIRMED, stimulus.HELD): Row(state.PENDING),
        (state.SENDING, stimulus.UNCLEAR): Row(state.UNCONFIRMED),
        (state.UNCONFIRMED, stimulus.SETTLED): Row(state.OUTCOME_UNKNOWN),
        (state.UNCONFIRMED, stimulus.ABSENT): Row(state.PENDING),
        (state.PENDING, stimulus.SETTLED): Row(state.OUTCOME_UNKNOWN),
    }
    for here in _UNPROVEN:
        table[here, stimulus.ACCEPTED] = Row(ByRank.NAMED)
        table[here, stimulus.REFUSED] = Row(state.FAILED, wait.FAILED)
        table[here, stimulus.BARRED] = Row(state.FAILED, wait.OPTED_OUT)
        table[here, stimulus.REPLIED] = Row(state.ACCEPTED, wait.REPLIED)
    for here in _AT_TWILIO:
        table[here, stimulus.ACCEPTED] = Row(ByRank.NAMED)
        table[here, stimulus.SETTLED] = Row(here)
        table[here, stimulus.BARRED] = Row(ByRank.NAMED, wait.OPTED_OUT)
    table[state.DELIVERED, stimulus.ACCEPTED] = Row(ByRank.NAMED)
    for here in MessageState:
        table[here, stimulus.REPORTED] = Row(ByRank.NAMED)
        table.setdefault((here, stimulus.BARRED), Row(ByRank.NAMED, wait.OPTED_OUT))
        table[here, stimulus.REJECTED] = Row(here)
        unsent = state.CANCELLED if here is state.PENDING else here
        table.setdefault((here, stimulus.REPLIED), Row(unsent, wait.REPLIED))
        table[here, stimulus.OPTED_OUT] = Row(unsent, wait.OPTED_OUT)
        table[here, stimulus.CANCELLED] = Row(unsent, wait.CANCELLED)
        table[here, stimulus.EXPIRED] = Row(unsent, wait.TIMED_OUT)
    return table


TABLE: Mapping[tuple[MessageState, Stimulus], Row] = MappingProxyType(_table())
"""(state, stimulus) → what becomes of SMS and wait. A pair that is absent changes nothing."""

ABOUT_THE_WAIT = frozenset(
    {Stimulus.REPLIED, Stimulus.REJECTED, Stimulus.OPTED_OUT, Stimulus.CANCELLED, Stimulus.EXPIRED}
)
"""Stimuli that mean nothing to a message without an open wait."""


def apply(message: Message, fact: facts.Fact, now: datetime) -> Change | None:
    """What the fact makes of the message at this time; None if it is no news."""
    stimulus = stimulus_of(message, fact, now)
    row = TABLE.get((message.state, stimulus)) if stimulus else None
    if stimulus is None or row is None:
        return None
    waiting = message.wait is not None and message.wait.open
    if stimulus in ABOUT_THE_WAIT and not waiting:
        return None
    state = _further(message.state, fact) if isinstance(row.becomes, ByRank) else row.becomes
    if state is MessageState.PENDING and message.result is not None:
        state = MessageState.CANCELLED  # it ended meanwhile: nobody wants it sent any more
    wait = message.wait
    if wait is not None and wait.open:
        wait = _waited(wait, state, row, fact)
    after = replace(message, **_moved(message, fact, stimulus, state, now), wait=wait)
    result = message.result or ended(after, settled=stimulus is Stimulus.SETTLED and row.becomes is message.state)
    return _change(message, after, result, fact, now)


def stimulus_of(message: Message, fact: facts.Fact, now: datetime) -> Stimulus | None:
    """What the fact amounts to; None if it is nothing to this message."""
    match fact:
        case facts.PostAccepted():
            return Stimulus.ACCEPTED
        case facts.PostRefused(failure=failure):
            return Stimulus.BARRED if failure.reason is Reason.RECIPIENT_OPTED_OUT else Stimulus.REFUSED
        case facts.PostHeld():
            return Stimulus.HELD
        case facts.PostUnclear():
            return Stimulus.UNCLEAR
        case facts.StatusReported(failure=failure):
            barred = failure is not None and failure.reason is Reason.RECIPIENT_OPTED_OUT
            return Stimulus.BARRED if barred else Stimulus.REPORTED
        case facts.NotListed(list_time=list_time):
            return Stimulus.ABSENT if _may_resend(message, list_time) else None
        case facts.Replied():
            return Stimulus.REPLIED
        case facts.ReplyRefused():
            return Stimulus.REJECTED
        case facts.OptOut():
            return Stimulus.OPTED_OUT
        case facts.CancelRequested():
            return Stimulus.CANCELLED
        case facts.Due():
            return _what_is_due(message, now)


def _may_resend(message: Message, list_time: datetime) -> bool:
    """Whether a list of that time settles it: asked for, not done before, still wanted, and looked at late enough."""
    asked = message.sms.resend_if_unconfirmed and not message.resent and message.result is None
    return asked and message.alarm is not None and list_time >= message.alarm - ABSENCE


_ALARMS: Mapping[MessageState, Stimulus] = MappingProxyType(
    {
        MessageState.PENDING: Stimulus.CLAIMED,
        MessageState.SENDING: Stimulus.LEASE_ENDED,
        MessageState.UNCONFIRMED: Stimulus.SETTLED,
        MessageState.ACCEPTED: Stimulus.SETTLED,
        MessageState.QUEUED: Stimulus.SETTLED,
        MessageState.SENT: Stimulus.SETTLED,
    }
)


def _what_is_due(message: Message, now: datetime) -> Stimulus | None:
    if message.wait is not None and message.wait.open and message.wait.expire_time <= now:
        return Stimulus.EXPIRED
    if message.alarm is None or message.alarm > now:
        return None
    if message.state is MessageState.PENDING and message.wait is None and message.create_time + GIVE_UP <= now:
        return Stimulus.SETTLED if message.resent else Stimulus.GAVE_UP
    return _ALARMS.get(message.state)


def _further(state: MessageState, fact: facts.Fact) -> MessageState:
    """The state that the fact names, if it ranks higher; a refusal names FAILED."""
    named = fact.state if isinstance(fact, facts.PostAccepted | facts.StatusReported) else MessageState.FAILED
    return named if RANK[named] > RANK[state] else state


def _moved(
    message: Message, fact: facts.Fact, stimulus: Stimulus, state: MessageState, now: datetime
) -> dict[str, Any]:
    """What changes of the send as it moves on: state, Twilio's words, failure, attempt, alarm."""
    sid, word = message.twilio_sid, message.twilio_status
    if isinstance(fact, facts.PostAccepted | facts.StatusReported | facts.PostRefused):
        sid = sid or fact.twilio_sid
    if state is message.state:
        return {"twilio_sid": sid, "alarm": None if stimulus is Stimulus.SETTLED else message.alarm}
    if isinstance(fact, facts.PostAccepted | facts.StatusReported):
        word = fact.twilio_status
    return {
        "state": state,
        "twilio_sid": sid,
        "twilio_status": word,
        "failure": _given_up() if stimulus is Stimulus.GAVE_UP else getattr(fact, "failure", None),
        "attempt": message.attempt + 1 if stimulus is Stimulus.CLAIMED else message.attempt,
        "alarm": _alarm(message, state, fact, now),
        "resent": message.resent or stimulus is Stimulus.ABSENT,
    }


def _given_up() -> Failure:
    return Failure(reason=Reason.NOT_SENT_IN_TIME, message="Twilio took no messages for 10 minutes; it was never sent.")


def _alarm(message: Message, state: MessageState, fact: facts.Fact, now: datetime) -> datetime | None:
    """When the send must be looked at next, in its new state."""
    match state:
        case MessageState.PENDING:
            return now + fact.retry_after if isinstance(fact, facts.PostHeld) else now
        case MessageState.SENDING:
            return now + LEASE
        case MessageState.UNCONFIRMED:
            again = message.sms.resend_if_unconfirmed and not message.resent
            return now + SETTLE + (ABSENCE if again else timedelta(0))
        case MessageState.ACCEPTED | MessageState.QUEUED | MessageState.SENT:
            return message.create_time + RECEIPT if message.wait is None else None
        case _:
            return None


def _waited(wait: Wait, sent: MessageState, row: Row, fact: facts.Fact) -> Wait:
    """The open wait moved on. An SMS that can never arrive ends it, whatever the row says."""
    if isinstance(fact, facts.ReplyRefused):
        wait = _refused(wait, fact)
    state = row.wait or (WaitState.FAILED if sent in DEAD or exhausted(wait) else WaitState.OPEN)
    reply = fact.reply if isinstance(fact, facts.Replied) else wait.reply
    return wait if state is wait.state and reply is wait.reply else replace(wait, state=state, reply=reply)


def _refused(wait: Wait, fact: facts.ReplyRefused) -> Wait:
    meant = fact.reason in INVALID_ANSWERS
    return replace(
        wait,
        rejections=min(wait.rejections + 1, MAX_REJECTIONS),
        invalid=wait.invalid + meant,
        hinted=wait.hinted or fact.hinted,
    )


def _change(before: Message, after: Message, result: Result | None, fact: facts.Fact, now: datetime) -> Change | None:
    """The change with its event. After the end, and of one text too many, the row changes and nothing is appended."""
    if after == before and result == before.result:
        return None
    what = None if before.result else event_of(before, after, result, _rejection(before, fact), _opt_out_sid(fact))
    sequence = before.sequence + (what is not None)
    after = replace(after, result=result, update_time=now, revision=before.revision + 1, sequence=sequence)
    if what is None:
        return Change(before=before, after=after)
    event = Event(message_id=after.id, sequence=after.sequence, time=now, what=what, result=after.result)
    return Change(before=before, after=after, events=(event,))


def _rejection(before: Message, fact: facts.Fact) -> ReplyRejected | None:
    full = before.wait is None or before.wait.rejections >= MAX_REJECTIONS
    if full or not isinstance(fact, facts.ReplyRefused):
        return None
    return ReplyRejected(reason=fact.reason, body=fact.body, twilio_sid=fact.twilio_sid, person_told=fact.person_told)


def _opt_out_sid(fact: facts.Fact) -> str:
    return fact.twilio_sid if isinstance(fact, facts.OptOut) else ""
