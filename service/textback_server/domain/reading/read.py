"""What an inbound text means, given what is open for the person who sent it: the order of the design, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

from textback_server.domain.facts import Replied, ReplyRefused
from textback_server.domain.messages import Code, Disposition, Message, Reply, ReplyMatch, Wait, WaitState
from textback_server.domain.notices import Notice
from textback_server.domain.reading.answers import choose, several
from textback_server.domain.reading.noise import is_echo, is_forward, is_machine, quotes, reaction, without_signature
from textback_server.domain.reading.normal import normal
from textback_server.domain.reading.parsed import Parsed
from textback_server.domain.reading.pieces import Span, pieces
from textback_server.domain.reading.tokens import Token
from textback_server.domain.reading.values import Finding, Reading, Standing
from textback_server.domain.reading.words import HELP_WORDS, OPT_IN_WORDS, OPT_OUT_WORDS
from textback_server.domain.rejections import RejectReason

_QUOTABLE = 4
"""Texts of ours that a reaction is held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """An inbound text on its way through the steps.

    `named` are the codes in it that are this person's, `unclear` whether its digits can be read as different ones,
    `waits` their owners in the order of the text: the open ones, or all if none is.
    """

    parsed: Parsed
    standing: Standing
    named: tuple[Token, ...]
    unclear: bool
    waits: tuple[Message, ...]

    @property
    def open(self) -> bool:
        """Whether one of its codes is an open wait's."""
        return bool(self.waits) and _wait(self.waits[0]).open


def is_opt_out(text: str) -> bool:
    """Whether the text is an opt-out word alone, whatever its case and surroundings."""
    return normal(text) in OPT_OUT_WORDS


def read(parsed: Parsed, standing: Standing) -> Reading:
    """What the text means. Its cost grows with the text, not with what is open."""
    if parsed.opts_out:
        return Reading(disposition=Disposition.OPT_OUT)
    named, unclear = _resolved(parsed.tokens, {_wait(message).code for message in standing.matches})
    owners = [_owner(code, standing.matches) for code in dict.fromkeys(token.code for token in named)]
    heard = _Heard(
        parsed=parsed,
        standing=standing,
        named=named,
        unclear=unclear,
        waits=tuple(message for message in owners if _wait(message).open) or tuple(owners),
    )
    return _noise(heard) or _by_code(heard) or _by_sender(heard) or _reserved(heard) or _unmatched(heard)


def _resolved(found: Sequence[Token], known: set[Code]) -> tuple[tuple[Token, ...], bool]:
    """The tokens that are known codes; and whether some digits can be read as two of them. Whole tokens win."""
    named = [token for token in found if token.code in known and not token.joined]
    taken = {place: token.code for token in named for place in range(token.start, token.end)}
    whole, unclear = set(taken), False
    for token in found:
        places = range(token.start, token.end)
        if not token.joined or token.code not in known or not whole.isdisjoint(places):
            continue
        unclear = unclear or any(taken.get(place, token.code) != token.code for place in places)
        taken.update(dict.fromkeys(places, token.code))
        named.append(token)
    return tuple(sorted(named, key=lambda token: token.start)), unclear


def _noise(heard: _Heard) -> Reading | None:
    """Step 3: reactions, our own words come back, machines."""
    newest, waits = heard.standing.newest_open, heard.waits
    known = waits[:_QUOTABLE] or ((newest,) if newest else ())
    quoted = reaction(heard.parsed.text, [message.text for message in known])
    if quoted is not None and all(quoted[0] <= token.start < quoted[1] for token in heard.named):
        ours = heard.open or (newest is not None and quotes(heard.parsed.text, quoted, newest.text))
        return _not_an_answer(heard, RejectReason.TAPBACK, Notice.HINT if ours else None)
    if is_forward(heard.parsed.text) or _echoes(heard, known):
        return _not_an_answer(heard, RejectReason.ECHO, Notice.HINT)
    if is_machine(heard.parsed.words, has_code=heard.open):
        return _not_an_answer(heard, RejectReason.AUTO_REPLY, None)
    return None


def _echoes(heard: _Heard, known: Sequence[Message]) -> bool:
    if not any(is_echo(heard.parsed.words, message.text, has_code=bool(heard.named)) for message in known):
        return False
    answer = " ".join(_pieces(heard))
    return not any(choose(answer, _wait(message).terms.choices) for message in known)


