"""What is under way, what is due, and how much was sent."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders import ACCOUNT, NOW, PERSON, SENDER, a_change, a_closing, a_draft, a_sid, an_inbound
from textback_server.domain.changes import Write
from textback_server.domain.events import StatusChanged
from textback_server.domain.limits import NO_LIMITS, until_tomorrow
from textback_server.domain.messages import Code, Message, MessageState
from textback_server.domain.polling import Agenda
from textback_server.store.protocol import Limit, LimitReached, Store

SECOND = timedelta(seconds=1)
SERVICE = "MG" + "0" * 32
CODES = [Code(str(number)) for number in range(4821, 4841)]


async def ask(
    store: Store, *, sender: str = SENDER, after: timedelta = timedelta(0), account: str = ACCOUNT
) -> Message:
    draft = a_draft(sender=sender, create_time=NOW + after, account=account)
    return (await store.create(draft, CODES, NOW))[0]


async def moved(store: Store, message: Message, state: MessageState, **fields: Any) -> Message:
    change = a_change(message, StatusChanged(state=state), state=state, **fields)
    await store.commit(Write(changes=(change,)))
    return change.after


async def test_agenda_is_empty_when_nothing_is_under_way(store: Store) -> None:
    message = await moved(store, await ask(store), MessageState.DELIVERED, alarm=None)
    await store.commit(Write(changes=(a_closing(message),)))
    assert list(await store.agenda(ACCOUNT)) == []


async def test_agenda_spans_what_is_open_and_what_is_moving_by_sender(store: Store) -> None:
    first = await ask(store)
    await ask(store, after=5 * SECOND)
    await ask(store, sender=SERVICE, after=2 * SECOND)
    await ask(store, sender=SERVICE, account="other")
    await moved(store, first, MessageState.DELIVERED, alarm=None)
    told = a_draft(wait=None, sender="BANK", create_time=NOW + 9 * SECOND)
    await store.create(told, (), NOW)
    assert list(await store.agenda(ACCOUNT)) == [
        Agenda(
            sender=SENDER,
            oldest_wait=NOW,
            youngest_wait=NOW + 5 * SECOND,
            oldest_moving=NOW + 5 * SECOND,
            youngest_moving=NOW + 5 * SECOND,
        ),
        Agenda(sender="BANK", oldest_moving=told.create_time, youngest_moving=told.create_time),
        Agenda(
            sender=SERVICE,
            oldest_wait=NOW + 2 * SECOND,
            youngest_wait=NOW + 2 * SECOND,
            oldest_moving=NOW + 2 * SECOND,
            youngest_moving=NOW + 2 * SECOND,
        ),
    ]


async def test_agenda_says_when_a_send_is_unproven(store: Store) -> None:
    await moved(store, await ask(store), MessageState.UNCONFIRMED)
    (agenda,) = await store.agenda(ACCOUNT)
    assert agenda.unproven


async def test_unproven_are_those_of_which_twilio_gave_no_word(store: Store) -> None:
    sending = await ask(store)
    unclear = await moved(store, await ask(store), MessageState.UNCONFIRMED)
    unknown = await moved(store, await ask(store), MessageState.OUTCOME_UNKNOWN, alarm=None)
    await moved(store, await ask(store), MessageState.QUEUED)
    await ask(store, sender=SERVICE)
    found = await store.unproven(ACCOUNT, SENDER, 10)
    assert {each.id for each in found} == {sending.id, unclear.id, unknown.id}
    assert len(await store.unproven(ACCOUNT, SENDER, 2)) == 2


async def test_urgent_are_sends_that_came_due_in_a_span(store: Store) -> None:
    lease = NOW + timedelta(seconds=30)
    sending = await ask(store)
    await moved(store, await ask(store), MessageState.QUEUED, alarm=lease)
    assert [each.id for each in await store.urgent(NOW, lease, 10)] == [sending.id]
    assert list(await store.urgent(lease, lease + SECOND, 10)) == []


async def test_expired_says_whether_a_wait_came_due_in_a_span(store: Store) -> None:
    message = await moved(store, await ask(store), MessageState.DELIVERED, alarm=None)
    assert message.wait is not None
    end = message.wait.expire_time
    assert await store.expired(end - SECOND, end)
    assert not await store.expired(end, end + SECOND)
    await store.commit(Write(changes=(a_closing(message),)))
    assert not await store.expired(end - SECOND, end)


async def test_unseen_leaves_out_what_is_stored(store: Store) -> None:
    known, fresh = an_inbound("hello"), a_sid()
    await store.commit(Write(inbound=known))
    assert await store.unseen(ACCOUNT, [known.twilio_sid, fresh]) == {fresh}
    assert await store.unseen("other", [known.twilio_sid]) == {known.twilio_sid}
    assert await store.unseen(ACCOUNT, []) == frozenset()


async def test_recipient_gets_no_more_than_the_limit_within_an_hour(store: Store) -> None:
    limits = replace(NO_LIMITS, per_recipient=3)
    drafts = [a_draft(wait=None, request_id=f"key-{number}") for number in range(20)]
    made = await asyncio.gather(*(store.create(each, (), NOW, limits) for each in drafts), return_exceptions=True)
    refused = [each for each in made if isinstance(each, LimitReached)]
    assert (len(refused), {each.limit for each in refused}) == (17, {Limit.PER_RECIPIENT})
    again, fresh = await store.create(drafts[0], (), NOW, limits)
    assert (again.request_id, fresh) == ("key-0", False), "what was taken is found again, whatever the limits"
    await store.create(a_draft(wait=None, recipient="+14155550199"), (), NOW, limits)
    later = NOW + timedelta(hours=1, microseconds=1)
    await store.create(a_draft(wait=None, create_time=later), (), later, limits)


async def test_account_takes_no_more_than_the_limit_in_a_day(store: Store) -> None:
    limits = replace(NO_LIMITS, per_day=2)
    for _ in range(2):
        await store.create(a_draft(wait=None), (), NOW, limits)
    for _ in range(2):
        with pytest.raises(LimitReached) as refused:
            await store.create(a_draft(wait=None), (), NOW, limits)
        assert refused.value.limit is Limit.PER_DAY
    assert await store.sent_today(ACCOUNT, NOW) == 2, "what was refused does not count"
    await store.create(a_draft(wait=None, account="other"), (), NOW, limits)
    tomorrow = NOW + until_tomorrow(NOW)
    assert await store.sent_today(ACCOUNT, tomorrow) == 0
    await store.create(a_draft(wait=None, create_time=tomorrow), (), tomorrow, limits)


async def test_no_more_than_the_limit_wait_for_their_turn(store: Store) -> None:
    limits = replace(NO_LIMITS, pending=2)
    held = [replace(a_draft(wait=None), hold=NOW + SECOND) for _ in range(3)]
    messages = [(await store.create(each, (), NOW, limits))[0] for each in held[:2]]
    assert {(each.state, each.attempt, each.due) for each in messages} == {(MessageState.PENDING, 0, NOW + SECOND)}
    with pytest.raises(LimitReached) as refused:
        await store.create(held[2], (), NOW, limits)
    assert refused.value.limit is Limit.PENDING
    await moved(store, messages[0], MessageState.SENDING)
    await store.create(held[2], (), NOW, limits)


async def test_person_is_texted_again_when_the_limit_of_another_account_is_reached(store: Store) -> None:
    limits = replace(NO_LIMITS, per_recipient=1)
    await store.create(a_draft(wait=None, recipient=PERSON), (), NOW, limits)
    await store.create(a_draft(wait=None, recipient=PERSON, account="other"), (), NOW, limits)
