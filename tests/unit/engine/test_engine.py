"""Leases, back-offs, expiry and streams, on a clock that is moved by hand."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import uvloop

from tests.support.builders import PERSON, SENDER, a_draft, an_inbound, terms
from tests.support.engines import Engine, engine, held
from textback_server.domain.changes import Write
from textback_server.domain.errors import Refusal
from textback_server.domain.events import Event, Failed, ReplyReceived
from textback_server.domain.facts import PostUnclear, StatusReported
from textback_server.domain.messages import (
    Code,
    Disposition,
    Failure,
    Message,
    MessageState,
    Outcome,
    ReplyMatch,
    WaitState,
)
from textback_server.domain.reasons import Reason
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.follow import Heartbeat, StreamSettings
from textback_server.engine.outbox import MAX_VALIDITY, validity_period
from textback_server.store.protocol import Conflict, InboundFilter
from textback_server.store.sqlite import SqliteStore

AWAY = Failure(reason=Reason.TWILIO_UNREACHABLE, message="no connection")


async def test_lease_ends_as_unconfirmed_and_is_never_posted_again_when_nobody_reports() -> None:
    async with engine() as running:
        running.twilio.outcomes.append(RuntimeError("the task died"))
        message = await running.desk.accept(a_draft())
        await running.sweeper.sweep()
        assert await _state(running, message) is MessageState.SENDING
        running.time.move(seconds=30)
        await running.sweeper.sweep()
        assert await _state(running, message) is MessageState.UNCONFIRMED
        running.time.move(seconds=120)
        await running.sweeper.sweep()
        assert await _state(running, message) is MessageState.OUTCOME_UNKNOWN
    assert len(running.twilio.posts) == 1


async def test_held_message_is_posted_again_with_growing_pauses_when_its_time_comes() -> None:
    async with engine() as running:
        running.twilio.outcomes.extend([held(), held(), held()])
        message = await running.desk.accept(a_draft())
        for pause in (1, 2, 4):
            await running.desk.handed_over(message, 5)
            running.time.move(seconds=pause, microseconds=-1)
            assert await running.sweeper.sweep() == 0
            running.time.move(microseconds=1)
            assert await running.sweeper.sweep() == 1
        after = await running.desk.handed_over(message, 5)
        assert (after.state, after.attempt) == (MessageState.QUEUED, 4)
    callbacks = {post.status_callback for post in running.twilio.posts}
    assert len(callbacks) == 4, "each attempt has an address of its own"


async def test_wait_expires_at_its_time_and_not_before() -> None:
    async with engine() as running:
        message = await running.desk.accept(a_draft(wait=terms(reply_timeout=timedelta(minutes=10))))
        await running.desk.handed_over(message, 5)
        running.time.move(minutes=10, microseconds=-1)
        assert await running.sweeper.sweep() == 0
        running.time.move(microseconds=1)
        assert await running.sweeper.sweep() == 1
        after = await running.store.load(message.id)
        assert after is not None
        assert after.result is not None
        assert after.result.outcome is Outcome.TIMED_OUT


async def test_reply_and_cancel_have_one_winner_when_they_race() -> None:
    async with engine() as running:
        for _ in range(50):
            message = await running.desk.accept(a_draft())
            assert message.wait is not None
            answers = [running.intake.inbound(an_inbound(f"{message.wait.code} yes")) for _ in range(3)]
            await asyncio.gather(*answers, running.desk.cancel(message.account, message.id))
            events = await running.store.events(message.id, 0)
            assert sum(event.terminal for event in events) == 1
            assert events[-1].terminal or events[-1].sequence == len(events)


async def test_opt_out_ends_all_open_waits_when_there_are_more_than_a_page() -> None:
    async with engine() as running:
        messages = [await running.desk.accept(a_draft()) for _ in range(120)]
        await running.intake.inbound(an_inbound("STOP"))
        after = [await running.store.load(message.id) for message in messages]
        assert {each.wait.state for each in after if each and each.wait} == {WaitState.OPTED_OUT}
        assert not await running.store.open_waits("main", PERSON)


async def test_repeated_opt_out_leaves_alone_what_was_asked_after_it() -> None:
    async with engine() as running:
        stop = an_inbound("STOP")
        before = await running.desk.accept(a_draft())
        await running.intake.inbound(stop)
        running.time.move(hours=25)
        after = await running.desk.accept(a_draft(create_time=running.time.now))
        await running.intake.inbound(replace(stop, receive_time=running.time.now))
        states = [await running.store.load(message.id) for message in (before, after)]
        assert [each.wait.state for each in states if each and each.wait] == [WaitState.OPTED_OUT, WaitState.OPEN]


async def test_opt_out_ends_what_was_asked_before_it_when_much_was_asked_while_it_came() -> None:
    async with engine() as running:
        before = await running.desk.accept(a_draft())
        stop = an_inbound("STOP", receive_time=running.time.now)
        running.time.move(seconds=1)
        for _ in range(100):
            await running.desk.accept(a_draft(create_time=running.time.now))
        await running.intake.inbound(stop)
        assert await _wait_state(running, before) is WaitState.OPTED_OUT


async def test_opt_out_blocks_the_service_that_twilio_names_and_no_other() -> None:
    named, other = "MG" + "a" * 32, "MG" + "b" * 32
    async with engine() as running:
        await running.desk.accept(a_draft(sender=other))
        await running.intake.inbound(replace(an_inbound("STOP"), service=named))
        assert await running.store.blocks("main", PERSON) == (SENDER, named)
        assert await running.desk.accept(a_draft(sender=other))


async def test_sender_match_needs_the_code_until_ten_minutes_after_another_question_closed() -> None:
    wait = replace(terms("yes"), reply_match=ReplyMatch.SENDER)
    async with engine() as running:
        closing = await running.desk.accept(a_draft())
        sole = await running.desk.accept(a_draft(wait=wait))
        await running.desk.cancel(closing.account, closing.id)
        for state, seconds in ((WaitState.OPEN, 599), (WaitState.REPLIED, 1)):
            running.time.move(seconds=seconds)
            await running.intake.inbound(an_inbound("yes", receive_time=running.time.now))
            assert await _wait_state(running, sole) is state


async def test_text_older_than_the_question_is_no_answer_without_the_code() -> None:
    wait = replace(terms("yes"), reply_match=ReplyMatch.SENDER)
    async with engine() as running:
        early = an_inbound("yes", receive_time=running.time.now)
        running.time.move(seconds=5)
        sole = await running.desk.accept(a_draft(wait=wait, create_time=running.time.now))
        await running.intake.inbound(early)
        assert await _wait_state(running, sole) is WaitState.OPEN


async def test_block_lapses_after_a_day_and_holds_for_its_sender_alone() -> None:
    async with engine() as running:
        await running.intake.inbound(an_inbound("STOP"))
        await running.desk.accept(a_draft(sender="+14155550101"))
        running.time.move(hours=24, microseconds=-1)
        with pytest.raises(Refusal) as refused:
            await running.desk.accept(a_draft(create_time=running.time.now))
        assert refused.value.reason is Reason.RECIPIENT_OPTED_OUT
        running.time.move(microseconds=1)
        assert await running.desk.accept(a_draft(create_time=running.time.now))


@pytest.mark.parametrize("word", ["START", "YES"])
async def test_opt_in_ends_the_block_also_where_it_answers_a_question(word: str) -> None:
    wait = replace(terms(), reply_match=ReplyMatch.SENDER)
    async with engine() as running:
        await running.intake.inbound(an_inbound("STOP"))
        running.time.move(hours=1)
        other = await running.desk.accept(a_draft(sender="+14155550101", wait=wait, create_time=running.time.now))
        await running.intake.inbound(an_inbound(word, receive_time=running.time.now))
        assert await _wait_state(running, other) is (WaitState.REPLIED if word == "YES" else WaitState.OPEN)
        assert await running.desk.accept(a_draft(create_time=running.time.now))


async def test_text_that_answers_two_questions_answers_the_other_when_one_is_cancelled_meanwhile() -> None:
    async with engine() as running:
        one, other = [await running.desk.accept(a_draft(wait=terms("yes"))) for _ in range(2)]
        assert one.wait
        assert other.wait
        both = an_inbound(f"{one.wait.code} {other.wait.code} yes")
        await asyncio.gather(running.intake.inbound(both), running.desk.cancel(one.account, one.id))
        states = [await _wait_state(running, each) for each in (one, other)]
        assert states[0] in (WaitState.REPLIED, WaitState.CANCELLED)
        assert states[1] is WaitState.REPLIED


async def test_waits_end_at_the_nth_wrong_answer_when_many_come_at_once() -> None:
    async with engine() as running:
        message = await running.desk.accept(a_draft(wait=replace(terms("yes"), max_invalid_replies=3)))
        assert message.wait
        wrong = [an_inbound(f"{message.wait.code} perhaps {n}") for n in range(6)]
        await asyncio.gather(*map(running.intake.inbound, wrong))
        after = await running.store.load(message.id)
        assert after is not None
        assert after.wait is not None
        assert (after.wait.state, after.wait.invalid) == (WaitState.FAILED, 3)
        late = await running.store.inbound(InboundFilter(account="main", dispositions=(Disposition.LATE,)), None, 10)
        assert len(late.rows) == 3


async def _wait_state(running: Engine, message: Message) -> WaitState | None:
    after = await running.store.load(message.id)
    return after.wait.state if after and after.wait else None


async def test_status_is_not_taken_when_the_message_is_known_by_another_sid() -> None:
    async with engine() as running:
        message = await running.desk.accept(a_draft())
        await running.desk.handed_over(message, 5)
        foreign = StatusReported(state=MessageState.DELIVERED, twilio_status="delivered", twilio_sid="SM" + "f" * 32)
        assert not await running.intake.status(message.account, message.id, foreign)
        assert not await running.intake.status("other", message.id, foreign)


async def test_stream_replays_then_goes_on_live_then_ends() -> None:
    async with engine() as running:
        message = await running.desk.accept(a_draft())
        seen: list[Event] = []

        async def write(what: Event | Heartbeat) -> None:
            if isinstance(what, Event):
                seen.append(what)
                return
            assert what.sequence == seen[-1].sequence
            assert message.wait is not None
            await running.intake.inbound(an_inbound(f"{message.wait.code} yes"))

        await running.streams.follow(message, 0, write)
        assert [event.sequence for event in seen] == [1, 2, 3]
        assert isinstance(seen[-1].what, ReplyReceived)
        assert running.hub.listeners == 0


async def test_text_is_given_up_when_the_store_never_agrees_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async def contrary(_self: SqliteStore, _write: Write) -> None:
        raise Conflict("changed meanwhile")

    async with engine() as running:
        message = await running.desk.accept(a_draft())
        await running.desk.handed_over(message, 5)
        with monkeypatch.context() as patch:
            patch.setattr(SqliteStore, "commit", contrary)
            with pytest.raises(Conflict):
                await running.intake.inbound(an_inbound("hello"))
        await running.intake.inbound(an_inbound("hello"))
        assert len((await running.store.inbound(InboundFilter(account="main"), None, 10)).rows) == 1


async def test_news_of_one_message_go_one_after_the_other_and_never_lose_a_race(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost: list[Conflict] = []
    commit = SqliteStore.commit

    async def watched(store: SqliteStore, write: Write) -> None:
        try:
            await commit(store, write)
        except Conflict as error:
            lost.append(error)
            raise

    monkeypatch.setattr(SqliteStore, "commit", watched)
    async with engine() as running:
        message = await running.desk.handed_over(await running.desk.accept(a_draft()), 5)
        states = [MessageState.SENT, MessageState.DELIVERED]
        news = [
            StatusReported(twilio_sid=message.twilio_sid, twilio_status=str(state), state=state) for state in states
        ]
        changes = await asyncio.gather(*(running.ledger.record(message, each) for each in news))
        assert [change and change.after.state for change in changes] == states
        assert [change and change.before.revision for change in changes] == [message.revision, message.revision + 1]
    assert lost == []


async def test_stream_is_empty_when_everything_was_seen() -> None:
    async with engine() as running:
        message = await running.desk.cancel("main", (await running.desk.accept(a_draft())).id)
        seen: list[Event | Heartbeat] = []

        async def write(what: Event | Heartbeat) -> None:
            seen.append(what)

        await running.streams.follow(message, message.sequence, write)
        assert seen == []


@pytest.mark.parametrize("closing", [True, False])
async def test_stream_ends_resumably_when_it_may_not_go_on(closing: bool) -> None:
    async with engine(StreamSettings(heartbeat=10, max_age=10 if closing else 0.02)) as running:
        message = await running.desk.accept(a_draft())
        await running.desk.handed_over(message, 5)
        with pytest.raises(Refusal) as refusal:
            await _read(running, message, close=closing)
        assert refusal.value.reason is (Reason.SHUTTING_DOWN if closing else Reason.STREAM_RECYCLED)
        assert refusal.value.metadata == {"last_sequence": "2"}


def test_stream_ends_at_its_age_without_heartbeats_on_the_loop_that_serves() -> None:
    async def heartbeats() -> int:
        async with engine(StreamSettings(heartbeat=10, max_age=0.02)) as running:
            message = await running.desk.accept(a_draft())
            await running.desk.handed_over(message, 5)
            seen: list[Event | Heartbeat] = []

            async def write(what: Event | Heartbeat) -> None:
                seen.append(what)

            with suppress(Refusal):
                await running.streams.follow(message, 0, write)
            return sum(isinstance(what, Heartbeat) for what in seen)

    assert [uvloop.run(heartbeats()) for _ in range(20)] == [0] * 20


async def test_outbox_finishes_posts_in_flight_when_it_is_left() -> None:
    async with engine() as running:
        running.twilio.gate.clear()
        message = await running.desk.accept(a_draft())
        assert (await running.desk.handed_over(message, 0.01)).state is MessageState.SENDING
    assert len(running.twilio.posts) == 1


async def test_unclear_post_fails_nothing_while_the_wait_is_open() -> None:
    async with engine() as running:
        running.twilio.outcomes.append(PostUnclear(failure=AWAY))
        message = await running.desk.accept(a_draft())
        after = await running.desk.handed_over(message, 5)
        assert (after.state, after.result) == (MessageState.UNCONFIRMED, None)
        assert not any(isinstance(event.what, Failed) for event in await running.store.events(message.id, 0))


def test_validity_never_outlives_the_wait() -> None:
    draft = a_draft(wait=terms(reply_timeout=timedelta(minutes=10)))
    asked = a_draft(wait=terms(reply_timeout=timedelta(minutes=10)), validity_period=timedelta(minutes=5))
    message, short = draft.accept(Code("4821"))[0], asked.accept(Code("4821"))[0]
    start = message.create_time
    assert validity_period(message, start) == timedelta(minutes=10)
    assert validity_period(message, start + timedelta(minutes=9, seconds=59.5)) == timedelta(seconds=1)
    assert validity_period(short, start) == timedelta(minutes=5)
    assert validity_period(a_draft(wait=None).accept(None)[0], start) == MAX_VALIDITY


async def test_twilio_is_told_to_give_up_at_the_end_of_the_wait_at_every_attempt() -> None:
    async with engine() as running:
        running.twilio.outcomes.append(held())
        message = await running.desk.accept(a_draft(wait=terms(reply_timeout=timedelta(minutes=10))))
        await running.desk.handed_over(message, 5)
        running.time.move(minutes=4)
        await running.sweeper.sweep()
        await running.desk.handed_over(message, 5)
    assert [post.validity_period for post in running.twilio.posts] == [timedelta(minutes=10), timedelta(minutes=6)]


def test_callback_addresses_are_ours_only_as_made() -> None:
    callbacks = Callbacks("https://example.com", b"k" * 32)
    url = callbacks.status_url("main", "msg_1", 1)
    assert url is not None
    mac = url.rpartition("/")[2]
    assert callbacks.ours("main", "msg_1", 1, mac)
    for other in (
        ("main", "msg_2", 1, mac),
        ("main", "msg_1", 2, mac),
        ("x", "msg_1", 1, mac),
        ("main", "msg_1", 1, "é"),
    ):
        assert not callbacks.ours(*other)
    assert "k" * 32 not in repr(callbacks)
    assert Callbacks(None, b"").status_url("main", "msg_1", 1) is None


async def _read(running: Engine, message: Message, *, close: bool) -> None:
    """Read the stream to its end; perhaps the server begins to close after event 2."""

    async def write(what: Event | Heartbeat) -> None:
        if close and isinstance(what, Event) and what.sequence == 2:
            running.streams.close()

    await running.streams.follow(message, 0, write)


async def _state(running: Engine, message: Message) -> MessageState:
    found = await running.store.load(message.id)
    assert found is not None
    return found.state


async def test_send_gives_every_caller_the_outcome_when_one_repeats_while_the_first_still_sends() -> None:
    async with engine() as running:
        running.twilio.gate.clear()
        drafts = [a_draft(request_id="once", wait=None) for _ in range(2)]
        calls = []
        for draft in drafts:
            calls.append(asyncio.create_task(running.desk.send(draft, 5)))
            for _ in range(50):  # turns of the loop, many more than it takes to store it
                await asyncio.sleep(0)
        running.twilio.gate.set()
        outcomes = await asyncio.gather(*calls)
    assert [(each.id, each.state) for each in outcomes] == [(drafts[0].id, MessageState.QUEUED)] * 2
    assert len(running.twilio.posts) == 1


async def test_send_returns_the_message_as_it_is_when_patience_ends() -> None:
    async with engine() as running:
        running.twilio.gate.clear()
        message = await running.desk.send(a_draft(wait=None), 0.01)
        assert message.state is MessageState.SENDING
        running.twilio.gate.set()
