"""How many segments a text takes on the air (3GPP TS 23.038; Twilio, "What the heck is a segment?")."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from textback_server.domain.messages import Encoding

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_GSM7 = re.compile(f"[{re.escape(_BASIC + _EXTENSION)}]*")
_WIDE = {Encoding.GSM7: re.compile(f"[{re.escape(_EXTENSION)}]"), Encoding.UCS2: re.compile("[\U00010000-\U0010ffff]")}
"""Characters of two units."""
_SINGLE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_PART = {Encoding.GSM7: 153, Encoding.UCS2: 67}


TRIAL_PREFIX = "Sent from your Twilio trial account - "
"""What Twilio puts before every text of a trial account; it takes room like any other text."""


@dataclass(frozen=True, slots=True)
class Size:
    """`units` are septets (GSM-7) or UTF-16 code units (UCS-2)."""

    encoding: Encoding
    units: int
    segments: int


def measure(text: str) -> Size:
    """Encoding, units and segments of a text; an empty one takes one segment."""
    encoding = Encoding.GSM7 if _GSM7.fullmatch(text) else Encoding.UCS2
    wide, room = _WIDE[encoding], _PART[encoding]
    units = len(text) + len(wide.findall(text))
    if units <= _SINGLE[encoding]:
        return Size(encoding, units, 1)
    if units == len(text):
        return Size(encoding, units, math.ceil(units / room))
    return Size(encoding, units, _parts((2 if wide.match(char) else 1 for char in text), room))


def utf16_units(text: str) -> int:
    """UTF-16 code units: Twilio's limit of 1,600 counts characters outside the basic plane twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _parts(widths: Iterable[int], room: int) -> int:
    """Fill parts in order; a character of two units is never split between two."""
    parts, left = 1, room
    for width in widths:
        if width > left:
            parts, left = parts + 1, room
        left -= width
    return parts
