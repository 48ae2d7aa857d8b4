"""Cut a text between the characters that a person sees, never within one.

Boundaries are those of extended grapheme clusters (Unicode Standard Annex 29, rules GB3 to GB13), as far as
`unicodedata` knows the characters, but for a few letters of historic scripts. Three simplifications only ever keep
more together: a zero width joiner holds on to the character after it whatever that is, every spacing mark (category
Mc) belongs to what stands before it, and a virama joins any two letters.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import takewhile

from textback_server.domain.messages import Encoding
from textback_server.domain.segments import measure, utf16_units

_CONTROLS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_MARKS = {"Mn", "Me", "Mc"}
# One letter a class: R and N of a line end, C control, J joiner, P prepended, F flag letter, E extending, H virama,
# K letter that such a virama may join (GB9c), L V T A B parts and syllables of Hangul, O any other.
_KNOWN = {
    **dict.fromkeys("\r", "R"),
    **dict.fromkeys("\n", "N"),
    **dict.fromkeys("\u200d", "J"),
    **dict.fromkeys("\u200c\uff9e\uff9f\u0e33\u0eb3", "E"),
    **dict.fromkeys(
        "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd", "P"
    ),
    **dict.fromkeys("\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d\u1039\u17d2\u1a60\u1b44\u1bab\ua9c0\uaaf6", "H"),
}
_RANGES = (
    ("F", 0x1F1E6, 0x1F1FF),
    ("E", 0x1F3FB, 0x1F3FF),  # skin tones
    ("E", 0xE0020, 0xE007F),  # tags, of the flags of England, Scotland and Wales
    ("L", 0x1100, 0x115F),
    ("L", 0xA960, 0xA97C),
    ("V", 0x1160, 0x11A7),
    ("V", 0xD7B0, 0xD7C6),
    ("T", 0x11A8, 0x11FF),
    ("T", 0xD7CB, 0xD7FB),
)
_SYLLABLES = range(0xAC00, 0xD7A4)
_TRAILS = 28  # every 28th syllable has no trailing consonant

_CORE = "(?:FF?|L*+(?:AV*+|V++|B)T*+|L++|T++|K(?:[EJ]*+H[EHJ]*+K)*+|O)"
_CLUSTER = re.compile(f"RN|[RNC]|P*+{_CORE}?+(?:[EHJ]*+(?<=J){_CORE})*+[EHJ]*+")


def _alone(body: str) -> str:
    return body


def truncate(
    text: str, *, max_units: int, max_segments: int | None = None, whole: Callable[[str], str] = _alone
) -> str:
    """The longest beginning of a text that fits together with an ellipsis; the text itself if it fits.

    The ellipsis is `…`, or `...` where everything else is GSM-7, so that it alone does not make UCS-2 of a text. Empty
    if not one character fits.

    Args:
        text: What may be cut.
        max_units: Limit in UTF-16 code units.
        max_segments: Limit in segments; None for none.
        whole: Makes of the cut text the one that is sent and that the limits are for, by adding the prompt.
    """

    def fits(body: str) -> bool:
        sent = whole(body)
        return utf16_units(sent) <= max_units and (max_segments is None or measure(sent).segments <= max_segments)

    def cut(end: int) -> str:
        start = text[:end].rstrip()
        return start + ("..." if measure(whole(start)).encoding is Encoding.GSM7 else "…")

    if fits(text):
        return text
    ends = list(takewhile(lambda end: end <= max_units, boundaries(text)))
    count = bisect_left(ends, True, key=lambda end: not fits(cut(end)))
    return cut(ends[count - 1]) if count else ""


def boundaries(text: str) -> Iterator[int]:
    """Where each grapheme cluster of a text ends, in code points."""
    classes = "".join(map(_class, text))
    return (cluster.end() for cluster in _CLUSTER.finditer(classes) if cluster.group())


@lru_cache(maxsize=4096)
def _class(char: str) -> str:
    if char in _KNOWN:
        return _KNOWN[char]
    number = ord(char)
    if number in _SYLLABLES:
        return "B" if (number - _SYLLABLES.start) % _TRAILS else "A"
    for letter, first, last in _RANGES:
        if first <= number <= last:
            return letter
    category = unicodedata.category(char)
    if category in _MARKS:
        return "E"
    if category in _CONTROLS:
        return "C"
    return "K" if category == "Lo" else "O"
