"""Times in the layouts of Go's time package (pkg.go.dev/time, Constants), read and written.

A layout is an example: how `Mon Jan 2 15:04:05 MST 2006` would be written. The names of Go's constants (`RFC3339`) are
layouts too. Only to read, there are `epoch_s` and `epoch_ms` (LimaCharlie, Template Strings and Transforms). A time
without a zone is UTC. The letters of a zone say no offset: as in Go they are kept, and count as UTC.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

from textback_server.domain.templating.data import shown
from textback_server.domain.templating.errors import UnfitError

MAX_LAYOUT = 100
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOON = 12
_NO_YEAR = 4  # a leap year, so that 29 February can be read
_NAMED = {
    "Layout": "01/02 03:04:05PM '06 -0700",
    "ANSIC": "Mon Jan _2 15:04:05 2006",
    "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
    "RubyDate": "Mon Jan 02 15:04:05 -0700 2006",
    "RFC822": "02 Jan 06 15:04 MST",
    "RFC822Z": "02 Jan 06 15:04 -0700",
    "RFC850": "Monday, 02-Jan-06 15:04:05 MST",
    "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST",
    "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700",
    "RFC3339": "2006-01-02T15:04:05Z07:00",
    "RFC3339Nano": "2006-01-02T15:04:05.999999999Z07:00",
    "Kitchen": "3:04PM",
    "Stamp": "Jan _2 15:04:05",
    "StampMilli": "Jan _2 15:04:05.000",
    "StampMicro": "Jan _2 15:04:05.000000",
    "StampNano": "Jan _2 15:04:05.000000000",
    "DateTime": "2006-01-02 15:04:05",
    "DateOnly": "2006-01-02",
    "TimeOnly": "15:04:05",
}
_ELEMENT = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|_2(?!006)|__2|002|0[1-6]|15|PM|pm"
    r"|[Z-]07(?::00:00|:00|0000|00)?|[.,](?:0+|9+)(?![0-9])|[1-5]"
)


_FRACTION = re.compile("[.,](?:0+|9+)(?![0-9])")


@dataclass(frozen=True, slots=True)
class _Moment:
    """`zone` is empty when only an offset is known; a moment read without a year has `dated` False."""

    wall: datetime
    nanos: int
    zone: str
    dated: bool


def convert(value: str | float, read: str, write: str) -> str:
    """Read a time by one layout and write it by another.

    Raises:
        UnfitError: A layout says nothing or is too long, or the value does not read as it says.
    """
    target = _layout("to", write)
    moment = _since_epoch(value, read) if read in _EPOCHS else _read(value, _layout("from", read))
    elements = _ELEMENT.findall(target)
    if not moment.dated and not {"2006", "06", "Monday", "Mon"}.isdisjoint(elements):
        raise UnfitError('parsetime cannot write a year or weekday: the "from" layout has no year')
    return _ELEMENT.sub(lambda element: _write(moment, element.group()), target)


def _layout(which: str, layout: str) -> str:
    layout = _NAMED.get(layout, layout)
    if len(layout) > MAX_LAYOUT:
        raise UnfitError(f'the "{which}" layout of parsetime is longer than {MAX_LAYOUT} characters')
    if _ELEMENT.search(layout) is None:
        raise UnfitError(
            f'the "{which}" layout of parsetime, {shown(layout)}, names no part of Mon Jan 2 15:04:05 2006'
        )
    return layout


def _since_epoch(value: str | float, unit: str) -> _Moment:
    try:
        number = value if isinstance(value, int) else float(value)
        ticks = round(number * _EPOCHS[unit])
        return _Moment(_EPOCH + timedelta(microseconds=ticks), ticks % 1_000_000 * 1_000, "UTC", dated=True)
    except (ValueError, OverflowError):
        raise UnfitError(f"the time of parsetime does not read as {unit}") from None


def _read(value: str | float, layout: str) -> _Moment:
    text, at, last = str(value), 0, 0
    fields: dict[str, str] = {}
    for element in _ELEMENT.finditer(layout):
        literal = layout[last : element.start()]
        last = element.end()
        pattern, field = _reader(element.group(), bool(_FRACTION.match(layout, last)))
        match = pattern.match(text, at + len(literal)) if text.startswith(literal, at) else None
        if match is None:
            break
        fields[field] = match.group()
        at = match.end()
    if match is None or text[at:] != layout[last:]:
        raise UnfitError(f"the time of parsetime does not read as {shown(layout)}")
    try:
        return _moment(fields)
    except (ValueError, OverflowError):
        raise UnfitError(f"the time of parsetime reads as {shown(layout)}, but there is no such time") from None


_TWO, _ONE_OR_TWO = "[0-9]{2}", "[0-9]{1,2}+"


def _any_of(names: list[str]) -> str:
    return f"(?i:{'|'.join(names)})"


_READERS = {
    "January": (_any_of(_MONTHS), "month name"),
    "Jan": (_any_of([name[:3] for name in _MONTHS]), "month name"),
    "Monday": (_any_of(_DAYS), "weekday"),
    "Mon": (_any_of([name[:3] for name in _DAYS]), "weekday"),
    "MST": ("[A-Z]{3,5}+", "zone"),
    "2006": ("[0-9]{4}", "year"),
    "06": (_TWO, "short year"),
    "01": (_TWO, "month"),
    "1": (_ONE_OR_TWO, "month"),
    "02": (_TWO, "day"),
    "2": (_ONE_OR_TWO, "day"),
    "_2": (" ?[0-9]{1,2}+", "day"),
    "002": ("[0-9]{3}", "day of year"),
    "__2": (" {0,2}[0-9]{1,3}+", "day of year"),
    "15": (_ONE_OR_TWO, "hour"),
    "03": (_TWO, "hour"),
    "3": (_ONE_OR_TWO, "hour"),
    "04": (_TWO, "minute"),
    "4": (_ONE_OR_TWO, "minute"),
    "05": (_TWO, "second"),
    "5": (_ONE_OR_TWO, "second"),
    "PM": ("[AP]M", "half"),
    "pm": ("[ap]m", "half"),
}


@cache
def _reader(element: str, fraction_follows: bool) -> tuple[re.Pattern[str], str]:
    """The pattern that reads an element, and the field it fills. The elements of a hundred characters are few."""
    if element in _READERS:
        pattern, field = _READERS[element]
        if field == "second" and not fraction_follows:
            pattern += "(?:[.,][0-9]{1,9}+)?"  # as in Go, also where the layout does not name it
        return re.compile(pattern), field
    if element[0] in ".,":
        digits = f"[.,][0-9]{{{len(element) - 1}}}" if "0" in element else "(?:[.,][0-9]{1,9}+)?"
        return re.compile(digits), "fraction"
    digits = "[+-][0-9]{2}" + "".join(f"{colon}[0-9]{{2}}" for colon in re.findall("(:?)00", element))
    return re.compile(f"Z|{digits}" if element[0] == "Z" else digits), "offset"


def _moment(fields: dict[str, str]) -> _Moment:
    year = int(fields.get("year") or _century(fields.get("short year", "")) or _NO_YEAR)
    second, _, fraction = fields.get("second", "0").replace(",", ".").partition(".")
    fraction = fields.get("fraction", "")[1:] or fraction
    nanos = int(fraction.ljust(9, "0") or 0)
    month = int(fields.get("month", 1))
    if "month name" in fields:
        month = 1 + [name[:3].lower() for name in _MONTHS].index(fields["month name"][:3].lower())
    hour = int(fields.get("hour", 0))
    if "half" in fields:
        hour = hour % _NOON + (_NOON if fields["half"][0] in "pP" else 0)
    wall = datetime(
        year, month, int(fields.get("day", 1)), hour, int(fields.get("minute", 0)), int(second), tzinfo=_offset(fields)
    )
    if "day of year" in fields:
        wall = wall.replace(month=1, day=1) + timedelta(days=int(fields["day of year"]) - 1)
    dated = "year" in fields or "short year" in fields
    zone = fields.get("zone", "").upper() or ("" if wall.utcoffset() else "UTC")
    return _Moment(wall, nanos, zone, dated)


def _century(short: str) -> str:
    """Go: 69 to 99 are of the last century."""
    return short and f"{'19' if short >= '69' else '20'}{short}"


def _offset(fields: dict[str, str]) -> timezone:
    text = fields.get("offset", "Z").replace(":", "")
    if text == "Z":
        return UTC
    hours, minutes, seconds = (int(text[at : at + 2] or 0) for at in (1, 3, 5))
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-span if text[0] == "-" else span)


_WRITERS: dict[str, Callable[[datetime], str]] = {
    "January": lambda wall: _MONTHS[wall.month - 1],
    "Jan": lambda wall: _MONTHS[wall.month - 1][:3],
    "Monday": lambda wall: _DAYS[wall.weekday()],
    "Mon": lambda wall: _DAYS[wall.weekday()][:3],
    "2006": lambda wall: f"{wall.year:04}",
    "06": lambda wall: f"{wall.year % 100:02}",
    "01": lambda wall: f"{wall.month:02}",
    "1": lambda wall: f"{wall.month}",
    "02": lambda wall: f"{wall.day:02}",
    "2": lambda wall: f"{wall.day}",
    "_2": lambda wall: f"{wall.day:2}",
    "002": lambda wall: f"{wall.timetuple().tm_yday:03}",
    "__2": lambda wall: f"{wall.timetuple().tm_yday:3}",
    "15": lambda wall: f"{wall.hour:02}",
    "03": lambda wall: f"{wall.hour % _NOON or _NOON:02}",
    "3": lambda wall: f"{wall.hour % _NOON or _NOON}",
    "04": lambda wall: f"{wall.minute:02}",
    "4": lambda wall: f"{wall.minute}",
    "05": lambda wall: f"{wall.second:02}",
    "5": lambda wall: f"{wall.second}",
    "PM": lambda wall: "AM" if wall.hour < _NOON else "PM",
    "pm": lambda wall: "am" if wall.hour < _NOON else "pm",
}


def _write(moment: _Moment, element: str) -> str:
    if element in _WRITERS:
        return _WRITERS[element](moment.wall)
    if element == "MST":
        return moment.zone or _write(moment, "-0700")
    if element[0] in ".,":
        digits = f"{moment.nanos:09}"[: len(element) - 1]
        if "9" in element:
            digits = digits.rstrip("0")
        return f"{element[0]}{digits}" if digits else ""
    offset = moment.wall.utcoffset() or timedelta()
    if element[0] == "Z" and not offset:
        return "Z"
    total = abs(round(offset.total_seconds()))
    parts = [f"{total // 3600:02}", f"{total // 60 % 60:02}", f"{total % 60:02}"][: 1 + element.count("00")]
    return ("-" if offset < timedelta() else "+") + (":" if ":" in element else "").join(parts)
