"""Adversaries: many at once with one key, and kill -9 with questions open."""

import asyncio
import itertools
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict

from tests.support import server_process as process
from tests.support.emulators import emulator
from tests.support.service import PHONE, Service, Stream, failing, service, serving, settings_for, waiting
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceStub

QUESTIONS = 6
SAID = {"sms": {"recipient": PHONE, "body": "Isolate host web-03?"}, "request_id": "case-7"}


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running:
        yield running


async def test_one_sms_goes_out_when_a_hundred_calls_have_one_key(textback: Service) -> None:
    request = ParseDict(SAID, pb.SendSmsRequest())
    answers = await asyncio.gather(*(textback.stub.SendSms(request, timeout=20) for _ in range(100)))
    assert len({answer.message.message_id for answer in answers}) == 1
    assert len(textback.texts()) == 1


async def test_one_method_gets_the_key_when_two_race_for_it(textback: Service) -> None:
    async def send() -> str:
        answer = await textback.stub.SendSms(ParseDict(SAID, pb.SendSmsRequest()), timeout=20)
        return "sent " + answer.message.message_id

    async def ask() -> str:
        async with Stream(textback.stub.SendSmsAndWait(ParseDict(SAID, pb.SendSmsAndWaitRequest()), timeout=20)) as it:
            return "asked " + (await it.created()).message_id

    async def other() -> str:
        return "other " + (await textback.send("Another text?", request_id="case-7")).message_id

    calls = [make() for _ in range(40) for make in (send, ask, other)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    won = Counter(outcome for outcome in outcomes if isinstance(outcome, str))
    assert len(won) == 1, "one method and request has the key, always with one message"
    assert won.total() == 40
    lost = [await failing(_raised(outcome)) for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {failure.reason for failure in lost} == {"REQUEST_ID_REUSED"}
    assert len(textback.texts()) == 1


async def _raised(error: BaseException) -> None:
    raise error


async def test_streams_that_come_and_go_leave_nothing_behind_when_answers_race_them(textback: Service) -> None:
    async with textback.ask(waiting("yes")) as first:
        message = await first.created()
        await first.state("DELIVERED")
        streams = [textback.watch(message.message_id, after) for after in itertools.islice(itertools.cycle((0, 1)), 50)]
        for stream in streams[::2]:
            stream.call.cancel()
        await asyncio.gather(*(textback.answer(f"{message.wait.code} {word}") for word in ("maybe", "yes", "yes")))
        for stream in streams[1::2]:
            assert (await stream.rest())[-1].result.choice == "yes"
        assert (await first.rest())[-1].result.choice == "yes"


async def test_nothing_is_doubled_when_the_service_is_restarted_over_and_over(tmp_path: Path) -> None:
    async with emulator() as twilio:
        settings = settings_for(twilio, tmp_path / "textback.db")
        seen: list[Any] = []
        for _ in range(4):
            async with serving(twilio, settings) as textback, textback.ask(request_id="k") as stream:
                events = [await stream.next()]
                while events[-1].sequence < len(seen):
                    events.append(await stream.next())
                assert events[: len(seen)] == seen
                seen = events
                await textback.answer(f"{events[0].created.message.wait.code[:-1]} almost")
                while not seen[-1].HasField("reply_rejected"):
                    seen.append(await stream.next())
        assert len(twilio.world.conversation(PHONE)) == 6, "one question, four texts back, one hint"


async def test_other_questions_end_in_time_when_one_row_is_damaged(tmp_path: Path) -> None:
    async with (
        service(tmp_path, reply_timeout_min=timedelta(seconds=1)) as textback,
        textback.ask(waiting(seconds=1)) as damaged,
        textback.ask(waiting(seconds=1)) as whole,
    ):
        broken = await damaged.created()
        await damaged.state("DELIVERED")
        with closing(sqlite3.connect(textback.store)) as store, store:
            store.execute("UPDATE messages SET content = '{}' WHERE id = ?", (broken.message_id,))
        assert (await whole.rest())[-1].WhichOneof("kind") == "timed_out"
        assert (await failing(textback.get(broken.message_id))).reason == "STORE_UNAVAILABLE"


async def test_every_question_goes_on_when_the_server_is_killed(tmp_path: Path) -> None:
    async with (
        process.serving(tmp_path, code=-signal.SIGKILL) as first,
        grpc.aio.insecure_channel(first.address) as channel,
    ):
        asked = await asyncio.gather(*(_created(SmsServiceStub(channel), n) for n in range(QUESTIONS)))
        first.process.kill()
    async with process.serving(tmp_path) as second, grpc.aio.insecure_channel(second.address) as channel:
        stub = SmsServiceStub(channel)
        again = await asyncio.gather(*(_created(stub, n) for n in range(QUESTIONS)))
        assert again == asked
        streams = [Stream(stub.WatchMessage(pb.WatchMessageRequest(message_id=each.message_id))) for each in asked]
        await asyncio.gather(
            *(second.reply(each.recipient, f"{each.wait.code} answer {n}") for n, each in enumerate(asked))
        )
        for n, stream in enumerate(streams):
            assert (await stream.rest())[-1].result.text == f"answer {n}"


async def _created(stub: Any, number: int) -> message_pb.SmsMessage:
    said = {"sms": {"recipient": f"+1415555{number:04d}", "body": "Isolate?"}, "request_id": f"k-{number}"}
    async with Stream(stub.SendSmsAndWait(ParseDict(said, pb.SendSmsAndWaitRequest()), timeout=20)) as stream:
        return await stream.created()
