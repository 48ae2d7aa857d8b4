"""What a request asks to wait for, checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from textback.v1 import sms_message_pb2 as message_pb
from textback_server.api.checks import Checks
from textback_server.domain.lines import LineError
from textback_server.domain.manners import Manners
from textback_server.domain.messages import Choice, Notices, ReplyMatch, Terms
from textback_server.domain.numbers import quoted
from textback_server.domain.prompts import check_prompt
from textback_server.domain.reading import is_opt_out, normal
from textback_server.domain.transitions import MAX_REJECTIONS

DEFAULT_REPLY_TIMEOUT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What an operator allows for reply_timeout."""

    shortest: timedelta = timedelta(seconds=10)
    longest: timedelta = timedelta(days=7)


def terms_of(checks: Checks, wait: message_pb.WaitOptions, manners: Manners, bounds: Bounds) -> Terms:
    """What the request asks to wait for; notes violations."""
    timeout = min(max(DEFAULT_REPLY_TIMEOUT, bounds.shortest), bounds.longest)
    if wait.HasField("reply_timeout"):
        timeout = checks.span("wait.reply_timeout", wait.reply_timeout, least=bounds.shortest, most=bounds.longest)
    choices = _choices(checks, wait.choices)
    if wait.timeout_choice and wait.timeout_choice not in {choice.value for choice in choices}:
        values = ", ".join(quoted(choice.value) for choice in choices) or "none are given"
        checks.fail("wait.timeout_choice", f"{quoted(wait.timeout_choice)} is not one of wait.choices: {values}")
    match = _match(checks, wait, manners)
    if match is ReplyMatch.SENDER:
        _no_reserved_words(checks, choices)
    if wait.max_invalid_replies > MAX_REJECTIONS:
        checks.fail("wait.max_invalid_replies", f"is {wait.max_invalid_replies}; it may be 0 to {MAX_REJECTIONS}")
    return Terms(
        reply_timeout=timeout,
        choices=choices,
        timeout_choice=wait.timeout_choice,
        reply_match=match,
        prompt=_prompt(checks, wait.prompt or manners.prompt, match, choices=bool(choices)),
        allow_empty_reply=wait.allow_empty_reply if wait.HasField("allow_empty_reply") else None,
        notices=_notices(checks, wait),
        max_invalid_replies=wait.max_invalid_replies,
    )


def _match(checks: Checks, wait: message_pb.WaitOptions, manners: Manners) -> ReplyMatch:
    match wait.reply_match:
        case message_pb.REPLY_MATCH_UNSPECIFIED:
            return manners.reply_match
        case message_pb.REPLY_MATCH_CODE:
            return ReplyMatch.CODE
        case message_pb.REPLY_MATCH_SENDER:
            return ReplyMatch.SENDER
    checks.fail("wait.reply_match", f"{wait.reply_match} is neither REPLY_MATCH_CODE nor REPLY_MATCH_SENDER")
    return manners.reply_match


def _notices(checks: Checks, wait: message_pb.WaitOptions) -> Notices:
    match wait.notices:
        case message_pb.NOTICES_UNSPECIFIED | message_pb.NOTICES_HINTS:
            return Notices.HINTS
        case message_pb.NOTICES_NONE:
            return Notices.NONE
        case message_pb.NOTICES_ALL:
            return Notices.ALL
    checks.fail("wait.notices", f"{wait.notices} is none of NOTICES_NONE, NOTICES_HINTS and NOTICES_ALL")
    return Notices.HINTS


def _prompt(checks: Checks, template: str, match: ReplyMatch, *, choices: bool) -> str:
    try:
        check_prompt(template, needs_code=bool(template) and match is ReplyMatch.CODE, choices=choices)
    except LineError as error:
        checks.fail("wait.prompt", str(error))
        return ""
    return template


def _no_reserved_words(checks: Checks, choices: Sequence[Choice]) -> None:
    """Without a code, such a word would never reach the question: carriers and Twilio take it."""
    for index, choice in enumerate(choices):
        for word in (choice.value, *choice.aliases):
            if is_opt_out(word):
                checks.fail(
                    f"wait.choices[{index}]", f"{quoted(word)} is an opt-out word; without a code it ends everything"
                )


def _choices(checks: Checks, choices: Sequence[message_pb.Choice]) -> tuple[Choice, ...]:
    checks.count("wait.choices", len(choices), most=10)
    seen: set[str] = set()
    for index, choice in enumerate(choices):
        field = f"wait.choices[{index}]"
        checks.count(f"{field}.aliases", len(choice.aliases), most=10)
        for name, word in (
            (f"{field}.value", choice.value),
            *((f"{field}.aliases", alias) for alias in choice.aliases),
        ):
            _word(checks, name, word, seen)
    return tuple(Choice(value=choice.value, aliases=tuple(choice.aliases)) for choice in choices)


def _word(checks: Checks, field: str, word: str, seen: set[str]) -> None:
    """One answer that counts: readable, and not to be mistaken for another."""
    checks.text(field, word, least=1, most=40)
    folded = normal(word)
    if word and not folded:
        checks.fail(field, f"{quoted(word)} is punctuation only; a person could not be understood")
    elif folded in seen:
        checks.fail(field, f"{quoted(word)} is given twice; each answer and alias may stand once, whatever its case")
    seen.add(folded)
