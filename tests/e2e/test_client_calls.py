"""The unary calls of both clients over real gRPC."""

from __future__ import annotations

import asyncio

import grpc
import pytest

from tests.support.scripted_server import MESSAGE_ID, Break, ScriptedServicer, serving
from textback.v1.sms_message_pb2 import OUTCOME_CANCELLED, WAIT_STATE_OPEN
from textback_client import BlockingTextback, Textback, TextbackError, Violation

PHONE = "+14155550123"
GONE = Break(code=grpc.StatusCode.UNAVAILABLE)


async def test_async_calls_answer() -> None:
    servicer = ScriptedServicer()
    async with serving(servicer) as address, Textback(address, token="t-1") as textback:
        assert (await textback.ping()).emulator
        assert (await textback.send(PHONE, "Backup finished.", request_id="b-1")).request_id == "b-1"
        assert (await textback.get(MESSAGE_ID)).message_id == MESSAGE_ID
        assert (await textback.cancel(MESSAGE_ID)).result.outcome == OUTCOME_CANCELLED
        listed = [each.message_id async for each in textback.list(wait_states=[WAIT_STATE_OPEN], labels={"k": "v"})]
        assert listed == ["msg_1", "msg_2", "msg_3"]
        assert len([each async for each in textback.list_inbound(sender=PHONE)]) == 2
    assert set(servicer.authorization) == {"Bearer t-1"}


async def test_blocking_calls_answer() -> None:
    def call(address: str) -> None:
        with BlockingTextback(address) as textback:
            assert textback.ping().emulator
            assert textback.send(PHONE, "Backup finished.").request_id
            assert textback.get(MESSAGE_ID).message_id == MESSAGE_ID
            assert textback.cancel(MESSAGE_ID).result.outcome == OUTCOME_CANCELLED
            assert [each.message_id for each in textback.list(recipient=PHONE)] == ["msg_1", "msg_2", "msg_3"]
            assert len(list(textback.list_inbound())) == 2

    servicer = ScriptedServicer()
    async with serving(servicer) as address:
        await asyncio.to_thread(call, address)
    assert set(servicer.authorization) == {""}


async def test_send_is_repeated_with_the_same_request_id_when_the_server_is_unavailable() -> None:
    servicer = ScriptedServicer(unary_breaks=[GONE, Break(code=grpc.StatusCode.CANCELLED)])
    async with serving(servicer) as address, Textback(address) as textback:
        await textback.send(PHONE, "Backup finished.")
    assert len({request.request_id for request in servicer.requests}) == 1  # type: ignore[attr-defined]  # all SendSms
    assert len(servicer.requests) == 3


async def test_reads_are_repeated_when_the_server_is_unavailable() -> None:
    servicer = ScriptedServicer(unary_breaks=[GONE, GONE])
    async with serving(servicer) as address, Textback(address) as textback:
        assert (await textback.get(MESSAGE_ID)).message_id == MESSAGE_ID
    assert len(servicer.requests) == 3


async def test_error_carries_all_that_the_server_said() -> None:
    stop = Break(
        code=grpc.StatusCode.INVALID_ARGUMENT,
        message='sms.recipient: "(415) 555-0123" is not E.164',
        reason="INVALID_FIELD",
        field="sms.recipient",
        retry_after=1.5,
    )
    servicer = ScriptedServicer(unary_breaks=[stop])
    async with serving(servicer) as address, Textback(address) as textback:
        with pytest.raises(TextbackError) as raised:
            await textback.send("(415) 555-0123", "Backup finished.", request_id="b-2")
    error = raised.value
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.reason == "INVALID_FIELD"
    assert error.violations == (Violation(field="sms.recipient", description=stop.message),)
    assert error.metadata == {"k": "v", "request_id": "b-2"}
    assert error.help_url == "https://www.twilio.com/docs/errors/20003"
    assert error.retry_after == 1.5
    assert str(error) == f"INVALID_ARGUMENT INVALID_FIELD: {stop.message}"
