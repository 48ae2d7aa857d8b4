"""Connection overrides: what the fragment of a webhook's URL says (Twilio page "Webhooks: connection overrides").

``#rc=2&rp=4xx,5xx&ct=1000`` asks for two retries, also after an answer of 400 and more, and gives a connection one
second. What is no such option, or out of its range, counts for nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlsplit


class Failure(StrEnum):
    """Why a try failed, in the words of the retry policy."""

    CLIENT_ERROR = "4xx"
    SERVER_ERROR = "5xx"
    CONNECT = "ct"
    READ = "rt"


_ALL = "all"
_RANGES: Final = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
_MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How patiently a webhook is called. Times are seconds: to connect, to wait for an answer, for all tries."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    retried: frozenset[Failure] = frozenset({Failure.CONNECT})


def overrides(url: str) -> Connection:
    """Read the options of a URL."""
    given = {name: values[-1] for name, values in parse_qs(urlsplit(url).fragment).items()}
    numbers = {name: _number(given[name], *range_) for name, range_ in _RANGES.items() if name in given}
    found = {name: value for name, value in numbers.items() if value is not None}
    usual = Connection()
    return Connection(
        connect=found["ct"] / _MILLISECONDS if "ct" in found else usual.connect,
        read=found["rt"] / _MILLISECONDS if "rt" in found else usual.read,
        total=found["tt"] / _MILLISECONDS if "tt" in found else usual.total,
        retries=found.get("rc", usual.retries),
        retried=_policy(given["rp"]) or usual.retried if "rp" in given else usual.retried,
    )


def _number(text: str, least: int, most: int) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        return None
    return int(text) if least <= int(text) <= most else None


def _policy(text: str) -> frozenset[Failure]:
    words = text.lower().split(",")
    if _ALL in words:
        return frozenset(Failure)
    return frozenset(failure for failure in Failure if failure in words)
