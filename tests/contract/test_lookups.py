"""What is found by a key, by a person, by time."""

from datetime import timedelta

import pytest

from tests.support.builders import ACCOUNT, NOW, PERSON, a_change, a_closing, a_draft, a_sid, an_inbound
from textback_server.domain.changes import Write
from textback_server.domain.events import StatusChanged
from textback_server.domain.messages import Code, Message, MessageState
from textback_server.store.protocol import Store

SECOND = timedelta(seconds=1)
ELSEWHERE = "+14155550124"


async def ask(store: Store, code: str, *, recipient: str = PERSON, after: timedelta = timedelta(0)) -> Message:
    draft = a_draft(recipient=recipient, create_time=NOW + after)
    message, _ = await store.create(draft, [Code(code)], NOW)
    return message


async def test_message_is_found_by_each_of_its_keys(store: Store) -> None:
    message, _ = await store.create(a_draft(request_id="order-7"), [Code("4821")], NOW)
    sid = a_sid()
    change = a_change(message, twilio_sid=sid)
    assert await store.find(ACCOUNT, sid) is None
    await store.commit(Write(changes=(change,)))
    found = [
        await store.load(message.id),
        await store.get(ACCOUNT, message.id),
        await store.find(ACCOUNT, sid),
        await store.recall(ACCOUNT, "order-7"),
    ]
    assert found == [change.after] * 4


async def test_message_is_not_found_by_another_account_or_an_unknown_key(store: Store) -> None:
    message, _ = await store.create(a_draft(request_id="order-7"), [Code("4821")], NOW)
    sid = a_sid()
    await store.commit(Write(changes=(a_change(message, twilio_sid=sid),)))
    found = [
        await store.get("other", message.id),
        await store.recall("other", "order-7"),
        await store.find("other", sid),
        await store.load("msg_unknown"),
        await store.find(ACCOUNT, a_sid()),
        await store.recall(ACCOUNT, "order-8"),
    ]
    assert found == [None] * 6


async def test_find_knows_no_message_without_a_sid(store: Store) -> None:
    await ask(store, "4821")
    assert await store.find(ACCOUNT, "") is None


async def test_inbound_is_seen_once_it_is_stored(store: Store) -> None:
    inbound = an_inbound()
    assert not await store.received(ACCOUNT, inbound.twilio_sid)
    await store.commit(Write(inbound=inbound))
    assert await store.received(ACCOUNT, inbound.twilio_sid) == inbound
    assert not await store.received("other", inbound.twilio_sid)


async def test_events_come_in_order_and_in_parts(store: Store) -> None:
    message = await ask(store, "4821")
    news = [StatusChanged(state=MessageState.QUEUED, twilio_status=str(step)) for step in range(9)]
    change = a_change(message, *news)
    await store.commit(Write(changes=(change,)))
    assert [event.sequence for event in await store.events(message.id, 0, 4)] == [1, 2, 3, 4]
    assert tuple(await store.events(message.id, 4, 100)) == change.events[3:]
    assert list(await store.events(message.id, 10)) == []
    assert list(await store.events("msg_unknown", 0)) == []


async def test_due_are_those_whose_time_has_come_longest_overdue_first(store: Store) -> None:
    late, early, never, future = [await ask(store, code) for code in ("4821", "7302", "9944", "1177")]
    times = [(late, NOW + SECOND), (early, NOW - SECOND), (future, NOW + 2 * SECOND)]
    changes = [a_change(message, alarm=time) for message, time in times]
    await store.commit(Write(changes=(*changes, a_closing(never))))
    assert [message.id for message in await store.due(NOW + SECOND, 10)] == [early.id, late.id]
    assert [message.id for message in await store.due(NOW + SECOND, 1)] == [early.id]
    assert list(await store.due(NOW - 2 * SECOND, 10)) == []


async def test_due_follows_the_message_when_it_changes(store: Store) -> None:
    message = await ask(store, "4821")
    assert [found.id for found in await store.due(NOW + timedelta(days=1), 10)] == [message.id]
    await store.commit(Write(changes=(a_closing(message),)))
    assert list(await store.due(NOW + timedelta(days=1), 10)) == []


async def test_open_waits_are_those_of_this_person_newest_first(store: Store) -> None:
    waits = [await ask(store, f"{1000 + step}", after=step * SECOND) for step in range(5)]
    await ask(store, "9944", recipient=ELSEWHERE)
    await store.create(a_draft(account="other"), [Code("5566")], NOW)
    await store.create(a_draft(wait=None), (), NOW)
    await store.commit(Write(changes=(a_closing(waits[2]),)))
    assert list(await store.open_waits(ACCOUNT, PERSON)) == [waits[4], waits[3], waits[1], waits[0]]
    assert list(await store.open_waits(ACCOUNT, PERSON, 2)) == [waits[4], waits[3]]
    assert list(await store.open_waits(ACCOUNT, PERSON, until=waits[1].create_time)) == [waits[1], waits[0]]


@pytest.mark.parametrize("account", ["MAIN", "main ", "mai_", "%"])
async def test_account_names_match_exactly(store: Store, account: str) -> None:
    message = await ask(store, "4821")
    assert await store.get(account, message.id) is None
