"""What an inbound text means, given what is open for the person who sent it."""

import re
import unicodedata
from dataclasses import dataclass, replace

from textback_server.domain.events import RejectReason
from textback_server.domain.facts import Replied, ReplyRefused
from textback_server.domain.messages import Choice, Code, Disposition, Inbound, Message, Reply, Wait
from textback_server.domain.prompts import hint

OPT_OUT_WORDS = frozenset({"stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "cancel"})
"""Single words, any case, that Twilio takes as an opt-out (Twilio support, "opt-out keywords")."""

_EDGES = " \t\r\n.,:;!?#\"'`()[]<>*_-\u2013\u2014\u201c\u201d\u2018\u2019"
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of one person in one account, at a cost that does not grow with their open waits.

    `matches` are the waits, open or in quarantine, that own one of the codes asked for. `newest_open` is their newest
    open wait. `codes_in_use` counts codes that are open or in quarantine, `longest_code` is the longest of those
    (0 without any).
    """

    matches: tuple[Message, ...]
    newest_open: Message | None
    codes_in_use: int
    longest_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text means: what became of it, to whose wait it speaks, what it tells it, and what to tell the person."""

    disposition: Disposition
    message: Message | None = None
    fact: Replied | ReplyRefused | None = None
    tell: str = ""


def is_opt_out(text: str) -> bool:
    """Whether the text is an opt-out word alone, whatever its case and surroundings."""
    return normal(text) in OPT_OUT_WORDS


def read(inbound: Inbound, standing: Standing) -> Reading:
    """What the text means. An opt-out word comes first; then its codes; else it answers nothing."""
    if is_opt_out(inbound.body):
        return Reading(disposition=Disposition.OPT_OUT)
    owners = [message for message in standing.matches if message.wait is not None and message.wait.open]
    if len(owners) > 1:
        return _reject(owners[0], inbound, RejectReason.SEVERAL_CODES)
    if owners:
        return _answer(owners[0], inbound)
    if standing.matches:
        return Reading(disposition=Disposition.LATE, message=standing.matches[0])
    if standing.newest_open is not None:
        unmatched = _reject(standing.newest_open, inbound, RejectReason.NO_CODE)
        return replace(unmatched, disposition=Disposition.UNMATCHED)
    return Reading(disposition=Disposition.UNMATCHED)


def normal(text: str) -> str:
    """Folded for comparison: compatibility forms, case, spaces, and the punctuation around it.

    Through upper case, as the prompt shows choices: a Turkish dotless i folds to another letter in capitals.
    """
    visible = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    return _BLANKS.sub(" ", visible).strip(_EDGES).upper().casefold()


def without_code(body: str, code: Code) -> str:
    """The text without its code, and without the punctuation that joined them."""
    left, *rest = re.split(rf"(?<!\d){code}(?!\d)", body, maxsplit=1, flags=re.ASCII)
    right = "".join(rest)
    return f"{left.rstrip(_EDGES)} {right.lstrip(_EDGES)}".strip()


def choose(text: str, choices: tuple[Choice, ...]) -> Choice | None:
    """The choice that the text names, by value or alias."""
    wanted = normal(text)
    return next((c for c in choices if wanted in {normal(word) for word in (c.value, *c.aliases)}), None)


def _answer(message: Message, inbound: Inbound) -> Reading:
    wait = _wait(message)
    text = without_code(inbound.body, wait.code)
    choice = choose(text, wait.terms.choices)
    if wait.terms.choices and choice is None:
        return _reject(message, inbound, RejectReason.NOT_A_CHOICE, tell=hint(wait.terms, wait.code))
    reply = Reply(
        text=text,
        body=inbound.body,
        choice=choice.value if choice else "",
        twilio_sid=inbound.twilio_sid,
        receive_time=inbound.receive_time,
        via=inbound.via,
    )
    return Reading(disposition=Disposition.REPLY, message=message, fact=Replied(reply=reply))


def _reject(message: Message, inbound: Inbound, reason: RejectReason, tell: str = "") -> Reading:
    fact = ReplyRefused(reason=reason, body=inbound.body, twilio_sid=inbound.twilio_sid, person_told=bool(tell))
    return Reading(disposition=Disposition.REJECTED, message=message, fact=fact, tell=tell)


def _wait(message: Message) -> Wait:
    if message.wait is None:
        raise ValueError("only messages with a wait own codes")
    return message.wait
