"""Correlation codes: which to offer for a new wait, and which a text may contain."""

import random
import re
from datetime import timedelta

from textback_server.domain.messages import Code

MIN_LENGTH = 4
MAX_LENGTH = 9
QUARANTINE = timedelta(hours=72)
"""How long a code stays taken for its recipient after its wait closed, so that a late reply cannot answer another."""

_DENSITY = 1_000
_OFFERS = 16
_TOKEN = re.compile(r"(?<!\d)\d{4,9}(?!\d)", re.ASCII)


def code_length(in_use: int, longest: int) -> int:
    """Digits that keep the chance that a wrong code hits one in use under 1 in 1,000.

    Never shorter than the longest code in use, so that a new code cannot be the beginning or end of an old one.
    """
    length = max(MIN_LENGTH, longest)
    while length < MAX_LENGTH and (in_use + 1) * _DENSITY > 10**length:
        length += 1
    return length


def new_codes(rng: random.Random, in_use: int, longest: int) -> tuple[Code, ...]:
    """Some different random codes, to take the first that is free. `in_use` and `longest` are the recipient's.

    None begins with 0, which people drop.
    """
    length = code_length(in_use, longest)
    return tuple(Code(str(number)) for number in rng.sample(range(10 ** (length - 1), 10**length), _OFFERS))


def fragments(code: Code) -> tuple[Code, ...]:
    """The shorter codes that `code` begins or ends with: none of them may be in use beside it."""
    lengths = range(MIN_LENGTH, len(code))
    return tuple(dict.fromkeys(Code(part) for n in lengths for part in (code[:n], code[-n:])))


def candidates(text: str) -> tuple[Code, ...]:
    """The codes that a text may contain, in order, each once: whole runs of 4 to 9 digits."""
    return tuple(dict.fromkeys(Code(found) for found in _TOKEN.findall(text)))
