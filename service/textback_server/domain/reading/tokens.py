"""Where in a text a code may stand.

A whole token is a run of 4 to 9 digits; letters may touch it, more digits may not. Joined groups are one code in
pieces: `48 21`, `48-21`, `4 8 2 1`. A number that begins with 0 is never a code: none is given out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from textback_server.domain.codes import MAX_LENGTH, MIN_LENGTH
from textback_server.domain.messages import Code
from textback_server.domain.reading.masks import masked
from textback_server.domain.reading.normal import Plain

MOST = 32
"""Codes of one text that are looked up."""

_WORD = re.compile(r"\w")
_DIGITS = re.compile(r"\d+", re.ASCII)
_SPACES = frozenset((" ", "  ", " - ", "- ", " -"))
_JOINTS = frozenset("-._")
_TIGHT = frozenset("-._,:/")
_SHORT = 2
"""Digits of a number that may be an answer beside a code: the number of a choice, a count."""
_PHONE = 10
"""Digits from which several groups in a row are taken for a phone number."""
_NATIONAL = 7
"""The same, when the first group begins with 0."""


@dataclass(frozen=True, slots=True)
class Token:
    """A code that the text may contain, and its place in the plain text."""

    code: Code
    start: int
    end: int
    joined: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """A run of digits, and what separates it from the runs beside it (empty: nothing that joins)."""

    digits: str
    start: int
    end: int
    before: str
    after: str

    def can_be_code(self) -> bool:
        return _fits(self.digits)


def tokens(text: Plain) -> tuple[Token, ...]:
    """Every place where a code may stand, whole tokens first, of at most 32 different codes."""
    whole: list[Token] = []
    joined: list[Token] = []
    for chain in _chains(masked(text.text)):
        if _is_phone(chain):
            whole += _code_before_phone(chain, leads=not _WORD.search(text.text, 0, chain[0].start))
            continue
        whole += _whole(chain)
        if len(chain) > 1:
            joined += _joined(chain)
    found = [*whole, *joined]
    known = set(list(dict.fromkeys(token.code for token in found))[:MOST])
    return tuple(token for token in found if token.code in known)


def _chains(text: str) -> Iterator[list[_Group]]:
    """Runs of digits that only a joint or a space or two keep apart."""
    runs = [match.span() for match in _DIGITS.finditer(text)]
    gaps = [_gap(text[left[1] : right[0]]) for left, right in pairwise(runs)]
    chain: list[_Group] = []
    for (start, end), before, after in zip(runs, ["", *gaps], [*gaps, ""], strict=False):
        chain.append(_Group(text[start:end], start, end, before, after))
        if not after:
            yield chain
            chain = []


def _gap(between: str) -> str:
    if between in _SPACES:
        return " "
    return between if between in _TIGHT else ""


def _fits(digits: str) -> bool:
    return MIN_LENGTH <= len(digits) <= MAX_LENGTH and digits[0] != "0"


def _is_phone(chain: list[_Group]) -> bool:
    count = sum(len(group.digits) for group in chain)
    if len(chain) > 1 and len(chain[0].digits) > 1 and chain[0].digits[0] == "0":
        return count >= _NATIONAL
    return len(chain) > _SHORT and count >= _PHONE and not all(group.can_be_code() for group in chain)


def _code_before_phone(chain: list[_Group], *, leads: bool) -> list[Token]:
    """`4821 415 555 0123`: the first group stands for itself if it leads the text, or if the rest is a number alone."""
    first, rest = chain[0], chain[1:]
    alone = leads or sum(len(group.digits) for group in rest) >= _PHONE
    return [_token(first)] if alone and first.after == " " and first.can_be_code() else []


def _whole(chain: list[_Group]) -> list[Token]:
    return [_token(group) for place, group in enumerate(chain) if group.can_be_code() and _stands_alone(chain, place)]


def _stands_alone(chain: list[_Group], place: int) -> bool:
    """Whether what touches the group is another code or a short answer: `4821-1`, not `555-4821` or `4821.50`."""
    group = chain[place]
    if group.before in _TIGHT:
        left = chain[place - 1]
        if (
            left.before in _TIGHT
            or group.before == "."
            or not _beside(left, short=0 if group.before == "," else _SHORT)
        ):
            return False
    if group.after in _TIGHT:
        right = chain[place + 1]
        return (
            right.after not in _TIGHT
            and group.after != "."
            and _beside(right, short=1 if group.after == "," else _SHORT)
        )
    return True


def _beside(group: _Group, *, short: int) -> bool:
    return len(group.digits) <= short or len(group.digits) >= MIN_LENGTH


def _joined(chain: list[_Group]) -> Iterator[Token]:
    """The chain's groups as one code; of spaced groups all, or all but a short first or last one."""
    for gap, groups in _uniform(chain):
        yield from _join(groups, gap)
        if gap == " " and len(groups) > _SHORT:
            if len(groups[-1].digits) <= _SHORT:
                yield from _join(groups[:-1], gap)
            if len(groups[0].digits) <= _SHORT:
                yield from _join(groups[1:], gap)


def _uniform(chain: list[_Group]) -> Iterator[tuple[str, list[_Group]]]:
    """Stretches with the same joint. A joint binds tighter than a space: its groups are in no spaced stretch."""
    place = 0
    for gap, run in groupby(chain[:-1], key=lambda group: group.after):
        end = place + len(list(run))
        groups, place = chain[place : end + 1], end
        outside = groups[0].before in _TIGHT or groups[-1].after in _TIGHT
        if gap == " ":
            yield gap, [group for group in groups if group.before not in _TIGHT and group.after not in _TIGHT]
        elif gap in _JOINTS and not outside:
            yield gap, groups


def _join(groups: list[_Group], gap: str) -> Iterator[Token]:
    digits = "".join(group.digits for group in groups)
    decimal = gap == "." and len(groups) == _SHORT and len(groups[0].digits) > _SHORT >= len(groups[1].digits)
    if len(groups) > 1 and _fits(digits) and not decimal:
        yield Token(Code(digits), groups[0].start, groups[-1].end, joined=True)


def _token(group: _Group) -> Token:
    return Token(Code(group.digits), group.start, group.end, joined=False)
