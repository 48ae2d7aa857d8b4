"""Ordinary blocking clients against the real server, which runs its event loop in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from grpc_status import rpc_status

from tests.support.service import PHONE, Service, eventually, service
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceStub

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Threaded:
    """A service on another thread's loop."""

    service: Service
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)


@pytest.fixture(scope="module")
def grpc_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Threaded]:
    """In place of the plugin's own server, which knows no asyncio."""
    started: Future[Threaded] = Future()
    stop = asyncio.Event()

    async def serve(folder: Path) -> None:
        async with service(folder) as running:
            started.set_result(Threaded(running, asyncio.get_running_loop()))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve(tmp_path_factory.mktemp("blocking"))))
    thread.start()
    server = started.result(10)
    yield server
    server.loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def grpc_addr(grpc_server: Threaded) -> str:
    return grpc_server.service.app.grpc


@pytest.fixture(scope="module")
def grpc_stub_cls() -> Callable[[grpc.Channel], SmsServiceStub]:
    return SmsServiceStub


def an_ask() -> pb.SendSmsAndWaitRequest:
    return pb.SendSmsAndWaitRequest(sms=message_pb.Sms(recipient=PHONE, body="Isolate host web-03?"))


def test_ping_and_send_answer(grpc_stub: SmsServiceStub) -> None:
    assert grpc_stub.Ping(pb.PingRequest(), timeout=10).emulator
    request = pb.SendSmsRequest(sms=message_pb.Sms(recipient=PHONE, body="Backup finished."))
    message = grpc_stub.SendSms(request, timeout=10).message
    assert grpc_stub.GetMessage(pb.GetMessageRequest(message_id=message.message_id)).message.twilio_sid


def test_stream_runs_to_the_answer(grpc_stub: SmsServiceStub, grpc_server: Threaded) -> None:
    kinds = []
    for answer in grpc_stub.SendSmsAndWait(an_ask(), timeout=20):
        kind = answer.event.WhichOneof("kind")
        kinds.append(kind)
        if kind == "created":
            grpc_server.do(grpc_server.service.answer(f"{answer.event.created.message.wait.code} yes"))
    assert (kinds[0], kinds[-1], answer.event.result.text) == ("created", "reply_received", "yes")


def test_cancelled_stream_frees_the_server_and_leaves_the_wait(
    grpc_stub: SmsServiceStub, grpc_server: Threaded
) -> None:
    call = grpc_stub.SendSmsAndWait(an_ask())
    message_id = next(call).event.message_id
    call.cancel()
    grpc_server.do(eventually(lambda: grpc_server.service.app.hub.listeners == 0))
    message = grpc_stub.GetMessage(pb.GetMessageRequest(message_id=message_id)).message
    assert message.wait.state == message_pb.WAIT_STATE_OPEN


def test_deadline_ends_the_stream_only(grpc_stub: SmsServiceStub) -> None:
    call = grpc_stub.SendSmsAndWait(an_ask(), timeout=0.5)
    message_id = next(call).event.message_id
    with pytest.raises(grpc.RpcError) as ended:
        list(call)
    assert ended.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    message = grpc_stub.GetMessage(pb.GetMessageRequest(message_id=message_id)).message
    assert message.wait.state == message_pb.WAIT_STATE_OPEN


def test_wrong_fields_are_readable_as_rich_status(grpc_stub: SmsServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        grpc_stub.SendSms(pb.SendSmsRequest(), timeout=10)
    error: Any = refused.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    status = rpc_status.from_call(error)
    bad = BadRequest()
    assert any(detail.Unpack(bad) for detail in status.details)
    assert {each.field for each in bad.field_violations} == {"sms", "sms.body"}


def test_calls_go_on_while_streams_are_open_on_one_channel(grpc_stub: SmsServiceStub) -> None:
    calls = [grpc_stub.SendSmsAndWait(an_ask()) for _ in range(20)]
    try:
        assert len({next(call).event.message_id for call in calls}) == 20
        assert grpc_stub.ListMessages(pb.ListMessagesRequest(page_size=20), timeout=10).messages
    finally:
        for call in calls:
            call.cancel()
