"""Texts as people type them, folded so that they can be compared and searched."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MOST = 4_096
"""Characters that are looked at. Twilio delivers at most 1,600, but one character may fold to eighteen."""

_KNOWN = 20_000
_DOUBLE = frozenset('"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u300c\u300d\u300e\u300f\u301d\u301e\u301f\uff02')
_SINGLE = frozenset("'`\u2018\u2019\u201a\u201b\u00b4\u02bc\u2032\uff07")
_KEYCAP = "\u20e3"
_SKIN = range(0x1F3FB, 0x1F400)
_SELECTORS = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x180E)))
_ACCENTS = frozenset((*range(0x300, 0x370), *range(0x591, 0x5C8), *range(0x64B, 0x660), 0x670, 0x640))
"""Latin, Greek and Cyrillic accents; Hebrew points; Arabic vowels, hamza above and below, and the stretching line."""
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "\u0901": "\u0902"}
"""Letters that people without the right keyboard write otherwise; the last: Hindi's two ways to write a nasal."""
_POINTS = {"\u066b": ".", "\u066c": ",", "\u2044": "/"}
"""Arabic decimal and thousands signs; the bar that fractions unfold to."""
_MEANT = frozenset("%&@+")


class _Folds(dict[int, str]):
    """A table for `str.translate` that fills itself, up to a bound."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        super().__init__()
        self._fold = fold

    def __missing__(self, point: int) -> str:
        folded = self._fold(chr(point))
        if len(self) < _KNOWN:
            self[point] = folded
        return folded


def _unseen(char: str) -> bool:
    """Whether the character only says how others look: zero width, direction, variation, skin colour, keycap."""
    point = ord(char)
    return unicodedata.category(char) == "Cf" or point in _SELECTORS or point in _SKIN or char == _KEYCAP


def _plain_one(char: str) -> str:
    return "".join(_plain_part(part) for part in unicodedata.normalize("NFKC", char))


def _plain_part(char: str) -> str:
    category = unicodedata.category(char)
    if _unseen(char):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if char in _DOUBLE:
        return '"'
    if char in _SINGLE:
        return "'"
    if category == "Pd" or char == "\u2212":
        return "-"
    if char in _POINTS:
        return _POINTS[char]
    if category in ("Zl", "Zp") or char == "\n":
        return "\n"
    return " " if category in ("Zs", "Cc") else char


def _word_part(char: str) -> str:
    category = unicodedata.category(char)
    if _unseen(char) or ord(char) in _ACCENTS or char in _SINGLE:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in ("So", "Sc") or char in _MEANT:
        return f" {char} "
    return " " if category[0] in "PZCS" else _LETTERS.get(char, char)


_PLAIN = _Folds(_plain_one)
_WORDS = _Folds(_word_part)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text with plain digits, quotes, dashes and spaces and nothing invisible; case, accents and lines as typed.

    `at[i]` is where character i stands in `raw`, `at[len(text)]` where the text ends.
    """

    raw: str
    text: str
    at: Sequence[int]


def plain(raw: str) -> Plain:
    """The text for searching. Only its first 4,096 characters are looked at."""
    raw = raw[:MOST]
    if raw.isascii():
        return Plain(raw, raw.translate(_PLAIN), range(len(raw) + 1))
    parts = [_PLAIN[ord(char)] for char in raw]
    at = [place for place, part in enumerate(parts) for _ in part]
    return Plain(raw, "".join(parts)[:MOST], [*at[:MOST], at[MOST] if len(at) > MOST else len(raw)])


def normal(text: str) -> str:
    """The words of a text for comparison, one space between: no case, accents, punctuation or invisible characters.

    Emoji and signs that mean something are words of their own; the same emoji several times in a row counts once.
    """
    folded = unicodedata.normalize("NFKC", text[:MOST])[:MOST].casefold()
    if folded.isascii():
        return " ".join(folded.translate(_WORDS).split())
    words = unicodedata.normalize("NFC", unicodedata.normalize("NFD", folded).translate(_WORDS)).split()
    return " ".join(word for before, word in zip(["", *words], words, strict=False) if word != before or word.isalnum())
