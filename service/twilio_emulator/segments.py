"""How many SMS segments a text takes (Twilio page "What's an SMS segment").

A text that fits the GSM 03.38 alphabet has 160 septets in one segment, 153 in each of several; any other
character turns the whole text into UCS-2 with 70 and 67 code units. Escape and surrogate pairs are never split.
"""

from dataclasses import dataclass

GSM_7 = "GSM-7"
UCS_2 = "UCS-2"

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_LAST_OF_BASIC_PLANE = 0xFFFF
_LIMITS = {GSM_7: (160, 153), UCS_2: (70, 67)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A text's encoding, its length in that encoding's units (septets or 16-bit units), and its segments."""

    encoding: str
    units: int
    segments: int


def measure(text: str) -> Size:
    """Count the units and segments of `text`; an empty text is one segment, as Twilio bills it."""
    gsm = all(character in _BASIC or character in _EXTENDED for character in text)
    encoding = GSM_7 if gsm else UCS_2
    widths = [
        2 if (character in _EXTENDED if gsm else ord(character) > _LAST_OF_BASIC_PLANE) else 1 for character in text
    ]
    units = sum(widths)
    single, part = _LIMITS[encoding]
    return Size(encoding=encoding, units=units, segments=1 if units <= single else _pack(widths, part))


def _pack(widths: list[int], room: int) -> int:
    segments, used = 1, 0
    for width in widths:
        if used + width > room:
            segments, used = segments + 1, 0
        used += width
    return segments
