"""Replies and news that only Twilio's list knows, on a clock that is moved by hand."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from tests.support.builders import NOW, PERSON, SENDER, a_draft, a_sid, an_inbound, terms
from tests.support.engines import Engine, ScriptedTwilio, engine, held
from tests.support.service import eventually
from textback_server.domain.changes import Write
from textback_server.domain.facts import PostAccepted, PostUnclear, StatusReported
from textback_server.domain.listing import Listed, Listing
from textback_server.domain.messages import (
    Failure,
    Message,
    MessageState,
    Outcome,
    ReplyMatch,
    ReplyVia,
    Terms,
    WaitState,
)
from textback_server.domain.polling import GAP, PATIENCE
from textback_server.domain.reasons import Reason
from textback_server.engine import poller as poller_module
from textback_server.engine.poller import SOON, PollerSettings
from textback_server.gateway.protocol import NotListable
from textback_server.store.protocol import Conflict, InboundFilter
from textback_server.store.sqlite import SqliteStore

ALONE = PollerSettings(enabled=True, webhooks=False)
BOTH = PollerSettings(enabled=True, webhooks=True)
UNCLEAR = PostUnclear(failure=Failure(reason=Reason.TWILIO_TIMEOUT, message="no answer"))
AWAY = NotListable(Reason.TWILIO_UNREACHABLE, "NotSent")
REFUSED = NotListable(Reason.TWILIO_AUTH_FAILED, "HTTP 401")


async def asked(running: Engine, wait: Terms | None = None, *, resend: bool = False) -> Message:
    """A question that Twilio was handed, or tried to be."""
    draft = a_draft(wait=wait or terms("yes", "no"), create_time=running.time.now)
    draft = replace(draft, sms=replace(draft.sms, resend_if_unconfirmed=resend))
    return await running.desk.handed_over(await running.desk.accept(draft), 5)


def code(message: Message) -> str:
    assert message.wait is not None
    return message.wait.code


def texted(running: Engine, body: str, *, at: datetime | None = None, person: str = PERSON) -> Listed:
    """A person's SMS, in Twilio's list from now on."""
    row = Listed(
        twilio_sid=a_sid(), sender=person, recipient=SENDER, body=body, inbound=True, time=at or running.time.now
    )
    running.twilio.listed.append(row)
    return row


def listed(running: Engine, message: Message, state: MessageState = MessageState.QUEUED, **changes: object) -> Listed:
    """An SMS of ours, in Twilio's list from now on."""
    row = Listed(
        twilio_sid=message.twilio_sid or a_sid(),
        sender=SENDER,
        recipient=message.sms.recipient,
        body=message.text,
        inbound=False,
        time=running.time.now,
        state=state,
        twilio_status=state.lower(),
    )
    row = replace(row, **changes)  # type: ignore[arg-type] # any field
    running.twilio.listed.append(row)
    return row


async def polled(running: Engine, *, seconds: float = 0) -> None:
    running.time.move(seconds=seconds)
    await running.poller.poll()


async def lived(running: Engine, *, seconds: int) -> None:
    """So much time goes by, with both loops at work."""
    for _ in range(seconds):
        await polled(running, seconds=1)
        await running.sweeper.sweep()


async def now(running: Engine, message: Message) -> Message:
    stored = await running.store.load(message.id)
    assert stored is not None
    return stored


async def wait_state(running: Engine, message: Message) -> WaitState | None:
    after = await now(running, message)
    return after.wait.state if after.wait else None


async def test_reply_is_found_when_no_webhook_brought_it() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running)
        await polled(running)
        row = texted(running, f"{code(question)} yes")
        await polled(running, seconds=2)
        after = await now(running, question)
        assert after.result is not None
        assert (after.result.outcome, after.result.choice) == (Outcome.REPLIED, "yes")
        assert after.wait is not None
        assert after.wait.reply is not None
        assert (after.wait.reply.via, after.wait.reply.twilio_sid) == (ReplyVia.POLLING, row.twilio_sid)


async def test_reply_that_the_list_shows_far_behind_newer_ones_is_found_within_ten_minutes() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running)
        await polled(running)
        texted(running, "hello", at=NOW + timedelta(minutes=40))
        await polled(running, seconds=40 * 60)
        texted(running, f"{code(question)} yes", at=NOW + timedelta(minutes=9))
        await polled(running, seconds=9 * 60)
        assert (await now(running, question)).result is None, "a look goes half an hour back, and seldom all the way"
        await polled(running, seconds=60)
        assert (await now(running, question)).result is not None


