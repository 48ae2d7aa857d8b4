"""When to ask Twilio for its lists, how far back, and which of its rows are ours."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.builders import NOW, PERSON, SENDER, a_draft, a_message, a_sid
from textback_server.domain.limits import Pace, day_of, until_tomorrow
from textback_server.domain.listing import Listed, identified
from textback_server.domain.messages import Message, MessageState
from textback_server.domain.numbers import may_be_in
from textback_server.domain.polling import (
    MARGIN,
    OVERLAP,
    Agenda,
    back_off,
    floor,
    replies_pause,
    statuses_pause,
)

SECOND = timedelta(seconds=1)


def asking(age: timedelta) -> Agenda:
    return Agenda(sender=SENDER, oldest_wait=NOW - age, youngest_wait=NOW - age)


def moving(age: timedelta, *, unproven: bool = False) -> Agenda:
    return Agenda(sender=SENDER, oldest_moving=NOW - age, youngest_moving=NOW - age, unproven=unproven)


@pytest.mark.parametrize("webhooks", [True, False])
def test_pauses_never_shrink_when_things_grow_old(webhooks: bool) -> None:
    ages = [timedelta(minutes=minutes) for minutes in range(0, 200, 2)]
    for pause, agenda in ((replies_pause, asking), (statuses_pause, moving)):
        found = [pause(agenda(age), NOW, webhooks=webhooks) for age in ages]
        assert found == sorted(each for each in found if each)
        assert len(set(found)) > 1


def test_polling_is_quicker_when_there_are_no_webhooks() -> None:
    for pause, agenda in ((replies_pause, asking), (statuses_pause, moving)):
        alone, beside = (pause(agenda(SECOND), NOW, webhooks=webhooks) for webhooks in (False, True))
        assert alone is not None
        assert beside is not None
        assert alone < beside


def test_nothing_is_asked_when_nothing_is_under_way() -> None:
    idle = Agenda(sender=SENDER)
    assert (replies_pause(idle, NOW, webhooks=False), statuses_pause(idle, NOW, webhooks=False)) == (None, None)


def test_evidence_is_looked_for_soon_when_a_send_is_unclear() -> None:
    old = timedelta(hours=5)
    assert statuses_pause(moving(old, unproven=True), NOW, webhooks=True) == 5 * SECOND


def test_pass_looks_back_to_the_watermark_and_now_and_then_to_the_oldest_wait() -> None:
    oldest, watermark = NOW - timedelta(days=2), NOW - timedelta(minutes=1)
    assert floor(oldest, watermark, deep=False) == watermark - OVERLAP
    assert floor(oldest, watermark, deep=True) == floor(oldest, None, deep=False) == oldest - MARGIN
    assert floor(NOW, watermark, deep=False) == NOW - MARGIN


def test_back_off_grows_to_a_minute_and_heeds_what_twilio_asks_for() -> None:
    pauses = [back_off(failures, None) for failures in range(1, 9)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1], back_off(1, timedelta(minutes=3))) == (4 * SECOND, 60 * SECOND, 180 * SECOND)
    assert back_off(1_000_000, None) == 60 * SECOND


def a_row(message: Message, **changes: object) -> Listed:
    """The message as Twilio lists it."""
    row = Listed(
        twilio_sid=a_sid(),
        sender=SENDER,
        recipient=message.sms.recipient,
        body=message.text,
        inbound=False,
        time=NOW,
        state=MessageState.QUEUED,
        twilio_status="queued",
    )
    return replace(row, **changes)  # type: ignore[arg-type] # any field


ASKED = a_message(a_draft(), "4821")
TOLD = a_message(a_draft(wait=None, body="Backup finished."))
TWIN = a_message(a_draft(wait=None, body="Backup finished."))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, True),
        ({"body": f"Sent from your Twilio trial account - {ASKED.text}"}, True),
        ({"body": ASKED.text.replace("?", "").replace('"', "")}, True),
        ({"time": ASKED.create_time - MARGIN}, True),
        ({"body": ""}, False),
        ({"body": ASKED.text.replace("4821", "4822")}, False),
        ({"body": 'Text back "4821" and your answer.'}, False),
        ({"recipient": "+14155550199"}, False),
        ({"inbound": True}, False),
        ({"by_api": False}, False),
        ({"time": ASKED.create_time - MARGIN - SECOND}, False),
    ],
    ids=[
        "as sent", "trial prefix", "smart encoding", "clocks apart", "redacted", "another code", "notice",
        "another person", "inbound", "answer to a webhook", "before it was made",
    ],
)  # fmt: skip
def test_question_is_found_in_the_list_when_the_row_can_be_nothing_else(
    changes: dict[str, object], found: bool
) -> None:
    row = a_row(ASKED, **changes)
    assert identified([ASKED], [row]) == ({ASKED.id: row} if found else {})


def test_text_without_a_code_is_found_only_when_one_row_and_one_of_ours_are_alike() -> None:
    row = a_row(TOLD)
    assert identified([TOLD, ASKED], [row, a_row(ASKED, recipient="+14155550199")]) == {TOLD.id: row}
    assert identified([TOLD], [row, a_row(TOLD)]) == {}
    assert identified([TOLD, TWIN], [row]) == {}


def test_pace_lets_a_second_go_at_once_and_spreads_the_rest() -> None:
    pace = Pace(10)
    slots = [pace.slot("a", 1, NOW) - NOW for _ in range(30)]
    assert slots[:10] == [timedelta(0)] * 10
    assert slots[10:] == [timedelta(seconds=place / 10) for place in range(1, 21)]
    assert pace.slot("b", 1, NOW) == NOW
    assert pace.slot("a", 1, NOW + timedelta(minutes=1)) == NOW + timedelta(minutes=1)


def test_pace_gives_back_what_did_not_go() -> None:
    pace = Pace(1)
    assert pace.slot("a", 5, NOW) == NOW
    pace.give_back("a", 5)
    assert pace.slot("a", 1, NOW) == NOW
    assert pace.slot("a", 1, NOW) == NOW + SECOND


def test_pace_holds_nothing_back_when_the_clock_is_set_back() -> None:
    pace, earlier = Pace(1), NOW - timedelta(hours=1)
    assert pace.slot("a", 1, NOW) == NOW
    assert pace.slot("a", 1, earlier) == earlier


def test_pace_holds_nothing_back_when_there_is_none() -> None:
    pace = Pace(0)
    assert {pace.slot("a", 1_000, NOW) for _ in range(100)} == {NOW}


def test_day_ends_at_midnight_utc() -> None:
    left = until_tomorrow(NOW)
    assert day_of(NOW + left) == day_of(NOW) + 1
    assert day_of(NOW + left - timedelta(microseconds=1)) == day_of(NOW)


@pytest.mark.parametrize(
    ("number", "countries", "allowed"),
    [
        ("+4915112345678", {"DE"}, True),
        ("+4915112345678", {"US", "CA"}, False),
        (PERSON, {"US"}, True),
        ("+10123456789", {"US"}, True),
        ("+10123456789", {"DE"}, False),
        ("+12425551234", {"US"}, False),
    ],
    ids=[
        "listed",
        "not listed",
        "US",
        "the seed's example, US by its calling code",
        "not even that",
        "Bahamas, +1 too",
    ],
)
def test_recipient_is_judged_by_country(number: str, countries: set[str], allowed: bool) -> None:
    assert may_be_in(number, frozenset(countries)) is allowed
