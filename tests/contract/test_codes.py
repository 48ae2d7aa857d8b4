"""Codes: one owner per recipient and account, until 72 hours after the wait closed."""

import asyncio
import random
from datetime import timedelta

import pytest

from tests.support.builders import ACCOUNT, NOW, PERSON, a_change, a_closing, a_draft
from textback_server.domain.changes import Write
from textback_server.domain.codes import QUARANTINE, new_codes
from textback_server.domain.messages import Code, Message
from textback_server.store.protocol import CodesInUse, CodesTaken, MessageFilter, Store

INSTANT = timedelta(microseconds=1)
HELD = Code("4821")


async def ask(store: Store, *codes: str, at_time: timedelta = timedelta(0), recipient: str = PERSON) -> Message:
    draft = a_draft(recipient=recipient, create_time=NOW + at_time)
    message, _ = await store.create(draft, [Code(code) for code in codes], NOW + at_time)
    return message


def code_of(message: Message) -> str:
    return message.wait.code if message.wait else ""


async def test_code_is_the_first_that_is_free(store: Store) -> None:
    await ask(store, "4821")
    assert code_of(await ask(store, "4821", "7302", "9944")) == "7302"


async def test_create_writes_nothing_when_all_codes_are_taken(store: Store) -> None:
    await ask(store, "4821")
    draft = a_draft(request_id="order-7")
    with pytest.raises(CodesTaken):
        await store.create(draft, [HELD], NOW)
    assert await store.load(draft.id) is None
    assert await store.recall(ACCOUNT, "order-7") is None
    with pytest.raises(CodesTaken):
        await store.create(draft, [], NOW)


async def test_code_is_free_for_another_recipient_and_for_another_account(store: Store) -> None:
    await ask(store, "4821")
    assert code_of(await ask(store, "4821", recipient="+14155550124")) == "4821"
    message, _ = await store.create(a_draft(account="other"), [HELD], NOW)
    assert code_of(message) == "4821"


async def test_code_stays_taken_until_72_hours_after_its_wait_closed(store: Store) -> None:
    message = await ask(store, "4821")
    closed = timedelta(minutes=5)
    await store.commit(Write(changes=(a_closing(message, at=NOW + closed),)))
    with pytest.raises(CodesTaken):
        await ask(store, "4821", at_time=closed + QUARANTINE - INSTANT)
    assert code_of(await ask(store, "4821", at_time=closed + QUARANTINE)) == "4821"


async def test_code_belongs_to_its_new_wait_when_the_old_one_changes_late(store: Store) -> None:
    old = await ask(store, "4821")
    closing = a_closing(old)
    await store.commit(Write(changes=(closing,)))
    new = await ask(store, "4821", at_time=QUARANTINE)
    late = a_change(closing.after, at=NOW + QUARANTINE, twilio_status="delivered")
    await store.commit(Write(changes=(late,)))
    found = await store.standing(ACCOUNT, PERSON, [HELD], NOW + QUARANTINE)
    assert found.matches == (new,)


@pytest.mark.parametrize(("held", "offered"), [("4821", "48219"), ("4821", "94821"), ("48219", "4821907")])
async def test_code_is_refused_when_it_begins_or_ends_with_one_that_is_taken(
    store: Store, held: str, offered: str
) -> None:
    message = await ask(store, held)
    with pytest.raises(CodesTaken):
        await ask(store, offered)
    await store.commit(Write(changes=(a_closing(message),)))
    with pytest.raises(CodesTaken):
        await ask(store, offered, at_time=QUARANTINE - INSTANT)
    assert code_of(await ask(store, offered, at_time=QUARANTINE)) == offered


async def test_code_is_free_when_it_only_contains_one_that_is_taken(store: Store) -> None:
    await ask(store, "4821")
    assert code_of(await ask(store, "948210")) == "948210"


@pytest.mark.parametrize(("held", "offered"), [("48219", "4821"), ("94821", "4821"), ("73021", "4821")])
async def test_code_is_refused_while_a_longer_one_is_taken(store: Store, held: str, offered: str) -> None:
    await ask(store, held)
    with pytest.raises(CodesTaken):
        await ask(store, offered)
    assert code_of(await ask(store, offered, "60442")) == "60442"
    assert code_of(await ask(store, offered, recipient="+14155550124")) == offered
    other, _ = await store.create(a_draft(account="other"), [Code(offered)], NOW)
    assert code_of(other) == offered


