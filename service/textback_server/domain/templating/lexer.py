"""Cut a template into literal text and the tokens of its actions (Go, text/template/parse, lex.go)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from textback_server.domain.templating.errors import TemplateError

_BLANKS = " \t\r\n"


class Kind(Enum):
    """Tokens; the values are the group names of the pattern."""

    TRIM = "trim"
    CLOSE = "close"
    BLANK = "blank"
    STRING = "string"
    RAW = "raw"
    NUMBER = "number"
    FIELDS = "fields"
    DOT = "dot"
    WORD = "word"
    PIPE = "pipe"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Token:
    """`spaced`: a blank stands before it."""

    kind: Kind
    text: str
    at: int
    spaced: bool


@dataclass(frozen=True, slots=True)
class Action:
    """What stands between `{{` and `}}`; the last token is the end. No tokens: a comment."""

    tokens: tuple[Token, ...]
    at: int


# Possessive quantifiers: whatever the input, each character is looked at a fixed number of times.
_TOKEN = re.compile(
    r"""
    (?P<trim>[ \t\r\n]++-\}\})
  | (?P<close>\}\})
  | (?P<blank>[ \t\r\n]++)
  | (?P<string>"(?:[^"\\\n]|\\[^\n])*+")
  | (?P<raw>`[^`]*+`)
  | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+(?![\w.]))
  | (?P<fields>(?:\.[^\W\d]\w*+)++)
  | (?P<dot>\.(?![\w.]))
  | (?P<word>[^\W\d]\w*+)
  | (?P<pipe>\|)
  | (?P<left>\()
  | (?P<right>\))
    """,
    re.VERBOSE,
)

_FOREIGN = {
    '"': "this string has no closing quote on its line",
    "`": "this string has no closing `",
    "'": 'strings stand in double quotes, "like this"',
    "$": "variables are not part of this notation",
    ":": "variables are not part of this notation",
    "=": "variables are not part of this notation",
    "/": "a comment begins right after {{ or {{- and ends right before }} or -}}",
    "+": "a number has no + sign; a phone number stands in double quotes",
    ".": 'a name after a dot begins with a letter or _; write (index .list 0) or (index .object "any key")',
    "-": 'a name after a dot has letters, digits and _; write (index .object "any-key") for others',
}


def pieces(template: str) -> Iterator[str | Action]:
    """Literal texts and actions in order, trimmed as their `{{-` and `-}}` say.

    Raises:
        TemplateError: An action, a string or a comment does not end, or a character has no meaning.
    """
    at, trimmed = 0, False
    while (start := template.find("{{", at)) >= 0:
        text = template[at:start]
        inside = start + 2
        trims = template[inside : inside + 1] == "-" and template[inside + 1 : inside + 2] in tuple(_BLANKS)
        if trims:
            inside, text = inside + 2, text.rstrip(_BLANKS)
        yield text.lstrip(_BLANKS) if trimmed else text
        if template.startswith("/*", inside):
            at = _after_comment(template, start, inside)
            tokens: tuple[Token, ...] = ()
        else:
            tokens, at = _tokens(template, start, inside, spaced=trims)
        trimmed = template[at - 3] == "-"
        yield Action(tokens, start)
    text = template[at:]
    yield text.lstrip(_BLANKS) if trimmed else text


def _after_comment(template: str, start: int, inside: int) -> int:
    end = template.find("*/", inside + 2)
    if end < 0:
        raise TemplateError("this comment has no closing */", source=template, position=start)
    token = _TOKEN.match(template, end + 2)
    if token is None or token.lastgroup not in (Kind.CLOSE.value, Kind.TRIM.value):
        raise TemplateError(_FOREIGN["/"], source=template, position=end + 2)
    return token.end()


def _tokens(template: str, start: int, at: int, *, spaced: bool) -> tuple[tuple[Token, ...], int]:
    """The tokens from `at` on, and where the text goes on after `}}`."""
    found: list[Token] = []
    while True:
        match = _TOKEN.match(template, at)
        if match is None:
            _fail(template, start, at)
        kind = Kind(match.lastgroup)
        at = match.end()
        if kind is not Kind.BLANK:
            found.append(Token(kind, match.group(), match.start(), spaced))
        if kind in (Kind.CLOSE, Kind.TRIM):
            return tuple(found), at
        spaced = kind is Kind.BLANK


def _fail(template: str, start: int, at: int) -> NoReturn:
    if at == len(template):
        raise TemplateError("this {{ has no closing }}", source=template, position=start)
    char = template[at]
    sentence = _FOREIGN.get(char, f"the character {char!r} has no meaning here")
    raise TemplateError(sentence, source=template, position=at)
