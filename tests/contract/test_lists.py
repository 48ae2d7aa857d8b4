"""Lists: newest first, each row at most once, and filters that mean what they say."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.builders import ACCOUNT, NOW, PERSON, a_change, a_closing, a_draft, an_id, an_inbound
from textback_server.domain.changes import Write
from textback_server.domain.messages import Code, Context, Disposition, Message, MessageState, WaitState
from textback_server.store.protocol import InboundFilter, MessageFilter, Store

SECOND = timedelta(seconds=1)
ALL = MessageFilter(account=ACCOUNT)
ALL_INBOUND = InboundFilter(account=ACCOUNT)
ELSEWHERE = "+14155550124"


async def stored(store: Store, **fields: object) -> Message:
    message, _ = await store.create(a_draft(wait=None, **fields), (), NOW)  # type: ignore[arg-type]  # a_draft's own
    return message


async def pages(store: Store, where: MessageFilter, limit: int) -> AsyncIterator[tuple[Message, ...]]:
    key, more = None, True
    while more:
        page = await store.messages(where, key, limit)
        yield page.rows
        key, more = page.next, page.next is not None


async def ids(store: Store, where: MessageFilter) -> list[str]:
    return [message.id async for rows in pages(store, where, 100) for message in rows]


async def test_messages_are_paged_newest_first(store: Store) -> None:
    made = [await stored(store, create_time=NOW + step * SECOND) for step in range(7)]
    found = [rows async for rows in pages(store, ALL, 3)]
    assert [len(rows) for rows in found] == [3, 3, 1]
    assert [message for rows in found for message in rows] == made[::-1]


async def test_last_page_has_no_next_when_it_is_just_full(store: Store) -> None:
    for _ in range(4):
        await stored(store)
    assert [len(rows) async for rows in pages(store, ALL, 2)] == [2, 2]
    assert (await store.messages(MessageFilter(account="other"), None, 2)).next is None


async def test_each_message_comes_once_when_others_of_the_same_instant_are_inserted(store: Store) -> None:
    early = [an_id() for _ in range(4)]
    made = [await stored(store) for _ in range(6)]
    seen: list[str] = []
    async for rows in pages(store, ALL, 2):
        seen += [message.id for message in rows]
        await stored(store)  # newer: belongs before what was read
        if early:
            await stored(store, message_id=early.pop())  # older by id: still to come
    assert len(seen) == len(set(seen))
    assert {message.id for message in made} <= set(seen)
    assert seen == sorted(seen, reverse=True)


async def test_messages_are_filtered_by_state_and_wait_state(store: Store) -> None:
    plain = await stored(store)
    queued = await stored(store)
    await store.commit(Write(changes=(a_change(queued, state=MessageState.QUEUED),)))
    waiting, _ = await store.create(a_draft(), [Code("4821")], NOW)
    closed, _ = await store.create(a_draft(), [Code("7302")], NOW)
    await store.commit(Write(changes=(a_closing(closed),)))
    sending = MessageFilter(account=ACCOUNT, states=(MessageState.SENDING,))
    assert set(await ids(store, sending)) == {plain.id, waiting.id, closed.id}
    either = MessageFilter(account=ACCOUNT, states=(MessageState.QUEUED, MessageState.FAILED))
    assert await ids(store, either) == [queued.id]
    assert await ids(store, MessageFilter(account=ACCOUNT, wait_states=(WaitState.OPEN,))) == [waiting.id]
    ended = MessageFilter(account=ACCOUNT, wait_states=(WaitState.CANCELLED, WaitState.REPLIED))
    assert await ids(store, ended) == [closed.id]


async def test_messages_are_filtered_by_recipient_case_and_account(store: Store) -> None:
    here = await stored(store, context=Context(case_id="77"))
    there = await stored(store, recipient=ELSEWHERE, context=Context(case_id="78"))
    await stored(store, account="other", context=Context(case_id="77"))
    assert await ids(store, MessageFilter(account=ACCOUNT, recipient=PERSON)) == [here.id]
    assert await ids(store, MessageFilter(account=ACCOUNT, case_id="78")) == [there.id]
    assert await ids(store, MessageFilter(account=ACCOUNT, case_id="78", recipient=PERSON)) == []
    assert await ids(store, MessageFilter(account=ACCOUNT, case_id="7")) == []


AWKWARD = {'say "x"': "it's", "a.b[0]": "ä=ö", "%": "_", "$": ""}


async def test_messages_are_filtered_by_all_labels_exactly(store: Store) -> None:
    both = await stored(store, labels={"team": "blue", "rule": "R1"})
    team = await stored(store, labels={"team": "blue"})
    swapped = await stored(store, labels={"blue": "team"})
    awkward = await stored(store, labels=AWKWARD)
    await stored(store, labels={"team": "Blue"})
    await stored(store, account="other", labels={"team": "blue"})
    assert set(await ids(store, MessageFilter(account=ACCOUNT, labels={"team": "blue"}))) == {both.id, team.id}
    assert await ids(store, MessageFilter(account=ACCOUNT, labels={"team": "blue", "rule": "R1"})) == [both.id]
    assert await ids(store, MessageFilter(account=ACCOUNT, labels={"blue": "team"})) == [swapped.id]
    assert await ids(store, MessageFilter(account=ACCOUNT, labels={"team": ""})) == []
    for name, value in AWKWARD.items():
        assert await ids(store, MessageFilter(account=ACCOUNT, labels={name: value})) == [awkward.id]


async def test_filters_and_pages_work_together(store: Store) -> None:
    made = [
        await stored(store, labels={"team": "blue" if step % 2 else "red"}, create_time=NOW + step * SECOND)
        for step in range(10)
    ]
    blue = MessageFilter(account=ACCOUNT, labels={"team": "blue"}, recipient=PERSON, states=(MessageState.SENDING,))
    found = [rows async for rows in pages(store, blue, 2)]
    assert [message for rows in found for message in rows] == made[::-2]


async def test_inbound_is_paged_newest_first_also_within_an_instant(store: Store) -> None:
    made = [an_inbound(receive_time=NOW + step // 2 * SECOND) for step in range(7)]
    for inbound in made:
        await store.commit(Write(inbound=inbound))
    first = await store.inbound(ALL_INBOUND, None, 4)
    await store.commit(Write(inbound=an_inbound(receive_time=NOW + 9 * SECOND)))
    second = await store.inbound(ALL_INBOUND, first.next, 4)
    assert [*first.rows, *second.rows] == made[::-1]
    assert second.next is None


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (ALL_INBOUND, ["b", "a"]),
        (InboundFilter(account=ACCOUNT, sender=ELSEWHERE), ["b"]),
        (InboundFilter(account=ACCOUNT, dispositions=(Disposition.LATE, Disposition.REPLY)), ["a"]),
        (InboundFilter(account=ACCOUNT, sender=ELSEWHERE, dispositions=(Disposition.LATE,)), []),
        (InboundFilter(account="other"), ["c"]),
    ],
)
async def test_inbound_is_filtered(store: Store, where: InboundFilter, expected: list[str]) -> None:
    for inbound in (
        an_inbound("a", disposition=Disposition.LATE),
        an_inbound("b", sender=ELSEWHERE),
        an_inbound("c", account="other"),
    ):
        await store.commit(Write(inbound=inbound))
    assert [inbound.body for inbound in (await store.inbound(where, None, 10)).rows] == expected


async def test_inbound_is_found_by_each_message_that_it_spoke_to(store: Store) -> None:
    one, two, three, other = [an_id() for _ in range(4)]
    spoke = replace(an_inbound("1234 yes 5678 no", message_id=one), also=(two, three))
    await store.commit(Write(inbound=spoke))
    for message_id, expected in ((one, (spoke,)), (two, (spoke,)), (three, (spoke,)), (other, ())):
        page = await store.inbound(InboundFilter(account=ACCOUNT, message_id=message_id), None, 10)
        assert page.rows == expected
