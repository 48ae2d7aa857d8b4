"""The life of a message: every row of the table, and what must hold whatever happens in whatever order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import NOW, WAITING, a_draft, a_message, a_sid, terms
from textback_server.domain import facts
from textback_server.domain.events import Event, ReplyRejected, StatusChanged
from textback_server.domain.messages import (
    DecidedBy,
    Failure,
    Message,
    MessageState,
    Outcome,
    Reply,
    ReplyVia,
    Terms,
    WaitState,
)
from textback_server.domain.reasons import Reason
from textback_server.domain.rejections import RejectReason
from textback_server.domain.transitions import (
    ABOUT_THE_WAIT,
    DEAD,
    MAX_REJECTIONS,
    RANK,
    RECEIPT,
    SETTLE,
    TABLE,
    ByRank,
    Row,
    Stimulus,
    apply,
)

SID = a_sid()
REPLY = Reply(text="yes", body="4821 yes", choice="", twilio_sid=a_sid(), receive_time=NOW, via=ReplyVia.WEBHOOK)
REFUSED = Failure(reason=Reason.INVALID_RECIPIENT, message="no", twilio_code=21211, refused=True)
BARRED = Failure(reason=Reason.RECIPIENT_OPTED_OUT, message="stopped", twilio_code=21610, refused=True)
AWAY = Failure(reason=Reason.TWILIO_BUSY, message="later")

FACTS: dict[Stimulus, facts.Fact] = {
    Stimulus.CLAIMED: facts.Due(),
    Stimulus.ACCEPTED: facts.PostAccepted(twilio_sid=SID, twilio_status="queued", state=MessageState.QUEUED),
    Stimulus.REFUSED: facts.PostRefused(failure=REFUSED),
    Stimulus.BARRED: facts.PostRefused(failure=BARRED),
    Stimulus.HELD: facts.PostHeld(failure=AWAY, retry_after=timedelta(seconds=2)),
    Stimulus.UNCLEAR: facts.PostUnclear(failure=AWAY),
    Stimulus.REPORTED: facts.StatusReported(state=MessageState.DELIVERED, twilio_status="delivered", twilio_sid=SID),
    Stimulus.ABSENT: facts.NotListed(list_time=NOW + timedelta(minutes=15)),
    Stimulus.LEASE_ENDED: facts.Due(),
    Stimulus.SETTLED: facts.Due(),
    Stimulus.GAVE_UP: facts.Due(),
    Stimulus.REPLIED: facts.Replied(reply=REPLY),
    Stimulus.REJECTED: facts.ReplyRefused(
        reason=RejectReason.NOT_A_CHOICE, body="4821 perhaps", twilio_sid=a_sid(), person_told=True
    ),
    Stimulus.OPTED_OUT: facts.OptOut(twilio_sid=a_sid()),
    Stimulus.CANCELLED: facts.CancelRequested(),
    Stimulus.EXPIRED: facts.Due(),
}
NAMED = {
    Stimulus.ACCEPTED: MessageState.QUEUED,
    Stimulus.REPORTED: MessageState.DELIVERED,
    Stimulus.BARRED: MessageState.FAILED,
}
LATER = NOW + timedelta(minutes=15)


def standing(state: MessageState, stimulus: Stimulus, *, waits: bool) -> Message:
    """A message in a state in which the stimulus can come: its alarm has rung, its wait expired only for EXPIRED."""
    message = a_message(a_draft() if waits else a_draft(wait=None))
    if message.wait is not None and stimulus is Stimulus.EXPIRED:
        message = replace(message, wait=replace(message.wait, expire_time=LATER))
    created = NOW if stimulus is Stimulus.GAVE_UP else LATER - timedelta(minutes=1)
    sms = replace(message.sms, resend_if_unconfirmed=stimulus is Stimulus.ABSENT)
    return replace(message, state=state, alarm=LATER, create_time=created, sms=sms)


PAIRS = [
    pytest.param(state, stimulus, row, id=f"{state}-{stimulus}")
    for (state, stimulus), row in TABLE.items()
    if stimulus is not Stimulus.GAVE_UP and (state, stimulus) != (MessageState.PENDING, Stimulus.SETTLED)
]


@pytest.mark.parametrize(("state", "stimulus", "row"), PAIRS)
def test_apply_does_what_the_table_says_when_a_wait_is_open(state: MessageState, stimulus: Stimulus, row: Row) -> None:
    before = standing(state, stimulus, waits=True)
    change = apply(before, FACTS[stimulus], LATER)
    wanted = _wanted(state, stimulus, row)
    wait = row.wait or (WaitState.FAILED if wanted in DEAD else WaitState.OPEN)
    if change is None:
        assert (wanted, wait) == (state, WaitState.OPEN)
        return
    assert change.after.state is wanted
    assert change.after.wait is not None
    assert change.after.wait.state is wait
    assert (change.after.result is None) == (wait is WaitState.OPEN)
    news = wanted is not state or wait is not WaitState.OPEN or stimulus is Stimulus.REJECTED
    assert len(change.events) == news


@pytest.mark.parametrize(("state", "stimulus", "row"), [pair for pair in PAIRS if Stimulus.EXPIRED not in pair.values])
def test_apply_does_what_the_table_says_when_there_is_no_wait(
    state: MessageState, stimulus: Stimulus, row: Row
) -> None:
    change = apply(standing(state, stimulus, waits=False), FACTS[stimulus], LATER)
    wanted = _wanted(state, stimulus, row)
    if stimulus in ABOUT_THE_WAIT:
        assert change is None
    elif change is not None:
        assert change.after.state is wanted
        ends = wanted in DEAD | {MessageState.DELIVERED, MessageState.READ, MessageState.OUTCOME_UNKNOWN}
        assert (change.after.result is not None) == (ends or (stimulus is Stimulus.SETTLED and wanted is state))


@pytest.mark.parametrize(
    ("state", "stimulus"),
    [(s, t) for s in MessageState for t in Stimulus if (s, t) not in TABLE and FACTS[t] != facts.Due()],
)
def test_apply_changes_nothing_when_the_table_has_no_such_pair(state: MessageState, stimulus: Stimulus) -> None:
    assert apply(standing(state, stimulus, waits=True), FACTS[stimulus], LATER) is None


def _wanted(state: MessageState, stimulus: Stimulus, row: Row) -> MessageState:
    if not isinstance(row.becomes, ByRank):
        return row.becomes
    named = NAMED[stimulus]
    return named if RANK[named] > RANK[state] else state


STATUSES = st.sampled_from([state for state in MessageState if RANK[state] >= RANK[MessageState.ACCEPTED]])
ANY_FACT = st.one_of(
    st.sampled_from(list(FACTS.values())),
    STATUSES.map(lambda s: facts.StatusReported(state=s, twilio_status=s.lower(), twilio_sid=SID)),
)


@given(st.booleans(), st.lists(st.tuples(ANY_FACT, st.integers(0, 400)), max_size=40))
def test_history_is_dense_and_ends_once_when_anything_happens_in_any_order(
    waits: bool, happenings: list[tuple[facts.Fact, int]]
) -> None:
    message, now = a_message(a_draft() if waits else a_draft(wait=None)), NOW
    events: list[Event] = []
    for fact, seconds in happenings:
        now += timedelta(seconds=seconds)
        change = apply(message, fact, now)
        if change is None:
            continue
        assert change.before is message
        assert change.after.revision == message.revision + 1
        assert not (message.result and change.events), "an event after the end"
        assert message.result is None or change.after.result == message.result, "the result changed"
        message = change.after
        events += change.events
        if message.state in DEAD and message.wait:
            assert not message.wait.open, "a wait outlived its SMS"
    assert [event.sequence for event in events] == list(range(2, 2 + len(events)))
    assert message.sequence == 1 + len(events)
    assert sum(event.terminal for event in events) == (message.result is not None)
    assert all(not event.terminal for event in events[:-1])


@given(st.permutations([MessageState.QUEUED, MessageState.SENT, MessageState.DELIVERED]))
def test_delivery_ends_the_same_when_callbacks_come_in_any_order(order: list[MessageState]) -> None:
    message = a_message()
    for state in order:
        fact = facts.StatusReported(state=state, twilio_status=state.lower(), twilio_sid=SID)
        change = apply(message, fact, NOW)
        message = change.after if change else message
    assert message.state is MessageState.DELIVERED
    assert message.twilio_status == "delivered"


def test_reply_wins_and_proves_the_sms_when_the_post_was_unclear() -> None:
    unclear = apply(a_message(), FACTS[Stimulus.UNCLEAR], NOW)
    assert unclear is not None
    replied = apply(unclear.after, FACTS[Stimulus.REPLIED], NOW)
    assert replied is not None
    assert replied.after.state is MessageState.ACCEPTED
    assert replied.after.result is not None
    assert (replied.after.result.outcome, replied.after.result.decided_by) == (Outcome.REPLIED, DecidedBy.REPLY)


def test_wait_stays_open_when_the_send_outcome_stays_unknown() -> None:
    unclear = apply(a_message(), FACTS[Stimulus.UNCLEAR], NOW)
    assert unclear is not None
    settled = apply(unclear.after, facts.Due(), NOW + SETTLE)
    assert settled is not None
    assert settled.after.state is MessageState.OUTCOME_UNKNOWN
    assert settled.after.wait is not None
    assert settled.after.wait.open
    assert settled.after.result is None


def test_message_without_wait_settles_when_no_receipt_comes() -> None:
    accepted = apply(a_message(a_draft(wait=None)), FACTS[Stimulus.ACCEPTED], NOW)
    assert accepted is not None
    assert accepted.after.due == NOW + RECEIPT
    assert apply(accepted.after, facts.Due(), NOW + RECEIPT - timedelta(seconds=1)) is None
    settled = apply(accepted.after, facts.Due(), NOW + RECEIPT)
    assert settled is not None
    assert settled.after.result is not None
    assert settled.after.result.outcome is Outcome.SETTLED
    assert settled.after.due is None


def test_pending_message_is_never_sent_when_its_wait_closes() -> None:
    held = apply(a_message(), FACTS[Stimulus.HELD], NOW)
    assert held is not None
    assert (held.after.state, held.after.due) == (MessageState.PENDING, NOW + timedelta(seconds=2))
    for fact in (facts.CancelRequested(), facts.OptOut(twilio_sid=a_sid()), facts.Replied(reply=REPLY)):
        closed = apply(held.after, fact, NOW)
        assert closed is not None
        assert closed.after.state is MessageState.CANCELLED
        assert closed.after.due is None


def test_pending_message_without_wait_fails_when_twilio_takes_nothing_for_ten_minutes() -> None:
    held = apply(a_message(a_draft(wait=None)), FACTS[Stimulus.HELD], NOW)
    assert held is not None
    gave_up = apply(held.after, facts.Due(), NOW + timedelta(minutes=10))
    assert gave_up is not None
    assert gave_up.after.state is MessageState.FAILED
    assert gave_up.after.failure is not None
    assert gave_up.after.failure.reason is Reason.NOT_SENT_IN_TIME


def unclear(*, resend: bool = True, wait: Terms | None = WAITING) -> Message:
    draft = a_draft(wait=wait)
    draft = replace(draft, sms=replace(draft.sms, resend_if_unconfirmed=resend))
    return _after(a_message(draft), FACTS[Stimulus.UNCLEAR])


def test_unconfirmed_message_is_sent_again_once_when_that_was_asked_for_and_no_list_shows_it() -> None:
    absent = facts.NotListed(list_time=NOW + SETTLE)
    again = _after(unclear(), absent)
    assert (again.state, again.due, again.resent) == (MessageState.PENDING, NOW, True)
    second = _after(_after(again, facts.Due()), FACTS[Stimulus.UNCLEAR])
    assert (second.state, second.attempt) == (MessageState.UNCONFIRMED, 2)
    assert apply(second, facts.NotListed(list_time=NOW + timedelta(hours=1)), NOW) is None


def test_unconfirmed_message_is_not_sent_again_when_the_list_is_too_early_or_nobody_asked_for_it() -> None:
    early = facts.NotListed(list_time=NOW + SETTLE - timedelta(microseconds=1))
    assert apply(unclear(), early, NOW) is None
    assert apply(unclear(resend=False), facts.NotListed(list_time=NOW + timedelta(hours=1)), NOW) is None


def test_message_sent_again_ends_as_unknown_when_twilio_then_takes_nothing() -> None:
    again = _after(unclear(wait=None), facts.NotListed(list_time=NOW + SETTLE))
    given_up = apply(again, facts.Due(), NOW + timedelta(minutes=10))
    assert given_up is not None
    assert given_up.after.state is MessageState.OUTCOME_UNKNOWN
    assert given_up.after.result is not None
    assert given_up.after.result.outcome is Outcome.UNKNOWN


def test_timeout_decides_when_the_terms_say_what_silence_means() -> None:
    message = a_message(a_draft(wait=terms("yes", "no", timeout_choice="no")))
    assert message.wait is not None
    change = apply(message, facts.Due(), message.wait.expire_time)
    assert change is not None
    assert change.after.result is not None
    assert (change.after.result.choice, change.after.result.decided_by) == ("no", DecidedBy.TIMEOUT)


def test_rejections_are_bounded_when_a_person_keeps_writing() -> None:
    message, told = a_message(), 0
    for _ in range(MAX_REJECTIONS + 5):
        change = apply(message, FACTS[Stimulus.REJECTED], NOW)
        if change is not None:
            message, told = change.after, told + len(change.events)
            assert all(isinstance(event.what, ReplyRejected) for event in change.events)
    assert told == MAX_REJECTIONS


def test_wrong_answer_counts_when_there_are_too_many_rejections_to_tell_of() -> None:
    message = a_message(a_draft(wait=replace(terms("yes"), max_invalid_replies=1)))
    chatter = facts.ReplyRefused(reason=RejectReason.NO_CODE, body="hm", twilio_sid=a_sid(), person_told=False)
    for _ in range(MAX_REJECTIONS):
        message = _after(message, chatter)
    assert apply(message, chatter, NOW) is None
    hinted = _after(message, replace(chatter, hinted=True)).wait
    assert hinted is not None
    assert hinted.hinted
    ended = _after(message, FACTS[Stimulus.REJECTED])
    assert ended.result is not None
    assert ended.result.outcome is Outcome.FAILED


def _after(message: Message, fact: facts.Fact) -> Message:
    change = apply(message, fact, NOW)
    assert change is not None
    return change.after


def test_opt_out_told_by_twilio_ends_the_wait_as_opted_out() -> None:
    fact = facts.StatusReported(
        state=MessageState.UNDELIVERED, twilio_status="undelivered", twilio_sid=SID, failure=BARRED
    )
    change = apply(a_message(), fact, NOW)
    assert change is not None
    assert change.after.result is not None
    assert change.after.result.outcome is Outcome.OPTED_OUT


def test_status_event_carries_sid_and_word_when_twilio_accepts() -> None:
    change = apply(a_message(), FACTS[Stimulus.ACCEPTED], NOW)
    assert change is not None
    assert change.events[0].what == StatusChanged(
        state=MessageState.QUEUED, twilio_status="queued", twilio_sid=SID, failure=None
    )