async def test_code_may_be_short_again_once_all_longer_ones_are_free(store: Store) -> None:
    longer = [await ask(store, "48219"), await ask(store, "73021")]
    first, last = (a_closing(message, at=NOW + step * INSTANT) for step, message in enumerate(longer))
    await store.commit(Write(changes=(first, last)))
    with pytest.raises(CodesTaken):
        await ask(store, "4821", at_time=QUARANTINE)
    assert code_of(await ask(store, "4821", at_time=QUARANTINE + INSTANT)) == "4821"


async def test_one_of_two_racing_codes_is_refused_when_one_begins_the_other(store: Store) -> None:
    asked = [ask(store, "48219"), ask(store, "4821")]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(result, CodesTaken) for result in results) == 1


async def test_codes_in_use_are_none_when_nobody_was_asked(store: Store) -> None:
    assert await store.codes_in_use(ACCOUNT, PERSON, NOW) == CodesInUse(count=0, longest=0)


async def test_codes_in_use_are_those_of_this_person_in_this_account(store: Store) -> None:
    for code in ("4821", "7302", "48765"):
        await ask(store, code)
    await ask(store, "994411", recipient="+14155550124")
    await store.create(a_draft(account="other"), [Code("5566778")], NOW)
    await store.create(a_draft(wait=None), (), NOW)
    assert await store.codes_in_use(ACCOUNT, PERSON, NOW) == CodesInUse(count=3, longest=5)


async def test_codes_in_use_count_a_closed_wait_until_its_code_is_free(store: Store) -> None:
    short, long = await ask(store, "4821"), await ask(store, "73021")
    await store.commit(Write(changes=(a_closing(long),)))
    before = await store.codes_in_use(ACCOUNT, PERSON, NOW + QUARANTINE - INSTANT)
    assert before == CodesInUse(count=2, longest=5)
    free = CodesInUse(count=1, longest=4)
    assert await store.codes_in_use(ACCOUNT, PERSON, NOW + QUARANTINE) == free
    await store.commit(Write(changes=(a_closing(short, at=NOW + QUARANTINE),)))
    await ask(store, "6044", at_time=QUARANTINE)  # what is free goes with the next create
    assert await store.codes_in_use(ACCOUNT, PERSON, NOW + QUARANTINE) == CodesInUse(count=2, longest=4)


async def test_codes_in_use_stay_as_they_were_when_a_create_fails(store: Store) -> None:
    await ask(store, "48219")
    with pytest.raises(CodesTaken):
        await ask(store, "48219", "4821")
    assert await store.codes_in_use(ACCOUNT, PERSON, NOW) == CodesInUse(count=1, longest=5)


async def test_codes_differ_when_callers_race_for_the_same_offers(store: Store) -> None:
    offers = [f"{code:04d}" for code in range(16)]
    messages = await asyncio.gather(*(ask(store, *offers) for _ in range(16)))
    assert sorted(code_of(message) for message in messages) == offers
    with pytest.raises(CodesTaken):
        await ask(store, *offers)


async def test_codes_suffice_when_thousands_of_waits_for_one_phone_are_open(store: Store) -> None:
    rng, waits = random.Random(7), 2_000
    # Each step asks as the service does: how many are in use, then some codes of a fitting length.
    for _ in range(waits // 100):
        now = await store.codes_in_use(ACCOUNT, PERSON, NOW)
        offers = [new_codes(rng, now.count, now.longest) for _ in range(100)]
        await asyncio.gather(*(ask(store, *codes) for codes in offers))
    in_use = await store.codes_in_use(ACCOUNT, PERSON, NOW)
    assert in_use.count == waits
    page = await store.messages(MessageFilter(account=ACCOUNT), None, waits + 1)
    codes = {code_of(message) for message in page.rows}
    assert len(codes) == waits
    assert max(map(len, codes)) == in_use.longest
