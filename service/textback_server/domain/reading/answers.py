"""Which of the choices a text names. In doubt none: the person is asked again rather than taken at a wrong word."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from textback_server.domain.messages import Choice
from textback_server.domain.reading.normal import normal
from textback_server.domain.reading.words import (
    FRIENDLY,
    GREETINGS,
    LEADS,
    NO_WORDS,
    THANKS,
    THUMBS_DOWN,
    THUMBS_UP,
    YES_WORDS,
)

_ROUNDS = 4
"""Polite words that are taken off one text."""
_BEFORE = frozenset(normal(word) for word in (*GREETINGS, *THANKS))
_AFTER = frozenset(normal(word) for word in (*THANKS, *LEADS))
_PHRASE = max(phrase.count(" ") + 1 for phrase in _BEFORE | _AFTER)


def choose(text: str, choices: tuple[Choice, ...]) -> Choice | None:
    """The choice that the text names, and nothing else with it.

    By value or alias; by the beginning of one, if of no other; by its number, if no choice begins with a digit. A thumb
    up or down means the only choice that says yes or no. Politeness and a friendly emoji do not count.
    """
    said = ""
    for said in _barer(normal(text)):
        found = _named(said, choices)
        if found:
            return found
    return _repeated(said.split(), choices)


def several(text: str, choices: tuple[Choice, ...]) -> bool:
    """Whether the text names more than one of the choices."""
    words = f" {normal(text)} "
    return sum(any(f" {word} " in words for word in _words(choice)) for choice in choices) > 1


@lru_cache(maxsize=1_024)
def _words(choice: Choice) -> tuple[str, ...]:
    return tuple(normal(word) for word in (choice.value, *choice.aliases))


def _named(said: str, choices: tuple[Choice, ...]) -> Choice | None:
    if not said:
        return None
    return _exactly(said, choices) or _thumbed(said, choices) or _numbered(said, choices) or _begun(said, choices)


def _exactly(said: str, choices: tuple[Choice, ...]) -> Choice | None:
    return _only(choice for choice in choices if said in _words(choice))


def _numbered(said: str, choices: tuple[Choice, ...]) -> Choice | None:
    """The choice with this number: `1`, or `1 yes` if that is what the first one says."""
    number, _, rest = said.partition(" ")
    if not (number.isascii() and number.isdecimal() and len(number) <= len(str(len(choices)))):
        return None
    if any(word[:1].isdecimal() for choice in choices for word in _words(choice)):
        return None
    meant = choices[int(number) - 1] if 0 < int(number) <= len(choices) else None
    return meant if not rest or _exactly(rest, choices) == meant else None


def _begun(said: str, choices: tuple[Choice, ...]) -> Choice | None:
    """The only choice that begins so. `no` may begin `no, leave it`, but not `north`; `5` not `50 min`."""
    if said.isdecimal():
        return None
    found = _only(choice for choice in choices if any(word.startswith(said) for word in _words(choice)))
    if found is None or said not in YES_WORDS | NO_WORDS:
        return found
    whole = any(word.startswith(f"{said} ") for word in _words(found))
    agrees = any(said in meaning and _says(found, meaning) for meaning in (YES_WORDS, NO_WORDS))
    return found if whole or agrees else None


def _thumbed(said: str, choices: tuple[Choice, ...]) -> Choice | None:
    """A thumb alone: the only choice that says yes, or no."""
    signs = set(said.split())
    if signs and signs <= THUMBS_UP:
        return _saying(YES_WORDS, choices)
    return _saying(NO_WORDS, choices) if signs and signs <= THUMBS_DOWN else None


def _repeated(parts: list[str], choices: tuple[Choice, ...]) -> Choice | None:
    """The same answer again, or with a thumb that says nothing else: `yes yes`, `yes 👍`, but not `no 👍`."""
    signs = THUMBS_UP | THUMBS_DOWN
    words = [part for part in parts if part not in signs]
    found = _named(" ".join(words), choices)
    if found is None and len(set(words)) == 1:
        found = _named(words[0], choices)
    fits = all(_stands_by(sign, found, choices) for sign in signs.intersection(parts))
    return found if fits else None


def _stands_by(sign: str, found: Choice | None, choices: tuple[Choice, ...]) -> bool:
    """Whether the thumb means the choice, or, pointing up, only that the person is content."""
    idle = sign in THUMBS_UP and not any(_says(choice, YES_WORDS) for choice in choices)
    return idle or _thumbed(sign, choices) == found


def _barer(said: str) -> Iterator[str]:
    """The words as they are; then with fewer and fewer of the polite words and friendly emoji round them."""
    yield said
    words = [word for word in said.split() if word not in FRIENDLY]
    for _ in range(_ROUNDS):
        yield " ".join(words)
        shorter = _without(words)
        if shorter is None:
            return
        words = shorter
    yield " ".join(words)


def _without(words: list[str]) -> list[str] | None:
    """Without the longest polite phrase at the end, else at the beginning; None: there is none before other words."""
    for size in range(min(_PHRASE, len(words) - 1), 0, -1):
        if " ".join(words[-size:]) in _AFTER:
            return words[:-size]
        if " ".join(words[:size]) in _BEFORE:
            return words[size:]
    return None


def _says(choice: Choice, meaning: frozenset[str]) -> bool:
    return any(word in meaning for word in _words(choice))


def _saying(meaning: frozenset[str], choices: tuple[Choice, ...]) -> Choice | None:
    return _only(choice for choice in choices if _says(choice, meaning))


def _only(found: Iterable[Choice | None]) -> Choice | None:
    """The one that all of them are."""
    different = set(found)
    return different.pop() if len(different) == 1 else None
