"""What is known of a person when they text: whose codes they name, and where they name none, what else may be meant."""

from contextlib import nullcontext
from datetime import timedelta

import pytest

from tests.support.builders import ACCOUNT, NOW, PERSON, a_change, a_closing, a_draft
from textback_server.domain.changes import PersonChange, Write
from textback_server.domain.codes import QUARANTINE
from textback_server.domain.messages import Code, Message
from textback_server.domain.people import NOTICE_WINDOW
from textback_server.domain.reading import RECENT, Standing
from textback_server.store.protocol import Conflict, Store

SECOND = timedelta(seconds=1)
INSTANT = timedelta(microseconds=1)
ELSEWHERE = "+14155550124"
NOTHING = Standing(matches=(), newest_open=None)


async def ask(
    store: Store, code: str, *, recipient: str = PERSON, account: str = ACCOUNT, after: timedelta = timedelta(0)
) -> Message:
    draft = a_draft(recipient=recipient, account=account, create_time=NOW + after)
    message, _ = await store.create(draft, [Code(code)], NOW)
    return message


async def standing(store: Store, *codes: str, after: timedelta = timedelta(0)) -> Standing:
    return await store.standing(ACCOUNT, PERSON, [Code(code) for code in codes], NOW + after)


async def tell(store: Store, *, after: timedelta = timedelta(0), account: str = ACCOUNT, number: str = PERSON) -> None:
    before = (await store.standing(account, number, (), NOW + after)).notices_this_hour
    await store.commit(_notice(before + 1, after=after, account=account, number=number))


def _notice(place: int, *, after: timedelta = timedelta(0), account: str = ACCOUNT, number: str = PERSON) -> Write:
    return Write(person=PersonChange(account=account, number=number, time=NOW + after, told=place))


async def test_standing_is_empty_when_nobody_was_asked(store: Store) -> None:
    assert await standing(store, "4821") == NOTHING


async def test_standing_matches_codes_of_this_person_in_this_account_in_the_order_asked(store: Store) -> None:
    one, two = await ask(store, "4821"), await ask(store, "73021")
    await ask(store, "99440", recipient=ELSEWHERE)
    await ask(store, "55660", account="other")
    found = await standing(store, "99440", "73021", "55660", "0000", "4821", "73021")
    assert found.matches == (two, one)


async def test_standing_matches_a_closed_wait_until_its_code_is_free(store: Store) -> None:
    closing = a_closing(await ask(store, "48219"))
    await store.commit(Write(changes=(closing,)))
    before = await standing(store, "48219", after=QUARANTINE - SECOND)
    assert (before.matches, before.newest_open) == ((closing.after,), None)
    assert await standing(store, "48219", after=QUARANTINE) == NOTHING


async def test_newest_open_is_the_newest_that_still_waits(store: Store) -> None:
    oldest = await ask(store, "4821")
    middle = await ask(store, "7302", after=SECOND)
    newest = await ask(store, "9944", after=2 * SECOND)
    await store.create(a_draft(wait=None, create_time=NOW + 3 * SECOND), (), NOW)
    for expected in (newest, middle, oldest):
        assert (await standing(store)).newest_open == expected
        await store.commit(Write(changes=(a_closing(expected),)))
    assert (await standing(store)).newest_open is None


async def test_sole_open_is_there_only_while_one_wait_of_this_person_is_open(store: Store) -> None:
    assert (await standing(store)).sole_open is None
    one = await ask(store, "4821")
    await ask(store, "7302", recipient=ELSEWHERE)
    await ask(store, "7302", account="other")
    await store.create(a_draft(wait=None), (), NOW)
    assert (await standing(store)).sole_open == one
    two = await ask(store, "9944", after=SECOND)
    assert (await standing(store)).sole_open is None
    await store.commit(Write(changes=(a_closing(one),)))
    assert (await standing(store)).sole_open == two
    await store.commit(Write(changes=(a_closing(two),)))
    assert (await standing(store)).sole_open is None


