"""What a reading says beyond the words: to whom it speaks, why not, and what to tell the person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.builders import NOW, a_draft, a_message, an_inbound, terms
from textback_server.domain.facts import Replied, ReplyRefused
from textback_server.domain.messages import Choice, Disposition, Message, ReplyMatch, Terms, WaitState
from textback_server.domain.notices import Notice
from textback_server.domain.reading import Reading, Standing, choose, is_opt_out, normal, parse, read
from textback_server.domain.rejections import RejectReason

PICK = a_message(a_draft(wait=terms("yes", "no")))
FREE = a_message(a_draft())
OTHER = a_message(a_draft(wait=terms("yes", "no"), recipient="+14155550199"), code="7310")
BY_SENDER = replace(terms("yes", "no"), reply_match=ReplyMatch.SENDER)
SOLE = a_message(a_draft(wait=BY_SENDER))


def standing(*matches: Message, newest: Message | None = None, **known: object) -> Standing:
    values = {"matches": matches, "newest_open": newest}
    return Standing(**(values | known))  # type: ignore[arg-type]


def ended(message: Message, state: WaitState = WaitState.REPLIED) -> Message:
    assert message.wait is not None
    return replace(message, wait=replace(message.wait, state=state))


def refusals(reading: Reading) -> list[tuple[str, RejectReason]]:
    return [(f.message.id, f.fact.reason) for f in reading.findings if isinstance(f.fact, ReplyRefused)]


def test_answer_carries_body_text_choice_sid_time_and_way() -> None:
    inbound = an_inbound("  4821: “Yes”. ")
    reading = read(parse(inbound), standing(PICK))
    assert isinstance(reading.fact, Replied)
    reply = reading.fact.reply
    assert (reply.body, reply.text, reply.choice) == (inbound.body, "“Yes”.", "yes")
    assert (reply.twilio_sid, reply.receive_time, reply.via) == (inbound.twilio_sid, NOW, inbound.via)
    assert (reading.disposition, reading.message, reading.notice) == (Disposition.REPLY, PICK, Notice.CONFIRMATION)


def test_wrong_answer_is_told_the_choices() -> None:
    reading = read(parse(an_inbound("4821 maybe")), standing(PICK))
    assert (reading.disposition, reading.notice) == (Disposition.REJECTED, Notice.NOT_A_CHOICE)
    assert isinstance(reading.fact, ReplyRefused)


@pytest.mark.parametrize(
    ("state", "reason", "notice"),
    [
        (WaitState.REPLIED, RejectReason.ANSWERED, Notice.ALREADY_ANSWERED),
        (WaitState.TIMED_OUT, RejectReason.LATE, Notice.TOO_LATE),
        (WaitState.CANCELLED, RejectReason.LATE, Notice.TOO_LATE),
        (WaitState.FAILED, RejectReason.LATE, Notice.TOO_LATE),
        (WaitState.OPTED_OUT, RejectReason.LATE, None),
    ],
)
def test_code_of_a_closed_wait_is_late(state: WaitState, reason: RejectReason, notice: Notice | None) -> None:
    reading = read(parse(an_inbound("4821 yes")), standing(ended(PICK, state), newest=OTHER))
    assert (reading.disposition, reading.reason, reading.notice) == (Disposition.LATE, reason, notice)
    assert reading.message is not None
    assert (reading.message.id, reading.fact) == (PICK.id, None)


def test_open_wait_is_answered_when_a_closed_one_is_named_too() -> None:
    closed = ended(a_message(a_draft(), code="5629"))
    reading = read(parse(an_inbound("5629 4821 yes")), standing(closed, PICK))
    assert (reading.disposition, [finding.message for finding in reading.findings]) == (Disposition.REPLY, [PICK])


def test_open_wait_is_answered_when_a_closed_one_had_the_same_code() -> None:
    reading = read(parse(an_inbound("4821 yes")), standing(ended(FREE), PICK))
    assert (reading.disposition, reading.message) == (Disposition.REPLY, PICK)


def test_whole_token_wins_over_joined_groups() -> None:
    longer = a_message(a_draft(), code="48211")
    reading = read(parse(an_inbound("4821 1")), standing(longer, PICK))
    assert [finding.message for finding in reading.findings] == [PICK]
    assert isinstance(reading.fact, Replied)
    assert reading.fact.reply.choice == "yes"


def test_reaction_to_a_closed_question_is_recorded_and_nothing_is_said() -> None:
    reading = read(parse(an_inbound("Liked “Is this login yours? 4821”")), standing(ended(PICK), newest=OTHER))
    assert (reading.disposition, reading.reason) == (Disposition.LATE, RejectReason.TAPBACK)
    assert (reading.fact, reading.notice) == (None, None)


@pytest.mark.parametrize(
    ("body", "notice"), [("Liked “Is this login yours?”", Notice.HINT), ("Liked “lunch?”", None), ("I'm driving", None)]
)
def test_noise_is_hinted_only_when_it_is_about_the_open_question(body: str, notice: Notice | None) -> None:
    reading = read(parse(an_inbound(body)), standing(newest=PICK))
    assert (reading.disposition, reading.message, reading.notice) == (Disposition.UNMATCHED, PICK, notice)


def test_some_codes_answer_and_others_not_when_their_choices_differ() -> None:
    colours = a_message(a_draft(wait=terms("red", "blue")), code="7310")
    reading = read(parse(an_inbound("7310 4821 yes")), standing(colours, PICK))
    assert reading.disposition is Disposition.REPLY
    assert [type(finding.fact) for finding in reading.findings] == [Replied, ReplyRefused]
    assert reading.message is PICK


@pytest.mark.parametrize("twilio_says", ["STOP", "START", "HELP"])
def test_twilios_own_word_for_it_is_believed(twilio_says: str) -> None:
    reading = read(parse(replace(an_inbound("ARRET"), opt_out_type=twilio_says)), standing(newest=PICK))
    expected = {"STOP": Disposition.OPT_OUT, "START": Disposition.OPT_IN, "HELP": Disposition.UNMATCHED}
    assert (reading.disposition, reading.notice) == (expected[twilio_says], None)


def test_opt_out_wins_over_everything() -> None:
    reading = read(parse(an_inbound("STOP")), standing(SOLE, newest=SOLE, sole_open=SOLE))
    assert reading == Reading(disposition=Disposition.OPT_OUT)


def test_bare_yes_is_an_opt_in_and_brings_the_hint() -> None:
    reading = read(parse(an_inbound("YES")), standing(newest=PICK))
    assert (reading.disposition, reading.notice) == (Disposition.OPT_IN, Notice.HINT)
    assert refusals(reading) == [(PICK.id, RejectReason.OPT_IN)]


def test_sender_alone_answers_the_only_question() -> None:
    reading = read(parse(an_inbound("yes")), standing(newest=SOLE, sole_open=SOLE))
    assert isinstance(reading.fact, Replied)
    assert (reading.disposition, reading.message, reading.fact.reply.choice) == (Disposition.REPLY, SOLE, "yes")


@pytest.mark.parametrize(
    "known",
    [
        {"sole_open": None},
        {"sole_open": PICK},
        {"sole_open": SOLE, "closed_recently": True},
        {"sole_open": replace(SOLE, create_time=NOW + timedelta(seconds=1))},
    ],
    ids=["several open", "by code", "another closed", "older than our request"],
)
def test_sender_alone_is_not_enough_when_something_else_can_be_meant(known: dict[str, object]) -> None:
    reading = read(parse(an_inbound("no")), standing(newest=SOLE, **known))
    assert (reading.disposition, reading.notice) == (Disposition.UNMATCHED, Notice.HINT)
    assert refusals(reading) == [(SOLE.id, RejectReason.NO_CODE)]


def test_sender_alone_is_not_enough_when_twilio_dates_the_text_before_the_question() -> None:
    text = replace(an_inbound("no"), sent_time=NOW - timedelta(seconds=1))
    assert read(parse(text), standing(newest=SOLE, sole_open=SOLE)).disposition is Disposition.UNMATCHED


def test_sender_alone_counts_in_the_second_in_which_our_text_went_out() -> None:
    sole = replace(SOLE, create_time=NOW + timedelta(microseconds=900_000))
    assert read(parse(an_inbound("no")), standing(newest=sole, sole_open=sole)).disposition is Disposition.REPLY


def test_another_phones_code_is_refused_and_recorded_there() -> None:
    reading = read(parse(an_inbound("7310 yes")), standing(foreign=(OTHER,)))
    assert (reading.disposition, reading.reason, reading.notice) == (Disposition.FOREIGN, RejectReason.FOREIGN, None)
    assert refusals(reading) == [(OTHER.id, RejectReason.FOREIGN)]


def test_another_phones_code_tells_the_persons_own_question_first() -> None:
    reading = read(parse(an_inbound("7310 yes")), standing(newest=SOLE, sole_open=SOLE, foreign=(OTHER,)))
    assert refusals(reading) == [(SOLE.id, RejectReason.WRONG_CODE), (OTHER.id, RejectReason.FOREIGN)]
    assert reading.notice is Notice.HINT


def test_code_that_several_other_phones_have_is_told_to_none() -> None:
    reading = read(parse(an_inbound("7310 yes")), standing(foreign=(OTHER, replace(OTHER, id=FREE.id))))
    assert (reading.disposition, reading.findings) == (Disposition.FOREIGN, ())


def test_number_in_an_answer_may_happen_to_be_another_phones_code() -> None:
    sole = a_message(a_draft(wait=replace(terms(), reply_match=ReplyMatch.SENDER)))
    reading = read(parse(an_inbound("about 7310 people")), standing(newest=sole, sole_open=sole, foreign=(OTHER,)))
    assert (reading.disposition, reading.message) == (Disposition.REPLY, sole)


@pytest.mark.parametrize(
    ("allow", "choices", "counts"),
    [(None, (), True), (None, ("yes",), False), (True, ("yes",), True), (True, (), True), (False, (), False)],
)
def test_bare_code_counts_as_the_terms_say(allow: bool | None, choices: tuple[str, ...], counts: bool) -> None:
    asked: Terms = replace(terms(*choices), allow_empty_reply=allow)
    reading = read(parse(an_inbound("4821")), standing(a_message(a_draft(wait=asked))))
    assert isinstance(reading.fact, Replied) is counts


def test_own_label_is_known_from_our_text() -> None:
    asked = replace(FREE, text="Is this login yours?\nVorgang: 4821")
    reading = read(parse(an_inbound("Vorgang: 4821 erledigt")), standing(asked))
    assert isinstance(reading.fact, Replied)
    assert reading.fact.reply.text == "erledigt"


@pytest.mark.parametrize("body", ["stop please", "don't stop", "4821 stop", "", "yes"])
def test_opt_out_needs_the_word_alone(body: str) -> None:
    assert not is_opt_out(body)


@pytest.mark.parametrize(
    ("text", "choice"),
    [("Ｙｅｓ", "yes"), ("ok", "yes"), ("OK!", "yes"), ("nope", None), ("", None), ("  no  ", "no"), ("...", None)],
)
def test_choose_folds_case_width_and_punctuation(text: str, choice: str | None) -> None:
    found = choose(text, (Choice(value="yes", aliases=("ok",)), Choice(value="no")))
    assert (found.value if found else None) == choice


def test_normal_keeps_what_tells_words_apart() -> None:
    assert normal("  Ça-va?  ÉTÉ ") == "ca va ete"
    assert normal("👍🏽 👍") == "👍"
    assert not normal("がい").startswith(normal("か"))
    assert normal("?!") == ""
