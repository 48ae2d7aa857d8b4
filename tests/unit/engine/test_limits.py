"""Limits as a caller meets them, and what is held back."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders import NOW, a_draft, a_sid, terms
from tests.support.engines import Engine, engine, held
from tests.support.service import eventually
from textback_server.domain.errors import Refusal
from textback_server.domain.facts import StatusReported
from textback_server.domain.limits import NO_LIMITS
from textback_server.domain.messages import Message, MessageState, Outcome
from textback_server.domain.reasons import Reason
from textback_server.store.protocol import StoreUnavailable
from textback_server.store.sqlite import SqliteStore


@pytest.mark.parametrize(
    ("limits", "reason", "retry_after", "setting"),
    [
        ({"per_recipient": 60}, Reason.RECIPIENT_LIMIT, timedelta(minutes=1), "TEXTBACK_LIMIT_RECIPIENT"),
        ({"per_day": 60}, Reason.DAILY_LIMIT, timedelta(hours=12), "TEXTBACK_LIMIT_DAY"),
    ],
)
async def test_message_beyond_a_limit_is_refused_and_not_sent(
    limits: dict[str, Any], reason: Reason, retry_after: timedelta, setting: str
) -> None:
    async with engine(limits=replace(NO_LIMITS, **limits)) as running:
        for _ in range(60):
            await running.desk.send(a_draft(wait=None), 5)
        with pytest.raises(Refusal) as refused:
            await running.desk.send(a_draft(wait=None), 5)
        assert (refused.value.reason, refused.value.retry_after) == (reason, retry_after)
        assert setting in refused.value.message
        assert len(running.twilio.posts) == 60


async def test_messages_beyond_the_pace_wait_for_their_turn_and_go_in_it() -> None:
    async with engine(limits=replace(NO_LIMITS, segments_per_second=2)) as running:
        sent = [await running.desk.send(a_draft(wait=None), 5) for _ in range(6)]
        assert [each.state for each in sent] == [MessageState.QUEUED] * 2 + [MessageState.PENDING] * 4
        went = []
        for _ in range(5):
            running.time.move(seconds=0.5)
            await running.sweeper.sweep()
            await asyncio.gather(*(running.desk.handed_over(each, 5) for each in sent))
            went.append(len(running.twilio.posts))
        assert went == [3, 4, 5, 6, 6]


async def test_message_is_refused_when_its_turn_would_come_after_its_wait() -> None:
    async with engine(limits=replace(NO_LIMITS, segments_per_second=1)) as running:
        short = terms("yes", reply_timeout=timedelta(seconds=20))
        for _ in range(20):
            await running.desk.accept(a_draft(wait=short))
        with pytest.raises(Refusal) as refused:
            await running.desk.accept(a_draft(wait=short))
        assert refused.value.reason is Reason.OVERLOADED
        assert refused.value.retry_after is not None
        await running.desk.accept(a_draft(wait=terms("yes")))


async def test_repeated_request_gets_its_message_however_much_waits_before_a_new_one() -> None:
    async with engine(limits=replace(NO_LIMITS, segments_per_second=1)) as running:
        short = terms("yes", reply_timeout=timedelta(seconds=20))
        first = await running.desk.accept(a_draft(wait=short, request_id="alert-7"))
        for _ in range(19):
            await running.desk.accept(a_draft(wait=short))
        again = await running.desk.accept(a_draft(wait=short, request_id="alert-7"))
        assert again.id == first.id


async def test_refused_message_takes_nobodys_turn() -> None:
    async with engine(limits=replace(NO_LIMITS, segments_per_second=1, per_recipient=1)) as running:
        await running.desk.send(a_draft(wait=None), 5)
        for _ in range(10):
            with pytest.raises(Refusal, match="within an hour"):
                await running.desk.send(a_draft(wait=None), 5)
        other = await running.desk.send(a_draft(wait=None, recipient="+14155550199"), 5)
        assert other.due == NOW + timedelta(seconds=1)


async def test_no_more_posts_are_under_way_than_the_account_may_have() -> None:
    async with engine(limits=replace(NO_LIMITS, concurrency=3)) as running:
        running.twilio.gate.clear()
        messages = [await running.desk.accept(a_draft(wait=None)) for _ in range(10)]
        await asyncio.sleep(0)
        assert len(running.twilio.posts) == 3
        running.twilio.gate.set()
        states = [(await running.desk.handed_over(each, 5)).state for each in messages]
        assert (states, len(running.twilio.posts)) == ([MessageState.QUEUED] * 10, 10)


async def test_post_is_not_begun_when_its_lease_is_nearly_over() -> None:
    async with engine(limits=replace(NO_LIMITS, concurrency=1)) as running:
        running.twilio.gate.clear()
        first, second = [await running.desk.accept(a_draft(wait=None)) for _ in range(2)]
        running.time.move(seconds=21)
        running.twilio.gate.set()
        assert (await running.desk.handed_over(first, 5)).state is MessageState.QUEUED
        assert (await running.desk.handed_over(second, 5)).state is MessageState.PENDING
        assert len(running.twilio.posts) == 1
        running.time.move(seconds=2)
        await running.sweeper.sweep()
        assert (await running.desk.handed_over(second, 5)).state is MessageState.QUEUED


@pytest.mark.parametrize("end", ["expires", "is cancelled"])
async def test_question_that_ended_while_others_were_handed_over_is_never_sent(end: str) -> None:
    async with engine(limits=replace(NO_LIMITS, concurrency=1)) as running:
        running.twilio.gate.clear()
        first = await running.desk.accept(a_draft(wait=None))
        question = await running.desk.accept(a_draft(wait=terms("yes", reply_timeout=timedelta(seconds=10))))
        if end == "expires":
            running.time.move(seconds=11)
            await running.sweeper.sweep()
        else:
            await running.desk.cancel(question.account, question.id)
        running.twilio.gate.set()
        await running.desk.handed_over(first, 5)
        await assert_never_sent(running, question)
        assert len(running.twilio.posts) == 1


async def test_question_is_not_sent_when_its_time_is_over_and_nobody_has_ended_it_yet() -> None:
    async with engine(limits=replace(NO_LIMITS, concurrency=1)) as running:
        running.twilio.gate.clear()
        first = await running.desk.accept(a_draft(wait=None))
        question = await running.desk.accept(a_draft(wait=terms("yes", reply_timeout=timedelta(seconds=10))))
        running.time.move(seconds=10)
        running.twilio.gate.set()
        await running.desk.handed_over(first, 5)
        await running.desk.handed_over(question, 5)
        await running.sweeper.sweep()
        after = await running.desk.get(question.account, question.id)
        assert after.result is not None
        assert (after.result.outcome, after.state) == (Outcome.TIMED_OUT, MessageState.CANCELLED)
        assert len(running.twilio.posts) == 1


async def test_question_that_ended_while_twilio_turned_it_away_is_not_tried_again() -> None:
    async with engine() as running:
        running.twilio.gate.clear()
        running.twilio.outcomes.append(held())
        question = await running.desk.accept(a_draft())
        await running.desk.cancel(question.account, question.id)
        running.twilio.gate.set()
        await assert_never_sent(running, question)
        running.time.move(minutes=5)
        await running.sweeper.sweep()
        assert len(running.twilio.posts) == 1


async def assert_never_sent(running: Engine, question: Message) -> None:
    """It has ended, and was never sent."""
    after = await running.desk.handed_over(question, 5)
    assert after.result is not None
    assert after.state is MessageState.CANCELLED


async def test_message_whose_turn_comes_while_the_store_cannot_be_read_goes_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load, failures = SqliteStore.load, [StoreUnavailable("disk")]

    async def sick(store: SqliteStore, message_id: str) -> Message | None:
        if failures:
            raise failures.pop()
        return await load(store, message_id)

    async with engine(limits=replace(NO_LIMITS, concurrency=1)) as running:
        running.twilio.gate.clear()
        first, second = [await running.desk.accept(a_draft(wait=None)) for _ in range(2)]
        with monkeypatch.context() as patch:
            patch.setattr(SqliteStore, "load", sick)
            running.twilio.gate.set()
            await eventually(lambda: not failures)
        assert (await running.desk.handed_over(second, 5)).state is MessageState.PENDING
        running.time.move(seconds=2)
        await running.sweeper.sweep()
        assert (await running.desk.handed_over(second, 5)).state is MessageState.QUEUED
        assert (await running.desk.handed_over(first, 5)).state is MessageState.QUEUED


async def test_message_is_not_sent_again_when_proof_of_it_comes_before_its_turn() -> None:
    async with engine(limits=replace(NO_LIMITS, concurrency=1)) as running:
        running.twilio.gate.clear()
        first, second = [await running.desk.accept(a_draft(wait=None)) for _ in range(2)]
        proof = StatusReported(state=MessageState.SENT, twilio_status="sent", twilio_sid=a_sid())
        await running.intake.status(second.account, second.id, proof)
        running.twilio.gate.set()
        assert (await running.desk.handed_over(first, 5)).state is MessageState.QUEUED
    assert len(running.twilio.posts) == 1


async def test_no_post_is_begun_by_a_process_that_leaves() -> None:
    limits = replace(NO_LIMITS, concurrency=1)
    async with engine() as staying:
        async with engine(on=staying.store, time=staying.time, twilio=staying.twilio, limits=limits) as leaving:
            staying.twilio.gate.clear()
            messages = [await leaving.desk.accept(a_draft(wait=None)) for _ in range(3)]
            asyncio.get_running_loop().call_soon(staying.twilio.gate.set)  # after leaving has begun
        states = [(await staying.desk.get(each.account, each.id)).state for each in messages]
        assert states == [MessageState.QUEUED, MessageState.PENDING, MessageState.PENDING]
        assert len(staying.twilio.posts) == 1
        staying.time.move(seconds=2)
        await staying.sweeper.sweep()
        states = [(await staying.desk.handed_over(each, 5)).state for each in messages]
        assert states == [MessageState.QUEUED] * 3


async def test_outcome_is_recorded_when_the_store_is_out_of_order_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    commit, failures = SqliteStore.commit, [StoreUnavailable("disk full")] * 3

    async def sick(store: SqliteStore, *arguments: object) -> None:
        if failures:
            raise failures.pop()
        await commit(store, *arguments)  # type: ignore[arg-type] # passed on

    async with engine() as running:
        monkeypatch.setattr(SqliteStore, "commit", sick)
        message = await running.desk.send(a_draft(wait=None), 5)
        assert (message.state, failures, len(running.twilio.posts)) == (MessageState.QUEUED, [], 1)
