"""The line that a wait adds to its text, so that the person knows what to text back."""

from datetime import timedelta

from textback_server.domain.messages import Code, Terms

MAX_UNITS = 1_600
"""Twilio's limit for a body, in UTF-16 code units (Message resource, Body; error 21617)."""

_UNITS = ((86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min"), (1, "s", "s"))


def compose(body: str, terms: Terms, code: Code) -> str:
    """The text as the person gets it."""
    return f"{body}\n{prompt(terms, code)}"


def prompt(terms: Terms, code: Code) -> str:
    """What to text back, and what silence means."""
    if not terms.choices:
        return f"Text back {code} and your answer."
    answers = [f'"{code} {choice.value.upper()}"' for choice in terms.choices]
    ask = f"Text back {_either(answers)}."
    if not terms.timeout_choice:
        return ask
    return f"{ask} No answer in {spoken(terms.reply_timeout)} means {terms.timeout_choice.upper()}."


def hint(terms: Terms, code: Code) -> str:
    """What the person is told when the code came with none of the choices."""
    return f"Sorry, that is not one of the answers. {prompt(terms, code)}"


def spoken(span: timedelta) -> str:
    """A span in its largest whole units, at most two: `10 min`, `1 h 30 min`, `2 days`."""
    seconds, words = round(span.total_seconds()), []
    for size, one, many in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {one if count == 1 else many}")
    return " ".join(words[:2]) or "0 s"


def _either(answers: list[str]) -> str:
    return answers[0] if len(answers) == 1 else f"{', '.join(answers[:-1])} or {answers[-1]}"
