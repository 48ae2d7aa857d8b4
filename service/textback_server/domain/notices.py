"""What we text back to a person: hints, too late, not a choice, a confirmation. Never to an opt-out word."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import auto
from types import MappingProxyType

from textback_server.domain.graphemes import truncate
from textback_server.domain.lines import placeholders
from textback_server.domain.messages import Message, Notices
from textback_server.domain.prompts import MAX_UNITS, either, prompt_with_code
from textback_server.domain.senders import SenderKind, sender_kind
from textback_server.domain.words import Word

HOURLY_BUDGET = 6
"""Notices to one phone in one hour, whatever it sends: two robots must not talk for long."""

PLACEHOLDERS = frozenset({"prompt", "code", "choices", "answer"})


class Notice(Word):
    """Why we text back."""

    HINT = auto()
    NOT_A_CHOICE = auto()
    TOO_LATE = auto()
    ALREADY_ANSWERED = auto()
    CONFIRMATION = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTexts:
    """An account's words for each notice; an empty one is never sent."""

    hint: str = "We could not tell which question that answers. {prompt}"
    not_a_choice: str = "Sorry, that is not one of the answers. {prompt}"
    too_late: str = "Too late: this question is closed."
    already_answered: str = "This question was answered already."
    confirmation: str = "Thank you, noted: {answer}"


DEFAULT_TEXTS = NoticeTexts()

_ALLOWED: Mapping[Notices, frozenset[Notice]] = MappingProxyType(
    {
        Notices.NONE: frozenset(),
        Notices.HINTS: frozenset(Notice) - {Notice.CONFIRMATION},
        Notices.ALL: frozenset(Notice),
    }
)


def check_notice(template: str) -> None:
    """Check a notice. Raises LineError."""
    placeholders(template, PLACEHOLDERS)


def notice(kind: Notice, about: Message, texts: NoticeTexts, *, answer: str = "", sent_this_hour: int = 0) -> str:
    """What to text back; empty if nothing is to be said, or the hour's budget is spent, or nobody could read it."""
    wait = about.wait
    if wait is None or kind not in _ALLOWED[wait.terms.notices] or sent_this_hour >= HOURLY_BUDGET:
        return ""
    if kind is Notice.HINT and wait.hinted:
        return ""
    if sender_kind(about.sms.recipient) is not SenderKind.NUMBER:
        return ""
    template: str = getattr(texts, kind.lower())
    values = {
        "prompt": prompt_with_code(wait.terms, wait.code),
        "code": wait.code,
        "choices": either([choice.value for choice in wait.terms.choices]),
        "answer": answer,
    }
    return truncate(template.format_map(values), max_units=MAX_UNITS)
