"""Message ids: `msg_` and a ULID (48 bits of milliseconds, 80 random bits, Crockford base 32), sortable by creation."""

import random
from datetime import datetime

from textback_server.domain.messages import MessageId

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_RANDOM_BITS = 80


def new_id(now: datetime, rng: random.Random) -> MessageId:
    """A fresh id."""
    number = int(now.timestamp() * 1000) << _RANDOM_BITS | rng.getrandbits(_RANDOM_BITS)
    return MessageId("msg_" + "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH))))