async def test_other_replies_are_found_when_the_store_never_agrees_about_one(monkeypatch: pytest.MonkeyPatch) -> None:
    commit, other = SqliteStore.commit, "+14155550144"

    async def contrary(store: SqliteStore, write: Write) -> None:
        if write.inbound is not None and write.inbound.sender == other:
            raise Conflict("changed meanwhile")
        await commit(store, write)

    async with engine(polling=ALONE) as running:
        question = await asked(running)
        await polled(running)
        monkeypatch.setattr(SqliteStore, "commit", contrary)
        texted(running, "hello", person=other)
        running.time.move(seconds=1)
        texted(running, f"{code(question)} yes")
        await polled(running, seconds=2)
        assert (await now(running, question)).result is not None


async def test_reply_counts_once_when_webhook_and_list_both_bring_it() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running)
        await polled(running)
        row = texted(running, f"{code(question)} perhaps")
        await running.intake.inbound(an_inbound(row.body, twilio_sid=row.twilio_sid))
        for _ in range(3):
            await polled(running, seconds=600)
        page = await running.store.inbound(InboundFilter(account="main"), None, 10)
        assert [each.via for each in page.rows] == [ReplyVia.WEBHOOK]
        assert len(running.twilio.posts) == 1, "nobody was told by SMS what the webhook's answer told"


async def test_person_is_told_by_sms_when_the_list_brought_a_wrong_answer() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running)
        await polled(running)
        texted(running, f"{code(question)} perhaps")
        await polled(running, seconds=2)
        notice = running.twilio.posts[-1]
        assert (len(running.twilio.posts), notice.recipient, notice.sender) == (2, PERSON, SENDER)
        assert code(question) in notice.text
        await polled(running, seconds=2)
        assert len(running.twilio.posts) == 2


async def test_nothing_is_asked_of_twilio_when_no_question_is_open() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running)
        await running.intake.status(
            "main",
            question.id,
            StatusReported(state=MessageState.DELIVERED, twilio_status="x", twilio_sid=question.twilio_sid),
        )
        await running.desk.cancel("main", question.id)
        for _ in range(10):
            await polled(running, seconds=60)
        assert running.twilio.lists == 0


async def test_calls_to_twilio_do_not_grow_with_the_open_waits() -> None:
    counts = []
    for questions in (1, 40):
        async with engine(polling=ALONE) as running:
            for _ in range(questions):
                await asked(running)
            for _ in range(300):
                await polled(running, seconds=1)
            counts.append(running.twilio.lists)
    assert counts[0] == counts[1] > 10


async def test_long_lists_are_asked_for_as_much_more_seldom() -> None:
    counts = []
    for pages in (1, 20):
        async with engine(polling=ALONE) as running:
            running.twilio.pages = pages
            await asked(running)
            for _ in range(600):
                await polled(running, seconds=1)
            counts.append(running.twilio.lists * pages)
    statuses, replies = 600 / GAP.total_seconds(), 20 * 600 / SOON.total_seconds()
    assert counts[1] <= 1.1 * (statuses + replies), "what people text is looked for soon, however much they text"
    assert counts[0] > 50


async def test_next_look_comes_as_soon_as_ever_when_the_one_before_went_far_back() -> None:
    async with engine(polling=ALONE) as running:
        await asked(running)
        running.twilio.pages = 50
        await polled(running)
        await polled(running, seconds=2)
        running.twilio.pages, lists = 1, running.twilio.lists
        await polled(running, seconds=2)
        assert running.twilio.lists > lists


async def test_wait_ends_soon_however_long_the_list_is() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running, terms("yes", reply_timeout=timedelta(seconds=110)))
        running.twilio.pages = 50
        await lived(running, seconds=110 + int(SOON.total_seconds()))
        assert await wait_state(running, question) is WaitState.TIMED_OUT


async def test_service_is_asked_for_its_numbers_again_soon_when_it_showed_none() -> None:
    senders = replace(a_draft().sms, sender="MG" + "0" * 32)
    async with engine(polling=ALONE) as running:
        running.twilio.numbers = ()
        draft = replace(a_draft(wait=terms("yes"), create_time=running.time.now), sms=senders)
        question = await running.desk.handed_over(await running.desk.accept(draft), 5)
        await polled(running)
        await polled(running, seconds=2)
        texted(running, f"{code(question)} yes")
        running.twilio.numbers = (SENDER,)
        for _ in range(70):
            await polled(running, seconds=1)
        assert await wait_state(running, question) is WaitState.REPLIED


