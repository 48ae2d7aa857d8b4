"""The `textback` command as people and scripts meet it, against a scripted server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import grpc
import pytest

from tests.support.scripted_server import (
    MESSAGE_ID,
    Break,
    ScriptedServicer,
    failed,
    message,
    question,
    serving,
    timed_out,
)
from tests.support.terminal import Terminal, piped
from textback.v1 import sms_message_pb2 as msg
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_event_pb2 import SmsEvent

ASK = ("ask", "+14155550123", "Isolate host web-03?", "--choice", "yes=y,ok", "--choice", "no", "--timeout", "10m")
REFUSED = Break(
    code=grpc.StatusCode.INVALID_ARGUMENT,
    message='"(415) 555-0123" is not E.164; write +14155550123',
    reason="INVALID_FIELD",
    field="sms.recipient",
)


async def test_ask_prints_the_answer_alone_when_piped() -> None:
    servicer = ScriptedServicer(events=question(), breaks=[Break(after=2)])
    async with serving(servicer) as address:
        extra = ("--label", "team=soc", "--case", "C-7", "--sender", "+15005550006", "--timeout-choice", "no")
        ran = await piped(address, *ASK, *extra, "--request-id", "r-9", "--account", "soc", "--token", "t-1")
    assert (ran.code, ran.stdout, ran.stderr) == (0, "yes\n", "")
    request = servicer.requests[0]
    assert isinstance(request, pb.SendSmsAndWaitRequest)
    assert request.request_id == "r-9"
    assert request.account == "soc"
    assert request.sms.labels == {"team": "soc"}
    assert request.context.case_id == "C-7"
    assert request.wait.reply_timeout.seconds == 600
    assert [(each.value, list(each.aliases)) for each in request.wait.choices] == [("yes", ["y", "ok"]), ("no", [])]
    assert request.wait.timeout_choice == "no"
    assert set(servicer.authorization) == {"Bearer t-1"}


@pytest.mark.parametrize(
    ("options", "sms", "wait"),
    [
        ([], {}, {}),
        (["--prompt", "SiemplifyID: {code}"], {}, {"prompt": "SiemplifyID: {code}"}),
        (["--match", "sender"], {}, {"reply_match": msg.REPLY_MATCH_SENDER}),
        (
            ["--match", "code", "--max-invalid", "3"],
            {},
            {"reply_match": msg.REPLY_MATCH_CODE, "max_invalid_replies": 3},
        ),
        (["--notices", "none"], {}, {"notices": msg.NOTICES_NONE}),
        (["--notices", "all"], {}, {"notices": msg.NOTICES_ALL}),
        (["--truncate"], {"on_too_long": msg.ON_TOO_LONG_TRUNCATE}, {}),
        (["--max-segments", "2"], {"max_segments": 2}, {}),
        (["--resend"], {"resend_if_unconfirmed": True}, {}),
        (["--template"], {"body": "", "template": "Well?"}, {}),
        (["--template", "--data", '{"a": 1}'], {"body": "", "template": "Well?", "data": '{"a":1}'}, {}),
    ],
)
async def test_ask_passes_on_what_its_options_say(
    options: list[str], sms: dict[str, Any], wait: dict[str, Any]
) -> None:
    servicer = ScriptedServicer(events=question(choices=()))
    async with serving(servicer) as address:
        await piped(address, "ask", "+14155550123", "Well?", *options)
    request = servicer.requests[0]
    assert isinstance(request, pb.SendSmsAndWaitRequest)
    assert request.sms == msg.Sms(**{"recipient": "+14155550123", "body": "Well?"} | sms)
    assert request.wait == msg.WaitOptions(**wait)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--data", "{}"], "--data: is for a template; add --template"),
        (["--template", "--data", "{"], "not JSON at line 1, column 2"),
        (["--match", "phone"], "'phone' is not one of 'code', 'sender'"),
        (["--notices", "some"], "'some' is not one of 'none', 'hints', 'all'"),
        (["--max-segments", "0"], "--max-segments"),
    ],
)
async def test_ask_refuses_an_option_that_means_nothing(options: list[str], sentence: str) -> None:
    ran = await piped("127.0.0.1:1", "ask", "+14155550123", "Well?", *options)
    assert ran.code == 2
    assert sentence in " ".join(ran.stderr.split())


async def test_warning_is_told_beside_the_answer_when_piped() -> None:
    events = question()
    events[0].created.warnings.add(reason="TEXT_TRUNCATED", message="The text was cut.", fix="Send less.")
    async with serving(ScriptedServicer(events=events)) as address:
        asked = await piped(address, *ASK)
        sent = await piped(address, "send", "+14155550123", "Backup finished.", "--truncate")
        as_json = await piped(address, *ASK, "--json")
    assert (asked.stdout, asked.stderr) == ("yes\n", "! The text was cut. Send less.\n")
    assert (sent.stdout, sent.stderr) == (f"{MESSAGE_ID}\n", "! The text was cut. Send less.\n")
    assert as_json.stderr == ""


@pytest.mark.parametrize(
    ("events", "options", "code", "stdout", "stderr"),
    [
        (question(), ["--expect", "yes"], 0, "yes\n", ""),
        (question(), ["--expect", "no"], 6, "yes\n", ""),
        (question(choices=()), [], 0, "Yes.\n", ""),
        (timed_out(), [], 3, "", "✗ no answer in 10 min\n"),
        (timed_out("no"), ["--expect", "no"], 3, "no\n", '✗ no answer in 10 min; taken as "no"\n'),
        (failed(), [], 4, "", "✗ undelivered: 30005 unknown handset   https://www.twilio.com/docs/errors/30005\n"),
    ],
)
async def test_exit_code_and_output_say_how_it_ended(
    events: Sequence[SmsEvent], options: list[str], code: int, stdout: str, stderr: str
) -> None:
    async with serving(ScriptedServicer(events=events)) as address:
        ran = await piped(address, *ASK, *options)
    assert (ran.code, ran.stdout, ran.stderr) == (code, stdout, stderr)


async def test_ask_prints_one_json_object_for_each_event() -> None:
    async with serving(ScriptedServicer(events=question())) as address:
        ran = await piped(address, *ASK, "--json")
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[-1]["result"]["choice"] == "yes"
    assert ran.stderr == ""


async def test_ask_shows_progress_that_follows_the_events_on_a_terminal() -> None:
    servicer = ScriptedServicer(events=question(), hold_after=4)
    async with serving(servicer) as address, Terminal(server=address, arguments=(*ASK, "--expect", "yes")) as terminal:
        await terminal.until("delivered  +1.3 s")
        assert "maybe" not in terminal.text
        await terminal.until("left   (Ctrl-C leaves the question open)")
        servicer.go_on.set()
        assert await terminal.end() == 0
    lines = [line.rstrip() for line in terminal.text.split("\n")]
    wanted = [
        f"EMULATOR  {MESSAGE_ID} → +14155550123   code 4821   1 segment",
        "✓ stored     14:02:07 CET",
        "✓ queued     +0.1 s",
        "✓ sent       +0.6 s",
        "✓ delivered  +1.3 s",
        '✗ "4821 maybe" is not yes or no; they were told   +21 s',
        '✓ yes        "4821 Yes." after 31 s',
    ]
    assert [line for line in lines if line in wanted] == wanted
    assert "yes" not in lines
    assert "\x1b[32m✓" in terminal.raw


async def test_terminal_has_no_colour_when_no_color_is_set() -> None:
    servicer = ScriptedServicer(events=question(), emulator=False)
    async with (
        serving(servicer) as address,
        Terminal(server=address, arguments=ASK, extra={"NO_COLOR": "1"}, answer_piped=True) as terminal,
    ):
        assert await terminal.end() == 0
    assert "✓ yes" in terminal.text
    assert "EMULATOR" not in terminal.text
    assert "m✓" not in terminal.raw
    assert terminal.answer == "yes\n"


async def test_label_is_left_out_when_ping_fails() -> None:
    gone = Break(code=grpc.StatusCode.FAILED_PRECONDITION, reason="TWILIO_AUTH_FAILED")
    async with (
        serving(ScriptedServicer(events=question(), unary_breaks=[gone])) as address,
        Terminal(server=address, arguments=ASK) as terminal,
    ):
        assert await terminal.end() == 0
    assert f"\n{MESSAGE_ID} → +14155550123" in "\n" + terminal.text
    assert "EMULATOR" not in terminal.text


@pytest.mark.parametrize("output", [(), ("--json",)])
async def test_ctrl_c_leaves_the_question_open_and_says_how_to_go_on(output: tuple[str, ...]) -> None:
    servicer = ScriptedServicer(events=question(), hold_after=4)
    async with serving(servicer) as address:
        async with Terminal(server=address, arguments=(*ASK, *output)) as terminal:
            await terminal.until("DELIVERED" if output else "delivered")
            terminal.ctrl_c()
            assert await terminal.end() == 130
        await servicer.quiet.wait()
    goes_on = f"still open until 14:12 CET     textback watch {MESSAGE_ID}   textback cancel {MESSAGE_ID}"
    assert goes_on in terminal.text
    assert "Traceback" not in terminal.text
    assert not any(isinstance(request, pb.CancelWaitRequest) for request in servicer.requests)


async def test_ctrl_c_before_the_first_event_names_the_request_id() -> None:
    servicer = ScriptedServicer(events=question(), hold_after=0)
    async with (
        serving(servicer) as address,
        Terminal(server="127.0.0.1:1", arguments=(*ASK, "--server", address)) as terminal,
    ):
        await servicer.held.wait()
        terminal.ctrl_c()
        assert await terminal.end() == 130
    request = next(each for each in servicer.requests if isinstance(each, pb.SendSmsAndWaitRequest))
    assert f"the same command with --request-id {request.request_id} goes on" in terminal.text


async def test_watch_goes_on_after_a_sequence() -> None:
    servicer = ScriptedServicer(events=question())
    async with serving(servicer) as address:
        ran = await piped(address, "watch", MESSAGE_ID, "--after", "5", "--expect", "no")
    assert (ran.code, ran.stdout) == (6, "yes\n")
    (request,) = servicer.requests
    assert isinstance(request, pb.WatchMessageRequest)
    assert request.after_sequence == 5


async def test_errors_are_one_line_for_each_violation() -> None:
    async with serving(ScriptedServicer(events=question(), breaks=[REFUSED], unary_breaks=[REFUSED])) as address:
        for command in (ASK, ("send", "(415) 555-0123", "Backup finished.")):
            ran = await piped(address, *command)
            wanted = 'textback: sms.recipient: "(415) 555-0123" is not E.164; write +14155550123\n'
            assert (ran.code, ran.stdout, ran.stderr) == (2, "", wanted)


async def test_lost_server_leaves_a_hint_when_the_question_is_open() -> None:
    servicer = ScriptedServicer(events=question(), breaks=[Break(after=2, code=grpc.StatusCode.OUT_OF_RANGE)])
    async with serving(servicer) as address:
        ran = await piped(address, *ASK)
    assert ran.code == 2
    assert f"textback watch {MESSAGE_ID}" in ran.stderr


@pytest.mark.parametrize("command", [("ping",), ("get", "msg_1")])
async def test_unreachable_server_is_one_sentence(command: tuple[str, ...]) -> None:
    ran = await piped("127.0.0.1:1", *command)
    assert ran.code == 1
    assert ran.stderr.startswith("textback: no textback server answers at 127.0.0.1:1 (")
    assert "TEXTBACK_SERVER" in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "stdout"),
    [
        (("send", "+14155550123", "Backup finished."), f"{MESSAGE_ID}\n"),
        (("cancel", MESSAGE_ID), f"✓ cancelled  {MESSAGE_ID}\n"),
        (("health",), "SERVING\n"),
        (
            ("ping",),
            (
                "✓ default   AC00…0001   active Full   +15005550006 can send SMS   4 ms to Twilio   "
                "EMULATOR: no SMS leaves this machine\n"
            ),
        ),
    ],
)
async def test_command_prints_what_came(command: tuple[str, ...], stdout: str) -> None:
    async with serving(ScriptedServicer()) as address:
        ran = await piped(address, *command)
    assert (ran.code, ran.stdout, ran.stderr) == (0, stdout, "")


async def test_lists_go_over_pages_up_to_the_limit() -> None:
    servicer = ScriptedServicer()
    async with serving(servicer) as address:
        listed = await piped(address, "list", "--open", "--limit", "2", "--label", "team=soc")
        as_json = await piped(address, "list", "--json")
        inbound = await piped(address, "inbound", "--sender", "+14155550123")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["msg_1", "msg_2"]
    assert listed.stdout.splitlines()[0].endswith("open until 14:12 CET")
    assert [json.loads(line)["messageId"] for line in as_json.stdout.splitlines()] == ["msg_1", "msg_2", "msg_3"]
    assert "\x1b" not in inbound.stdout
    assert inbound.stdout.count('"4821 Yes.\\x1b[2J"') == 2


async def test_get_prints_one_object_with_json() -> None:
    async with serving(ScriptedServicer()) as address:
        ran = await piped(address, "get", MESSAGE_ID, "--json")
    assert json.loads(ran.stdout)["wait"]["code"] == message().wait.code


async def test_health_fails_when_the_service_is_unknown() -> None:
    async with serving(ScriptedServicer()) as address:
        ran = await piped(address, "health", "--service", "nobody.v1.Nothing")
    assert ran.code == 1


async def test_token_is_refused_in_plaintext_over_a_network() -> None:
    ran = await piped("textback.invalid:50051", "ping", "--plaintext", "--token", "secret")
    assert ran.code == 2
    assert "a token must not travel in plaintext to textback.invalid:50051" in ran.stderr
    assert "secret" not in ran.stderr


async def test_terminal_says_that_it_reconnects_and_goes_on() -> None:
    pause = Break(after=4, retry_after=0.6, reason="STREAM_RECYCLED", message="the stream was recycled")
    servicer = ScriptedServicer(events=question(), breaks=[pause])
    async with serving(servicer) as address, Terminal(server=address, arguments=ASK) as terminal:
        await terminal.until("trying again: the stream was recycled")
        await terminal.until('✓ yes        "4821 Yes." after 31 s')
        assert await terminal.end() == 0
    assert terminal.text.count("✓ delivered") == 1


async def test_answer_is_not_lost_when_the_encoding_lacks_its_characters() -> None:
    events = question(choices=())
    events[-1].result.text = "OK 👍"
    async with serving(ScriptedServicer(events=events)) as address:
        ran = await piped(address, "ask", "+14155550123", "Why?", PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert (ran.code, ran.stdout) == (0, "OK \\U0001f44d\n")