async def test_notice_is_refused_when_it_is_not_the_next_of_its_hour(store: Store) -> None:
    for place in (2, 1, 1, 3, 2):
        told = (await standing(store)).notices_this_hour
        with nullcontext() if place == told + 1 else pytest.raises(Conflict):
            await store.commit(_notice(place))
    assert (await standing(store)).notices_this_hour == 2


async def test_closed_recently_holds_for_ten_minutes_after_a_wait_closed(store: Store) -> None:
    message = await ask(store, "4821")
    await ask(store, "7302")
    assert not (await standing(store)).closed_recently
    await store.commit(Write(changes=(a_closing(message, at=NOW + SECOND),)))
    assert (await standing(store, after=SECOND + RECENT - INSTANT)).closed_recently
    assert not (await standing(store, after=SECOND + RECENT)).closed_recently


async def test_closed_recently_counts_from_the_closing_when_news_of_the_message_comes_later(store: Store) -> None:
    closing = a_closing(await ask(store, "4821"))
    await store.commit(Write(changes=(closing,)))
    late = a_change(closing.after, at=NOW + RECENT, twilio_status="delivered")
    await store.commit(Write(changes=(late,)))
    assert (await standing(store, after=RECENT - INSTANT)).closed_recently
    assert not (await standing(store, after=RECENT)).closed_recently


async def test_closed_recently_is_about_this_person_in_this_account(store: Store) -> None:
    others = [await ask(store, "4821", recipient=ELSEWHERE), await ask(store, "4821", account="other")]
    await store.commit(Write(changes=tuple(a_closing(message) for message in others)))
    assert not (await standing(store)).closed_recently


async def test_foreign_are_open_waits_of_other_phones_in_this_account(store: Store) -> None:
    theirs = await ask(store, "4821", recipient=ELSEWHERE)
    closing = a_closing(await ask(store, "7302", recipient=ELSEWHERE))
    await store.commit(Write(changes=(closing,)))
    await ask(store, "9944", account="other", recipient=ELSEWHERE)
    assert (await standing(store, "9944", "7302", "4821")).foreign == (theirs,)
    assert (await standing(store)).foreign == ()


async def test_foreign_are_two_at_most(store: Store) -> None:
    owners = [await ask(store, "4821", recipient=f"+1415555{number}") for number in range(2000, 2003)]
    found = (await standing(store, "4821")).foreign
    assert len(set(map(owners.index, found))) == 2


async def test_only_matches_and_notices_are_looked_up_when_a_match_is_open(store: Store) -> None:
    closing = a_closing(await ask(store, "4821"))
    await store.commit(Write(changes=(closing,)))
    still = await ask(store, "7302")
    await ask(store, "9944", recipient=ELSEWHERE)
    await tell(store)
    found = await standing(store, "4821", "7302", "9944")
    assert found == Standing(matches=(closing.after, still), newest_open=None, notices_this_hour=1)


async def test_all_is_looked_up_when_the_matches_are_closed(store: Store) -> None:
    closing = a_closing(await ask(store, "4821"))
    await store.commit(Write(changes=(closing,)))
    still, theirs = await ask(store, "7302"), await ask(store, "9944", recipient=ELSEWHERE)
    await tell(store)
    assert await standing(store, "4821", "9944") == Standing(
        matches=(closing.after,),
        newest_open=still,
        sole_open=still,
        closed_recently=True,
        foreign=(theirs,),
        notices_this_hour=1,
    )


async def test_notices_are_counted_for_an_hour_from_the_first(store: Store) -> None:
    await tell(store)
    await tell(store, after=NOTICE_WINDOW - INSTANT)
    assert (await standing(store, after=NOTICE_WINDOW - INSTANT)).notices_this_hour == 2
    assert (await standing(store, after=NOTICE_WINDOW)).notices_this_hour == 0
    await tell(store, after=NOTICE_WINDOW)
    assert (await standing(store, after=NOTICE_WINDOW)).notices_this_hour == 1
    assert (await standing(store, after=2 * NOTICE_WINDOW)).notices_this_hour == 0


async def test_notices_are_counted_for_this_person_in_this_account(store: Store) -> None:
    await tell(store, number=ELSEWHERE)
    await tell(store, account="other")
    assert (await standing(store)).notices_this_hour == 0
