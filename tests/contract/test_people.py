"""Who wants no messages from whom, for how long, and that it is written with the rest or not at all."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.kinds import Kind
from tests.support.builders import ACCOUNT, NOW, PERSON, SENDER, a_change, a_draft, an_inbound
from textback_server.domain.changes import PersonChange, Write
from textback_server.domain.facts import OptOut
from textback_server.domain.messages import Code, Disposition, Inbound
from textback_server.domain.people import BLOCK
from textback_server.domain.transitions import apply
from textback_server.store.protocol import Conflict, Duplicate, Store

INSTANT = timedelta(microseconds=1)
SERVICE = "MG00000000000000000000000000000001"
ELSEWHERE = "+14155550124"


def opting(
    *, out_of: tuple[str, ...] = (), in_to: tuple[str, ...] = (), after: timedelta = timedelta(0), told: int = 0
) -> Write:
    person = PersonChange(account=ACCOUNT, number=PERSON, block=out_of, unblock=in_to, time=NOW + after, told=told)
    return Write(person=person)


async def blocked(store: Store, sender: str = SENDER, *, after: timedelta = timedelta(0)) -> bool:
    return await store.blocked(ACCOUNT, sender, PERSON, NOW + after)


async def test_nobody_is_blocked_when_nobody_opted_out(store: Store) -> None:
    assert not await blocked(store)
    assert await store.blocks(ACCOUNT, PERSON) == ()


async def test_block_stands_for_24_hours(store: Store) -> None:
    await store.commit(opting(out_of=(SENDER,)))
    assert await blocked(store)
    assert await blocked(store, after=BLOCK - INSTANT)
    assert not await blocked(store, after=BLOCK)


async def test_block_is_of_one_sender_for_one_person_in_one_account(store: Store) -> None:
    await store.commit(opting(out_of=(SENDER,)))
    assert not await store.blocked(ACCOUNT, SERVICE, PERSON, NOW)
    assert not await store.blocked(ACCOUNT, SENDER, ELSEWHERE, NOW)
    assert not await store.blocked("other", SENDER, PERSON, NOW)
    assert await store.blocks("other", PERSON) == ()
    assert await store.blocks(ACCOUNT, ELSEWHERE) == ()


async def test_blocks_are_all_senders_until_the_person_opts_in(store: Store) -> None:
    await store.commit(opting(out_of=(SERVICE, SENDER)))
    assert await store.blocks(ACCOUNT, PERSON) == (SENDER, SERVICE)
    await store.commit(opting(in_to=(SENDER, "+14155550199")))
    assert await store.blocks(ACCOUNT, PERSON) == (SERVICE,)
    assert [await blocked(store), await blocked(store, SERVICE)] == [False, True]


async def test_opt_in_is_of_one_person_in_one_account(store: Store) -> None:
    await store.commit(opting(out_of=(SENDER,)))
    others = ((ACCOUNT, ELSEWHERE), ("other", PERSON))
    for account, number in others:
        opted_in = PersonChange(account=account, number=number, unblock=(SENDER,), time=NOW)
        await store.commit(Write(person=opted_in))
    assert await blocked(store)


async def test_block_counts_from_the_latest_opt_out(store: Store) -> None:
    await store.commit(opting(out_of=(SENDER,), after=BLOCK))
    await store.commit(opting(out_of=(SENDER,)))  # an older one, seen late, shortens nothing
    assert await blocked(store, after=2 * BLOCK - INSTANT)
    assert not await blocked(store, after=2 * BLOCK)
    await store.commit(opting(out_of=(SENDER,), after=2 * BLOCK))
    assert await blocked(store, after=3 * BLOCK - INSTANT)


async def test_block_wins_when_one_change_has_both(store: Store) -> None:
    await store.commit(opting(out_of=(SENDER,), in_to=(SENDER,)))
    assert await blocked(store)


async def test_person_is_written_together_with_the_rest(store: Store) -> None:
    message, _ = await store.create(a_draft(wait=None), (), NOW)
    change, inbound, person = a_change(message), an_inbound("STOP"), opting(out_of=(SENDER,), told=1).person
    await store.commit(Write(changes=(change,), inbound=inbound, person=person))
    assert await store.load(message.id) == change.after
    assert await store.received(ACCOUNT, inbound.twilio_sid)
    assert await blocked(store)
    assert (await store.standing(ACCOUNT, PERSON, (), NOW)).notices_this_hour == 1


@pytest.mark.parametrize("error", [Conflict, Duplicate])
async def test_nothing_of_a_person_is_written_when_the_rest_cannot_be(
    store: Store, error: type[Conflict | Duplicate]
) -> None:
    await store.commit(opting(out_of=(SERVICE,)))
    message, _ = await store.create(a_draft(wait=None), (), NOW)
    change, inbound = a_change(message), an_inbound("STOP")
    await store.commit(Write(changes=(change,)) if error is Conflict else Write(inbound=inbound))
    person = opting(out_of=(SENDER,), in_to=(SERVICE,), told=1).person
    stale = change if error is Conflict else a_change(change.after)
    with pytest.raises(error):
        await store.commit(Write(changes=(stale,), inbound=inbound, person=person))
    assert await store.blocks(ACCOUNT, PERSON) == (SERVICE,)
    assert (await store.standing(ACCOUNT, PERSON, (), NOW)).notices_this_hour == 0


async def test_opt_out_is_unfinished_while_an_older_question_is_open(store: Store) -> None:
    await store.create(a_draft(), (Code("4821"),), NOW)

    def stop(after: timedelta = INSTANT, account: str = ACCOUNT, sender: str = PERSON) -> Inbound:
        opt_out = Disposition.OPT_OUT
        return an_inbound("STOP", account=account, sender=sender, receive_time=NOW + after, disposition=opt_out)

    stops = (stop(-INSTANT), stop(3 * INSTANT), stop(2 * INSTANT), stop(sender=ELSEWHERE), stop(account="other"))
    for inbound in (*stops, an_inbound(receive_time=NOW + INSTANT)):
        await store.commit(Write(inbound=inbound))
    assert await store.unfinished_opt_outs(10) == [stops[2], stops[1]]
    assert await store.unfinished_opt_outs(1) == [stops[2]]
    (message,) = await store.open_waits(ACCOUNT, PERSON)
    change = apply(message, OptOut(twilio_sid=stops[1].twilio_sid), NOW + 4 * INSTANT)
    assert change
    await store.commit(Write(changes=(change,)))
    assert await store.unfinished_opt_outs(10) == []


async def test_block_is_there_when_the_store_is_opened_again(durable: Kind, tmp_path: Path) -> None:
    async with durable.open(tmp_path) as store:
        await store.commit(opting(out_of=(SENDER,), told=1))
    async with durable.open(tmp_path) as store:
        assert await blocked(store)
        assert (await store.standing(ACCOUNT, PERSON, (), NOW)).notices_this_hour == 1
