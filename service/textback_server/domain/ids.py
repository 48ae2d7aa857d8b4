"""Message ids: `msg_`, then 48 bits of milliseconds and 80 random ones in base 32 (RFC 4648 §7). They sort by time."""

import random
from datetime import datetime

from textback_server.domain.messages import MessageId

_RANDOM_BITS = 80
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]  # two digits a step: base64's is slow Python
_SHIFTS = range(120, -1, -10)


def new_id(now: datetime, rng: random.Random) -> MessageId:
    """A fresh id."""
    number = int(now.timestamp() * 1000) << _RANDOM_BITS | rng.getrandbits(_RANDOM_BITS)
    padded = number << 2  # 128 bits fill 26 digits of five but for two
    return MessageId("msg_" + "".join([_PAIRS[padded >> shift & 1023] for shift in _SHIFTS]))
