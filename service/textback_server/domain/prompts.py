"""The line that a wait adds to its text, so that the person knows what to text back."""

from dataclasses import replace
from datetime import timedelta

from textback_server.domain.lines import LineError, placeholders
from textback_server.domain.messages import Code, Terms

MAX_UNITS = 1_600
"""Twilio's limit for a body, in UTF-16 code units (Message resource, Body; error 21617)."""

PLACEHOLDERS = frozenset({"code", "choices", "timeout", "timeout_choice"})

_FREE = "Text back {code} and your answer."
_CHOICES = "Text back {choices}."
_SILENCE = " No answer in {timeout} means {timeout_choice}."
_UNITS = ((86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min"), (1, "s", "s"))


def check_prompt(template: str, *, needs_code: bool, choices: bool = True) -> None:
    """Check a prompt. Raises LineError; also if the answer could not be found without the code that it leaves out.

    `choices`: there may be some, and `{choices}` shows the code with each.
    """
    names = placeholders(template, PLACEHOLDERS)
    if not template.isprintable():
        raise LineError("has characters that cannot be seen")
    if needs_code and not names & {"code", "choices"}:
        raise LineError("has no {code} and no {choices}, without which a reply could not find its question")
    if needs_code and not choices and "code" not in names:
        raise LineError("has no {code}, and there are no choices to show it with; a reply could not find its question")


def compose(body: str, terms: Terms, code: Code) -> str:
    """The text as the person gets it."""
    return f"{body}\n{prompt(terms, code)}"


def prompt(terms: Terms, code: Code) -> str:
    """What to text back, and what silence means: in the request's or the account's words, else in ours."""
    template = terms.prompt or _default(terms)
    return template.format_map(
        {
            "code": code,
            "choices": either([f'"{code} {choice.value.upper()}"' for choice in terms.choices]),
            "timeout": spoken(terms.reply_timeout),
            "timeout_choice": terms.timeout_choice.upper(),
        }
    )


def prompt_with_code(terms: Terms, code: Code) -> str:
    """The prompt, or ours where the request's leaves out the code that the person turned out to need."""
    said = prompt(terms, code)
    return said if code in said else prompt(replace(terms, prompt=""), code)


def spoken(span: timedelta) -> str:
    """A span in its largest whole units, at most two: `10 min`, `1 h 30 min`, `2 days`."""
    seconds, words = round(span.total_seconds()), []
    for size, one, many in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {one if count == 1 else many}")
    return " ".join(words[:2]) or "0 s"


def either(words: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join([", ".join(words[:-1]), *words[-1:]] if len(words) > 1 else words)


def _default(terms: Terms) -> str:
    return (_CHOICES if terms.choices else _FREE) + (_SILENCE if terms.timeout_choice else "")
