"""Option values as people write them, and what they mean; each wrong one is a sentence and exit code 2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import typer

from textback_cli.words import parse_length


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


def length(text: str) -> timedelta:
    """Read a length of time."""
    try:
        return parse_length(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def check_choice(name: str, chosen: str, answers: list[Answer]) -> None:
    """Refuse an option whose value is none of the choices."""
    values = [each.value for each in answers]
    if chosen and chosen.casefold() not in {value.casefold() for value in values}:
        may = f"it may be {' or '.join(values)}" if values else "give the choices with --choice"
        raise typer.BadParameter(f'{name}: "{chosen}" is not a choice; {may}')
