"""Bad requests: every wrong field in one answer, the right code, and nothing sent or lost."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf.json_format import ParseDict

from tests.support.emulators import emulator
from tests.support.service import PHONE, Service, account_at, failing, service, serving, settings_for, waiting
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceStub
from textback_server.domain.limits import NO_LIMITS
from textback_server.gateway.accounts import Accounts, Secret
from textback_server.store.protocol import StoreUnavailable
from textback_server.store.sqlite.store import SqliteStore
from twilio_emulator import Effect, Reset

INVALID = grpc.StatusCode.INVALID_ARGUMENT


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def textback(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with service(tmp_path_factory.mktemp("bad")) as running:
        yield running


pytestmark = pytest.mark.asyncio(loop_scope="module")


def sms(**fields: Any) -> dict[str, Any]:
    return {"sms": {"recipient": PHONE, "body": "Hello?"} | fields}


WRONG_FIELDS = [
    pytest.param({}, {"sms", "sms.body"}, id="nothing"),
    pytest.param({"sms": {}}, {"sms.recipient", "sms.body"}, id="empty-sms"),
    pytest.param(sms(recipient="(415) 555-0123"), {"sms.recipient"}, id="not-e164"),
    pytest.param(sms(recipient="+1415"), {"sms.recipient"}, id="impossible"),
    pytest.param(sms(body="  \n "), {"sms.body"}, id="blank-body"),
    pytest.param(sms(body="x" * 1_601), {"sms.body"}, id="long-body"),
    pytest.param(sms(body="😀" * 801), {"sms.body"}, id="long-emoji-body"),
    pytest.param(sms(sender="+15005550007"), {"sms.sender"}, id="foreign-sender"),
    pytest.param(sms(sender="not a sender!"), {"sms.sender"}, id="no-sender"),
    pytest.param(sms(validityPeriod="0s"), {"sms.validity_period"}, id="validity-zero"),
    pytest.param(sms(validityPeriod="36001s"), {"sms.validity_period"}, id="validity-long"),
    pytest.param(sms(validityPeriod="1.5s"), {"sms.validity_period"}, id="validity-fraction"),
    pytest.param(sms(labels={str(n): "" for n in range(17)}), {"sms.labels"}, id="many-labels"),
    pytest.param(sms(labels={"": "x"}), {"sms.labels key"}, id="empty-label"),
    pytest.param(sms(labels={"k": "x\n"}), {'sms.labels["k"]'}, id="invisible-label"),
    pytest.param(sms() | {"requestId": "a b"}, {"request_id"}, id="request-id-blank"),
    pytest.param(sms() | {"requestId": "x" * 129}, {"request_id"}, id="request-id-long"),
    pytest.param(sms() | {"context": {"caseId": "x" * 257}}, {"context.case_id"}, id="long-case"),
    pytest.param(
        sms() | {"context": {"targetEntities": [{"entityType": "HOST"}]}},
        {"context.target_entities.identifier"},
        id="nameless-entity",
    ),
]

WRONG_WAITS = [
    pytest.param(waiting(seconds=9), {"wait.reply_timeout"}, id="short"),
    pytest.param(waiting(seconds=604_801), {"wait.reply_timeout"}, id="long"),
    pytest.param({"replyTimeout": "-1s"}, {"wait.reply_timeout"}, id="negative"),
    pytest.param({"replyTimeout": "604800.5s"}, {"wait.reply_timeout"}, id="a-little-long"),
    pytest.param({"replyTimeout": "9.999999999s"}, {"wait.reply_timeout"}, id="a-little-short"),
    pytest.param({"replyTimeout": "315576000000s"}, {"wait.reply_timeout"}, id="ten-thousand-years"),
    pytest.param(waiting("yes", "YES"), {"wait.choices[1].value"}, id="twice"),
    pytest.param(waiting(""), {"wait.choices[0].value"}, id="empty-choice"),
    pytest.param(waiting("?!"), {"wait.choices[0].value"}, id="punctuation-choice"),
    pytest.param(waiting(*map(str, range(11))), {"wait.choices"}, id="many-choices"),
    pytest.param(waiting("yes", timeoutChoice="no"), {"wait.timeout_choice"}, id="foreign-timeout-choice"),
    pytest.param(waiting(timeoutChoice="no"), {"wait.timeout_choice"}, id="timeout-choice-alone"),
]


@pytest.mark.parametrize(("said", "fields"), WRONG_FIELDS)
async def test_send_names_every_wrong_field(textback: Service, said: dict[str, Any], fields: set[str]) -> None:
    failure = await failing(textback.stub.SendSms(ParseDict(said, pb.SendSmsRequest()), timeout=10))
    assert (failure.code, failure.reason, set(failure.violations)) == (INVALID, "INVALID_FIELD", fields)
    assert failure.message.split(":")[0] in fields


@pytest.mark.parametrize(("wait", "fields"), WRONG_WAITS)
async def test_ask_names_every_wrong_field_of_the_wait(
    textback: Service, wait: dict[str, Any], fields: set[str]
) -> None:
    failure = await failing(textback.ask(wait))
    assert (failure.code, set(failure.violations)) == (INVALID, fields)
    if timeout := wait.get("replyTimeout"):
        assert f"is {timeout.removesuffix('s')} s; it may be 10 s to 7 days" in failure.message


async def test_all_wrong_fields_come_in_one_answer(textback: Service) -> None:
    failure = await failing(textback.ask(waiting(seconds=1), recipient="(415) 555-0123"))
    assert set(failure.violations) == {"sms.recipient", "wait.reply_timeout"}
    assert failure.message == (
        'sms.recipient: "(415) 555-0123" is not E.164; write + and the country code, e.g. +14155550123 (and 1 more)'
    )


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
async def test_answer_fits_into_headers_when_hundreds_of_fields_are_wrong(textback: Service, letter: str) -> None:
    labels = {f"{letter * 59}{n:05d}": "\n" + letter * 60 for n in range(110)}
    failure = await failing(textback.ask(sms={"recipient": "x" * 99, "labels": labels}))
    assert failure.code is INVALID
    assert {"sms.recipient", "sms.labels"} < set(failure.violations)
    told = sum(len(field.encode()) + len(said.encode()) for field, said in failure.violations.items())
    assert 3_000 < told <= 4_096, "clients take 8 KiB of headers, in base64 and with the message"
    assert re.search(r"\(and [0-9]{3} more\)$", failure.message)


@pytest.mark.parametrize("number", ["+15551234567", "+10123456789"])
async def test_the_examples_of_the_systems_people_come_from_pass(textback: Service, number: str) -> None:
    assert (await textback.send(recipient=number)).recipient == number


async def test_body_counts_the_prompt_when_it_waits(textback: Service) -> None:
    failure = await failing(textback.ask(sms={"recipient": PHONE, "body": "x" * 1_590}))
    assert "for the prompt" in failure.violations["sms.body"]
    assert (await textback.send(body="x" * 1_600)).segments == 11


async def test_unknown_account_and_message_are_not_found(textback: Service) -> None:
    failure = await failing(textback.stub.Ping(pb.PingRequest(account="other")))
    assert (failure.code, failure.reason) == (grpc.StatusCode.NOT_FOUND, "ACCOUNT_UNKNOWN")
    for call in (
        textback.stub.GetMessage(pb.GetMessageRequest(message_id="msg_none")),
        textback.stub.CancelWait(pb.CancelWaitRequest(message_id="msg_none")),
        textback.watch("msg_none"),
    ):
        failure = await failing(call)
        assert (failure.code, failure.reason) == (grpc.StatusCode.NOT_FOUND, "MESSAGE_UNKNOWN")


async def test_watch_beyond_the_end_is_out_of_range(textback: Service) -> None:
    message = await textback.send()
    failure = await failing(textback.watch(message.message_id, after=99))
    assert (failure.code, failure.reason) == (grpc.StatusCode.OUT_OF_RANGE, "SEQUENCE_BEYOND_END")


async def test_cancel_needs_a_wait(textback: Service) -> None:
    message = await textback.send()
    failure = await failing(textback.stub.CancelWait(pb.CancelWaitRequest(message_id=message.message_id)))
    assert (failure.code, failure.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NO_WAIT")


@pytest.mark.parametrize("token", ["garbage", "AAAA", "!!!", "é", "x" * 5_000])
async def test_garbage_page_token_is_a_wrong_field(textback: Service, token: str) -> None:
    failure = await failing(textback.stub.ListMessages(pb.ListMessagesRequest(page_token=token, page_size=2_000)))
    assert (failure.code, set(failure.violations)) == (INVALID, {"page_token", "page_size"})
    failure = await failing(textback.stub.ListInbound(pb.ListInboundRequest(page_token=token)))
    assert set(failure.violations) == {"page_token"}


async def test_unknown_enum_number_in_a_filter_is_a_wrong_field(textback: Service) -> None:
    request = pb.ListMessagesRequest(states=[77])  # type: ignore[list-item] # what a newer client may send
    assert set((await failing(textback.stub.ListMessages(request))).violations) == {"states"}


async def test_request_of_a_megabyte_is_refused(textback: Service) -> None:
    request = pb.SendSmsRequest(sms=message_pb.Sms(recipient=PHONE, body="x" * 1_000_000))
    assert (await failing(textback.stub.SendSms(request))).code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_keyless_call_is_refused_when_grpc_repeats_it(textback: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = {"maxAttempts": 2, "initialBackoff": "0.01s", "maxBackoff": "0.01s", "backoffMultiplier": 1}
    retries = {"name": [{}], "retryPolicy": policy | {"retryableStatusCodes": ["UNAVAILABLE"]}}
    options = (("grpc.service_config", json.dumps({"methodConfig": [retries]})),)
    create = SqliteStore.create
    refused: list[Any] = []

    async def fail_once(store: SqliteStore, *arguments: Any) -> Any:
        if not refused:
            refused.append(arguments)
            raise StoreUnavailable("for a moment")
        return await create(store, *arguments)

    async with grpc.aio.insecure_channel(textback.app.grpc, options) as channel:
        monkeypatch.setattr(SqliteStore, "create", fail_once)
        repeating = replace(textback, channel=channel, stub=SmsServiceStub(channel))
        for send in (repeating.send, repeating.ask):
            keyless = await failing(send())
            assert (keyless.code, keyless.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "REQUEST_ID_REQUIRED")
            refused.clear()
        assert (await repeating.send(request_id="retried")).request_id == "retried"
        assert refused


async def test_alphanumeric_sender_cannot_ask(tmp_path: Path) -> None:
    async with emulator() as twilio:
        accounts = Accounts((account_at(twilio, senders=()),))
        settings = settings_for(twilio, tmp_path / "textback.db", accounts=accounts)
        async with serving(twilio, settings) as textback:
            named = {"recipient": PHONE, "body": "Yes?", "sender": "TEXTBACK"}
            failure = await failing(textback.ask(sms=named))
            assert "nobody can answer it" in failure.violations["sms.sender"]
            failure = await failing(textback.send())
            assert set(failure.violations) == {"sms.sender"}


async def test_question_without_an_inbound_path_is_refused(tmp_path: Path) -> None:
    async with service(tmp_path, public_url_follows_listener=False, polling=False) as textback:
        failure = await failing(textback.ask())
        assert (failure.code, failure.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NO_INBOUND_PATH")
        assert "TEXTBACK_PUBLIC_URL" in failure.message
        assert (await textback.send()).twilio_sid


async def test_number_of_a_country_that_is_not_allowed_is_refused(tmp_path: Path) -> None:
    async with service(tmp_path, limits=replace(NO_LIMITS, countries=frozenset({"US"}))) as textback:
        for call in (textback.send(recipient="+4915123456789"), textback.ask(recipient="+4915123456789")):
            failure = await failing(call)
            assert (failure.code, failure.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "COUNTRY_NOT_ALLOWED")
            assert "TEXTBACK_COUNTRIES" in failure.message
        assert (await textback.send()).twilio_sid
        assert len(textback.emulator.world.messages) == 1


AUTH = '{"code": 20003, "message": "Authenticate", "more_info": "", "status": 401}'
MISSING = '{"code": 20404, "message": "not found", "more_info": "", "status": 404}'


def failed(n: int) -> Effect:
    """A 201 that is already failed."""
    return Effect(status=201, body=f'{{"sid": "SM{n:032x}", "status": "failed", "error_code": 30008}}')


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        pytest.param([Effect(status=401, body=AUTH)] * 2, "TWILIO_AUTH_FAILED", id="401"),
        pytest.param([Effect(status=404, body=MISSING)] * 2, "TWILIO_AUTH_FAILED", id="404"),
        pytest.param([failed(1), failed(2)], "UNDELIVERABLE", id="201-failed"),
    ],
)
async def test_refusal_by_twilio_is_an_error_and_ends_a_wait(
    textback: Service, answers: list[Effect], reason: str
) -> None:
    textback.emulator.respond(*answers)
    failure = await failing(textback.send())
    assert (failure.code, failure.reason) == (grpc.StatusCode.FAILED_PRECONDITION, reason)
    async with textback.ask() as stream:
        last = (await stream.rest())[-1]
    assert (last.result.outcome, last.result.failure.reason) == (message_pb.OUTCOME_FAILED, reason)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Effect(status=500, body='{"code": 20500, "status": 500}'), id="500"),
        pytest.param(Effect(status=502, body="<html>bad</html>", content_type="text/html"), id="html"),
        pytest.param(Effect(status=201, body=""), id="empty-201"),
        pytest.param(Effect(reset=Reset.BEFORE), id="nothing-at-all"),
    ],
)
async def test_unclear_answer_is_never_repeated_and_the_wait_stays_open(textback: Service, answer: Effect) -> None:
    textback.emulator.respond(answer)
    before = len(textback.texts())
    async with textback.ask() as stream:
        created = await stream.created()
        await stream.state("UNCONFIRMED")
        await textback.answer(f"{created.wait.code} I have it")
        assert (await stream.rest())[-1].result.text == "I have it"
    assert len(textback.texts()) == before


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Effect(status=400, body='{"code": 99999999999, "status": 400}'), id="huge-code"),
        pytest.param(
            Effect(status=201, body=f'{{"sid": "SM{91:032x}", "status": "failed", "error_code": 99999999999}}'),
            id="huge-error-code",
        ),
        pytest.param(
            Effect(status=201, body=f'{{"sid": "SM{92:032x}", "status": "failed", "error_code": -1}}'),
            id="negative-error-code",
        ),
        pytest.param(Effect(status=201, body=f'{{"sid": "SM{93:032x}", "status": "\\ud800"}}'), id="surrogate-status"),
        pytest.param(Effect(status=201, body=f'{{"sid": "SM{94:032x}", "status": "{"x" * 9_999}"}}'), id="long-status"),
    ],
)
async def test_message_can_be_read_whatever_twilio_says_of_it(textback: Service, answer: Effect) -> None:
    textback.emulator.respond(answer)
    recipient = "+14155550188"
    async with textback.ask(recipient=recipient) as stream:
        await stream.created()
        moved = await stream.next()
    (message,) = (await textback.stub.ListMessages(pb.ListMessagesRequest(recipient=recipient, page_size=1))).messages
    assert message.state != message_pb.MESSAGE_STATE_SENDING
    assert len(message.twilio_status) <= 40
    assert moved.sequence == 2


async def test_unclear_send_without_wait_is_ok_and_says_so(textback: Service) -> None:
    textback.emulator.respond(Effect(status=500, body="{}"))
    assert (await textback.send()).state == message_pb.MESSAGE_STATE_UNCONFIRMED


async def test_sid_of_another_message_leaves_the_send_unconfirmed_and_the_service_well(textback: Service) -> None:
    taken = f'{{"sid": "{(await textback.send()).twilio_sid}", "status": "queued"}}'
    textback.emulator.respond(Effect(status=201, body=taken))
    request = pb.SendSmsRequest(sms=message_pb.Sms(recipient=PHONE, body="Whose?"))
    message = (await textback.stub.SendSms(request, timeout=1)).message
    assert (message.state, message.twilio_sid) == (message_pb.MESSAGE_STATE_SENDING, "")
    assert (await textback.send()).twilio_sid


async def test_lost_answer_is_found_again_by_the_status_callback(textback: Service) -> None:
    textback.emulator.respond(Effect(reset=Reset.AFTER))
    before = len(textback.texts())
    async with textback.ask() as stream:
        delivered = await stream.state("DELIVERED")
        assert delivered.status_changed.twilio_sid
    assert len(textback.texts()) == before + 1


async def test_busy_twilio_is_tried_again_and_texts_once(textback: Service) -> None:
    busy = '{"code": 20429, "message": "Too Many Requests", "status": 429}'
    textback.emulator.respond(Effect(status=429, body=busy))
    before = len(textback.texts())
    async with textback.ask() as stream:
        pending = await stream.state("PENDING")
        assert pending.status_changed.failure.reason == "TWILIO_BUSY"
        await stream.state("DELIVERED")
    assert len(textback.texts()) == before + 1


async def test_pending_question_is_never_sent_when_it_is_cancelled(textback: Service) -> None:
    busy = Effect(status=429, body='{"code": 20429, "status": 429}')
    textback.emulator.respond(busy)
    before = len(textback.texts())
    async with textback.ask() as stream:
        message = await stream.created()
        await stream.state("PENDING")
        answer = await textback.stub.CancelWait(pb.CancelWaitRequest(message_id=message.message_id))
        assert answer.message.state == message_pb.MESSAGE_STATE_CANCELLED
        assert (await stream.rest())[-1].WhichOneof("kind") == "cancelled"
    assert len(textback.texts()) == before


async def test_ping_says_why_when_it_cannot_send(tmp_path: Path) -> None:
    async with emulator() as twilio:
        wrong = Accounts((account_at(twilio, auth_token=Secret("wrong-token")),))
        settings = settings_for(twilio, tmp_path / "textback.db", accounts=wrong)
        async with serving(twilio, settings) as textback:
            failure = await failing(textback.stub.Ping(pb.PingRequest()))
            assert (failure.code, failure.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "TWILIO_AUTH_FAILED")
            assert "wrong-token" not in failure.message


async def test_waits_of_two_accounts_are_strangers(tmp_path: Path) -> None:
    async with emulator() as twilio:
        other = account_at(twilio, name="other", account_sid="AC" + "2" * 32)
        settings = settings_for(twilio, tmp_path / "t.db", accounts=Accounts((account_at(twilio), other)))
        async with serving(twilio, settings) as textback:
            message = await textback.send()
            request = pb.GetMessageRequest(account="other", message_id=message.message_id)
            assert (await failing(textback.stub.GetMessage(request))).reason == "MESSAGE_UNKNOWN"
            assert (await textback.stub.ListMessages(pb.ListMessagesRequest(account="other"))).messages == []
