"""What a rule says, checked: rules are YAML, and much of what they say arrives as something else than was meant."""

import json
import math
from collections.abc import Mapping
from typing import Any

SHORTEST_TIMEOUT = 10
DEFAULT_TIMEOUT = 1_800
LONGEST_TIMEOUT = 2_990
"""Seconds of a question, such that the last look finds it closed."""
LONGEST_QUESTION = 1_600
"""Characters of a question with the line that says how to answer. The service counts that line."""
LONGEST_NAME = 64
MOST_CHOICES = 10
LONGEST_CHOICE = 40

_MISSING = (
    "it is missing or null: in a rule an unquoted value is read as a path, and dropped where that leads nowhere; "
    "write a text as '{{ \"+10123456789\" }}'"
)
_QUOTE = "quote it in the rule, where a bare yes or no is true or false"


class Unusable(ValueError):  # noqa: N818 - an answer, not a defect
    """The data of a request. `str()` says which field, what it was and what it may be."""


def text(data: Mapping[str, Any], name: str) -> str:
    """A text. An event that was not rendered to one is told as what it is."""
    value = data.get(name)
    if value is None or value == "":
        raise Unusable(f"{name}: {_MISSING}.")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def name(data: Mapping[str, Any], field: str) -> str:
    """A number or an identifier."""
    return _short(field, text(data, field), LONGEST_NAME)


def question(data: Mapping[str, Any], field: str) -> str:
    """A text that must arrive whole: nobody may agree to what they did not read."""
    found = text(data, field)
    if len(found) > LONGEST_QUESTION:
        raise Unusable(
            f"{field}: has {len(found):,} characters; a question may have {LONGEST_QUESTION:,} with the line that says "
            "how to answer, and is not cut: name the parts of the event that matter, as '{{ .event.FILE_PATH }}'."
        )
    return found


def seconds(data: Mapping[str, Any], field: str) -> float:
    """How long a question stays open."""
    value = data.get(field)
    if value is None:
        return DEFAULT_TIMEOUT
    try:
        found = float(str(value))
    except ValueError:
        found = math.nan
    if not SHORTEST_TIMEOUT <= found <= LONGEST_TIMEOUT:
        may = f"{SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT}"
        raise Unusable(f'{field}: is "{str(value)[:40]}"; it may be {may}: LimaCharlie looks no longer.')
    return found


def choices(data: Mapping[str, Any], field: str) -> list[str]:
    """The answers that count."""
    value = data.get(field)
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Unusable(
            f'{field}: is {_shown(value)}; it may be a list of texts, or one with commas: "yes,no". {_QUOTE}.'
        )
    if len(value) > MOST_CHOICES or any(len(each) > LONGEST_CHOICE for each in value):
        raise Unusable(f"{field}: it may be {MOST_CHOICES} of {LONGEST_CHOICE} characters each at most.")
    return value


def choice(data: Mapping[str, Any], field: str) -> str:
    """One of the answers, or none."""
    value = data.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unusable(f"{field}: is {_shown(value)}; it may be a text: {_QUOTE}.")
    return _short(field, value, LONGEST_CHOICE)


def _short(field: str, value: str, most: int) -> str:
    if len(value) > most:
        raise Unusable(f"{field}: has {len(value):,} characters; it may have {most}.")
    return value


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:60]
