"""What a person wrote round the codes, in their own characters."""

import re
from collections.abc import Sequence

from textback_server.domain.reading.noise import without_signature
from textback_server.domain.reading.normal import Plain, normal
from textback_server.domain.reading.words import AND_WORDS, LABELS

Span = tuple[int, int]

_BLANK = " \t\r\n\u00a0\u2007\u2009\u200a\u202f\u3000"
_BLANK += "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u2066\u2067\u2068\u2069\ufe0f\u20e3"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_OPENING = "\"'`(\uff08[\u3010{<\u201c\u201e\u2018\u00ab\u300c"
_CLOSING = "\"'`)\uff09]\u3011}>\u201d\u201c\u2019\u00bb\u300d"
_LEFT = f"{_BLANK}{_DASHES}{_OPENING},:;#=*_|~/\uff1a\uff0c\u3001\uff1b\uff03"
_RIGHT = f"{_BLANK}.,:;!=*_|~/&\u2026\uff1a\uff0c\u3001\uff1b\u3002\uff01"
_LABEL = re.compile(
    r"(?<![^\s(\[\"'\u201c\u300c\uff08])(?:(?:the|my|der|mein|le|mon|el|mi|il) )?"
    r"([^\s:=#.,;()\"'\uff1a\uff0c\u3001]{1,24})"
    r"[ .]*(?:is|ist|lautet|est|es|è|é)?[\s:=#.\uff1a\uff03]*$",
    re.IGNORECASE,
)
_TAIL = 48
"""Characters before a code among which its label stands."""


def pieces(text: Plain, spans: Sequence[Span], own: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What stands before, between and after the codes at these places, without labels, joints and signatures.

    `own` are our texts with their codes: the word before `: 4821` in ours is a label in theirs too.
    """
    labels = {label for each in own for label in _label_of(*each)}
    ends = [(text.at[start], text.at[end]) for start, end in sorted(spans)]
    found, begin, opened = [], 0, ""
    for start, end in [*ends, (len(text.raw), len(text.raw))]:
        piece = text.raw[begin:start]
        if begin:
            piece = _right(piece if piece[:1] in _CLOSING else _closed(piece, opened))
        if start < len(text.raw) or end > start:
            piece, opened = _left(piece, labels)
        found.append(piece.strip(_BLANK))
        begin = end
    found[-1] = without_signature(found[-1]).strip(_BLANK)
    return tuple(piece for place, piece in enumerate(found) if piece and not _only_joins(piece, place, len(found)))


def _only_joins(piece: str, place: int, count: int) -> bool:
    return 0 < place < count - 1 and normal(piece) in AND_WORDS


def _left(piece: str, labels: set[str]) -> tuple[str, str]:
    """A piece before a code, without what leads to the code; and the bracket or quote that it opened."""
    tail = piece[-_TAIL:]
    found = _LABEL.search(tail)
    if found and ((word := normal(found[1])) in LABELS or word in labels):
        piece = piece[: len(piece) - len(tail) + found.start()]
    bare = piece.rstrip(_LEFT)
    opened = [char for char in piece[len(bare) :] if char in _OPENING]
    return bare, opened[-1] if opened else ""


def _right(piece: str) -> str:
    """A piece after a code, without what leads away from it. A minus before a number stays."""
    if piece[:1] and piece[0] in f"{_CLOSING}{_DASHES}":
        piece = piece[1:]
    piece = piece.lstrip(_RIGHT)
    while piece[:1] and piece[0] in f"{_DASHES})]}}>+" and not piece[1:2].isdecimal():
        piece = piece[1:].lstrip(_RIGHT)
    return piece


def _closed(piece: str, opened: str) -> str:
    """Without the bracket or quote that closes what was opened before the code: `"4821 yes"`."""
    bare = piece.rstrip(f"{_BLANK}.!")
    return bare[:-1] if opened and bare[-1:] and bare[-1] in _CLOSING else piece


def _label_of(own: str, code: str) -> list[str]:
    before, found, _ = own.partition(code)
    head = before[-_TAIL:].rstrip(" #")
    words = normal(head[:-1]).split() if found and head[-1:] in (":", "=") else []
    return words[-1:]
