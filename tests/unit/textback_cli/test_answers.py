"""Exit codes, failures, options and cards."""

from datetime import timedelta, timezone
from pathlib import Path

import grpc
import pytest
import typer

from tests.support.scripted_server import message
from textback.v1 import sms_message_pb2 as pb
from textback.v1.sms_service_pb2 import PingResponse
from textback_cli import cards, exits, faults, options
from textback_cli.exits import ExitCode
from textback_client import TextbackError, Violation

CET = timezone(timedelta(hours=1), "CET")
Code = grpc.StatusCode


@pytest.mark.parametrize(
    ("outcome", "choice", "expect", "code"),
    [
        (pb.OUTCOME_REPLIED, "yes", "", ExitCode.OK),
        (pb.OUTCOME_REPLIED, "yes", "YES", ExitCode.OK),
        (pb.OUTCOME_REPLIED, "no", "yes", ExitCode.ANOTHER_ANSWER),
        (pb.OUTCOME_TIMED_OUT, "yes", "yes", ExitCode.TIMED_OUT),
        (pb.OUTCOME_FAILED, "", "yes", ExitCode.FAILED),
        (pb.OUTCOME_OPTED_OUT, "", "", ExitCode.FAILED),
        (pb.OUTCOME_CANCELLED, "", "", ExitCode.CANCELLED),
        (pb.OUTCOME_DELIVERED, "", "", ExitCode.OK),
        (pb.OUTCOME_SETTLED, "", "", ExitCode.OK),
        (pb.OUTCOME_UNKNOWN, "", "", ExitCode.OTHER),
        (pb.OUTCOME_UNSPECIFIED, "", "", ExitCode.OTHER),
    ],
)
def test_exit_code_says_how_it_ended(outcome: pb.Outcome.ValueType, choice: str, expect: str, code: ExitCode) -> None:
    assert exits.of_result(pb.Result(outcome=outcome, choice=choice), expect) is code


@pytest.mark.parametrize(
    ("error", "lines", "code"),
    [
        (
            TextbackError(
                code=Code.INVALID_ARGUMENT,
                message="sms.recipient: no (and 1 more)",
                reason="INVALID_FIELD",
                violations=(
                    Violation(field="sms.recipient", description='sms.recipient: "415" is not E.164; write +1415…'),
                    Violation(field="wait.reply_timeout", description="5 s is too short; it may be 10 s to 7 days"),
                ),
            ),
            [
                'sms.recipient: "415" is not E.164; write +1415…',
                "wait.reply_timeout: 5 s is too short; it may be 10 s to 7 days",
            ],
            ExitCode.USAGE,
        ),
        (
            TextbackError(
                code=Code.UNAVAILABLE, message="failed to connect to all addresses: Connection refused (111)"
            ),
            [
                (
                    "no textback server answers at 127.0.0.1:1 (Connection refused (111)); "
                    "TEXTBACK_SERVER or --server names another, `textback serve --emulator` starts one"
                )
            ],
            ExitCode.OTHER,
        ),
        (
            TextbackError(
                code=Code.FAILED_PRECONDITION,
                message="Twilio refused the credentials of account default.",
                reason="TWILIO_AUTH_FAILED",
                help_url="https://www.twilio.com/docs/errors/20003",
            ),
            [
                (
                    "Twilio refused the credentials of account default. (TWILIO_AUTH_FAILED)   "
                    "https://www.twilio.com/docs/errors/20003"
                )
            ],
            ExitCode.OTHER,
        ),
    ],
)
def test_failure_is_a_sentence_for_each_thing_to_put_right(
    error: TextbackError, lines: list[str], code: ExitCode
) -> None:
    assert faults.sentences(error, "127.0.0.1:1") == lines
    assert exits.of_error(error) is code


def test_repetition_is_offered_when_it_is_not_known_whether_the_sms_was_sent() -> None:
    lost = TextbackError(code=Code.UNAVAILABLE, message="Socket closed", metadata={"request_id": "r-1"})
    assert faults.sentences(lost, "s:1")[1:] == [
        "it may have been sent; the same command with --request-id r-1 does not send it twice"
    ]
    never = TextbackError(code=Code.UNAVAILABLE, message="failed to connect to all", metadata={"request_id": "r-1"})
    assert len(faults.sentences(never, "s:1")) == 1


def test_options_are_read() -> None:
    assert options.answer("yes") == options.Answer(value="yes")
    assert options.answer("yes= y,ok") == options.Answer(value="yes", aliases=("y", "ok"))
    assert options.label("team=soc=1") == options.Label(key="team", value="soc=1")
    options.check_choice("--expect", "YES", [options.Answer(value="yes")])
    options.check_choice("--expect", "", [])


@pytest.mark.parametrize("text", ["", "=y", "yes=", "yes=y,,ok"])
def test_choice_is_refused_when_a_word_is_missing(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"is not a choice; write e\.g\. yes, or yes=y,ok"):
        options.answer(text)


@pytest.mark.parametrize("text", ["team", "=soc"])
def test_label_is_refused_when_it_is_not_key_and_value(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"is not a label; write e\.g\. team=soc"):
        options.label(text)


