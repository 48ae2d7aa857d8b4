"""How an account speaks with people: its defaults for every question, and its words."""

from dataclasses import dataclass

from textback_server.domain.messages import ReplyMatch
from textback_server.domain.notices import DEFAULT_TEXTS, NoticeTexts


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """`prompt` is a template, empty for ours."""

    reply_match: ReplyMatch = ReplyMatch.CODE
    prompt: str = ""
    notices: NoticeTexts = DEFAULT_TEXTS


DEFAULT_MANNERS = Manners()