def _not_an_answer(heard: _Heard, reason: RejectReason, notice: Notice | None) -> Reading:
    if not heard.named:
        return _to_newest(heard, reason, notice)
    if not heard.open:
        findings = tuple(Finding(message=message) for message in heard.waits)
        return Reading(disposition=Disposition.LATE, reason=reason, findings=findings)
    findings = tuple(_refused(heard, message, reason) for message in heard.waits)
    return Reading(disposition=Disposition.REJECTED, reason=reason, findings=findings, notice=notice)


def _by_code(heard: _Heard) -> Reading | None:
    """Step 4: a code of this person's, of an open wait if any is, else of a closed one."""
    if not heard.named:
        return None
    if not heard.open:
        return _late(heard)
    if heard.unclear:
        findings = tuple(_refused(heard, message, RejectReason.SEVERAL_CODES) for message in heard.waits)
        return Reading(
            disposition=Disposition.REJECTED,
            reason=RejectReason.SEVERAL_CODES,
            findings=findings,
            notice=Notice.HINT,
        )
    said = _pieces(heard)
    same = len({normal(piece) for piece in said}) == 1
    text = said[0] if same else " ".join(said)
    mixed = len(heard.waits) > 1 and len(said) > 1 and not same
    return _judged([_judge(heard, message, text, mixed=mixed) for message in heard.waits])


def _late(heard: _Heard) -> Reading:
    first = heard.waits[0]
    findings = tuple(Finding(message=message) for message in heard.waits)
    if _wait(first).state is WaitState.REPLIED:
        reason, notice = RejectReason.ANSWERED, Notice.ALREADY_ANSWERED
    else:
        reason, notice = RejectReason.LATE, Notice.TOO_LATE
    told = None if _wait(first).state is WaitState.OPTED_OUT else notice
    return Reading(disposition=Disposition.LATE, reason=reason, findings=findings, notice=told)


def _by_sender(heard: _Heard) -> Reading | None:
    """Step 5: no code, and nothing but the person's only open wait can be meant."""
    sole, inbound = heard.standing.sole_open, heard.parsed.inbound
    if sole is None or heard.standing.closed_recently or _wait(sole).terms.reply_match is not ReplyMatch.SENDER:
        return None
    sent = sole.create_time.replace(microsecond=0)  # Twilio's dates are whole seconds
    if (inbound.sent_time or inbound.receive_time) < sent or _for_another(heard):
        return None
    text = without_signature(inbound.body).strip()
    if _is_reserved(heard) and not _answers_anyway(text, _wait(sole)):
        return None
    return _judged([_judge(heard, sole, text, mixed=False, acknowledges=False)])


def _for_another(heard: _Heard) -> bool:
    """Whether the text is an answer to another phone's wait: its code, alone or with one of its choices."""
    for message in heard.standing.foreign:
        wait = _wait(message)
        spans = [(token.start, token.end) for token in heard.parsed.tokens if token.code == wait.code]
        rest = " ".join(pieces(heard.parsed.text, spans, [(message.text, wait.code)]))
        if spans and (not rest or choose(rest, wait.terms.choices)):
            return True
    return False


def _is_reserved(heard: _Heard) -> bool:
    return heard.parsed.words in OPT_IN_WORDS | HELP_WORDS or heard.parsed.inbound.opt_out_type != ""


def _answers_anyway(text: str, wait: Wait) -> bool:
    """Whether a word of Twilio's is an answer all the same: one of the choices, or YES where there are none."""
    if wait.terms.choices:
        return choose(text, wait.terms.choices) is not None
    return normal(text) == "yes"


def _reserved(heard: _Heard) -> Reading | None:
    """An opt-in or help word alone. Twilio answers both; who texts YES may have meant a question of ours."""
    if not _is_reserved(heard):
        return None
    if heard.parsed.opts_in:
        reading = _to_newest(heard, RejectReason.OPT_IN, Notice.HINT if heard.parsed.words == "yes" else None)
        return Reading(
            disposition=Disposition.OPT_IN, reason=reading.reason, findings=reading.findings, notice=reading.notice
        )
    return _to_newest(heard, RejectReason.HELP, None)


