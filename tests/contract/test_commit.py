"""Commit: all or nothing, and one winner."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.support.builders import ACCOUNT, NOW, a_change, a_closing, a_draft, a_sid, an_inbound
from textback_server.domain.changes import Write
from textback_server.domain.events import StatusChanged
from textback_server.domain.messages import Code, Inbound, Message, MessageState
from textback_server.store.protocol import Conflict, Duplicate, InboundFilter, Store

QUEUED = StatusChanged(state=MessageState.QUEUED)


async def stored(store: Store, account: str = ACCOUNT) -> Message:
    message, _ = await store.create(a_draft(account=account, wait=None), (), NOW)
    return message


async def all_inbound(store: Store) -> Sequence[Inbound]:
    return (await store.inbound(InboundFilter(account=ACCOUNT), None, 100)).rows


async def assert_untouched(store: Store, *messages: Message) -> None:
    for message in messages:
        assert await store.load(message.id) == message
        assert [event.sequence for event in await store.events(message.id, 0)] == [1]


async def test_commit_writes_changes_events_and_inbound_together(store: Store) -> None:
    one, two = await stored(store), await stored(store)
    first = a_change(one, QUEUED, QUEUED, state=MessageState.QUEUED, twilio_sid=a_sid())
    second = a_change(two, alarm=None)
    inbound = an_inbound(message_id=one.id)
    await store.commit(Write(changes=(first, second), inbound=inbound))
    assert await store.load(one.id) == first.after
    assert await store.load(two.id) == second.after
    assert tuple(await store.events(one.id, 1)) == first.events
    assert list(await all_inbound(store)) == [inbound]


async def test_commit_applies_changes_of_one_message_in_order(store: Store) -> None:
    first = a_change(await stored(store), QUEUED)
    second = a_change(first.after, QUEUED)
    await store.commit(Write(changes=(first, second)))
    assert await store.load(first.after.id) == second.after


async def test_commit_has_one_winner_when_sixteen_change_the_same_revision(store: Store) -> None:
    message = await stored(store)
    writes = [Write(changes=(a_change(message, QUEUED, twilio_sid=a_sid()),)) for _ in range(16)]
    results = await asyncio.gather(*(store.commit(write) for write in writes), return_exceptions=True)
    winners = [write for write, result in zip(writes, results, strict=True) if result is None]
    assert len(winners) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 15
    assert await store.load(message.id) == winners[0].changes[0].after
    assert [event.sequence for event in await store.events(message.id, 0)] == [1, 2]


async def test_commit_has_one_winner_when_one_inbound_comes_eight_times(store: Store) -> None:
    inbound = an_inbound()
    writes = (store.commit(Write(inbound=inbound)) for _ in range(8))
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, Duplicate) for result in results) == 7
    assert list(await all_inbound(store)) == [inbound]


async def test_commit_writes_nothing_when_a_later_change_conflicts(store: Store) -> None:
    one, two, three = await stored(store), await stored(store), await stored(store)
    moved = a_change(two)
    await store.commit(Write(changes=(moved,)))
    inbound = an_inbound()
    stale = Write(changes=(a_change(one, QUEUED), a_change(two, QUEUED), a_change(three, QUEUED)), inbound=inbound)
    with pytest.raises(Conflict):
        await store.commit(stale)
    await assert_untouched(store, one, moved.after, three)
    assert not await store.received(ACCOUNT, inbound.twilio_sid)


async def test_commit_conflicts_when_the_message_does_not_exist(store: Store) -> None:
    message, _ = a_draft(wait=None).accept(None)
    with pytest.raises(Conflict):
        await store.commit(Write(changes=(a_change(message),)))


async def test_commit_writes_nothing_when_the_inbound_is_stored_already(store: Store) -> None:
    message, inbound = await stored(store), an_inbound("first")
    await store.commit(Write(inbound=inbound))
    again = an_inbound("second", twilio_sid=inbound.twilio_sid)
    with pytest.raises(Duplicate):
        await store.commit(Write(changes=(a_change(message, QUEUED),), inbound=again))
    await assert_untouched(store, message)
    assert list(await all_inbound(store)) == [inbound]


async def test_duplicate_wins_over_conflict_when_both_hold(store: Store) -> None:
    message, inbound = await stored(store), an_inbound()
    write = Write(changes=(a_change(message),), inbound=inbound)
    await store.commit(write)
    with pytest.raises(Duplicate):
        await store.commit(write)


async def test_inbound_is_stored_twice_when_two_accounts_have_it(store: Store) -> None:
    inbound = an_inbound()
    await store.commit(Write(inbound=inbound))
    await store.commit(Write(inbound=an_inbound(account="other", twilio_sid=inbound.twilio_sid)))
    assert await store.received("other", inbound.twilio_sid)


async def test_commit_writes_nothing_when_another_message_has_the_twilio_sid(store: Store) -> None:
    owner, other, third = await stored(store), await stored(store), await stored(store)
    sid = a_sid()
    owned = a_change(owner, twilio_sid=sid)
    await store.commit(Write(changes=(owned,)))
    with pytest.raises(Conflict):
        await store.commit(Write(changes=(a_change(third, QUEUED), a_change(other, QUEUED, twilio_sid=sid))))
    await assert_untouched(store, owned.after, other, third)
    assert await store.find(ACCOUNT, sid) == owned.after


async def test_twilio_sid_may_be_in_two_accounts(store: Store) -> None:
    here, there, sid = await stored(store), await stored(store, "other"), a_sid()
    await store.commit(Write(changes=(a_change(here, twilio_sid=sid), a_change(there, twilio_sid=sid))))
    found = await store.find("other", sid)
    assert found is not None
    assert found.id == there.id


async def test_errors_stay_with_their_callers_when_writes_are_grouped(store: Store) -> None:
    messages = [await stored(store) for _ in range(10)]
    good = [Write(changes=(a_change(message, QUEUED),)) for message in messages]
    bad = [Write(changes=(a_change(a_change(message).after),)) for message in messages]
    mixed = [write for pair in zip(bad, good, strict=True) for write in pair]
    results = await asyncio.gather(*(store.commit(write) for write in mixed), return_exceptions=True)
    assert [isinstance(result, Conflict) for result in results] == [True, False] * 10
    for message in messages:
        assert [event.sequence for event in await store.events(message.id, 0)] == [1, 2]


async def test_commit_answers_each_when_many_answer_at_once(store: Store) -> None:
    drafts = [a_draft(recipient=f"+1415555{n:04}") for n in range(100)]
    messages = [(await store.create(draft, [Code("4821")], NOW))[0] for draft in drafts]
    answers = [an_inbound(message_id=message.id) for message in messages]
    answers[70] = answers[30]
    await store.commit(Write(inbound=replace(answers[50], message_id=None)))
    closings = [a_closing(message) for message in messages]
    writes = [Write(changes=(one,), inbound=sms) for one, sms in zip(closings, answers, strict=True)]
    results = await asyncio.gather(*(store.commit(write) for write in writes), return_exceptions=True)
    assert [isinstance(result, Duplicate) for result in results] == [n in {50, 70} for n in range(100)]
    for n, (message, closing) in enumerate(zip(messages, closings, strict=True)):
        assert await store.load(message.id) == (message if n in {50, 70} else closing.after)
        assert [event.sequence for event in await store.events(message.id, 0)] == ([1] if n in {50, 70} else [1, 2])
    spoke = InboundFilter(account=ACCOUNT, message_id=messages[99].id)
    assert (await store.inbound(spoke, None, 5)).rows == (answers[99],)


async def test_commit_refuses_changes_of_one_message_that_do_not_follow_each_other(store: Store) -> None:
    message = await stored(store)
    first = a_change(message, QUEUED)
    with pytest.raises(Conflict):
        await store.commit(Write(changes=(first, a_change(message, QUEUED))))
    with pytest.raises(Conflict):
        await store.commit(Write(changes=(first, a_change(a_change(first.after).after, QUEUED))))
    assert await store.load(message.id) == message


async def test_write_stands_when_its_caller_is_cancelled(store: Store) -> None:
    message = await stored(store)
    change = a_change(message, QUEUED)
    draft = a_draft()
    async with asyncio.TaskGroup() as tasks:
        writing = [
            tasks.create_task(store.commit(Write(changes=(change,)))),
            tasks.create_task(store.create(draft, [Code("4821")], NOW)),
        ]
        await asyncio.sleep(0)  # both have submitted, neither has been told
        for task in writing:
            task.cancel()
    assert all(task.cancelled() for task in writing)
    await store.commit(Write(inbound=an_inbound()))  # durable no earlier than what was submitted before
    assert await store.load(message.id) == change.after
    assert await store.load(draft.id) is not None


async def test_wait_that_is_closed_twice_has_one_ending(store: Store) -> None:
    message, _ = await store.create(a_draft(), [Code("4821")], NOW)
    closings = (store.commit(Write(changes=(a_closing(message),))) for _ in range(2))
    results = await asyncio.gather(*closings, return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert [event.terminal for event in await store.events(message.id, 0)] == [False, True]
