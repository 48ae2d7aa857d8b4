"""Create: once per request_id, whole or not at all."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.builders import ACCOUNT, NOW, a_closing, a_draft
from textback_server.domain.changes import PersonChange, Write
from textback_server.domain.limits import NO_LIMITS
from textback_server.domain.messages import Code
from textback_server.store.protocol import Blocked, Limit, LimitReached, MessageFilter, Store

CODES = (Code("4821"), Code("7302"))
INSTANT = timedelta(microseconds=1)


def person(number: int) -> str:
    """One of many recipients."""
    return f"+1415555{number:04}"


async def test_create_stores_message_and_event_1(store: Store) -> None:
    draft = a_draft(labels={"team": "blue"})
    message, new = await store.create(draft, CODES, NOW)
    expected, created = draft.accept(Code("4821"))
    assert (message, new) == (expected, True)
    assert await store.load(message.id) == expected
    assert list(await store.events(message.id, 0)) == [created]


async def test_create_needs_no_code_when_nothing_is_asked(store: Store) -> None:
    message, _ = await store.create(a_draft(wait=None), (), NOW)
    assert message.wait is None
    assert await store.load(message.id) == message


async def test_create_returns_the_message_of_the_request_id_when_it_exists(store: Store) -> None:
    first, _ = await store.create(a_draft(request_id="order-7"), CODES, NOW)
    other = a_draft(request_id="order-7", body="Something else?")
    assert await store.create(other, (), NOW) == (first, False)
    assert await store.load(other.id) is None


async def test_create_returns_the_message_as_it_stands_when_it_moved_on(store: Store) -> None:
    first, _ = await store.create(a_draft(request_id="order-7"), CODES, NOW)
    change = a_closing(first)
    await store.commit(Write(changes=(change,)))
    assert await store.create(a_draft(request_id="order-7"), CODES, NOW) == (change.after, False)


async def test_create_makes_one_message_when_sixteen_callers_use_one_request_id(store: Store) -> None:
    drafts = [a_draft(request_id="order-7") for _ in range(16)]
    made = await asyncio.gather(*(store.create(draft, CODES, NOW) for draft in drafts))
    assert sum(new for _, new in made) == 1
    assert len({message.id for message, _ in made}) == 1
    page = await store.messages(MessageFilter(account=ACCOUNT), None, 100)
    assert len(page.rows) == 1


async def test_create_keeps_each_persons_own_when_many_are_asked_at_once(store: Store) -> None:
    drafts = [a_draft(recipient=person(n), labels={"row": str(n)}, request_id=f"order-{n}") for n in range(150)]
    codes = [Code(f"{4_000 + n}") for n in range(150)]
    made = await asyncio.gather(
        *(store.create(*each, NOW) for each in zip(drafts, ([code] for code in codes), strict=True))
    )
    for draft, code, (message, new) in zip(drafts, codes, made, strict=True):
        expected, created = draft.accept(code)
        assert (message, new) == (expected, True)
        assert await store.load(draft.id) == expected
        assert list(await store.events(draft.id, 0)) == [created]
        labelled = MessageFilter(account=ACCOUNT, labels={"row": draft.sms.labels["row"]})
        assert (await store.messages(labelled, None, 2)).rows == (expected,)


async def test_create_finds_what_was_made_before_among_many_at_once(store: Store) -> None:
    first, _ = await store.create(a_draft(request_id="order-7"), CODES, NOW)
    drafts = [a_draft(recipient=person(n), request_id=f"order-{n}") for n in range(20)]
    made = await asyncio.gather(*(store.create(draft, CODES, NOW) for draft in drafts))
    assert made[7] == (first, False)
    assert [message.id for message, new in made if new] == [draft.id for n, draft in enumerate(drafts) if n != 7]


async def test_create_gives_a_free_code_to_who_has_one_among_many_at_once(store: Store) -> None:
    await store.create(a_draft(recipient=person(7)), CODES[:1], NOW)
    drafts = [a_draft(recipient=person(n)) for n in range(20)]
    made = await asyncio.gather(*(store.create(draft, CODES, NOW) for draft in drafts))
    assert [message.wait and message.wait.code for message, _ in made] == [CODES[n == 7] for n in range(20)]


async def test_create_refuses_only_who_opted_out_among_many_at_once(store: Store) -> None:
    drafts = [a_draft(recipient=person(n)) for n in range(20)]
    left = PersonChange(account=ACCOUNT, number=person(7), block=(drafts[7].sms.sender,), time=NOW)
    await store.commit(Write(person=left))
    made = await asyncio.gather(*(store.create(draft, CODES, NOW) for draft in drafts), return_exceptions=True)
    assert [isinstance(each, Blocked) for each in made] == [n == 7 for n in range(20)]


@pytest.mark.parametrize("limit", [Limit.PER_DAY, Limit.PENDING])
async def test_create_keeps_to_an_accounts_limit_when_many_persons_are_texted_at_once(
    store: Store, limit: Limit
) -> None:
    limits = replace(NO_LIMITS, per_day=7) if limit is Limit.PER_DAY else replace(NO_LIMITS, pending=7)
    drafts = [replace(a_draft(wait=None, recipient=person(n)), hold=NOW + INSTANT) for n in range(20)]
    made = await asyncio.gather(*(store.create(each, (), NOW, limits) for each in drafts), return_exceptions=True)
    refused = [each for each in made if isinstance(each, LimitReached)]
    assert [each.limit for each in refused] == [limit] * 13
    assert len((await store.messages(MessageFilter(account=ACCOUNT), None, 100)).rows) == 7
    assert await store.sent_today(ACCOUNT, NOW) == (7 if limit is Limit.PER_DAY else 0)


async def test_create_counts_each_message_of_a_day_when_many_come_at_once(store: Store) -> None:
    limits = replace(NO_LIMITS, per_day=100)
    for count in (20, 40):
        drafts = [a_draft(wait=None, recipient=person(count + n)) for n in range(20)]
        await asyncio.gather(*(store.create(each, (), NOW, limits) for each in drafts))
        assert await store.sent_today(ACCOUNT, NOW) == count


async def test_create_knows_no_limit_when_it_was_turned_off(store: Store) -> None:
    limits = replace(NO_LIMITS, per_day=1)
    await store.create(a_draft(wait=None), (), NOW, limits)
    with pytest.raises(LimitReached):
        await store.create(a_draft(wait=None), (), NOW, limits)
    assert (await store.create(a_draft(wait=None), (), NOW))[1]


async def test_create_makes_two_messages_when_two_accounts_use_one_request_id(store: Store) -> None:
    _, first = await store.create(a_draft(account="main", request_id="order-7"), CODES, NOW)
    _, second = await store.create(a_draft(account="other", request_id="order-7"), CODES, NOW)
    assert (first, second) == (True, True)


async def test_create_makes_two_messages_when_neither_has_a_request_id(store: Store) -> None:
    _, first = await store.create(a_draft(), CODES, NOW)
    _, second = await store.create(a_draft(), CODES, NOW)
    assert (first, second) == (True, True)
    assert await store.recall(ACCOUNT, "") is None
