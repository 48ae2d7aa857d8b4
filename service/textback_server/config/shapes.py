"""What a setting's text may look like.

Each function returns the value, or raises ValueError with the rest of a sentence that begins with the setting's name:
what it was and what it may be. Secrets are never repeated.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from textback_server.domain.messages import ReplyMatch
from textback_server.domain.notices import check_notice
from textback_server.domain.numbers import is_country
from textback_server.domain.prompts import check_prompt
from textback_server.domain.senders import SENDER_FORMS, sender_kind
from textback_server.gateway.accounts import Secret

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_LONGEST = timedelta(days=30)
_KEPT = (timedelta(hours=1), timedelta(days=3_650))
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_LABEL = re.compile(r"[a-z0-9-]{1,40}")
_SECRET = re.compile(r"[!-~]{8,128}")
_PORTS = 65_535
_ECHO = 60


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. Port 0 takes any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        """HOST:PORT, IPv6 in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str) -> Address:
    """HOST:PORT or [IPV6]:PORT."""
    host, colon, port = text.rpartition(":")
    if not colon or not _HOST.fullmatch(host) or not (port.isascii() and port.isdigit()) or int(port) > _PORTS:
        raise ValueError(f"{_quoted(text)} is not an address; it may be HOST:PORT such as 127.0.0.1:50051")
    return Address(host.strip("[]"), int(port))


def duration(text: str) -> timedelta:
    """A whole number and a unit: 10s, 5m, 1h, 7d."""
    value = _span(text)
    if not timedelta(0) < value <= _LONGEST:
        raise ValueError(f"{_quoted(text)} is not a duration; it may be 1s to 30d, a number and s, m, h or d")
    return value


def retention(text: str) -> timedelta:
    """A duration from an hour to ten years."""
    value = _span(text)
    if not _KEPT[0] <= value <= _KEPT[1]:
        raise ValueError(f"{_quoted(text)} is not a time to keep; it may be 1h to 3650d, a number and m, h or d")
    return value


def url(text: str) -> str:
    """An absolute http or https address without user, query and fragment; a slash at its end is dropped."""
    try:
        parts = urlsplit(text)
        usable = parts.port != 0
    except ValueError:
        usable = False
    if (
        not usable
        or not re.fullmatch(r"[!-~]{1,500}", text)
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or "?" in text
        or "#" in text
    ):
        shown = "this" if "@" in text else _quoted(text)
        raise ValueError(
            f"{shown} is not a usable address; it may be https://HOST or https://HOST/PATH (or http), "
            "without user, query or fragment"
        )
    return text.rstrip("/")


def public_url(text: str) -> str:
    """An address that Twilio takes: no underscore in the host (Twilio, Message resource, StatusCallback)."""
    value = url(text)
    if "_" in (urlsplit(value).hostname or ""):
        raise ValueError(f"{_quoted(text)} has an underscore in its host, which Twilio does not take; use another name")
    return value


def store(text: str) -> str:
    """The path of an SQLite file."""
    if "://" in text:
        scheme = text.partition("://")[0] + "://"
        raise ValueError(f"{_quoted(scheme)} is not a known store; it may be the path of a file")
    return text


def account_sid(text: str) -> str:
    """AC and 32 hexadecimal digits."""
    return _sid(text, "AC", "an Account SID")


def api_key(text: str) -> str:
    """SK and 32 hexadecimal digits."""
    return _sid(text, "SK", "an API key SID")


def secret(text: str) -> Secret:
    """8 to 128 visible ASCII characters."""
    if not _SECRET.fullmatch(text):
        raise ValueError(
            f"has {len(text)} characters, or others than visible ASCII; it may be 8 to 128 visible ASCII characters"
        )
    return Secret(text)


def credentials(text: str) -> tuple[str, Secret]:
    """SID/TOKEN."""
    sid, slash, token = text.partition("/")
    if not slash:
        raise ValueError("has no slash; it may be SID/TOKEN: Account SID, slash, auth token")
    try:
        return account_sid(sid), secret(token)
    except ValueError as error:
        raise ValueError(f"a part {error}; the whole may be SID/TOKEN") from None


def senders(text: str) -> tuple[str, ...]:
    """A comma-separated list of senders, each once."""
    listed = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for sender in listed:
        if sender_kind(sender) is None:
            raise ValueError(f"{_quoted(sender)} is no sender; each may be {SENDER_FORMS}")
    if not listed:
        raise ValueError("names no sender; it may be a list with commas between")
    return listed


def reply_match(text: str) -> ReplyMatch:
    """Code or sender."""
    if text not in ("code", "sender"):
        raise ValueError(f"{_quoted(text)} is not a way to match replies; it may be code or sender")
    return ReplyMatch(text.upper())


def prompt(text: str, match: ReplyMatch) -> str:
    """A line with the placeholders of a prompt."""
    check_prompt(text, needs_code=match is ReplyMatch.CODE)
    return text


def notice(text: str) -> str:
    """A line with the placeholders of a notice; `off` is none."""
    if text.lower() == "off":
        return ""
    check_notice(text)
    return text


def choice(*words: str) -> Callable[[str], str]:
    """One of some words."""

    def shape(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"{_quoted(text)} is not known; it may be {' or '.join(words)}")
        return text.lower()

    return shape


def limit(most: int) -> Callable[[str], int]:
    """A whole number from 1 to `most`, or `off`, which is 0."""

    def shape(text: str) -> int:
        if text.lower() == "off":
            return 0
        if not _COUNT.fullmatch(text) or not 1 <= int(text) <= most:
            raise ValueError(f"{_quoted(text)} is not a limit; it may be 1 to {most:,}, or off")
        return int(text)

    return shape


def countries(text: str) -> frozenset[str]:
    """Two-letter codes (ISO 3166-1), each of a country that has phone numbers."""
    listed = [part.strip().upper() for part in text.split(",") if part.strip()]
    for code in listed:
        if not is_country(code):
            raise ValueError(f"{_quoted(code)} is not a country; each may be a two-letter code such as US or DE")
    if not listed:
        raise ValueError("names no country; it may be a list with commas between")
    return frozenset(listed)


def label(text: str) -> str:
    """A name of 1 to 40 lower-case letters, digits and hyphens."""
    if not _LABEL.fullmatch(text):
        raise ValueError(f"{_quoted(text)} is not a name; it may be 1 to 40 lower-case letters, digits and hyphens")
    return text


def is_loopback(address_of: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(address_of).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _span(text: str) -> timedelta:
    """Zero if it is none."""
    found = _DURATION.fullmatch(text)
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]]) if found else timedelta(0)


def _sid(text: str, prefix: str, what: str) -> str:
    # Not repeated whole: a token may have been put here by mistake.
    if not re.fullmatch(prefix + "[0-9a-fA-F]{32}", text):
        raise ValueError(
            f'starts with "{text[:2]}" and has {len(text)} characters; {what} is {prefix} and 32 hexadecimal digits'
        )
    return text


def _quoted(text: str) -> str:
    return f'"{text}"' if len(text) <= _ECHO else f'"{text[:_ECHO]}…"'
