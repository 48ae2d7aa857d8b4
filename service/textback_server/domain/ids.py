"""Message ids: `msg_`, then 48 bits of milliseconds and 80 random ones in base 32 (RFC 4648 §7). They sort by time."""

import base64
import random
from datetime import datetime

from textback_server.domain.messages import MessageId

_BYTES = 16
_RANDOM_BITS = 80


def new_id(now: datetime, rng: random.Random) -> MessageId:
    """A fresh id."""
    number = int(now.timestamp() * 1000) << _RANDOM_BITS | rng.getrandbits(_RANDOM_BITS)
    return MessageId("msg_" + base64.b32hexencode(number.to_bytes(_BYTES)).rstrip(b"=").lower().decode())