def _unmatched(heard: _Heard) -> Reading:
    """Step 6: nothing of this person's. Another phone's code is refused, and its wait hears of it."""
    whole = {token.code for token in heard.parsed.tokens if not token.joined}
    foreign = [message for message in heard.standing.foreign if _wait(message).code in whole]
    reason = RejectReason.WRONG_CODE if whole else RejectReason.NO_CODE
    reading = _to_newest(heard, reason, Notice.HINT)
    if not foreign:
        return reading
    heard_of = tuple(_refused(heard, message, RejectReason.FOREIGN) for message in foreign if len(foreign) == 1)
    findings = (*reading.findings, *heard_of)
    return Reading(
        disposition=Disposition.FOREIGN, reason=RejectReason.FOREIGN, findings=findings, notice=reading.notice
    )


def _to_newest(heard: _Heard, reason: RejectReason, notice: Notice | None) -> Reading:
    newest = heard.standing.newest_open
    if newest is None:
        mute = reason in (RejectReason.NO_CODE, RejectReason.WRONG_CODE)
        return Reading(disposition=Disposition.UNMATCHED, reason=RejectReason.NO_QUESTION if mute else reason)
    findings = (_refused(heard, newest, reason),)
    return Reading(disposition=Disposition.UNMATCHED, reason=reason, findings=findings, notice=notice)


def _judge(heard: _Heard, message: Message, text: str, *, mixed: bool, acknowledges: bool = True) -> Finding:
    """What the text, its codes taken out, is to this wait. `mixed`: it says different things about several waits."""
    terms = _wait(message).terms
    choice = choose(text, terms.choices) if text and terms.choices else None
    if not text:
        empty = terms.allow_empty_reply
        if not (acknowledges and not terms.choices if empty is None else empty):
            return _refused(heard, message, RejectReason.EMPTY)
    elif terms.choices and choice is None:
        twofold = mixed or several(text, terms.choices)
        return _refused(heard, message, RejectReason.SEVERAL_ANSWERS if twofold else RejectReason.NOT_A_CHOICE)
    elif mixed and choice is None:
        return _refused(heard, message, RejectReason.SEVERAL_ANSWERS)
    inbound = heard.parsed.inbound
    reply = Reply(
        text=text,
        body=inbound.body,
        choice=choice.value if choice else "",
        twilio_sid=inbound.twilio_sid,
        receive_time=inbound.receive_time,
        via=inbound.via,
    )
    return Finding(message=message, fact=Replied(reply=reply))


def _judged(findings: list[Finding]) -> Reading:
    """Answers first: one is enough to call the text a reply."""
    ordered = tuple(sorted(findings, key=lambda finding: isinstance(finding.fact, ReplyRefused)))
    first = ordered[0]
    if not isinstance(first.fact, ReplyRefused):
        return Reading(disposition=Disposition.REPLY, findings=ordered, notice=Notice.CONFIRMATION)
    reason = first.fact.reason
    if _last_chance(_wait(first.message)):
        return Reading(disposition=Disposition.REJECTED, reason=reason, findings=ordered, notice=Notice.TOO_LATE)
    if len(ordered) > 1 or not _wait(first.message).terms.choices:
        return Reading(disposition=Disposition.REJECTED, reason=reason, findings=ordered, notice=Notice.HINT)
    return Reading(disposition=Disposition.REJECTED, reason=reason, findings=ordered, notice=Notice.NOT_A_CHOICE)


def _last_chance(wait: Wait) -> bool:
    """Whether one more wrong answer ends the wait."""
    return wait.invalid + 1 == wait.terms.max_invalid_replies


def _refused(heard: _Heard, message: Message, reason: RejectReason) -> Finding:
    """`person_told` is for who tells the person to set."""
    inbound = heard.parsed.inbound
    fact = ReplyRefused(reason=reason, body=inbound.body, twilio_sid=inbound.twilio_sid, person_told=False)
    return Finding(message=message, fact=fact)


def _pieces(heard: _Heard) -> tuple[str, ...]:
    spans: list[Span] = [(token.start, token.end) for token in heard.named]
    return pieces(heard.parsed.text, spans, [(message.text, _wait(message).code) for message in heard.waits])


def _owner(code: Code, matches: Sequence[Message]) -> Message:
    """The wait that owns the code, the open one first."""
    owners = [message for message in matches if _wait(message).code == code]
    return next((message for message in owners if _wait(message).open), owners[0])


def _wait(message: Message) -> Wait:
    if message.wait is None:
        raise ValueError("only messages with a wait own codes")
    return message.wait