async def test_sent_again_question_waits_for_its_look_while_it_is_held_back() -> None:
    async with engine(polling=ALONE) as running:
        running.twilio.outcomes.extend([UNCLEAR, held(600)])
        question = await asked(running, terms("yes", reply_timeout=timedelta(minutes=5)), resend=True)
        await polled(running)
        await lived(running, seconds=295)
        assert (await now(running, question)).state is MessageState.PENDING
        texted(running, f"{code(question)} yes")
        running.time.move(seconds=6)
        await running.sweeper.sweep()
        await polled(running, seconds=10)
        assert await wait_state(running, question) is WaitState.REPLIED


async def test_wait_is_not_ended_when_the_list_did_not_reach_back_to_what_was_seen() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running, terms("yes", reply_timeout=timedelta(minutes=50)))
        await polled(running)
        texted(running, "hello", person="+14155550170")
        await polled(running, seconds=60)
        running.time.move(minutes=48)
        texted(running, f"{code(question)} yes")
        for number in range(3):
            running.time.move(seconds=1)
            texted(running, "hello", person=f"+1415555017{number}")
        running.twilio.most = 2
        with capture_logs() as logs:
            await polled(running, seconds=60)
        assert {line["event"] for line in logs if line["log_level"] == "warning"} == {"poll.cut"}
        assert await running.sweeper.sweep() == 0
        running.twilio.most = 1_000
        await polled(running, seconds=10)
        after = await now(running, question)
        assert after.result is not None
        assert after.result.outcome is Outcome.REPLIED


async def test_waits_end_half_a_minute_late_when_lists_never_reach_back_to_what_was_seen() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        running.twilio.most = 1
        for number in range(60 + int(PATIENCE.total_seconds())):
            texted(running, "hello", person=f"+1415555{number:04}")
            await lived(running, seconds=1)
        assert await wait_state(running, question) is WaitState.TIMED_OUT
        assert running.twilio.lists < 90


async def test_new_questions_are_answered_at_once_when_the_first_look_after_a_start_was_cut() -> None:
    async with engine(polling=ALONE) as before:
        old = await asked(before, terms("yes", reply_timeout=timedelta(days=7)))
        for number in range(5):
            before.time.move(hours=1)
            texted(before, "hello", person=f"+1415555017{number}")
        before.twilio.most, before.twilio.pages = 3, 100
        async with engine(polling=ALONE, on=before.store, time=before.time, twilio=before.twilio) as running:
            await polled(running)
            running.twilio.pages = 1
            question = await asked(running)
            texted(running, f"{code(question)} yes")
            for _ in range(4):
                await polled(running, seconds=1)
            assert await wait_state(running, question) is WaitState.REPLIED
            assert await wait_state(running, old) is WaitState.OPEN


async def test_deep_look_counts_as_an_ordinary_one_when_it_reaches_what_was_seen() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running, terms("yes", reply_timeout=timedelta(minutes=75)))
        await polled(running)
        for minutes in (0, 20, 40):
            running.time.move(minutes=minutes)
            texted(running, "hello", person="+14155550170")
        await polled(running, seconds=300)
        running.twilio.most = 2
        await polled(running, seconds=601)
        assert await running.sweeper.sweep() == 1
        assert await wait_state(running, question) is WaitState.TIMED_OUT


async def test_wait_stays_open_until_a_look_for_its_reply_was_made_after_its_time() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        await polled(running)
        await polled(running, seconds=59)
        texted(running, f"{code(question)} yes", at=NOW + timedelta(seconds=59))
        running.time.move(seconds=2)
        assert await running.sweeper.sweep() == 0, "the last look was before the wait's time"
        await polled(running, seconds=2)
        after = await now(running, question)
        assert after.result is not None
        assert after.result.outcome is Outcome.REPLIED


async def test_wait_ends_when_the_look_after_its_time_finds_nothing() -> None:
    async with engine(polling=BOTH) as running:
        question = await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        await polled(running)
        await polled(running, seconds=60)
        assert await running.sweeper.sweep() == 1
        assert (await now(running, question)).result is not None


