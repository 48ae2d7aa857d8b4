"""The judge of histories finds each kind of lie, and nothing in a good history."""

from dataclasses import replace

import pytest

from tests.support.history import History, Seen, Sms, Step, Stored, Text, violations

PERSON = "+14155550123"
CREATED = Step(sequence=1, kind="created")
QUEUED = Step(sequence=2, kind="status_changed", detail="QUEUED")
REPLIED = Step(sequence=3, kind="reply_received", detail="SM2", terminal=True)
EXPIRED = Step(sequence=3, kind="timed_out", terminal=True)

MESSAGE = Stored(
    id="msg_1",
    key="ask-1",
    recipient=PERSON,
    code="4821",
    twilio_sid="SM1",
    answered_by="SM2",
    steps=(CREATED, QUEUED, REPLIED),
)
ANSWER = Text(sid="SM2", person=PERSON, codes=frozenset({"4821"}))
STREAM = Seen(message_id="msg_1", after=0, steps=[CREATED, QUEUED, REPLIED], ended=True)
GOOD = History(
    acknowledged={"ask-1": ["msg_1", "msg_1"]},
    streams=(
        STREAM,
        replace(STREAM, steps=[CREATED], ended=False),
        replace(STREAM, after=1, steps=[QUEUED, REPLIED]),
        replace(STREAM, after=3, steps=[]),
    ),
    stored=(MESSAGE,),
    inbound=("SM2",),
    sent=(Sms(sid="SM1", key="ask-1"),),
    texts=(ANSWER,),
)


def stored(*steps: Step) -> History:
    """A history of these steps, which nobody watched."""
    return replace(GOOD, streams=(), stored=(replace(MESSAGE, steps=steps),))


def seen(*steps: Step, after: int = 0, ended: bool = False) -> History:
    """The good history, of which a client saw these steps."""
    return replace(GOOD, streams=(Seen(message_id="msg_1", after=after, steps=list(steps), ended=ended),))


BAD = {
    "a sequence is missing": (stored(CREATED, REPLIED), "not 1, 2, 3"),
    "a sequence is there twice": (stored(CREATED, QUEUED, QUEUED, REPLIED), "not 1, 2, 3"),
    "a wait ends twice": (stored(CREATED, QUEUED, REPLIED, replace(EXPIRED, sequence=4)), "ended 2 times"),
    "a message goes on after its end": (
        stored(CREATED, replace(REPLIED, sequence=2), replace(QUEUED, sequence=3)),
        "went on after its end at 2",
    ),
    "a wait never ends": (stored(CREATED, QUEUED), "never ended"),
    "a stream has a gap": (seen(CREATED, REPLIED), "a client saw"),
    "a stream doubles an event": (seen(CREATED, QUEUED, QUEUED), "a client saw"),
    "a resumed stream begins again": (seen(CREATED, QUEUED, after=1), "a client saw"),
    "a client saw another end": (seen(CREATED, QUEUED, EXPIRED), "a client saw"),
    "a client saw more than is stored": (seen(*MESSAGE.steps, replace(QUEUED, sequence=4)), "a client saw"),
    "a stream ends well before its message": (seen(CREATED, QUEUED, ended=True), "ended well after 2"),
    "a stream ends well and tells nothing": (seen(after=2, ended=True), "ended well after 2"),
    "an SMS goes out twice": (
        replace(GOOD, sent=(*GOOD.sent, Sms(sid="SM3", key="ask-1"))),
        "2 SMS went out",
    ),
    "an SMS goes out unasked": (replace(GOOD, sent=(*GOOD.sent, Sms(sid="SM3", key="ask-2"))), "no message is stored"),
    "a message claims another's SMS": (
        replace(GOOD, stored=(replace(MESSAGE, twilio_sid="SM9"),)),
        "which is not its SMS",
    ),
    "a key makes two messages": (
        replace(GOOD, stored=(MESSAGE, replace(MESSAGE, id="msg_2"))),
        "made 2 messages",
    ),
    "an acknowledged message is lost": (replace(GOOD, acknowledged={"ask-1": ["msg_0"]}), "is lost"),
    "a text is lost": (replace(GOOD, texts=(ANSWER, replace(ANSWER, sid="SM4"))), "stored 0 times"),
    "a text is stored twice": (replace(GOOD, inbound=("SM2", "SM2")), "stored 2 times"),
    "a text is invented": (replace(GOOD, inbound=("SM2", "SM5")), "nobody texted it"),
    "another person answers": (replace(GOOD, texts=(replace(ANSWER, person="+14155550199"),)), "another question"),
    "another code answers": (replace(GOOD, texts=(replace(ANSWER, codes=frozenset({"9753"})),)), "another question"),
    "nobody's text answers": (replace(GOOD, stored=(replace(MESSAGE, answered_by="SM7"),)), "which nobody texted"),
}


def test_history_keeps_every_promise_when_all_is_well() -> None:
    assert violations(GOOD) == ()


def test_text_may_be_missing_when_nobody_owes_it() -> None:
    assert violations(replace(GOOD, texts=(ANSWER, replace(ANSWER, sid="SM4", owed=False)))) == ()


@pytest.mark.parametrize("lie", BAD)
def test_history_is_told_to_be_wrong_when(lie: str) -> None:
    history, complaint = BAD[lie]
    assert any(complaint in sentence for sentence in violations(history)), violations(history)
