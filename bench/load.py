"""The load: calls as clients make them, and replies as people text them."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from time import perf_counter
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from bench import twilio
from bench.line import Line
from bench.servers import Server
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb

IN_FLIGHT = 32
CALL_LIMIT = 60.0
"""Seconds that a call may take before the run fails."""

RNG = random.Random(1)

_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An open SendSmsAndWait, its SMS accepted by Twilio."""

    call: Any
    phone: str
    code: str

    async def answered(self) -> None:
        """Return when the caller has the answer."""
        while not (answer := await _read(self.call)).event.terminal:
            pass
        assert answer.event.WhichOneof("kind") == "reply_received"


async def spread(times: int, work: Callable[[int], Awaitable[None]]) -> None:
    """Do a piece of work so many times, `IN_FLIGHT` at once, each with a number of its own."""
    numbers = islice(_numbers, times)

    async def one_after_the_other() -> None:
        for number in numbers:
            await work(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(one_after_the_other())


async def send(server: Server, account: str, times: int) -> None:
    """SendSms, so many times."""

    async def one(number: int) -> None:
        sms = message_pb.Sms(recipient=twilio.phone(number), body="Backup of host web-03 finished.")
        request = pb.SendSmsRequest(request_id=f"bench-{number}", account=account, sms=sms)
        sent = await server.stub.SendSms(request, timeout=CALL_LIMIT)
        assert sent.message.twilio_sid

    await spread(times, one)


async def ask(server: Server, number: int) -> Question:
    """SendSmsAndWait, up to the event that says that Twilio has the SMS."""
    sms = message_pb.Sms(recipient=twilio.phone(number), body="Isolate host web-03?")
    request = pb.SendSmsAndWaitRequest(request_id=f"bench-{number}", account=twilio.QUIET, sms=sms)
    call = server.stub.SendSmsAndWait(request)
    created = await _read(call)
    accepted = await _read(call)
    assert accepted.event.WhichOneof("kind") == "status_changed"
    return Question(call=call, phone=twilio.phone(number), code=created.event.created.message.wait.code)


async def late(server: Server, seconds: int) -> float:
    """Ask a question that nobody answers; returns how many seconds after its time its end reached the caller."""
    sms = message_pb.Sms(recipient=twilio.phone(next(_numbers)), body="Isolate host web-03?")
    wait = message_pb.WaitOptions(reply_timeout=Duration(seconds=seconds))
    call = server.stub.SendSmsAndWait(pb.SendSmsAndWaitRequest(account=twilio.QUIET, sms=sms, wait=wait))
    expires = (await _read(call)).event.created.message.wait.expire_time.ToDatetime(UTC)
    while not (answer := await _read(call)).event.terminal:
        pass
    assert answer.event.WhichOneof("kind") == "timed_out"
    return (datetime.now(UTC) - expires).total_seconds()


async def ask_many(server: Server, times: int) -> list[Question]:
    """So many questions, left open."""
    questions: list[Question] = []

    async def one(number: int) -> None:
        questions.append(await ask(server, number))

    await spread(times, one)
    return questions


async def reply(server: Server, line: Line) -> float:
    """Ask, text back, and return the seconds from posting the inbound SMS to the answer at the caller."""
    number = next(_numbers)
    question = await ask(server, number)
    form = twilio.inbound_form(number, question.phone, f"{question.code} yes, do it")
    begun = perf_counter()
    async with asyncio.TaskGroup() as group:
        posted = group.create_task(line.post(server.inbound, form))
        await question.answered()
        taken = perf_counter() - begun
    assert posted.result() == 200
    return taken


async def storm(server: Server, questions: Sequence[Question]) -> float:
    """Answer all questions at once over `IN_FLIGHT` connections; returns the seconds until every caller has its own."""
    waiting = iter(questions)

    async def texting() -> None:
        line = await Line.to(server.inbound)
        for question in waiting:
            form = twilio.inbound_form(next(_numbers), question.phone, f"{question.code} yes, do it")
            assert await line.post(server.inbound, form) == 200
        await line.close()

    begun = perf_counter()
    async with asyncio.TaskGroup() as group:
        for question in questions:
            group.create_task(question.answered())
        for _ in range(IN_FLIGHT):
            group.create_task(texting())
    return perf_counter() - begun


async def _read(call: Any) -> pb.SendSmsAndWaitResponse:
    async with asyncio.timeout(CALL_LIMIT):
        answer = await call.read()
    assert answer is not grpc.aio.EOF, "the stream ended early"
    assert isinstance(answer, pb.SendSmsAndWaitResponse)
    return answer