async def test_wait_ends_after_half_a_minute_when_twilio_shows_no_list() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        running.twilio.silent = AWAY
        await polled(running)
        await polled(running, seconds=60)
        running.time.move(seconds=PATIENCE.total_seconds() - 1)
        await running.poller.poll()
        assert await running.sweeper.sweep() == 0
        running.time.move(seconds=1)
        assert await running.sweeper.sweep() == 1
        after = await now(running, question)
        assert after.result is not None
        assert after.result.outcome is Outcome.TIMED_OUT


async def test_wait_waits_for_its_look_when_the_machine_stood_still() -> None:
    async with engine(polling=ALONE) as running:
        answered, unanswered = [
            await asked(running, terms("yes", reply_timeout=timedelta(seconds=60))) for _ in range(2)
        ]
        await polled(running, seconds=0)
        texted(running, f"{code(answered)} yes", at=running.time.now + timedelta(seconds=30))
        running.time.move(seconds=600)  # asleep
        assert await running.sweeper.sweep() == 0
        await running.poller.poll()
        await running.sweeper.sweep()
        results = [(await now(running, each)).result for each in (answered, unanswered)]
        assert [result and result.outcome for result in results] == [Outcome.REPLIED, Outcome.TIMED_OUT]


async def test_wait_of_which_the_poller_had_not_read_waits_for_its_look_when_the_machine_stood_still() -> None:
    async with engine(polling=ALONE) as running:
        await polled(running)  # nothing was asked yet
        question = await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        texted(running, f"{code(question)} yes", at=running.time.now + timedelta(seconds=30))
        running.time.move(seconds=600)  # asleep
        assert await running.sweeper.sweep() == 0
        await polled(running)
        await polled(running, seconds=2)
        await running.sweeper.sweep()
        result = (await now(running, question)).result
        assert result is not None
        assert result.outcome is Outcome.REPLIED


async def test_waits_end_at_their_time_while_twilio_keeps_a_round_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for_a_list = asyncio.Event()

    async def hangs(self: ScriptedTwilio, account: str, **_: object) -> Listing:  # noqa: ARG001 - the protocol's
        asked_for_a_list.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody ends it")

    monkeypatch.setattr(ScriptedTwilio, "texts", hangs)
    monkeypatch.setattr(poller_module, "TICK", 0.001)
    async with engine(polling=ALONE) as running, asyncio.timeout(10), asyncio.TaskGroup() as group:
        await running.desk.handed_over(await running.desk.accept(a_draft(wait=None)), 5)
        polling = group.create_task(running.poller.run())
        while not asked_for_a_list.is_set():
            running.time.move(seconds=3)
            await asyncio.sleep(0.001)
        running.time.move(seconds=40)
        await eventually(lambda: running.poller.horizon(running.time.now) == running.time.now)
        polling.cancel()


async def test_wait_waits_when_twilio_answered_and_what_it_said_is_not_taken_in_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unseen = SqliteStore.unseen

    async with engine(polling=ALONE) as running:

        async def asleep(self: SqliteStore, account: str, twilio_sids: Sequence[str]) -> frozenset[str]:
            running.time.move(seconds=600)
            assert await running.sweeper.sweep() == 0
            return await unseen(self, account, twilio_sids)

        question = await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        await polled(running, seconds=59)
        texted(running, f"{code(question)} yes")
        running.time.move(seconds=2)
        monkeypatch.setattr(SqliteStore, "unseen", asleep)
        await running.poller.poll()
        result = (await now(running, question)).result
        assert result is not None
        assert result.outcome is Outcome.REPLIED


async def test_wait_waits_for_its_look_when_twilio_was_silent_over_an_earlier_one() -> None:
    async with engine(polling=ALONE) as running:
        await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        running.twilio.silent = AWAY
        await polled(running)
        await polled(running, seconds=61)
        running.time.move(seconds=60)
        assert await running.sweeper.sweep() == 1
        await polled(running, seconds=600)  # nothing is open
        running.twilio.silent = None
        await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        await polled(running)
        running.time.move(seconds=600)  # asleep
        assert await running.sweeper.sweep() == 0


async def test_waits_of_every_sender_end_when_twilio_shows_no_list() -> None:
    async with engine(polling=ALONE) as running:
        for sender in ("+15005550006", "+15005550007", "+15005550008"):
            draft = a_draft(sender=sender, wait=terms("yes", reply_timeout=timedelta(seconds=60)))
            await running.desk.handed_over(await running.desk.accept(draft), 5)
        running.twilio.silent = AWAY
        await polled(running)
        await polled(running, seconds=61)
        running.time.move(seconds=PATIENCE.total_seconds())
        assert await running.sweeper.sweep() == 3


