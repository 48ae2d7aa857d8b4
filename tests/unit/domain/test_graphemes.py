"""Cutting texts: where a person sees one character end, and what fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textback_server.domain.graphemes import boundaries, truncate
from textback_server.domain.messages import Encoding
from textback_server.domain.segments import measure, utf16_units

FAMILY = "👩\u200d👩\u200d👧\u200d👦"
WHOLE = [  # each is one character to who reads it
    "a",
    "\r\n",
    "e\u0301",
    "o\u0302\u0323\u0301",
    "😀",
    "👍🏽",
    "❤\ufe0f",
    "1\ufe0f\u20e3",
    FAMILY,
    "🏳\ufe0f\u200d🌈",
    "🧑🏻\u200d❤\ufe0f\u200d💋\u200d🧑🏿",
    "🇩🇪",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "각",
    "\u1100\u1161\u11a8",
    "가\u11a8",
    "กำ",
    "क\u094dष",
    "न\u093f",
    "க\u0bcd",
    "က\u1039က",
    "\u0600\u0661",
    "ｶ\uff9e",
    "नी",
]


@pytest.mark.parametrize("cluster", WHOLE)
def test_boundary_is_never_within_what_a_person_sees_as_one(cluster: str) -> None:
    assert list(boundaries(cluster)) == [len(cluster)]
    assert list(boundaries(f"я{cluster}.")) == [1, 1 + len(cluster), 2 + len(cluster)]


@pytest.mark.parametrize("cluster", [each for each in WHOLE if each.strip()])
def test_text_is_cut_before_or_after_what_a_person_sees_as_one(cluster: str) -> None:
    units = utf16_units(cluster)
    assert truncate(f"я{cluster}яя", max_units=units + 2) == f"я{cluster}…"
    assert truncate(f"я{cluster}яя", max_units=units + 1) == "я…"


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("", []),
        ("ab", [1, 2]),
        ("\n\r", [1, 2]),
        ("a\r\nb", [1, 3, 4]),
        ("🇩🇪🇫🇷🇮", [2, 4, 5]),
        ("a🇩🇪", [1, 3]),
        ("각각", [1, 2]),
        ("각\u1161", [1, 2]),
        ("\u0600\n", [1, 2]),
        ("क\u094d", [2]),
        ("कष", [1, 2]),
        ("\u0301a", [1, 2]),
        ("a\u200b\u0301", [1, 2, 3]),
        (f"{FAMILY}👦", [7, 8]),
    ],
)
def test_boundaries_are_those_of_the_annex(text: str, ends: list[int]) -> None:
    assert list(boundaries(text)) == ends


@pytest.mark.parametrize(
    ("text", "units", "segments", "cut"),
    [
        ("short", 1_600, 1, "short"),
        ("short", 5, None, "short"),
        ("shorter", 6, None, "sho..."),
        ("one two three", 7, None, "one..."),
        ("shorter", 3, None, ""),
        ("a" * 161, 1_600, 1, "a" * 157 + "..."),
        ("a" * 500, 1_600, 2, "a" * 303 + "..."),
        ("€" * 100, 1_600, 1, "€" * 78 + "..."),
        ("я" * 71, 1_600, 1, "я" * 69 + "…"),
        ("я" * 200, 1_600, 2, "я" * 133 + "…"),
        ("😀" * 36, 1_600, 1, "😀" * 34 + "…"),
        ("😀" * 36, 8, None, "😀😀😀…"),
        ("a" * 100 + "😀", 1_600, 1, "a" * 100 + "..."),
        (f"ab{FAMILY}", 12, None, "ab..."),
        (f"я{FAMILY}", 11, None, "я…"),
        (f"{FAMILY}ab", 5, None, ""),
    ],
)
def test_text_is_cut_to_what_fits_with_its_ellipsis(text: str, units: int, segments: int | None, cut: str) -> None:
    assert truncate(text, max_units=units, max_segments=segments) == cut


def test_prompt_counts_and_is_never_cut() -> None:
    def plain(body: str) -> str:
        return f"{body}\nText back 4821."

    def cyrillic(body: str) -> str:
        return f"{body}\nОтвет 4821."

    assert (
        plain(truncate("a" * 500, max_units=1_600, max_segments=1, whole=plain)) == "a" * 141 + "...\nText back 4821."
    )
    assert cyrillic(truncate("a" * 500, max_units=1_600, max_segments=1, whole=cyrillic)) == "a" * 57 + "…\nОтвет 4821."


PIECES = st.sampled_from([*WHOLE, " ", "\n", "€", "я", "b", "\u0301", "\u200d", "🇫", "\ud83d"])


@given(
    text=st.lists(PIECES, max_size=120).map("".join),
    units=st.integers(0, 200),
    segments=st.none() | st.integers(1, 3),
    prompt=st.sampled_from(["", "\nText back 4821.", "\nОтвет 4821."]),
)
def test_cut_text_fits_and_ends_between_characters(text: str, units: int, segments: int | None, prompt: str) -> None:
    cut = truncate(text, max_units=units, max_segments=segments, whole=lambda body: body + prompt)

    size = measure(cut + prompt)
    if cut != text and cut:
        start = cut.removesuffix("…").removesuffix("...")
        assert utf16_units(cut + prompt) <= units
        assert segments is None or size.segments <= segments
        assert text.startswith(start)
        assert len(start) in {0, *(len(text[:end].rstrip()) for end in boundaries(text))}
        assert cut.endswith("..." if size.encoding is Encoding.GSM7 else "…")


@given(text=st.lists(PIECES | st.characters(), max_size=40).map("".join))
def test_boundaries_cover_a_text_in_order(text: str) -> None:
    ends = list(boundaries(text))
    assert ends == sorted(set(ends))
    assert (ends[-1] if ends else 0) == len(text)
    assert 0 not in ends
