"""Create: once per request_id, whole or not at all."""

import asyncio

from tests.support.builders import ACCOUNT, NOW, a_closing, a_draft
from textback_server.domain.changes import Write
from textback_server.domain.messages import Code
from textback_server.store.protocol import MessageFilter, Store

CODES = (Code("4821"), Code("7302"))


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


async def test_create_makes_two_messages_when_two_accounts_use_one_request_id(store: Store) -> None:
    _, first = await store.create(a_draft(account="main", request_id="order-7"), CODES, NOW)
    _, second = await store.create(a_draft(account="other", request_id="order-7"), CODES, NOW)
    assert (first, second) == (True, True)


async def test_create_makes_two_messages_when_neither_has_a_request_id(store: Store) -> None:
    _, first = await store.create(a_draft(), CODES, NOW)
    _, second = await store.create(a_draft(), CODES, NOW)
    assert (first, second) == (True, True)
    assert await store.recall(ACCOUNT, "") is None
