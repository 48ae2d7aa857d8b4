"""Content is erased, and rows are removed, so long after the end; nothing that is still open is touched."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.builders import (
    ACCOUNT,
    NOW,
    PERSON,
    a_change,
    a_closing,
    a_draft,
    a_receipt,
    a_rejection,
    an_answer,
    an_inbound,
)
from textback_server.domain.changes import Change, Write
from textback_server.domain.codes import QUARANTINE
from textback_server.domain.events import ReplyReceived, ReplyRejected
from textback_server.domain.messages import Code, DecidedBy, Disposition, Inbound, Message, Outcome, Result
from textback_server.store.protocol import Conflict, InboundFilter, MessageFilter, Store

CONTENT = timedelta(days=7)
ROWS = timedelta(days=30)
ERASED = NOW + CONTENT
"""When what ended at NOW is erased."""
REMOVED = NOW + ROWS
BEFORE = -timedelta(microseconds=1)


async def forget(store: Store, now: datetime, limit: int = 100) -> int:
    return await store.forget(now, now - CONTENT, now - ROWS, limit)


async def asked(store: Store, code: str = "4821", **draft: Any) -> Message:
    message, _ = await store.create(a_draft(**draft), [Code(code)], NOW)
    return message


async def commit(store: Store, change: Change, inbound: Inbound | None = None) -> Message:
    await store.commit(Write(changes=(change,), inbound=inbound))
    return change.after


async def answered(store: Store, code: str = "4821", **draft: Any) -> Message:
    """A question that got one wrong answer and one right one, at NOW."""
    message = await asked(store, code, **draft)
    for body, disposition, change in (
        ("a wrong answer", Disposition.REJECTED, a_rejection),
        ("the right answer", Disposition.REPLY, an_answer),
    ):
        inbound = an_inbound(body, disposition=disposition, message_id=message.id)
        message = await commit(store, change(message, body), inbound)
    return message


async def inbound_of(store: Store) -> Sequence[Inbound]:
    return (await store.inbound(InboundFilter(account=ACCOUNT), None, 100)).rows


async def test_texts_are_erased_and_the_outcome_stays_when_the_time_is_over(store: Store) -> None:
    before = await answered(store, body="the question", labels={"a": "b"})

    assert await forget(store, ERASED) == 3
    after = await store.load(before.id)

    assert after is not None
    assert after.content_erased
    assert "question" not in repr(after) + after.text + after.sms.body
    assert after.wait is not None
    assert after.wait.reply is not None
    assert (after.wait.reply.text, after.wait.reply.body) == ("", "")
    assert after.result == Result(outcome=Outcome.REPLIED, decided_by=DecidedBy.REPLY)
    kept = ("id", "sms.recipient", "sms.labels", "state", "create_time", "update_time", "sequence", "context")
    assert [_field(after, name) for name in kept] == [_field(before, name) for name in kept]
    happenings = [event.what for event in await store.events(before.id, 0)]
    assert [each.body for each in happenings if isinstance(each, ReplyRejected)] == [""]
    assert [(each.reply.text, each.reply.body) for each in happenings if isinstance(each, ReplyReceived)] == [("", "")]
    assert [(row.body, row.content_erased) for row in await inbound_of(store)] == [("", True)] * 2


def _field(message: Message, name: str) -> object:
    value: object = message
    for part in name.split("."):
        value = getattr(value, part)
    return value


async def test_message_without_a_wait_is_erased_so_long_after_its_receipt(store: Store) -> None:
    message = await asked(store, wait=None)
    ended = NOW + timedelta(days=2)
    await commit(store, a_receipt(message, at=ended))

    assert await forget(store, ended + CONTENT + BEFORE) == 0
    assert await forget(store, ended + CONTENT) == 1
    after = await store.load(message.id)
    assert after is not None
    assert after.text == ""


async def test_nothing_is_forgotten_before_its_time(store: Store) -> None:
    message = await answered(store)
    assert await forget(store, ERASED + BEFORE) == 0
    assert await store.load(message.id) == message
    assert await forget(store, ERASED) == 3
    assert await forget(store, REMOVED + BEFORE) == 0
    assert await store.load(message.id) is not None


@pytest.mark.parametrize("terms", [{}, {"wait": None}], ids=["open wait", "on its way"])
async def test_message_that_has_not_ended_is_kept_whatever_its_age(store: Store, terms: dict[str, Any]) -> None:
    message = await asked(store, **terms)
    inbound = an_inbound(disposition=Disposition.REJECTED, message_id=message.id)
    if message.wait:
        message = await commit(store, a_rejection(message, inbound.body), inbound)
    assert await forget(store, REMOVED + ROWS) == 0
    assert await store.load(message.id) == message
    assert [row.body for row in await inbound_of(store)] == [inbound.body] * (message.wait is not None)


async def test_message_that_must_still_be_looked_at_is_kept_though_it_ended(store: Store) -> None:
    message = await asked(store)
    alarmed = replace(a_closing(message).after, alarm=NOW)
    change = replace(a_closing(message), after=alarmed)
    await commit(store, change)
    assert await forget(store, REMOVED) == 0
    assert await store.load(message.id) == alarmed


async def test_rows_and_request_id_are_free_when_their_time_is_over(store: Store) -> None:
    old = await answered(store, request_id="order-7", labels={"a": "b"})

    assert await forget(store, REMOVED) == 6  # erased and removed: a message and two inbound SMS

    assert await store.get(ACCOUNT, old.id) is None
    assert await store.recall(ACCOUNT, "order-7") is None
    assert list(await store.events(old.id, 0)) == []
    assert await inbound_of(store) == ()
    assert (await store.messages(MessageFilter(account=ACCOUNT, labels={"a": "b"}), None, 9)).rows == ()
    again, new = await store.create(a_draft(request_id="order-7", labels={"a": "b"}), [Code("4821")], REMOVED)
    assert (new, again.id == old.id) == (True, False)
    assert [row.id for row in (await store.messages(MessageFilter(account=ACCOUNT, labels={"a": "b"}), None, 9)).rows]


async def test_row_stays_until_its_code_is_free(store: Store) -> None:
    message = await answered(store)
    free = NOW + QUARANTINE

    await store.forget(free + BEFORE, NOW, NOW, 100)
    assert (await store.standing(ACCOUNT, PERSON, [Code("4821")], free + BEFORE)).matches[0].id == message.id
    assert await store.forget(free, NOW, NOW, 100) == 3

    assert await store.load(message.id) is None
    assert (await store.standing(ACCOUNT, PERSON, [Code("4821")], free)).matches == ()
    assert (await store.codes_in_use(ACCOUNT, PERSON, free)).longest == 0
    await store.create(a_draft(), [Code("4821")], free)


async def test_no_more_is_forgotten_at_once_than_the_limit(store: Store) -> None:
    for number in range(5):
        await commit(store, a_receipt(await asked(store, wait=None)))
        await store.commit(Write(inbound=an_inbound(f"text {number}")))
    counts: list[int] = []
    while counts[-1:] != [0]:
        counts.append(await forget(store, ERASED, limit=4))
    assert counts == [4, 4, 2, 0]


async def test_the_longest_ended_are_erased_first(store: Store) -> None:
    messages = [await asked(store, wait=None) for _ in range(3)]
    for place, message in enumerate(messages):
        await commit(store, a_receipt(message, at=NOW - timedelta(hours=place)))
    await forget(store, ERASED, limit=1)
    loaded = [await store.load(message.id) for message in messages]
    assert [message.content_erased for message in loaded if message] == [False, False, True]


async def test_unmatched_inbound_is_erased_and_removed_by_its_arrival(store: Store) -> None:
    inbound = an_inbound("hello?")
    await store.commit(Write(inbound=inbound))
    assert await forget(store, ERASED + BEFORE) == 0
    assert await forget(store, ERASED) == 1
    assert await inbound_of(store) == (replace(inbound, body="", content_erased=True),)
    assert await forget(store, REMOVED + BEFORE) == 0
    assert await forget(store, REMOVED) == 1
    assert await inbound_of(store) == ()
    assert await store.unseen(ACCOUNT, [inbound.twilio_sid]) == {inbound.twilio_sid}


async def test_inbound_lasts_as_long_as_each_message_that_it_speaks_to(store: Store) -> None:
    closed, still_open = await asked(store, "4821"), await asked(store, "7350")
    inbound = replace(an_inbound("4821 7350", disposition=Disposition.REJECTED), message_id=closed.id)
    inbound = replace(inbound, also=(still_open.id,))
    await commit(store, a_closing(closed), inbound)

    assert await forget(store, ERASED) == 1
    assert [row.body for row in await inbound_of(store)] == ["4821 7350"]
    await commit(store, a_closing(still_open, at=ERASED))
    assert await forget(store, ERASED + CONTENT) == 2
    assert [row.body for row in await inbound_of(store)] == [""]
    assert await forget(store, REMOVED) == 1
    assert await inbound_of(store) != ()
    assert await forget(store, ERASED + ROWS) == 2
    assert await inbound_of(store) == ()


async def test_change_made_from_what_was_erased_since_is_a_conflict(store: Store) -> None:
    before = await answered(store)
    await forget(store, ERASED)
    with pytest.raises(Conflict):
        await commit(store, a_receipt(before, at=ERASED))


async def test_late_news_of_an_erased_message_leave_it_erased(store: Store) -> None:
    message = await answered(store)
    await forget(store, ERASED)
    erased = await store.load(message.id)
    assert erased is not None

    after = await commit(store, a_receipt(erased, at=ERASED))

    assert await store.load(message.id) == after
    assert (after.state, after.text, after.content_erased) == ("DELIVERED", "", True)
    assert await forget(store, ERASED + CONTENT) == 0
    assert await forget(store, REMOVED) == 3, "late news do not prolong a message's time"


async def test_change_of_a_removed_message_is_a_conflict(store: Store) -> None:
    message = await answered(store)
    await forget(store, REMOVED)
    with pytest.raises(Conflict):
        await commit(store, a_change(message))


async def test_store_that_works_passes_its_check(store: Store) -> None:
    message = await answered(store)
    await store.check()
    assert await store.load(message.id) == message
