"""The loop: a question by text, answered."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import grpc
import pytest

from tests.support.emulators import emulator
from tests.support.service import (
    PHONE,
    SENDER,
    Service,
    account_at,
    failing,
    service,
    serving,
    settings_for,
    waiting,
)
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback_server.gateway.accounts import Accounts, ApiKey, Secret
from twilio_emulator import AccountType

UNDELIVERABLE = "+15005550010"


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running:
        yield running


async def test_question_is_answered_when_the_person_texts_code_and_choice(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no")) as stream:
        created = await stream.next()
        message = created.created.message
        code = message.wait.code
        assert (created.sequence, created.terminal) == (1, False)
        assert message.text == f'Isolate host web-03?\nText back "{code} YES" or "{code} NO".'
        assert (message.sender, message.segments) == (SENDER, 1)
        assert message.encoding == message_pb.SMS_ENCODING_GSM7
        assert message.wait.expire_time.seconds - message.create_time.seconds == 600
        await stream.state("DELIVERED")
        assert await textback.answer(f"{code} maybe") == 200
        rejected = await stream.until("reply_rejected")
        assert rejected.reply_rejected.person_told
        assert await textback.answer(f"{code} Yes.") == 200
        answered = await stream.until("reply_received")
        assert answered.terminal
        assert (answered.result.choice, answered.result.text) == ("yes", "Yes.")
        assert answered.result.decided_by == message_pb.DECIDED_BY_REPLY
        assert answered.reply_received.reply.body == f"{code} Yes."
        assert await stream.rest() == []


async def test_person_is_told_the_choices_when_the_answer_is_none(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no")) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        await textback.answer(f"{code} perhaps")
        told = [text for text in textback.texts() if "not one of" in text]
        assert told == [f'Sorry, that is not one of the answers. Text back "{code} YES" or "{code} NO".']


async def test_ping_proves_credentials_sender_and_webhook(textback: Service) -> None:
    pong = await textback.stub.Ping(pb.PingRequest())
    assert (pong.account, pong.account_status, pong.account_type) == ("default", "active", "Full")
    assert pong.account_sid.startswith("AC00…")
    assert (pong.emulator, pong.sender, pong.sender_can_sms, pong.webhook_points_here) == (True, SENDER, True, True)
    assert pong.round_trip.ToTimedelta().total_seconds() > 0


async def test_trial_prefix_is_counted_once_twilio_has_shown_it_when_the_key_may_not_read_the_account(
    tmp_path: Path,
) -> None:
    async with emulator() as twilio:
        key = ApiKey(sid=twilio.settings.api_key, secret=Secret(twilio.settings.api_secret))
        settings = settings_for(twilio, tmp_path / "t.db", accounts=Accounts((account_at(twilio, api_key=key),)))
        async with serving(twilio, settings) as textback:
            twilio.world.set_account(type=AccountType.TRIAL)
            assert (await textback.send("x" * 150)).segments == 1
            message = await textback.send("x" * 150)
            assert (message.text, message.segments) == ("x" * 150, 2)
            assert textback.texts()[-1] == f"Sent from your Twilio trial account - {message.text}"
            failure = await failing(textback.send("x" * 1_590))
            assert "38 of them for Twilio's trial prefix" in failure.violations["sms.body"]
            twilio.world.set_account(type=AccountType.FULL)
            assert [(await textback.send("x" * 150)).segments for _ in range(2)] == [2, 1]


async def test_message_without_wait_ends_when_it_is_delivered(textback: Service) -> None:
    message = await textback.send(sms={"recipient": PHONE, "body": "Done.", "labels": {"team": "blue"}})
    assert message.state in (
        message_pb.MESSAGE_STATE_QUEUED,
        message_pb.MESSAGE_STATE_SENT,
        message_pb.MESSAGE_STATE_DELIVERED,
    )
    async with textback.watch(message.message_id) as stream:
        events = await stream.rest()
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert events[-1].terminal
    assert events[-1].result.outcome == message_pb.OUTCOME_DELIVERED
    assert dict((await textback.get(message.message_id)).labels) == {"team": "blue"}


async def test_wait_fails_within_the_stream_when_the_sms_cannot_arrive(textback: Service) -> None:
    async with textback.ask(recipient=UNDELIVERABLE) as stream:
        last = (await stream.rest())[-1]
    assert last.WhichOneof("kind") == "failed"
    assert last.result.outcome == message_pb.OUTCOME_FAILED
    assert last.result.failure.twilio_code == 30003
    assert last.result.failure.help_url.endswith("30003")


async def test_stop_ends_every_open_wait_of_that_phone(textback: Service) -> None:
    async with textback.ask() as first, textback.ask() as second, textback.ask(recipient="+14155550177") as other:
        for stream in (first, second, other):
            await stream.created()
        await first.state("DELIVERED")
        await textback.answer("Stop.")
        for stream in (first, second):
            assert (await stream.until("opted_out")).result.outcome == message_pb.OUTCOME_OPTED_OUT
        assert (
            await textback.get((await _newest(textback, "+14155550177")).message_id)
        ).wait.state == message_pb.WAIT_STATE_OPEN


async def _newest(textback: Service, recipient: str) -> message_pb.SmsMessage:
    return (await textback.stub.ListMessages(pb.ListMessagesRequest(recipient=recipient))).messages[0]


async def test_refused_send_is_an_error_with_twilios_code_and_repeats_with_its_key(textback: Service) -> None:
    for _ in range(2):
        failure = await failing(textback.send(recipient="+15005550009", request_id="once"))
        assert (failure.code, failure.metadata["twilio_code"]) == (grpc.StatusCode.INVALID_ARGUMENT, "21614")
        assert failure.metadata["message_id"].startswith("msg_")
        assert failure.help_url.endswith("21614")
    assert "+15005550009" not in failure.message


async def test_refused_question_is_a_terminal_event(textback: Service) -> None:
    async with textback.ask(recipient="+15005550009") as stream:
        events = await stream.rest()
    assert [event.WhichOneof("kind") for event in events] == ["created", "failed"]
    assert events[-1].result.failure.reason == "INVALID_RECIPIENT"


async def test_wait_times_out_with_its_choice_when_nobody_answers(tmp_path: Path) -> None:
    async with service(tmp_path, reply_timeout_min=timedelta(seconds=1)) as textback:
        async with textback.ask(waiting("yes", "no", seconds=1, timeout_choice="no")) as stream:
            last = (await stream.rest())[-1]
        assert last.WhichOneof("kind") == "timed_out"
        assert (last.result.choice, last.result.decided_by) == ("no", message_pb.DECIDED_BY_TIMEOUT)
        code = (await textback.get(last.message_id)).wait.code
        await textback.answer(f"{code} yes")
        inbound = (await textback.stub.ListInbound(pb.ListInboundRequest())).inbound[0]
        assert inbound.disposition == message_pb.INBOUND_DISPOSITION_LATE
        assert inbound.message_id == last.message_id


async def test_cancel_ends_the_wait_once(textback: Service) -> None:
    async with textback.ask() as stream:
        message = await stream.created()
        request = pb.CancelWaitRequest(message_id=message.message_id)
        for _ in range(2):
            answer = await textback.stub.CancelWait(request)
            assert answer.message.wait.state == message_pb.WAIT_STATE_CANCELLED
        assert (await stream.rest())[-1].WhichOneof("kind") == "cancelled"


async def test_stream_resumes_without_gap_or_double_when_it_was_left(textback: Service) -> None:
    async with textback.ask() as stream:
        message = await stream.created()
        await stream.state("DELIVERED")
    async with textback.watch(message.message_id, after=1) as rest:
        assert (await rest.next()).sequence == 2
        await textback.answer(f"{message.wait.code} fine")
        events = await rest.rest()
    assert events[-1].result.text == "fine"
    assert [event.sequence for event in events] == list(range(3, 3 + len(events)))
    async with textback.watch(message.message_id, after=events[-1].sequence) as nothing:
        assert await nothing.rest() == []


async def test_same_request_id_attaches_and_texts_once(textback: Service) -> None:
    streams = [textback.ask(request_id="case-7") for _ in range(5)]
    ids = {(await stream.created()).message_id for stream in streams}
    assert len(ids) == 1
    await streams[0].state("DELIVERED")
    assert len(textback.texts()) == 1
    for stream in streams:
        stream.call.cancel()
    failure = await failing(textback.ask(waiting("yes"), request_id="case-7"))
    assert (failure.code, failure.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
    failure = await failing(textback.send(request_id="case-7"))
    assert failure.reason == "REQUEST_ID_REUSED"


async def test_five_hundred_open_waits_get_their_own_answers_when_answered_in_random_order(textback: Service) -> None:
    rng = random.Random(1)
    phones = [f"+1415555{rng.randrange(50):04d}" for _ in range(500)]
    streams = [
        textback.ask(recipient=phone, sms={"recipient": phone, "body": f"Question {n}?"})
        for n, phone in enumerate(phones)
    ]
    codes = await asyncio.gather(*(stream.created() for stream in streams))
    order = rng.sample(range(500), 500)
    for start in range(0, 500, 50):
        await asyncio.gather(
            *(textback.answer(f"{codes[n].wait.code} answer {n}", phones[n]) for n in order[start : start + 50])
        )
    for n, stream in enumerate(streams):
        assert (await stream.rest())[-1].result.text == f"answer {n}"


async def test_lists_page_and_filter(textback: Service) -> None:
    for n in range(5):
        await textback.send(body=f"{n}", context={"case_id": f"case-{n % 2}"})
    first = await textback.stub.ListMessages(pb.ListMessagesRequest(page_size=2, case_id="case-0"))
    assert [message.text for message in first.messages] == ["4", "2"]
    rest = await textback.stub.ListMessages(
        pb.ListMessagesRequest(page_size=2, case_id="case-0", page_token=first.next_page_token)
    )
    assert ([message.text for message in rest.messages], rest.next_page_token) == (["0"], "")
    failure = await failing(textback.stub.ListMessages(pb.ListMessagesRequest(page_token=first.next_page_token)))
    assert "page_token" in failure.violations


async def test_everything_survives_when_the_service_restarts(tmp_path: Path) -> None:
    async with emulator() as twilio:
        settings = settings_for(twilio, tmp_path / "textback.db")
        async with serving(twilio, settings) as textback, textback.ask(request_id="k") as stream:
            created = await stream.created()
            await stream.state("DELIVERED")
        async with serving(twilio, settings) as textback, textback.ask(request_id="k") as stream:
            assert (await stream.created()) == created
            await textback.answer(f"{created.wait.code} yes")
            assert (await stream.rest())[-1].result.text == "yes"
            assert len(textback.texts()) == 1
