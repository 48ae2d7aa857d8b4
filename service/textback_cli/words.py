"""Times, lengths and texts as people read and write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

_LENGTH = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII)
_SHORT = 9.95
"""Seconds: below this a length has one decimal."""
_DAY = 86_400
ERASED = "(erased)"
"""Stands where a text was."""
_JOINER = "\u200d"


def parse_length(text: str) -> timedelta:
    """Read a length of time such as 30s, 10m, 2h, 1h30m or 7d.

    Raises:
        ValueError: it is anything else.
    """
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise ValueError(f'"{text}" is not a length of time; write e.g. 30s, 10m, 2h, 1h30m or 7d')
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def span(length: timedelta) -> str:
    """Write a length in words of at most two units: "0.6 s", "31 s", "10 min", "1 h 30 min", "7 d"."""
    seconds = max(length.total_seconds(), 0)
    if seconds < _SHORT:
        return f"{seconds:.1f} s"
    rest = round(seconds)
    parts = []
    for size, unit in ((_DAY, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def countdown(left: timedelta) -> str:
    """Write what is left: "9:38", "1:09:38", "6 d 23 h"."""
    seconds = max(int(left.total_seconds()), 0)
    if seconds >= _DAY:
        return span(timedelta(seconds=seconds))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def clock(when: datetime, zone: tzinfo | None, *, seconds: bool = True) -> str:
    """Write a time of day with its zone; None is the local zone."""
    return when.astimezone(zone).strftime("%H:%M:%S %Z" if seconds else "%H:%M %Z")


def date(when: datetime, zone: tzinfo | None) -> str:
    """Write a date and time with its zone; None is the local zone."""
    return when.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def said(text: str, *, erased: bool) -> str:
    """Quote a text, or say that it is kept no more."""
    return ERASED if erased else quote(text)


def quote(text: str) -> str:
    """Quote a text that came by SMS: nothing in it can move the cursor or reorder the line."""
    shown = "".join(each if each.isprintable() or each == _JOINER else _escape(each) for each in text)
    return f'"{shown}"'


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
