"""Make sense of the tokens: fields, literals, calls and pipelines (Go, text/template/parse, parse.go)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from textback_server.domain.templating.data import Json, decimal, integer, shown
from textback_server.domain.templating.errors import TemplateError, UnfitError
from textback_server.domain.templating.functions import FUNCTIONS
from textback_server.domain.templating.lexer import Action, Kind, Token, pieces

MAX_TEMPLATE = 10_000
MAX_ACTIONS = 200
MAX_DEPTH = 20
"""Parentheses and pipeline stages inside each other."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number, true or false."""

    value: Json
    at: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """Fields by name of the data, or of what stands in parentheses before the dot."""

    of: "Node | None"
    names: tuple[str, ...]
    at: int
    depth: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments; what was piped in is the last one."""

    name: str
    arguments: tuple["Node", ...]
    at: int
    depth: int


Node: TypeAlias = Literal | Member | Call

_NOT_OURS = {
    **dict.fromkeys(("if", "else", "end", "with"), "conditionals"),
    **dict.fromkeys(("range", "break", "continue"), "loops"),
    **dict.fromkeys(("define", "template", "block"), "named templates"),
}
_OPERANDS = {Kind.STRING, Kind.RAW, Kind.NUMBER, Kind.FIELDS, Kind.DOT, Kind.WORD, Kind.LEFT}
_CONSTANTS = {"true": True, "false": False}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def parse(template: str) -> list[str | Node]:
    """Literal texts and what to print between them.

    Raises:
        TemplateError: Bad syntax, an unknown function or number of arguments, or over a bound.
    """
    if len(template) > MAX_TEMPLATE:
        raise TemplateError(f"the template has {len(template):,} characters; at most {MAX_TEMPLATE:,} are taken")
    parts: list[str | Node] = []
    actions = 0
    for piece in pieces(template):
        if isinstance(piece, str):
            parts.append(piece)
            continue
        actions += 1
        if actions > MAX_ACTIONS:
            raise TemplateError(f"more than {MAX_ACTIONS} actions", source=template, position=piece.at)
        if piece.tokens:
            parts.append(_Parser(template, piece).action())
    return parts


class _Parser:
    """One action, by recursive descent; parentheses are the only recursion and are bounded."""

    def __init__(self, template: str, action: Action) -> None:
        self._template = template
        self._tokens = action.tokens
        self._index = 0
        self._open = 0

    def action(self) -> Node:
        node = self._pipeline()
        if self._next.kind is Kind.RIGHT:
            raise self._error("this ) closes nothing", self._next.at)
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _take(self) -> Token:
        token = self._next
        self._index += 1
        return token

    def _error(self, sentence: str, at: int) -> TemplateError:
        return TemplateError(sentence, source=self._template, position=at)

    def _pipeline(self) -> Node:
        node = self._command(None)
        while self._next.kind is Kind.PIPE:
            self._take()
            node = self._command(node)
        return node

    def _command(self, piped: Node | None) -> Node:
        token = self._next
        if token.kind is Kind.WORD and token.text not in _CONSTANTS:
            return self._call(piped)
        if piped is not None:
            raise self._error("after | stands a function", token.at)
        node = self._operand()
        if self._next.kind in _OPERANDS:
            raise self._error("a value takes no arguments; between two values stands a | and a function", self._next.at)
        return node

    def _call(self, piped: Node | None) -> Node:
        word = self._take()
        if word.text in _NOT_OURS:
            raise self._error(f"{word.text}: {_NOT_OURS[word.text]} are not part of this notation", word.at)
        function = FUNCTIONS.get(word.text)
        if function is None:
            raise self._error(f"{shown(word.text)} is not a function; there are: {', '.join(FUNCTIONS)}", word.at)
        arguments: list[Node] = []
        while self._next.kind in _OPERANDS:
            if not self._next.spaced:
                raise self._error("a space is missing before this", self._next.at)
            arguments.append(self._operand())
        if piped is not None:
            arguments.append(piped)
        if not function.takes(len(arguments)):
            raise self._error(f"write {function.usage}; this has {len(arguments)} of the arguments", word.at)
        return Call(word.text, tuple(arguments), word.at, self._depth(arguments, word.at))

    def _operand(self) -> Node:
        token = self._take()
        match token.kind:
            case Kind.STRING:
                return Literal(self._unquoted(token), token.at)
            case Kind.RAW:
                return Literal(token.text[1:-1].replace("\r", ""), token.at)
            case Kind.NUMBER:
                return Literal(self._number(token), token.at)
            case Kind.WORD if token.text in _CONSTANTS:
                return Literal(_CONSTANTS[token.text], token.at)
            case Kind.WORD:
                raise self._error(f"put {shown(token.text)} and its arguments in parentheses", token.at)
            case Kind.DOT:
                return Member(None, (), token.at, 0)
            case Kind.FIELDS:
                return Member(None, _names(token), token.at, 0)
            case Kind.LEFT:
                return self._parenthesised(token)
            case _:
                raise self._error("a value or a function is missing here", token.at)

    def _parenthesised(self, left: Token) -> Node:
        self._open += 1
        if self._open > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", left.at)
        node = self._pipeline()
        if self._next.kind is not Kind.RIGHT:
            raise self._error("this ( has no closing )", left.at)
        self._take()
        self._open -= 1
        token = self._next
        if token.kind is Kind.FIELDS and not token.spaced:
            self._take()
            return Member(node, _names(token), token.at, self._depth([node], token.at))
        return node

    def _depth(self, inner: Sequence[Node], at: int) -> int:
        depth = 1 + max((node.depth for node in inner), default=0)
        if depth > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", at)
        return depth

    def _number(self, token: Token) -> Json:
        try:
            return integer(token.text) if token.text.lstrip("-").isdigit() else decimal(token.text)
        except UnfitError as error:
            raise self._error(str(error), token.at) from None

    def _unquoted(self, token: Token) -> str:
        r"""Go's escapes as far as JSON has them, and `\U0001F600`."""

        def char(escape: re.Match[str]) -> str:
            short, long, letter = escape.groups()
            if letter is None:
                number = int(short or long, 16)
                if number <= _LAST_CHARACTER and number not in _SURROGATES:
                    return chr(number)
            elif letter in _ESCAPED:
                return _ESCAPED[letter]
            sentence = r"this escape has no meaning; there are \" \\ \n \r \t \u00e9 \U0001f600"
            raise self._error(sentence, token.at + 1 + escape.start())

        return _ESCAPE.sub(char, token.text[1:-1])


def _names(token: Token) -> tuple[str, ...]:
    return tuple(token.text[1:].split("."))
