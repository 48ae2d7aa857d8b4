"""Segments, prompts, numbers, codes, ids: tables of examples."""

import base64
import random
from datetime import timedelta

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.builders import NOW, terms
from textback_server.domain.codes import code_length, fragments, new_codes
from textback_server.domain.ids import new_id
from textback_server.domain.messages import Code, Encoding
from textback_server.domain.numbers import problem_with
from textback_server.domain.prompts import prompt, spoken
from textback_server.domain.segments import measure, utf16_units

CODE = Code("4821")


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", Encoding.GSM7, 1),
        ("a" * 160, Encoding.GSM7, 1),
        ("a" * 161, Encoding.GSM7, 2),
        ("a" * 306, Encoding.GSM7, 2),
        ("a" * 307, Encoding.GSM7, 3),
        ("€" * 80, Encoding.GSM7, 1),
        ("€" * 81, Encoding.GSM7, 2),
        ("a" * 152 + "€" + "a" * 7, Encoding.GSM7, 2),
        ("я" * 70, Encoding.UCS2, 1),
        ("я" * 71, Encoding.UCS2, 2),
        ("я" * 134, Encoding.UCS2, 2),
        ("я" * 135, Encoding.UCS2, 3),
        ("😀" * 35, Encoding.UCS2, 1),
        ("😀" * 36, Encoding.UCS2, 2),
        ("😀" * 66, Encoding.UCS2, 2),
        ("😀" * 67, Encoding.UCS2, 3),
        ("“quoted”", Encoding.UCS2, 1),
    ],
)
def test_measure_counts_what_is_billed(text: str, encoding: Encoding, segments: int) -> None:
    assert (measure(text).encoding, measure(text).segments) == (encoding, segments)


@pytest.mark.parametrize(("text", "units"), [("abc", 3), ("é", 1), ("😀", 2)])
def test_utf16_units_count_astral_characters_twice(text: str, units: int) -> None:
    assert utf16_units(text) == units


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(30, "30 s"), (60, "1 min"), (600, "10 min"), (5_400, "1 h 30 min"), (86_400, "1 day"), (604_800, "7 days")],
)
def test_spoken_says_a_span_in_its_largest_units(seconds: int, words: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == words


def test_prompt_says_what_to_text_back() -> None:
    silence = terms("yes", "no", timeout_choice="no")
    assert prompt(terms(), CODE) == "Text back 4821 and your answer."
    assert prompt(terms("yes", "no"), CODE) == 'Text back "4821 YES" or "4821 NO".'
    assert prompt(terms("a", "b", "c"), CODE) == 'Text back "4821 A", "4821 B" or "4821 C".'
    assert prompt(silence, CODE).endswith("No answer in 1 h means NO.")


@pytest.mark.parametrize("number", ["+14155550123", "+15551234567", "+10123456789", "+4915123456789", "+12125551234"])
def test_number_passes_when_it_is_possible(number: str) -> None:
    assert problem_with(number) == ""


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "is required; write + and the country code, e.g. +14155550123"),
        ("(415) 555-0123", '"(415) 555-0123" is not E.164; write + and the country code, e.g. +14155550123'),
        ("00441632960961", '"00441632960961" is not E.164; write + and the country code, e.g. +441632960961'),
        ("+44 1632 960961", '"+44 1632 960961" is not E.164; write + and the country code, e.g. +441632960961'),
        ("nobody", '"nobody" is not E.164; write + and the country code, e.g. +14155550123'),
        ("+1415", '"+1415" cannot be a number of its country; check the digits, e.g. +14155550123'),
        ("+" + "9" * 60, f'"+{"9" * 39}…" is not E.164; write + and the country code, e.g. +14155550123'),
        (
            "+１４１５５５５０１２３",
            '"+１４１５５５５０１２３" is not E.164; write + and the country code, e.g. +14155550123',
        ),
    ],
)
def test_number_is_refused_with_the_form_that_was_meant(number: str, sentence: str) -> None:
    assert problem_with(number) == sentence


@given(
    code=st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    rest=st.text("0123456789", min_size=1, max_size=12),
)
@settings(max_examples=2_000)
def test_number_passes_just_when_the_parser_finds_it_possible(code: int, rest: str) -> None:
    number = f"+{code}{rest}"[:16]
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        possible = False
    assert (problem_with(number) == "") == possible


@pytest.mark.parametrize(
    ("in_use", "longest", "length"),
    [(0, 0, 4), (9, 4, 4), (10, 4, 5), (99, 5, 5), (100, 5, 6), (9_999, 7, 7), (0, 6, 6)],
)
def test_codes_are_as_short_as_keeps_a_wrong_one_harmless(in_use: int, longest: int, length: int) -> None:
    assert code_length(in_use, longest) == length
    codes = new_codes(random.Random(7), in_use, longest)
    assert {len(code) for code in codes} == {length}
    assert len(set(codes)) == len(codes)


def test_fragments_are_what_a_code_begins_or_ends_with() -> None:
    assert set(fragments(Code("482177"))) == {"4821", "48217", "2177", "82177"}
    assert fragments(CODE) == ()


@given(st.integers(0, 2**32))
def test_ids_sort_by_creation_when_made_apart(seed: int) -> None:
    rng = random.Random(seed)
    first, second = new_id(NOW, rng), new_id(NOW + timedelta(milliseconds=1), rng)
    assert first < second
    assert len(first) == len("msg_") + 26


def test_id_is_time_and_chance_in_base_32() -> None:
    digits = new_id(NOW, random.Random(1)).removeprefix("msg_")
    number = int.from_bytes(base64.b32hexdecode(digits.upper() + "======"))
    assert number == int(NOW.timestamp() * 1000) << 80 | random.Random(1).getrandbits(80)
