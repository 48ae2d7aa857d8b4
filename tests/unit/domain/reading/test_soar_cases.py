"""Cases in which the widely used way (a text that ends with the code, newest first) gets it wrong.

The ninth, a failed poll that ends the wait, is a matter of the poller and not of reading.
"""

from dataclasses import replace

import pytest

from tests.support.builders import a_draft, a_message, an_inbound, terms
from tests.unit.domain.reading.table import codes_in
from textback_server.domain.facts import Replied
from textback_server.domain.messages import Code, Disposition, Message, WaitState
from textback_server.domain.notices import Notice
from textback_server.domain.prompts import compose
from textback_server.domain.reading import Reading, Standing, parse, read
from textback_server.domain.rejections import RejectReason

ASKED = replace(terms(), allow_empty_reply=False)
QUESTION = a_message(a_draft(wait=ASKED), code="23456")
QUESTION = replace(QUESTION, text=compose("Isolate host web-03?", ASKED, Code("23456")))


def heard(body: str, *waits: Message) -> Reading:
    owners = {message.wait.code: message for message in waits if message.wait}
    found = tuple(owners[code] for code in codes_in(body) if code in owners)
    still = next((message for message in waits if message.wait and message.wait.open), None)
    return read(parse(an_inbound(body)), Standing(matches=found, newest_open=still))


def test_code_that_ends_another_code_answers_nothing() -> None:
    reading = heard("no 123456", QUESTION)
    assert (reading.disposition, reading.reason) == (Disposition.UNMATCHED, RejectReason.WRONG_CODE)


@pytest.mark.parametrize("body", ["yes 23456 ", "yes 23456.", "yes 23456\n"])
def test_space_or_full_stop_after_the_code_does_not_lose_the_answer(body: str) -> None:
    reading = heard(body, QUESTION)
    assert isinstance(reading.fact, Replied)
    assert reading.fact.reply.text == "yes"


def test_code_first_is_an_answer() -> None:
    reading = heard("23456 yes", QUESTION)
    assert isinstance(reading.fact, Replied)
    assert reading.fact.reply.text == "yes"


@pytest.mark.parametrize("body", ["23456", "SiemplifyID: 23456"])
def test_code_alone_is_not_an_answer_when_a_text_is_asked_for(body: str) -> None:
    reading = heard(body, QUESTION)
    assert (reading.reason, reading.notice) == (RejectReason.EMPTY, Notice.HINT)


def test_prompt_that_comes_back_is_not_an_answer() -> None:
    for body in (QUESTION.text, f"Fwd: {QUESTION.text}", f"Liked “{QUESTION.text}”"):
        assert heard(body, QUESTION).disposition is Disposition.REJECTED


def test_prompt_that_ends_with_the_code_is_not_an_answer_when_it_comes_back() -> None:
    own = replace(QUESTION, text="Isolate host web-03?\nTo respond type your reply followed by 23456")
    assert heard(own.text, own).reason is RejectReason.ECHO
    assert heard("To respond type your reply followed by 23456", own).reason is RejectReason.ECHO
    assert isinstance(heard("yes 23456", own).fact, Replied)


def test_stop_is_noticed() -> None:
    assert heard("STOP", QUESTION).disposition is Disposition.OPT_OUT


def test_first_of_two_answers_counts_and_the_second_is_recorded() -> None:
    first = heard("no 23456", QUESTION)
    assert isinstance(first.fact, Replied)
    assert QUESTION.wait is not None
    answered = replace(QUESTION, wait=replace(QUESTION.wait, state=WaitState.REPLIED, reply=first.fact.reply))
    second = heard("yes 23456", answered)
    assert (second.disposition, second.reason) == (Disposition.LATE, RejectReason.ANSWERED)
    assert second.notice is Notice.ALREADY_ANSWERED


def test_code_is_known_before_anything_is_sent() -> None:
    """Their first run may fail before it has a code; ours is part of the message that is stored first."""
    message, _ = a_draft(wait=ASKED).accept(Code("23456"))
    assert message.wait is not None
    assert (message.wait.code, message.twilio_sid) == ("23456", "")
    assert "23456" in message.text
