"""The service config as gRPC carries it out: what is repeated, what never is, and who is not called."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.support.scripted_server import Break, ScriptedServicer, serving
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceStub

CONFIG = (Path(__file__).parents[2] / "examples/service-config.json").read_text()
HARMLESS = ("Ping", "GetMessage", "ListMessages", "ListInbound", "CancelWait")
ATTEMPTS = 4


@pytest.fixture
def servicer() -> ScriptedServicer:
    return ScriptedServicer()


@pytest.fixture
async def stub(servicer: ScriptedServicer) -> AsyncIterator[Any]:
    async with (
        serving(servicer) as address,
        grpc.aio.insecure_channel(address, options=(("grpc.service_config", CONFIG),)) as channel,
    ):
        yield SmsServiceStub(channel)


def ask(method: str) -> Any:
    return getattr(pb, f"{method}Request")()


@pytest.mark.parametrize("method", HARMLESS)
async def test_call_succeeds_when_the_server_is_unavailable_at_first(
    servicer: ScriptedServicer, stub: Any, method: str
) -> None:
    servicer.unary_breaks = [Break(), Break()]
    await getattr(stub, method)(ask(method), timeout=10)
    assert len(servicer.requests) == 3


async def test_call_fails_when_no_attempt_is_left(servicer: ScriptedServicer, stub: Any) -> None:
    servicer.unary_breaks = [Break() for _ in range(ATTEMPTS + 1)]
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await stub.Ping(pb.PingRequest(), timeout=10)
    assert failure.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(servicer.requests) == ATTEMPTS


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.NOT_FOUND]
)
async def test_call_is_made_once_when_it_fails_for_another_reason(
    servicer: ScriptedServicer, stub: Any, code: grpc.StatusCode
) -> None:
    servicer.unary_breaks = [Break(code=code)]
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await stub.Ping(pb.PingRequest(), timeout=10)
    assert failure.value.code() is code
    assert len(servicer.requests) == 1


async def test_send_is_made_once_when_the_server_is_unavailable(servicer: ScriptedServicer, stub: Any) -> None:
    servicer.unary_breaks = [Break(), Break()]
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await stub.SendSms(pb.SendSmsRequest(request_id="a"), timeout=10)
    assert failure.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(servicer.requests) == 1


@pytest.mark.parametrize("method", ["SendSmsAndWait", "WatchMessage"])
async def test_stream_is_opened_once_when_the_server_is_unavailable(
    servicer: ScriptedServicer, stub: Any, method: str
) -> None:
    servicer.breaks = [Break(), Break()]
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        async for _ in getattr(stub, method)(ask(method), timeout=10):
            pass
    assert failure.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(servicer.requests) == 1


def test_every_method_is_tried_here_when_one_is_added() -> None:
    methods = {method.name for method in pb.DESCRIPTOR.services_by_name["SmsService"].methods}
    assert methods == {*HARMLESS, "SendSms", "SendSmsAndWait", "WatchMessage"}


async def test_replica_is_not_called_when_it_says_that_it_does_not_serve() -> None:
    stopping, serving_on = ScriptedServicer(), ScriptedServicer()
    async with (
        serving(stopping, healthy=False) as first,
        serving(serving_on) as second,
        grpc.aio.insecure_channel(f"ipv4:{first},{second}", options=(("grpc.service_config", CONFIG),)) as channel,
    ):
        stub = SmsServiceStub(channel)
        await asyncio.gather(*(stub.Ping(pb.PingRequest(), timeout=10) for _ in range(10)))
    assert (len(stopping.requests), len(serving_on.requests)) == (0, 10)


async def test_replicas_are_called_in_turn_when_all_of_them_serve() -> None:
    replicas = [ScriptedServicer(), ScriptedServicer()]
    async with (
        serving(replicas[0]) as first,
        serving(replicas[1]) as second,
        grpc.aio.insecure_channel(f"ipv4:{first},{second}", options=(("grpc.service_config", CONFIG),)) as channel,
    ):
        stub = SmsServiceStub(channel)
        # A replica joins as soon as its connection is there.
        while not all(replica.requests for replica in replicas):
            await stub.Ping(pb.PingRequest(), timeout=10)
        for replica in replicas:
            replica.requests.clear()
        for _ in range(10):
            await stub.Ping(pb.PingRequest(), timeout=10)
    assert [len(replica.requests) for replica in replicas] == [5, 5]