async def test_wait_ends_at_its_time_when_twilio_refuses_our_credentials() -> None:
    async with engine(polling=ALONE) as running:
        await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        running.twilio.silent = REFUSED
        await polled(running, seconds=0)
        await polled(running, seconds=60)
        assert await running.sweeper.sweep() == 1


async def test_lease_ends_in_time_when_expired_waits_hold_for_their_look() -> None:
    async with engine(polling=ALONE) as running:
        running.twilio.silent = AWAY
        for _ in range(3):
            await asked(running, terms("yes", reply_timeout=timedelta(seconds=29)))
        running.twilio.outcomes.append(RuntimeError("the task died"))
        told = await running.desk.accept(a_draft(wait=None))
        await polled(running, seconds=30)
        await running.sweeper.sweep()
        assert (await now(running, told)).state is MessageState.UNCONFIRMED


async def test_reply_is_late_when_twilio_dates_it_after_the_wait_although_nobody_ended_it_yet() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running, terms("yes", reply_timeout=timedelta(seconds=60)))
        await polled(running)
        texted(running, f"{code(question)} yes", at=NOW + timedelta(seconds=61))
        await polled(running, seconds=120)
        after = await now(running, question)
        assert after.result is not None
        assert after.result.outcome is Outcome.TIMED_OUT


async def test_first_look_after_a_start_finds_what_came_meanwhile_before_anything_expires() -> None:
    async with engine(polling=ALONE) as running:
        answered = await asked(running, terms("yes", reply_timeout=timedelta(minutes=10)))
        silent = await asked(running, terms("yes", reply_timeout=timedelta(minutes=10)))
        texted(running, f"{code(answered)} yes", at=NOW + timedelta(minutes=5))
        running.time.move(hours=6)
        async with engine(polling=ALONE, on=running.store, time=running.time, twilio=running.twilio) as restarted:
            assert await restarted.sweeper.sweep() == 0, "it expires nothing that it has not looked for"
            await restarted.poller.poll()
            await restarted.sweeper.sweep()
            outcomes = [(await now(restarted, each)).result for each in (answered, silent)]
            assert [each.outcome for each in outcomes if each] == [Outcome.REPLIED, Outcome.TIMED_OUT]


async def test_stop_that_the_list_brings_ends_what_was_asked_before_it_and_not_after() -> None:
    async with engine(polling=ALONE) as running:
        before = await asked(running)
        running.time.move(seconds=60)
        texted(running, "STOP", at=running.time.now)
        running.time.move(seconds=60)
        after = await asked(running)
        await polled(running, seconds=2)
        await polled(running, seconds=2)
        states = [(await now(running, each)).wait for each in (before, after)]
        assert [each.state for each in states if each] == [WaitState.OPTED_OUT, WaitState.OPEN]


async def test_text_without_code_is_no_answer_when_twilio_dates_it_before_the_question() -> None:
    async with engine(polling=ALONE) as running:
        sender_match = replace(terms("yes", "no"), reply_match=ReplyMatch.SENDER)
        texted(running, "no", at=NOW - timedelta(seconds=30))
        question = await asked(running, sender_match)
        await polled(running)
        await polled(running, seconds=2)
        assert (await now(running, question)).result is None
        texted(running, "no")
        await polled(running, seconds=5)
        assert (await now(running, question)).result is not None


async def test_status_moves_on_when_only_the_list_knows_it() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running)
        await polled(running)
        listed(running, question, MessageState.DELIVERED)
        await polled(running, seconds=2)
        assert (await now(running, question)).state is MessageState.DELIVERED


async def test_wait_fails_when_the_list_says_that_its_sms_cannot_arrive() -> None:
    async with engine(polling=BOTH) as running:
        question = await asked(running)
        await polled(running)
        why = Failure(reason=Reason.UNDELIVERABLE, message="no such phone", twilio_code=30005)
        listed(running, question, MessageState.UNDELIVERED, failure=why)
        await polled(running, seconds=61)
        after = await now(running, question)
        assert after.result is not None
        assert after.result.failure == why


async def test_unconfirmed_send_is_settled_by_the_list_within_seconds() -> None:
    async with engine(polling=BOTH) as running:
        running.twilio.outcomes.append(UNCLEAR)
        question = await asked(running)
        assert question.state is MessageState.UNCONFIRMED
        await polled(running)
        row = listed(running, question, MessageState.SENT)
        await polled(running, seconds=5)
        after = await now(running, question)
        assert (after.state, after.twilio_sid) == (MessageState.SENT, row.twilio_sid)


