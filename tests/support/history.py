"""One judge of what happened: what clients saw, the store holds and a witness counted must be one story.

Pure. Chaos, simulation and whatever else makes trouble collect a `History` and ask `violations`.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event, as a client saw it or as the store holds it. `detail` tells two events of a kind apart."""

    sequence: int
    kind: str
    detail: str = ""
    terminal: bool = False


@dataclass(slots=True, kw_only=True)
class Seen:
    """One stream as a client saw it: from after a sequence number on, up to where it broke or ended.

    Who watches adds the steps. `ended`: the service ended it, and said that all was well.
    """

    message_id: str
    after: int
    steps: list[Step] = field(default_factory=list)
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One message as the store holds it in the end. `code` is empty without a wait.

    `key` is the request_id that made it, `answered_by` the SID of the text that ended its wait.
    """

    id: str
    key: str
    recipient: str
    code: str = ""
    twilio_sid: str = ""
    answered_by: str = ""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """One SMS that the witness took from us, and the request that it belongs to, as its text says."""

    sid: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text of a person, as the witness holds it. `codes` are those that it carries.

    `owed`: the service took it, or had every chance to find it. Who polls only while a question is open may never see
    a text that no webhook brought and that answers nothing.
    """

    sid: str
    person: str
    codes: frozenset[str] = frozenset()
    owed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All of it. `acknowledged`: the message ids that clients were told, by key. `inbound`: the SIDs in the store."""

    acknowledged: Mapping[str, Sequence[str]] = field(default_factory=dict)
    streams: Sequence[Seen] = ()
    stored: Sequence[Stored] = ()
    inbound: Sequence[str] = ()
    sent: Sequence[Sms] = ()
    texts: Sequence[Text] = ()


def violations(history: History) -> tuple[str, ...]:
    """What is wrong with it, a sentence each; empty: it keeps every promise."""
    return tuple(complaint for check in CHECKS for complaint in check(history))


def _dense(history: History) -> Iterator[str]:
    for message in history.stored:
        sequences = [step.sequence for step in message.steps]
        if sequences != list(range(1, len(sequences) + 1)):
            yield f"{message.id}: its sequences are {sequences}, not 1, 2, 3 …"


def _ended_once(history: History) -> Iterator[str]:
    for message in history.stored:
        ends = [step.sequence for step in message.steps if step.terminal]
        if len(ends) > 1:
            yield f"{message.id}: ended {len(ends)} times, at {ends}"
        if ends and not message.steps[-1].terminal:
            yield f"{message.id}: went on after its end at {ends[0]}"
        if message.code and not ends:
            yield f"{message.id}: its wait never ended"


def _seen_as_stored(history: History) -> Iterator[str]:
    stored = {message.id: message.steps for message in history.stored}
    for seen in history.streams:
        there = [step for step in stored.get(seen.message_id, ()) if step.sequence > seen.after]
        if seen.steps != there[: len(seen.steps)]:
            told = f"a client saw {_told(seen.steps)} after {seen.after}, and stored is {_told(there)}"
            yield f"{seen.message_id}: {told}"


def _streams_end_with_their_message(history: History) -> Iterator[str]:
    ends = {message.id: step.sequence for message in history.stored for step in message.steps if step.terminal}
    for seen in history.streams:
        last = seen.steps[-1].sequence if seen.steps else seen.after
        if seen.ended and last < ends.get(seen.message_id, math.inf):
            yield f"{seen.message_id}: a stream ended well after {last}, before its message"


def _sent_at_most_once(history: History) -> Iterator[str]:
    for key, count in Counter(sms.key for sms in history.sent).items():
        if count > 1:
            yield f"{key}: {count} SMS went out"


def _nothing_unasked(history: History) -> Iterator[str]:
    """An SMS belongs to a message that is stored, and what a message says was sent was sent for it."""
    keys = {message.key for message in history.stored}
    for sms in history.sent:
        if sms.key not in keys:
            yield f"{sms.key}: {sms.sid} went out and no message is stored"
    sent = {sms.sid: sms.key for sms in history.sent}
    for message in history.stored:
        if message.twilio_sid and sent.get(message.twilio_sid) != message.key:
            yield f"{message.id}: claims {message.twilio_sid}, which is not its SMS"


def _acknowledged_is_there(history: History) -> Iterator[str]:
    stored = {message.id: message.key for message in history.stored}
    for key, count in Counter(message.key for message in history.stored).items():
        if count > 1:
            yield f"{key}: made {count} messages"
    for key, ids in history.acknowledged.items():
        for message_id in dict.fromkeys(ids):
            if stored.get(message_id) != key:
                yield f"{key}: {message_id} was acknowledged and is lost"


def _no_text_lost(history: History) -> Iterator[str]:
    counts = Counter(history.inbound)
    for text in history.texts:
        if counts[text.sid] > 1 or (text.owed and not counts[text.sid]):
            yield f"{text.sid}: a person's text is stored {counts[text.sid]} times"
    for sid in counts.keys() - {text.sid for text in history.texts}:
        yield f"{sid}: is stored and nobody texted it"


def _answered_by_the_right_text(history: History) -> Iterator[str]:
    texts = {text.sid: text for text in history.texts}
    for message in history.stored:
        if not message.answered_by:
            continue
        text = texts.get(message.answered_by)
        if text is None:
            yield f"{message.id}: answered by {message.answered_by}, which nobody texted"
        elif text.person != message.recipient or message.code not in text.codes:
            yield f"{message.id}: answered by {text.sid}, which was meant for another question"


Check = Callable[[History], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    _dense,
    _ended_once,
    _seen_as_stored,
    _streams_end_with_their_message,
    _sent_at_most_once,
    _nothing_unasked,
    _acknowledged_is_there,
    _no_text_lost,
    _answered_by_the_right_text,
)


def _told(steps: Sequence[Step]) -> str:
    return ", ".join(f"{step.sequence} {step.kind} {step.detail}".rstrip() for step in steps) or "nothing"
