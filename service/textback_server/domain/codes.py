"""Correlation codes: which to offer for a new wait."""

import random
from datetime import timedelta

from textback_server.domain.messages import Code

MIN_LENGTH = 4
MAX_LENGTH = 9
QUARANTINE = timedelta(hours=72)
"""How long a code stays taken for its recipient after its wait closed, so that a late reply cannot answer another."""

_DENSITY = 1_000
_OFFERS = 4
_UP = "0123456789"
_CENTURIES = ("19", "20")


def code_length(in_use: int, longest: int) -> int:
    """Digits that keep the chance that a wrong code hits one in use under 1 in 1,000.

    Never shorter than the longest code in use, so that a new code cannot be the beginning or end of an old one.
    """
    length = max(MIN_LENGTH, longest)
    while length < MAX_LENGTH and (in_use + 1) * _DENSITY > 10**length:
        length += 1
    return length


def new_codes(rng: random.Random, in_use: int, longest: int) -> tuple[Code, ...]:
    """Some different random codes that read well, to take the first that is free, for a recipient's codes in use."""
    length = code_length(in_use, longest)
    found: dict[Code, None] = {}
    while len(found) < _OFFERS:
        code = Code(str(rng.randrange(10 ** (length - 1), 10**length)))
        if reads_well(code):
            found[code] = None
    return tuple(found)


def reads_well(code: Code) -> bool:
    """Whether a person can read the code, keep it apart and type it.

    Not 0482 (people drop the 0), 7777 or 4747 (a digit is soon too many), 1234 or 9876 (they look like an example),
    or a year.
    """
    repeats = any(code == (code[:size] * len(code))[: len(code)] for size in (1, 2))
    runs = code in _UP or code[::-1] in _UP
    year = len(code) == MIN_LENGTH and code.startswith(_CENTURIES)
    return not (code.startswith("0") or repeats or runs or year)


def fragments(code: Code) -> tuple[Code, ...]:
    """The shorter codes that `code` begins or ends with: none of them may be in use beside it."""
    lengths = range(MIN_LENGTH, len(code))
    return tuple(dict.fromkeys(Code(part) for n in lengths for part in (code[:n], code[-n:])))