async def test_unconfirmed_send_is_made_again_only_when_asked_for_and_the_list_does_not_show_it() -> None:
    for resend, shown, posts in ((True, False, 2), (True, True, 1), (False, False, 1)):
        async with engine(polling=BOTH) as running:
            running.twilio.outcomes.append(UNCLEAR)
            question = await asked(running, resend=resend)
            if shown:
                listed(running, question)
            for _ in range(200):
                await polled(running, seconds=1)
                await running.sweeper.sweep()
            await running.desk.handed_over(question, 5)
            assert len(running.twilio.posts) == posts


async def test_unconfirmed_send_is_not_made_again_when_twilio_shows_no_list() -> None:
    async with engine(polling=BOTH) as running:
        running.twilio.outcomes.append(UNCLEAR)
        running.twilio.silent = AWAY
        question = await asked(running, resend=True)
        for _ in range(200):
            await polled(running, seconds=1)
            await running.sweeper.sweep()
        assert len(running.twilio.posts) == 1
        assert (await now(running, question)).state is MessageState.OUTCOME_UNKNOWN


async def test_shared_sender_is_noticed_and_people_get_no_hints() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running)
        listed(running, question, twilio_sid=a_sid(), body="Somebody else's text", recipient="+14155550177")
        await polled(running)
        assert not running.strangers.shared("main", SENDER, running.time.now), "it may still be ours"
        for _ in range(20):
            await polled(running, seconds=10)
        assert running.strangers.shared("main", SENDER, running.time.now)
        posts = len(running.twilio.posts)
        texted(running, "what is this?")
        await polled(running, seconds=10)
        assert len(running.twilio.posts) == posts


async def test_own_messages_and_notices_do_not_make_a_sender_shared() -> None:
    async with engine(polling=ALONE) as running:
        question = await asked(running)
        listed(running, question)
        await polled(running)
        texted(running, "what is this?")
        await polled(running, seconds=2)
        notice, answer = running.twilio.posts[-1], running.twilio.answered[-1]
        assert notice.text != question.text
        assert isinstance(answer, PostAccepted)
        listed(running, question, twilio_sid=answer.twilio_sid, body=notice.text)
        for _ in range(30):
            await polled(running, seconds=10)
        assert not running.strangers.shared("main", SENDER, running.time.now)


async def test_replies_are_found_and_waits_end_when_the_clock_is_set_back() -> None:
    async with engine(polling=ALONE) as running:
        answered, silent = [await asked(running, terms("yes", reply_timeout=timedelta(minutes=2))) for _ in range(2)]
        await polled(running)
        await polled(running, seconds=2)
        running.time.move(hours=-1)
        texted(running, f"{code(answered)} yes", at=NOW)
        await polled(running)
        await polled(running, seconds=2)
        assert (await now(running, answered)).result is not None
        running.time.move(hours=1, minutes=2)
        await polled(running)
        await running.sweeper.sweep()
        assert (await now(running, silent)).result is not None


@pytest.mark.parametrize(
    "error", [AWAY, NotListable(Reason.TWILIO_BUSY, "HTTP 429", retry_after=timedelta(seconds=40))]
)
async def test_twilio_is_left_alone_for_longer_when_it_turns_us_away(error: NotListable) -> None:
    async with engine(polling=ALONE) as running:
        await asked(running)
        await polled(running)
        running.twilio.silent = error
        before = running.twilio.lists
        for _ in range(120):
            await polled(running, seconds=1)
        assert running.twilio.lists - before < 8
        running.twilio.silent = None
        await polled(running, seconds=61)
        lists = running.twilio.lists
        await polled(running, seconds=16)
        assert running.twilio.lists > lists


async def test_twilio_is_left_alone_for_as_long_as_it_asks_when_that_is_longer_than_our_own_pauses() -> None:
    async with engine(polling=ALONE) as running:
        await asked(running)
        await polled(running)
        running.twilio.silent = NotListable(Reason.TWILIO_BUSY, "HTTP 429", retry_after=timedelta(minutes=5))
        await polled(running, seconds=2)
        refused = running.twilio.lists
        await polled(running, seconds=299)
        assert running.twilio.lists == refused
        await polled(running, seconds=1)
        assert running.twilio.lists > refused