def test_expectation_is_refused_when_nobody_can_choose_it() -> None:
    answers = [options.Answer(value="yes"), options.Answer(value="no")]
    with pytest.raises(typer.BadParameter, match='--expect: "maybe" is not a choice; it may be yes or no'):
        options.check_choice("--expect", "maybe", answers)
    with pytest.raises(typer.BadParameter, match="give the choices with --choice"):
        options.check_choice("--expect", "yes", [])


def test_document_is_read_from_the_option_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text('{"user": "ann"}')
    for text in ('{"user": "ann"}', f"@{file}"):
        assert options.document(text) == options.Document(value={"user": "ann"})
    assert options.document("null") == options.Document(value=None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{user: ann}", r"^not JSON at line 1, column 2; write e\.g\. '{\"user\": \"ann\"}', or @FILE$"),
        ("", "not JSON at line 1, column 1"),
        ("[" * 100_000, "^not JSON;"),
        ("@/nowhere/event.json", "^/nowhere/event.json cannot be read: No such file"),
    ],
)
def test_document_is_refused_when_it_is_not_json(text: str, sentence: str) -> None:
    with pytest.raises(typer.BadParameter, match=sentence):
        options.document(text)


def closed(outcome: pb.Outcome.ValueType, choice: str = "", body: str = "") -> pb.SmsMessage:
    built = message()
    built.wait.reply.body = body
    built.result.MergeFrom(pb.Result(outcome=outcome, choice=choice))
    return built


@pytest.mark.parametrize(
    ("built", "text"),
    [
        (message(), "open until 14:12 CET"),
        (message(wait=False), ""),
        (closed(pb.OUTCOME_REPLIED, "yes", "4821 Yes."), 'yes "4821 Yes."'),
        (closed(pb.OUTCOME_REPLIED, "", "4821 web-04"), '"4821 web-04"'),
        (closed(pb.OUTCOME_TIMED_OUT, "no"), 'no answer in time, taken as "no"'),
        (closed(pb.OUTCOME_CANCELLED), "cancelled"),
    ],
)
def test_standing_is_told_in_a_few_words(built: pb.SmsMessage, text: str) -> None:
    assert cards.standing(built, zone=CET) == text


def test_card_shows_what_matters() -> None:
    built = message(request_id="r-1")
    built.labels["team"] = "soc"
    built.context.case_id = "CASE-7"
    assert cards.card(built, zone=CET) == [
        "msg_01jd8x2k5r0000000000000000 → +14155550123   code 4821   1 segment",
        r'text       "Isolate host web-03?\nText back "4821 YES" or "4821 NO"."',
        "sender     +15005550006",
        "state      queued   Twilio: queued SM5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f",
        "answer     open until 14:12 CET",
        "case       CASE-7",
        "labels     team=soc",
        "request    r-1",
        "created    2026-11-21 14:02:07 CET",
    ]


@pytest.mark.parametrize(
    ("disposition", "reason", "became"),
    [
        (pb.INBOUND_DISPOSITION_REPLY, pb.REJECT_REASON_UNSPECIFIED, "reply"),
        (pb.INBOUND_DISPOSITION_REJECTED, pb.REJECT_REASON_NOT_A_CHOICE, "rejected, not a choice"),
        (pb.INBOUND_DISPOSITION_UNMATCHED, pb.REJECT_REASON_NO_QUESTION, "unmatched, no question"),
        (pb.INBOUND_DISPOSITION_LATE, pb.REJECT_REASON_LATE, "late"),
        (pb.INBOUND_DISPOSITION_LATE, pb.REJECT_REASON_ANSWERED, "late, answered"),
        (pb.INBOUND_DISPOSITION_FOREIGN, pb.REJECT_REASON_FOREIGN, "foreign"),
        (pb.INBOUND_DISPOSITION_OPT_IN, pb.REJECT_REASON_OPT_IN, "opt in"),
        (pb.INBOUND_DISPOSITION_OPT_OUT, pb.REJECT_REASON_UNSPECIFIED, "opt out"),
        (99, 99, "other, reason 99"),
    ],
)
def test_inbound_row_says_why_it_was_no_answer(disposition: int, reason: int, became: str) -> None:
    newer = pb.InboundSms.FromString(bytes([8 << 3, disposition, 10 << 3, reason]))
    assert cards.inbound_row(newer)[3] == became


def test_erased_texts_are_told_as_such() -> None:
    built = message()
    built.text, built.content_erased = "", True
    built.result.outcome, built.result.choice = pb.OUTCOME_REPLIED, "yes"
    assert {"text       (erased)", "answer     yes (erased)"} <= set(cards.card(built))
    assert cards.standing(built) == "yes (erased)"
    assert cards.inbound_row(pb.InboundSms(content_erased=True))[-1] == "(erased)"
    assert cards.inbound_row(pb.InboundSms())[-1] == '""'


def test_table_aligns_columns() -> None:
    assert cards.table([("a", "bb", ""), ("ccc", "d", "e")]) == ["a     bb", "ccc   d    e"]
    assert cards.table([]) == []


def test_ping_leaves_out_what_is_not_known() -> None:
    answer = PingResponse(account="default", account_sid="AC00…0001", sender="+15005550006")
    answer.warnings.add(reason="X", message="Replies will not arrive.", fix="Set a URL.")
    assert cards.ping(answer) == [
        "✓ default   AC00…0001   +15005550006   0 ms to Twilio",
        "! Replies will not arrive. Set a URL.",
    ]
