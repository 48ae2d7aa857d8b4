"""Codes in texts, and the codes that are given out."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.domain.reading.table import codes_in
from textback_server.domain.codes import fragments, new_codes, reads_well
from textback_server.domain.messages import Code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("4821 yes", ["4821"]),
        ("yes, 4821.", ["4821"]),
        ("4821yes 55512", ["4821", "55512", "482155512"][:2]),
        ("4821 4821", ["4821", "48214821"]),
        ("4821 1", ["4821", "48211"]),
        ("48 21", ["4821"]),
        ("48 21 1", ["48211", "4821"]),
        ("12 48 21", ["124821", "1248", "4821"]),
        ("48-21, 7310", ["7310", "4821"]),
        ("123", []),
        ("1234567890", []),
        ("0482 yes", []),
        ("call +14155550123", []),
        ("٤٨ ٢١", ["4821"]),
        ("", []),
    ],
)
def test_codes_are_whole_tokens_then_joined_groups(text: str, codes: list[str]) -> None:
    assert list(codes_in(text)) == codes


def test_codes_are_bounded_when_a_text_is_all_digits() -> None:
    assert len(codes_in(", ".join(str(number) for number in range(1_000, 1_300)))) == 32


@given(st.text())
def test_codes_found_are_codes_whatever_the_text(text: str) -> None:
    found = codes_in(text)
    assert len(set(found)) == len(found) <= 32
    assert all(4 <= len(code) <= 9 and code.isascii() and code.isdecimal() and code[0] != "0" for code in found)


@given(st.text(string.ascii_letters + " ,.!?()", max_size=40), st.text(string.ascii_letters + " ,.!?()", max_size=40))
def test_code_is_found_between_any_words(before: str, after: str) -> None:
    assert codes_in(f"{before}4821{after}") == ("4821",)


@pytest.mark.parametrize("code", ["0482", "7777", "4747", "47474", "1234", "34567", "9876", "2026", "1999"])
def test_code_that_reads_badly_is_never_offered(code: str) -> None:
    assert not reads_well(Code(code))


@pytest.mark.parametrize("code", ["4821", "4411", "1002", "12345678901"[:3] + "5", "20261", "7310"])
def test_code_that_reads_well_is_offered(code: str) -> None:
    assert reads_well(Code(code))


@given(st.integers(0, 2**32), st.sampled_from([0, 9, 500, 20_000]))
def test_offers_differ_and_all_read_well(seed: int, in_use: int) -> None:
    codes = new_codes(random.Random(seed), in_use, 4)
    assert len(set(codes)) == len(codes) == 4
    assert all(reads_well(code) and len(code) == len(codes[0]) for code in codes)
    assert not any(set(fragments(code)) & set(codes) for code in codes)
