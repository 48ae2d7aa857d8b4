"""A log that nobody reads is nobody's trouble: the service goes on, and ends when it is told to."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from tests.support.server_process import serving
from tests.support.service import PHONE
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceStub

LIMIT = 20.0
DEAR = "Isolate host web-03? " * 7
"""A text that takes a second segment for its prompt, which is logged as a warning."""


@pytest.fixture
def log() -> Iterator[int]:
    """The end to write to of a pipe that nobody reads."""
    reading, writing = os.pipe()
    yield writing
    os.close(writing)
    os.close(reading)


def fill(log: int) -> None:
    """Leave no room in it."""
    os.set_blocking(log, False)
    for size in (1_024, 1):
        with suppress(BlockingIOError):
            while True:
                os.write(log, b"x" * size)
    os.set_blocking(log, True)


async def test_calls_are_served_while_nobody_reads_the_log(tmp_path: Path, log: int) -> None:
    fill(log)
    async with serving(tmp_path, log=log) as server, grpc.aio.insecure_channel(server.address) as channel:
        stub = SmsServiceStub(channel)
        asked = pb.SendSmsAndWaitRequest(sms=message_pb.Sms(recipient=PHONE, body=DEAR))
        async with asyncio.timeout(LIMIT):
            async for answer in stub.SendSmsAndWait(asked):
                warnings = answer.event.created.warnings
                break
            assert [warning.reason for warning in warnings] == ["PROMPT_COSTS_SEGMENTS"]
            assert (await stub.Ping(pb.PingRequest())).account_status == "active"
