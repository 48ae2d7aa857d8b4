"""kill -9 of the service in a burst: each SMS goes out at most once, and each key finds its message."""

import asyncio
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.support.emulators import emulator, until
from tests.support.service import PHONE
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceStub
from twilio_emulator import Emulator

BIN = Path(sys.executable).parent
LIVES = 2
BURST = 120
AT_TWILIO = 40
"""Messages of a burst that Twilio must have before the kill."""


@asynccontextmanager
async def served(twilio: Emulator, folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, Any]]:
    """`textback serve` in a process of its own, and a stub."""
    environment = {
        "TEXTBACK_LISTEN": "127.0.0.1:0",
        "TEXTBACK_HTTP_LISTEN": "127.0.0.1:0",
        "TEXTBACK_TWILIO_CREDENTIALS": f"{twilio.account_sid}/{twilio.auth_token}",
        "TEXTBACK_TWILIO_API_URL": twilio.url,
        "TEXTBACK_LIMIT_RECIPIENT": "off",
        "TEXTBACK_SENDERS": next(iter(twilio.world.numbers)),
    }
    process = await asyncio.create_subprocess_exec(
        BIN / "textback", "serve",
        cwd=folder, env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            while not (found := re.match(rb"\s+gRPC\s+(\S+)", await process.stdout.readline())):
                assert not process.stdout.at_eof()
        async with grpc.aio.insecure_channel(found[1].decode()) as channel:
            yield process, SmsServiceStub(channel)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def send(stub: Any, key: str, patience: float) -> message_pb.SmsMessage | None:
    request = pb.SendSmsRequest(request_id=key, sms=message_pb.Sms(recipient=PHONE, body=f"SMS {key}"))
    try:
        message: message_pb.SmsMessage = (await stub.SendSms(request, timeout=patience)).message
    except grpc.aio.AioRpcError as error:
        if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
            raise
        return None
    return message


def has(twilio: Emulator, count: int) -> bool:
    return len(twilio.world.messages) >= count


@pytest.mark.slow
async def test_no_sms_goes_out_twice_when_the_service_is_killed_in_a_burst(tmp_path: Path) -> None:
    known: dict[str, str] = {}
    async with emulator() as twilio:
        for life in range(LIVES):
            keys = [f"{life}-{n}" for n in range(BURST)]
            goal = len(twilio.world.messages) + AT_TWILIO
            async with served(twilio, tmp_path) as (process, stub):
                burst = [asyncio.create_task(send(stub, key, 20)) for key in keys]
                await until(twilio, partial(has, twilio, goal))
                process.kill()
                answered = zip(keys, await asyncio.gather(*burst), strict=True)
            known |= {key: message.message_id for key, message in answered if message is not None}
        async with served(twilio, tmp_path) as (_, stub):
            every = [f"{life}-{n}" for life in range(LIVES) for n in range(BURST)]
            again = await asyncio.gather(*(send(stub, key, 2) for key in every))
        messages = {key: message for key, message in zip(every, again, strict=True) if message is not None}
        assert messages.keys() == set(every)
        assert {key: messages[key].message_id for key in known} == known
        texts = Counter(message.body for message in twilio.world.conversation(PHONE))
        assert set(texts.values()) == {1}
        assert {f"SMS {key}" for key, message in messages.items() if message.twilio_sid} <= texts.keys()
