"""Reading what people text back."""

from dataclasses import replace

import pytest

from tests.support.builders import a_draft, a_message, an_inbound, terms
from textback_server.domain.events import RejectReason
from textback_server.domain.facts import Replied, ReplyRefused
from textback_server.domain.messages import Choice, Code, Disposition, Message, WaitState
from textback_server.domain.replies import Standing, choose, is_opt_out, read, without_code

CHOICES = a_message(a_draft(wait=terms("yes", "no")))
FREE = a_message(a_draft())


def standing(*matches: Message, newest: Message | None = None) -> Standing:
    return Standing(matches=matches, newest_open=newest, codes_in_use=len(matches), longest_code=4)


def closed(message: Message) -> Message:
    assert message.wait is not None
    return replace(message, wait=replace(message.wait, state=WaitState.REPLIED))


@pytest.mark.parametrize(
    ("body", "text", "choice"),
    [
        ("4821 yes", "yes", "yes"),
        ("4821 Yes.", "Yes.", "yes"),
        ("yes 4821", "yes", "yes"),
        ("NO, 4821!", "NO", "no"),
        ("4821: “no”", "no”", "no"),
        ("4821\nyes", "yes", "yes"),
        ("#4821 - yes", "yes", "yes"),
        ("yes4821", "yes", "yes"),
    ],
)
def test_read_answers_when_code_and_choice_are_there(body: str, text: str, choice: str) -> None:
    reading = read(an_inbound(body), standing(CHOICES))
    assert reading.disposition is Disposition.REPLY
    assert isinstance(reading.fact, Replied)
    assert (reading.fact.reply.text, reading.fact.reply.choice) == (text, choice)


@pytest.mark.parametrize("body", ["4821 maybe", "4821", "4821 yes or no"])
def test_read_tells_the_person_the_choices_when_none_was_named(body: str) -> None:
    reading = read(an_inbound(body), standing(CHOICES))
    assert reading.disposition is Disposition.REJECTED
    assert isinstance(reading.fact, ReplyRefused)
    assert reading.fact.reason is RejectReason.NOT_A_CHOICE
    assert reading.fact.person_told
    assert '"4821 YES" or "4821 NO"' in reading.tell


def test_read_takes_a_bare_code_as_an_answer_when_there_are_no_choices() -> None:
    reading = read(an_inbound("4821"), standing(FREE))
    assert isinstance(reading.fact, Replied)
    assert reading.fact.reply.text == ""


def test_read_calls_it_late_when_the_wait_is_closed() -> None:
    reading = read(an_inbound("4821 yes"), standing(closed(CHOICES)))
    assert (reading.disposition, reading.fact, reading.tell) == (Disposition.LATE, None, "")


def test_read_answers_the_open_wait_when_a_closed_one_matches_too() -> None:
    reading = read(an_inbound("4821 yes"), standing(closed(FREE), CHOICES))
    assert reading.message is CHOICES


def test_read_rejects_when_two_open_codes_are_named() -> None:
    other = a_message(a_draft(), code="7310")
    reading = read(an_inbound("4821 7310 yes"), standing(FREE, other))
    assert isinstance(reading.fact, ReplyRefused)
    assert reading.fact.reason is RejectReason.SEVERAL_CODES


def test_read_tells_the_newest_wait_when_no_code_is_there() -> None:
    reading = read(an_inbound("yes"), standing(newest=CHOICES))
    assert reading.disposition is Disposition.UNMATCHED
    assert isinstance(reading.fact, ReplyRefused)
    assert reading.fact.reason is RejectReason.NO_CODE
    assert reading.message is CHOICES


def test_read_matches_nothing_when_nothing_is_open() -> None:
    assert read(an_inbound("4821 yes"), standing()).message is None


@pytest.mark.parametrize("body", ["STOP", "stop", " Stop. ", "“stop”", "st\u200bop", "CANCEL", "Unsubscribe!"])
def test_opt_out_word_alone_is_an_opt_out(body: str) -> None:
    assert is_opt_out(body)
    assert read(an_inbound(body), standing(newest=CHOICES)).disposition is Disposition.OPT_OUT


@pytest.mark.parametrize("body", ["stop please", "don't stop", "4821 stop", "", "yes"])
def test_opt_out_needs_the_word_alone(body: str) -> None:
    assert not is_opt_out(body)


@pytest.mark.parametrize(
    ("text", "choice"),
    [("Ｙｅｓ", "yes"), ("ok", "yes"), ("OK!", "yes"), ("nope", None), ("", None), ("  no  ", "no")],
)
def test_choose_folds_case_width_and_punctuation(text: str, choice: str | None) -> None:
    found = choose(text, (Choice(value="yes", aliases=("ok",)), Choice(value="no")))
    assert (found.value if found else None) == choice


def test_without_code_removes_only_its_own_first_code() -> None:
    assert without_code("4821 room 1234", Code("4821")) == "room 1234"
    assert without_code("order 48215 of 14821 late, 4821: no", Code("4821")) == "order 48215 of 14821 late no"


def test_read_takes_a_choice_as_the_prompt_shows_it_when_its_upper_case_folds_otherwise() -> None:
    asked = a_message(a_draft(wait=terms("evet", "hayır", "weiß nicht")))
    for shown in ("HAYIR", "hayır", "WEISS NICHT", "weiß nicht"):
        reading = read(an_inbound(f"4821 {shown}"), standing(asked))
        assert isinstance(reading.fact, Replied), shown
