"""Events as lines for people."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.support.scripted_server import (
    START,
    ending,
    event,
    failed,
    heartbeat,
    message,
    question,
    status,
    timed_out,
)
from textback.v1 import sms_event_pb2 as ev
from textback.v1 import sms_message_pb2 as pb
from textback_cli import story

CET = timezone(timedelta(hours=1), "CET")


def told(events: Sequence[ev.SmsEvent]) -> list[str]:
    known, lines = story.Known(), []
    for each in events:
        known = known.learn(each, START)
        lines += [str(line) for line in story.lines(known, each, zone=CET)]
    return lines


STORED = "✓ stored     14:02:07 CET"
QUEUED = "✓ queued     +0.1 s"


def test_answered_question_is_told() -> None:
    assert told(question()) == [
        STORED,
        QUEUED,
        "✓ sent       +0.6 s",
        "✓ delivered  +1.3 s",
        '✗ "4821 maybe" is not yes or no; they were told   +21 s',
        '✓ yes        "4821 Yes." after 31 s',
    ]


def test_answer_without_choices_is_told() -> None:
    assert told(question(choices=()))[-2:] == [
        '✗ "4821 maybe" is not one of the choices; they were told   +21 s',
        '✓ answered   "4821 Yes." after 31 s',
    ]


def test_erased_texts_are_told_as_such() -> None:
    events = question()
    events[0].created.message.content_erased = True
    assert told(events)[-2:] == [
        "✗ (erased) is not yes or no; they were told   +21 s",
        "✓ yes        (erased) after 31 s",
    ]


def gave_up() -> ev.SmsEvent:
    why = pb.Failure(reason="TOO_MANY_INVALID_REPLIES", message="The person sent 2 replies that were no answer.")
    lost = ev.Failed(state=pb.MESSAGE_STATE_DELIVERED, failure=why)
    return ev.SmsEvent(failed=lost, terminal=True, result=pb.Result(outcome=pb.OUTCOME_FAILED, failure=why))


def terminal(outcome: pb.Outcome.ValueType, **kind: ev.OptedOut | ev.Cancelled | ev.Settled) -> ev.SmsEvent:
    return ev.SmsEvent(terminal=True, result=pb.Result(outcome=outcome), **kind)  # type: ignore[arg-type]  # one kind


@pytest.mark.parametrize(
    ("events", "line"),
    [
        (timed_out(), "✗ no answer in 10 min"),
        (timed_out("no"), '✗ no answer in 10 min; taken as "no"'),
        (failed(), "✗ undelivered: 30005 unknown handset   https://www.twilio.com/docs/errors/30005"),
        (ending(gave_up()), "✗ failed: The person sent 2 replies that were no answer."),
        (
            ending(terminal(pb.OUTCOME_OPTED_OUT, opted_out=ev.OptedOut(twilio_sid="SM1"))),
            "✗ opted out: the person texted STOP",
        ),
        (
            ending(terminal(pb.OUTCOME_OPTED_OUT, opted_out=ev.OptedOut())),
            "✗ opted out: the person had texted STOP before",
        ),
        (ending(terminal(pb.OUTCOME_CANCELLED, cancelled=ev.Cancelled())), "✗ cancelled after 5.0 s"),
        (
            ending(terminal(pb.OUTCOME_SETTLED, settled=ev.Settled())),
            "· settled: Twilio took it, and no receipt came",
        ),
        (ending(terminal(pb.OUTCOME_TIMED_OUT)), "✗ no answer in 10 min"),
        (ending(ev.SmsEvent(terminal=True)), "· ended"),
    ],
)
def test_ending_is_told(events: Sequence[ev.SmsEvent], line: str) -> None:
    assert told(events)[-1] == line


@pytest.mark.parametrize(
    ("built", "line"),
    [
        (ev.SmsEvent(status_changed=ev.StatusChanged(state=pb.MESSAGE_STATE_UNCONFIRMED)), "· unconfirmed+2.0 s"),
        (
            ev.SmsEvent(
                status_changed=ev.StatusChanged(
                    state=pb.MESSAGE_STATE_PENDING, failure=pb.Failure(twilio_code=20429, message="Too many requests.")
                )
            ),
            "· pending    +2.0 s   20429 Too many requests.",
        ),
        (
            ev.SmsEvent(reply_rejected=ev.ReplyRejected(reason=pb.REJECT_REASON_NO_CODE, body="hello")),
            '✗ "hello" has no code of an open question   +2.0 s',
        ),
        (
            ev.SmsEvent(reply_rejected=ev.ReplyRejected(reason=pb.REJECT_REASON_SEVERAL_CODES, body="1 2")),
            '✗ "1 2" has the codes of several questions   +2.0 s',
        ),
    ],
)
def test_step_is_told(built: ev.SmsEvent, line: str) -> None:
    assert told([question()[0], event(2, 2, built)])[-1].replace("unconfirmed ", "unconfirmed") == line


def test_unknown_kinds_and_states_are_harmless() -> None:
    assert told([question()[0], ev.SmsEvent(sequence=2), heartbeat(2)]) == [STORED]
    newer = ev.SmsEvent.FromString(status(2, 1, 99).SerializeToString())  # type: ignore[arg-type]  # a newer server's
    assert told([question()[0], newer])[-1] == "✓ state 99   +1.0 s"


def test_first_line_is_a_time_when_the_watch_starts_in_the_middle() -> None:
    assert told(question()[3:5]) == [
        "✓ delivered  14:02:08 CET",
        '✗ "4821 maybe" is not one of the choices; they were told   +20 s',
    ]


def test_warnings_are_told_with_their_fix() -> None:
    created = question()[0]
    created.created.warnings.add(reason="X", message="The text was cut.", fix="Raise max_segments.")
    assert told([created]) == [STORED, "! The text was cut. Raise max_segments."]


@pytest.mark.parametrize(
    ("wait", "emulator", "line"),
    [
        (True, True, "EMULATOR  msg_01jd8x2k5r0000000000000000 → +14155550123   code 4821   1 segment"),
        (False, False, "msg_01jd8x2k5r0000000000000000 → +14155550123   1 segment"),
    ],
)
def test_header_says_who_is_asked(wait: bool, emulator: bool, line: str) -> None:
    assert str(story.header(message(wait=wait), emulator=emulator)) == line


def test_countdown_follows_the_servers_heartbeat() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    known = story.Known().learn(question()[0], now)
    assert known.until == START + timedelta(minutes=10)
    assert known.learn(heartbeat(1, left=584), now).until == now + timedelta(seconds=584)
    assert story.waiting(known, "9:38") == "waiting, 9:38 left   (Ctrl-C leaves the question open)"
