"""Whatever comes: no crash, no cross-match, no text that takes long."""

import random
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.builders import a_draft, a_message, an_inbound, terms
from tests.unit.domain.reading.table import codes_in
from textback_server.domain.codes import fragments, new_codes
from textback_server.domain.facts import Replied
from textback_server.domain.messages import Code, Disposition, Message, ReplyMatch, WaitState
from textback_server.domain.reading import Standing, parse, read
from textback_server.domain.reading.normal import plain
from textback_server.domain.rejections import RejectReason

WAITS = 10_000
PICK = a_message(a_draft(wait=terms("yes", "no")))
ROOM = a_message(a_draft(), code="7310")
SOLE = a_message(a_draft(wait=replace(terms(), reply_match=ReplyMatch.SENDER)), code="5629")
KNOWN = Standing(matches=(PICK, ROOM), newest_open=SOLE, sole_open=SOLE)
PARTS = st.sampled_from(
    (
        "4821", "7310", "48 21", "48-21", "yes", "no", "1", "+1 415 555 0123", "$4821", "2026-11-22", "14:48", "“", "”",
        '"', "Liked ", "Fwd:", ">", "\n", " ", ",", ".", "-", "(", ")", "👍", "👎🏽",
        "\u200b", "٤٨٢١", "Text back", "code:", "STOP",
    )
)  # fmt: skip
DRESSES: tuple[Callable[[str, str], str], ...] = (
    lambda code, word: f"{code} {word}",
    lambda code, word: f"{word} {code}",
    lambda code, word: f"{code}{word}",
    lambda code, word: f"{word}{code}.",
    lambda code, word: f"“{code} {word.upper()}”",
    lambda code, word: f"#{code}: {word}!",
    lambda code, word: f"{word.title()}, code {code}",
    lambda code, word: f"{code[:2]} {code[2:]} {word}",
    lambda code, word: f"{code[:3]}-{code[3:]} {word}",
    lambda code, word: f"\u200b{code}\u00a0{word} ",
    lambda code, word: "".join(chr(0xFF10 + int(digit)) for digit in code) + word,
    lambda code, word: "".join(chr(0x660 + int(digit)) for digit in code) + f" {word}",
    lambda code, word: f"{code} {1 if word == 'yes' else 2}",
    lambda code, word: f"{code} {word}, thanks 😊",
)


@given(st.text(max_size=400) | st.lists(PARTS, max_size=40).map("".join) | st.lists(PARTS, max_size=40).map(" ".join))
@settings(max_examples=500, deadline=None)
def test_any_text_has_a_reading(text: str) -> None:
    reading = read(parse(an_inbound(text)), KNOWN)
    assert sum(isinstance(finding.fact, Replied) for finding in reading.findings) <= len(KNOWN.matches)
    for finding in reading.findings:
        if isinstance(finding.fact, Replied) and finding.message is PICK:
            assert "4821" in codes_in(text)
            assert finding.fact.reply.choice in ("yes", "no")
        if isinstance(finding.fact, Replied):
            assert finding.fact.reply.body == text


@given(st.text(max_size=200))
def test_plain_text_knows_where_each_character_stood(text: str) -> None:
    found = plain(text)
    assert len(found.at) == len(found.text) + 1
    assert list(found.at) == sorted(found.at)
    assert all(0 <= place <= len(text) for place in found.at)


UNKIND = (
    "a", "1", "1 ", "48 21 ", "4821 ", "4821,", "1.", "$1", "1,", '"', "(", "+1 ", " ", "\ufdfa", "👍", "yes ", "code ",
    "> a b c\n", "a@", "ab.", "48-21-", "11/11/", "11:11:", "--4 ", "4821 12, ", "code:", "\u0301", "“”", "please ",
    "1234567",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNKIND, ids=ascii)
def test_no_text_takes_longer_than_its_length_explains(unit: str) -> None:
    """Four times the text may cost about four times the time: eight leaves room for a busy machine."""

    def cost(length: int) -> float:
        inbound = an_inbound((unit * length)[:length])
        return min(_timed(lambda: read(parse(inbound), KNOWN)) for _ in range(5))

    assert cost(1_600) < max(8 * cost(400), 0.005)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _waits() -> dict[Code, Message]:
    """As many open waits to one phone, their codes given out one by one as a store does it."""
    rng, parts, owners = random.Random(7), set[Code](), dict[Code, Message]()
    longest = 0
    template = a_message(a_draft(wait=terms("yes", "no")))
    assert template.wait is not None
    while len(owners) < WAITS:
        offers = new_codes(rng, len(owners), longest)
        code = next(each for each in offers if each not in parts and owners.keys().isdisjoint((each, *fragments(each))))
        parts.update(fragments(code))
        longest = max(longest, len(code))
        owners[code] = replace(
            template, id=a_draft().id, wait=replace(template.wait, code=code), text=template.text.replace("4821", code)
        )
    return owners


def test_ten_thousand_open_questions_are_never_confused() -> None:
    """Each gets its own answer once, whatever the dress and the order; what comes again is told so."""
    owners, rng = _waits(), random.Random(11)
    newest = next(iter(owners.values()))
    replies = [(code, rng.choice(("yes", "no"))) for code in owners] * 2
    rng.shuffle(replies)
    answered: set[Code] = set()
    for code, word in replies:
        body = rng.choice(DRESSES)(code, word)
        found = tuple(owners[each] for each in codes_in(body) if each in owners)
        reading = read(parse(an_inbound(body)), Standing(matches=found, newest_open=newest))
        assert [finding.message for finding in reading.findings] == [owners[code]], body
        if code in answered:
            assert (reading.disposition, reading.reason) == (Disposition.LATE, RejectReason.ANSWERED), body
            continue
        assert isinstance(reading.fact, Replied), body
        assert reading.fact.reply.choice == word, body
        answered.add(code)
        owners[code] = _answered(owners[code])
    assert len(answered) == WAITS


def _answered(message: Message) -> Message:
    assert message.wait is not None
    return replace(message, wait=replace(message.wait, state=WaitState.REPLIED))
