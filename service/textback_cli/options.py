"""Option values as people write them, and what they mean; each wrong one is a sentence and exit code 2."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import typer

from textback_cli.words import parse_length, span

Match = Literal["code", "sender"]
Notices = Literal["none", "hints", "all"]
Tools = Literal["soar", "agent", "all"]

_LAST_PORT = 65_535
_NO_HOST = re.compile(r"[\s/]")
_HOST_NAME = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?:\d{1,5}|\*))?")
_SCHEME = re.compile(r"(?:dns:(?://[^/]*/)?|ipv[46]:)")
_EXAMPLE = """'{"user": "ann"}'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A choice and what else means the same."""

    value: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One of the caller's own words about a message."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A JSON document."""

    value: object


def answer(text: str) -> Answer:
    """Read `value` or `value=alias,alias`."""
    value, equals, aliases = text.partition("=")
    words = tuple(alias.strip() for alias in aliases.split(",")) if equals else ()
    if not value.strip() or not all(words):
        raise typer.BadParameter(f'"{text}" is not a choice; write e.g. yes, or yes=y,ok')
    return Answer(value=value.strip(), aliases=words)


def label(text: str) -> Label:
    """Read `key=value`."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise typer.BadParameter(f'"{text}" is not a label; write e.g. team=soc')
    return Label(key=key, value=value)


def document(text: str) -> Document:
    """Read JSON, or `@file` with JSON in it. A refusal says the place and does not repeat the text."""
    try:
        return Document(value=json.loads(Path(text[1:]).read_text(encoding="utf-8") if text[:1] == "@" else text))
    except OSError as error:
        raise typer.BadParameter(f"{text[1:]} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        place = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise typer.BadParameter(f"not JSON{place}; write e.g. {_EXAMPLE}, or @FILE") from None


def length(text: str) -> timedelta:
    """Read a length of time."""
    try:
        return parse_length(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def address(text: str) -> tuple[str, int]:
    """Read HOST:PORT."""
    host, colon, port = text.rpartition(":")
    numbered = port.isascii() and port.isdigit() and int(port) <= _LAST_PORT
    if not colon or not host or _NO_HOST.search(host) or not numbered:
        raise typer.BadParameter(f'"{text}" is not an address; write e.g. 127.0.0.1:8081')
    return host.strip("[]"), int(port)


def server(text: str) -> str:
    """Check the address of a service, as gRPC has them; which one is meant is its affair."""
    scheme, colon, path = text.partition(":")
    if scheme in {"unix", "unix-abstract"} and colon and path:
        return text
    try:
        for each in _SCHEME.sub("", text, count=1).split(","):
            address(each)
    except typer.BadParameter:
        raise typer.BadParameter(
            f'--server: "{text}" is not an address; write e.g. 127.0.0.1:50051, or unix:/run/textback.sock'
        ) from None
    return text


def host_name(text: str) -> str:
    """Read a host's name as a Host header has it, without its port."""
    found = _HOST_NAME.fullmatch(text.lower())
    if found is None:
        raise typer.BadParameter(f'--allow-host: "{text}" is no host; write e.g. mcp.example.com')
    return found[1]


def check_length(name: str, given: timedelta | None) -> None:
    """Refuse a length of time that no question can have."""
    if given is not None and not timedelta(seconds=1) <= given <= timedelta(days=30):
        raise typer.BadParameter(f"{name}: is {span(given)}; it may be 1s to 30d")


def check_choice(name: str, chosen: str, answers: list[Answer]) -> None:
    """Refuse an option whose value is none of the choices."""
    values = [each.value for each in answers]
    if chosen and chosen.casefold() not in {value.casefold() for value in values}:
        may = f"it may be {' or '.join(values)}" if values else "give the choices with --choice"
        raise typer.BadParameter(f'{name}: "{chosen}" is not a choice; {may}')
