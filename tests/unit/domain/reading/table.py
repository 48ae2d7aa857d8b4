"""The table of texts: how it is written, and what a reading looks like in its words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.builders import a_draft, a_message, an_inbound, terms
from textback_server.domain.facts import Replied
from textback_server.domain.messages import Choice, Code, Disposition, Message, ReplyMatch, WaitState
from textback_server.domain.prompts import compose
from textback_server.domain.reading import Reading, Standing, parse

TABLE = Path(__file__).with_name("texts.md")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|([nrt|]))")
_CHARS = {"n": "\n", "r": "\r", "t": "\t", "|": "|"}
_CELL = re.compile(r"(?<!\\)\|")
_QUESTION = re.compile(r"(\d+)(?: \((.*)\))?((?: answered| closed| by sender| text needed)*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    open: str
    text: str
    expected: str


def rows() -> Iterator[Row]:
    """All lines of the table."""
    where = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("Open: "):
            where = line.removeprefix("Open: ")
        elif line.startswith("| ") and where and not line.startswith("| they text"):
            text, expected = (cell.strip(" ") for cell in _CELL.split(line)[1:3])
            yield Row(open=where, text=_ESCAPE.sub(_char, text), expected=expected)


def _char(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _CHARS[found[2]]


def questions(said: str) -> tuple[Message, ...]:
    """The messages that an `Open:` line describes, the newest first."""
    return () if said == "nothing" else tuple(_question(part) for part in said.split("; "))


def _question(said: str) -> Message:
    found = _QUESTION.fullmatch(said)
    if found is None:
        raise ValueError(f"not a question: {said}")
    code, answers, marks = found[1], found[2], found[3]
    choices = tuple(_choice(answer) for answer in answers.split(" / ")) if answers else ()
    asked = replace(
        terms(),
        choices=choices,
        reply_match=ReplyMatch.SENDER if "by sender" in marks else ReplyMatch.CODE,
        allow_empty_reply=False if "text needed" in marks else None,
    )
    message = a_message(a_draft(wait=asked), code=code)
    message = replace(message, text=compose(message.sms.body, asked, Code(code)))
    state = WaitState.REPLIED if "answered" in marks else WaitState.TIMED_OUT if "closed" in marks else WaitState.OPEN
    assert message.wait is not None
    return replace(message, wait=replace(message.wait, state=state))


def _choice(said: str) -> Choice:
    value, _, aliases = said.partition(" = ")
    return Choice(value=value, aliases=tuple(aliases.split(", ")) if aliases else ())


def codes_in(text: str) -> tuple[Code, ...]:
    """The codes that would be looked up for the text."""
    return parse(an_inbound(text)).codes


def standing_for(text: str, waits: tuple[Message, ...]) -> Standing:
    """What a store would find for the text."""
    owners = {message.wait.code: message for message in waits if message.wait}
    still = [message for message in waits if message.wait and message.wait.open]
    return Standing(
        matches=tuple(owners[code] for code in codes_in(text) if code in owners),
        newest_open=still[0] if still else None,
        sole_open=still[0] if len(still) == 1 else None,
    )


def in_words(reading: Reading, waits: tuple[Message, ...]) -> str:
    """The reading as the table writes it."""
    if reading.disposition is Disposition.OPT_OUT:
        return "opt-out"
    answers = []
    for finding in reading.findings:
        if isinstance(finding.fact, Replied) and finding.message.wait:
            choices = finding.message.wait.terms.choices
            said = finding.fact.reply.choice if choices else f'"{finding.fact.reply.text}"'
            answers.append(f"{finding.message.wait.code} {said}" if len(waits) > 1 else said)
    if answers:
        return "; ".join(answers).replace("\n", "\\n")
    assert reading.reason is not None
    return f"✗ {reading.reason.replace('_', ' ').lower()}"
