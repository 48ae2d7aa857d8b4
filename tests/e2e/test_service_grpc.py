"""gRPC as it really behaves: leaks, cancellations, bursts, shutdown, health, reflection."""

import asyncio
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from aiohttp import web
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub
from structlog.testing import capture_logs

from tests.support.emulators import emulator
from tests.support.service import (
    PHONE,
    Service,
    Stoppable,
    account_at,
    eventually,
    failing,
    service,
    settings_for,
    stoppable,
    waiting,
)
from tests.support.stub_twilio import StubTwilio, says, stub_twilio
from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback.v1 import sms_service_pb2_grpc as stubs
from textback_server.api.server import SERVICE, ServerSettings
from textback_server.app import running
from textback_server.config import Address
from textback_server.engine.follow import StreamSettings
from textback_server.gateway.accounts import Accounts
from textback_server.store.protocol import MessageFilter, StoreBusy, StoreUnavailable
from textback_server.store.sqlite.store import SqliteStore

SECRET = "SK0123 said +14155550199"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running_:
        yield running_


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Stoppable]:
    async with emulator() as twilio, stoppable(twilio, settings_for(twilio, tmp_path / "textback.db")) as running_:
        yield running_


def failing_store(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    async def get(*_: object) -> None:
        raise error

    monkeypatch.setattr(SqliteStore, "get", get)


async def test_exception_text_stays_in_the_log_when_a_handler_fails(
    textback: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_store(monkeypatch, ValueError(SECRET))
    for call in (textback.get, textback.watch):
        with capture_logs() as log:
            failure = await failing(call("msg_1"))
        assert (failure.code, failure.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
        assert failure.message == "The server failed on this call; its log says why."
        assert [(line["event"], str(line["exc_info"])) for line in log] == [("call.defect", SECRET)]


@pytest.mark.parametrize("method", ["GetMessage", "SendSms", "SendSmsAndWait", "WatchMessage"])
@pytest.mark.parametrize("request_", [b"\xff\xff\xff", b"\x0a\x02\xff\xff\x12\x02\xff\xff"], ids=["garbage", "utf8"])
async def test_request_that_is_no_protobuf_is_a_wrong_argument(textback: Service, method: str, request_: bytes) -> None:
    streams = method in {"SendSmsAndWait", "WatchMessage"}
    channel: Any = textback.channel
    make = channel.unary_stream if streams else channel.unary_unary
    call = make(f"/{SERVICE}/{method}")(request_)
    failure = await failing(call.read() if streams else call)
    assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert "DecodeError" not in failure.message


async def test_call_ends_when_an_inner_task_is_cancelled(textback: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_store(monkeypatch, asyncio.CancelledError())
    for call in (textback.get("msg_1"), textback.watch("msg_1")):
        async with asyncio.timeout(5):
            failure = await failing(call)
        assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN")
        assert (failure.retry_after, failure.pushback) == (1.0, "1000")


async def test_waiting_is_advised_when_the_store_is_away(textback: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for error, reason in ((StoreUnavailable("x"), "STORE_UNAVAILABLE"), (StoreBusy("x"), "OVERLOADED")):
        failing_store(monkeypatch, error)
        failure = await failing(textback.get("msg_1"))
        assert (failure.reason, failure.retry_after, failure.pushback) == (reason, 1.0, "1000")


async def test_every_call_of_a_burst_is_answered(textback: Service) -> None:
    message_id = (await textback.send()).message_id
    answers = await asyncio.gather(*(textback.get(message_id) for _ in range(3_000)))
    assert {answer.message_id for answer in answers} == {message_id}


async def test_no_call_of_a_burst_is_lost_when_the_server_stops_meanwhile(tmp_path: Path) -> None:
    lame = ServerSettings(lame_duck=1.0, grace=2.0)
    async with (
        emulator() as twilio,
        stoppable(twilio, settings_for(twilio, tmp_path / "t.db"), server=lame) as server,
    ):
        message_id = (await server.service.send()).message_id
        server.stop.set()
        answers = await asyncio.gather(*(server.service.get(message_id) for _ in range(300)))
        assert len(answers) == 300


@pytest.fixture
async def slow_twilio() -> AsyncIterator[StubTwilio]:
    """Takes a POST, and answers when it is released."""
    sid = "SM" + "5" * 32

    async def answer(request: web.Request) -> web.StreamResponse:
        await stub.release.wait()
        return await says(201, {"sid": sid, "status": "queued", "error_code": None})(request)

    async with stub_twilio(answer) as stub:
        yield stub


async def test_sms_on_its_way_is_recorded_when_the_server_stops_meanwhile(
    slow_twilio: StubTwilio, tmp_path: Path
) -> None:
    async with emulator() as twilio:
        accounts = Accounts((account_at(twilio, api_url=slow_twilio.url),))
        settings = settings_for(twilio, tmp_path / "t.db", accounts=accounts)
        impatient = ServerSettings(lame_duck=0.0, grace=0.1)
        async with stoppable(twilio, settings, server=impatient) as server:
            sending = asyncio.create_task(failing(server.service.send()))
            await eventually(lambda: slow_twilio.posts == 1)
            server.stop.set()
            # A new request_id would text the person twice: the caller must be told that this call may be repeated.
            assert (await sending).code is grpc.StatusCode.UNAVAILABLE
            assert not server.stopped.done()
            slow_twilio.release.set()
    async with SqliteStore.open(settings.store) as store:
        (message,) = (await store.messages(MessageFilter(account="default"), None, 9)).rows
    assert message.twilio_sid == "SM" + "5" * 32


async def test_store_closes_after_the_last_handler_when_a_handler_cleans_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, cleaned = SqliteStore.events, []

    async def hang_and_clean_up(store: SqliteStore, message_id: str, after: int) -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.1)  # longer than stop() takes to cancel
            cleaned.append((await events(store, message_id, after))[0].sequence)

    async with emulator() as twilio:
        impatient = ServerSettings(lame_duck=0.0, grace=0.0)
        async with stoppable(twilio, settings_for(twilio, tmp_path / "t.db"), server=impatient) as server:
            monkeypatch.setattr(SqliteStore, "events", hang_and_clean_up)
            asking = asyncio.create_task(failing(server.service.ask()))
            await eventually(lambda: server.service.app.hub.listeners == 1)
            server.stop.set()
            await server.stopped
            await asking
    assert cleaned == [1]


async def test_sms_is_sent_once_and_recorded_when_its_caller_leaves_before_the_answer(
    slow_twilio: StubTwilio, tmp_path: Path
) -> None:
    async with emulator() as twilio:
        accounts = Accounts((account_at(twilio, api_url=slow_twilio.url),))
        settings = settings_for(twilio, tmp_path / "t.db", accounts=accounts)
        async with stoppable(twilio, settings) as server:
            call = server.service.stub.SendSms(a_send("k-1"))
            await eventually(lambda: slow_twilio.posts == 1)
            call.cancel()
            await eventually(lambda: server.service.app.hub.listeners == 0)
            slow_twilio.release.set()
            message = (await server.service.stub.SendSms(a_send("k-1"), timeout=10)).message
    assert (message.twilio_sid, slow_twilio.posts) == ("SM" + "5" * 32, 1)


@pytest.mark.parametrize("method", ["SendSms", "SendSmsAndWait"])
async def test_sms_is_sent_when_its_caller_leaves_while_it_is_stored(
    textback: Service, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, stored, go_on = SqliteStore.create, asyncio.Event(), asyncio.Event()

    async def slowly(store: SqliteStore, *arguments: Any) -> Any:
        try:
            return await create(store, *arguments)
        finally:
            stored.set()
            await go_on.wait()

    monkeypatch.setattr(SqliteStore, "create", slowly)
    if method == "SendSms":
        call: Any = textback.stub.SendSms(a_send(""))
    else:
        call = textback.ask().call
    await stored.wait()
    call.cancel()
    for _ in range(10):  # the cancellation overtakes none of these
        await textback.stub.ListMessages(pb.ListMessagesRequest())
    go_on.set()
    await eventually(lambda: len(textback.texts()) == 1)


def a_send(request_id: str) -> pb.SendSmsRequest:
    return pb.SendSmsRequest(request_id=request_id, sms=message_pb.Sms(recipient=PHONE, body="Done."))


async def test_streams_end_resumably_when_the_server_stops_and_go_on_after_it_is_back(tmp_path: Path) -> None:
    async with emulator() as twilio:
        settings = settings_for(twilio, tmp_path / "textback.db")
        async with stoppable(twilio, settings) as server, server.service.ask() as stream:
            message = await stream.created()
            last = (await stream.state("DELIVERED")).sequence
            server.stop.set()
            failure = await failing(stream)
            assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN")
            assert failure.metadata["last_sequence"] == str(last)
            assert (failure.retry_after, failure.pushback) == (1.0, "1000")
        async with (
            stoppable(twilio, settings) as server,
            server.service.watch(message.message_id, last) as stream,
        ):
            await server.service.answer(f"{message.wait.code} yes")
            (answered,) = await stream.rest()
            assert (answered.sequence, answered.result.text) == (last + 1, "yes")


async def test_stream_is_recycled_at_its_greatest_age(tmp_path: Path) -> None:
    young = StreamSettings(heartbeat=0.05, max_age=0.3)
    async with (
        emulator() as twilio,
        stoppable(twilio, settings_for(twilio, tmp_path / "t.db"), streams=young) as server,
        server.service.ask() as stream,
    ):
        last = (await stream.state("DELIVERED")).sequence
        failure = await failing(stream)
        assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "STREAM_RECYCLED")
        assert failure.metadata["last_sequence"] == str(last)
        assert (failure.retry_after, failure.pushback) == (0.0, "0")


async def test_heartbeats_carry_the_position_of_this_stream_and_the_time_left(textback: Service) -> None:
    async with textback.ask(waiting(seconds=600)) as stream:
        message = await stream.created()
        last = (await stream.state("DELIVERED")).sequence
        async with textback.watch(message.message_id, last) as late:
            beats = [await heartbeat(late.call) for _ in range(2)]
    left = [beat.heartbeat.time_left.ToTimedelta().total_seconds() for beat in beats]
    assert [beat.sequence for beat in beats] == [last, last]
    assert 600 > left[0] > left[1] > 590
    assert not beats[0].terminal


async def heartbeat(call: Any) -> event_pb.SmsEvent:
    async for answer in call:
        event: event_pb.SmsEvent = answer.event
        assert event.WhichOneof("kind") == "heartbeat"
        return event
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("leave", ["cancel", "hang-up"])
async def test_listener_is_freed_and_the_wait_goes_on_when_a_client_leaves(textback: Service, leave: str) -> None:
    async with grpc.aio.insecure_channel(textback.app.grpc) as channel:
        request = pb.SendSmsAndWaitRequest(sms=message_pb.Sms(recipient=PHONE, body="Isolate?"))
        call = stubs.SmsServiceStub(channel).SendSmsAndWait(request)
        async for answer in call:
            message_id = answer.event.message_id
            break
        assert textback.app.hub.listeners == 1
        if leave == "hang-up":
            await channel.close()
        else:
            call.cancel()  # after a break gRPC goes on streaming until the caller says so
        await eventually(lambda: textback.app.hub.listeners == 0)
    assert (await textback.get(message_id)).wait.state == message_pb.WAIT_STATE_OPEN


async def test_health_answers_for_each_service_while_hundreds_of_streams_are_open(server: Stoppable) -> None:
    textback = server.service
    health: Any = HealthStub(textback.channel)
    streams = [textback.ask() for _ in range(300)]
    await asyncio.gather(*(stream.created() for stream in streams))
    watches = [health.Watch(health_pb2.HealthCheckRequest(service=name)) for name in ("", SERVICE)]
    for name, watch in zip(("", SERVICE), watches, strict=True):
        assert (await health.Check(health_pb2.HealthCheckRequest(service=name))).status == SERVING
        assert (await watch.read()).status == SERVING
    failure = await failing(health.Check(health_pb2.HealthCheckRequest(service="other")))
    assert failure.code is grpc.StatusCode.NOT_FOUND
    server.stop.set()
    assert [(await watch.read()).status for watch in watches] == [NOT_SERVING, NOT_SERVING]
    for call in (*watches, *(stream.call for stream in streams)):
        call.cancel()


async def test_second_server_on_a_port_is_refused_with_a_sentence(textback: Service, tmp_path: Path) -> None:
    host, _, port = textback.app.grpc.rpartition(":")
    _, _, http_port = textback.app.http.rpartition(":")
    for taken in ({"listen": Address(host, int(port))}, {"http_listen": Address(host, int(http_port))}):
        settings = settings_for(textback.emulator, tmp_path / "second.db", **taken)
        with pytest.raises(OSError, match=r"^cannot listen on 127\.0\.0\.1:[0-9]+: .*\w"):
            async with running(settings):
                pass
    assert await textback.send()


async def test_reflection_lists_the_service_and_resolves_error_details(textback: Service) -> None:
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        *(
            reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)
            for symbol in (
                SERVICE,
                *(f"google.rpc.{name}" for name in ("ErrorInfo", "BadRequest", "RetryInfo", "Help")),
            )
        ),
    ]
    channel: Any = textback.channel
    stub: Any = ServerReflectionStub(channel)
    call = stub.ServerReflectionInfo(iter(asked))
    listed, *files = [answer async for answer in call]
    assert {each.name for each in listed.list_services_response.service} >= {SERVICE, "grpc.health.v1.Health"}
    assert all(file.file_descriptor_response.file_descriptor_proto for file in files)


async def test_list_pages_fit_into_what_a_client_takes_when_rows_are_large(textback: Service) -> None:
    large: dict[str, Any] = {"alert_group_identifiers": [f"{n:0256}" for n in range(64)], "scope": "x" * 256}
    large["target_entities"] = [{"identifier": f"{n:0256}", "entity_type": "x" * 64} for n in range(64)]
    sent = await asyncio.gather(*(textback.send(f"{n}", context=large) for n in range(130)))
    found: list[str] = []
    request = pb.ListMessagesRequest(page_size=1_000)
    while not found or request.page_token:
        page = await textback.stub.ListMessages(request)
        found += [message.message_id for message in page.messages]
        request.page_token = page.next_page_token
    assert sorted(found) == sorted(message.message_id for message in sent)


async def test_unknown_fields_and_methods_are_harmless(textback: Service) -> None:
    message_id = (await textback.send()).message_id
    newer = pb.GetMessageRequest(message_id=message_id).SerializeToString() + b"\xa2\x06\x03new"  # field 100
    channel: Any = textback.channel
    get = channel.unary_unary(f"/{SERVICE}/GetMessage", response_deserializer=pb.GetMessageResponse.FromString)
    assert (await get(newer)).message.message_id == message_id
    failure = await failing(channel.unary_unary(f"/{SERVICE}/Newer")(b""))
    assert failure.code is grpc.StatusCode.UNIMPLEMENTED


def test_dependency_floors_are_the_versions_that_generated_the_stubs() -> None:
    root = Path(__file__).resolve().parents[2]
    wanted = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    floors = dict(each.split(">=") for each in wanted if each.startswith(("grpcio>=", "protobuf>=")))
    assert floors["grpcio"] == stubs.GRPC_GENERATED_VERSION
    generated = (root / "generated/python/textback/v1/sms_service_pb2.py").read_text()
    assert f"# Protobuf Python Version: {floors['protobuf']}\n" in generated
