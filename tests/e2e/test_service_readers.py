"""Clients that do not read: their streams end, resumably, and hold nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from structlog.testing import capture_logs

from tests.support.emulators import emulator
from tests.support.service import (
    PHONE,
    Stoppable,
    Stream,
    eventually,
    failing,
    failure_of,
    settings_for,
    stoppable,
)
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback.v1 import sms_service_pb2_grpc as stubs
from textback_server.engine.follow import StreamSettings

UNREAD = StreamSettings(heartbeat=0.01, unread=0.3)
"""Heartbeats fill the window of a client that does not read; a write may then wait for 0.3 s."""
SMALL_WINDOW = (("grpc.http2.lookahead_bytes", 1_024), ("grpc.http2.bdp_probe", 0))


@asynccontextmanager
async def unread(
    folder: Path, streams: StreamSettings, body: str = "Isolate?"
) -> AsyncIterator[tuple[Stoppable, grpc.aio.Channel, Stream]]:
    """A server, and a question asked over a channel with a small window, of which nothing is read by itself."""
    async with (
        emulator() as twilio,
        stoppable(twilio, settings_for(twilio, folder / "t.db"), streams=streams) as server,
        grpc.aio.insecure_channel(server.service.app.grpc, SMALL_WINDOW) as channel,
    ):
        request = pb.SendSmsAndWaitRequest(sms=message_pb.Sms(recipient=PHONE, body=body))
        yield server, channel, Stream(stubs.SmsServiceStub(channel).SendSmsAndWait(request))


@pytest.mark.parametrize("leave", ["cancel", "hang-up"])
async def test_listener_is_freed_when_a_client_that_does_not_read_leaves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, leave: str
) -> None:
    flood = StreamSettings(heartbeat=0.0001)
    with capture_logs() as logs:
        async with unread(tmp_path, flood) as (server, channel, stream):
            await stream.call.read()
            for _ in range(50):  # the server writes on until the window is full; every unary call gives it time to
                await server.service.stub.ListMessages(pb.ListMessagesRequest())
            if leave == "hang-up":
                await channel.close()
            else:
                stream.call.cancel()
            await eventually(lambda: server.service.app.hub.listeners == 0)
    assert [line["event"] for line in logs if line["log_level"] == "error"] == []
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_client_learns_of_the_end_when_it_did_not_read_even_the_first_event(tmp_path: Path) -> None:
    async with unread(tmp_path, UNREAD, "Isolate? " * 130) as (server, _, stream):
        await eventually(lambda: server.service.app.hub.listeners == 1)
        await eventually(lambda: server.service.app.hub.listeners == 0)
        async with asyncio.timeout(10):
            failure = await failing(stream)
        assert (failure.reason, failure.metadata) == ("STREAM_RECYCLED", {"last_sequence": "1"})


async def test_stream_resumed_where_it_says_doubles_no_event_and_loses_none(tmp_path: Path) -> None:
    quiet = StreamSettings(heartbeat=10, unread=0.3)
    async with unread(tmp_path, quiet, "Isolate? " * 80) as (server, _, stream):
        message = await stream.created()
        sequences = [1]
        await eventually(lambda: server.service.app.hub.listeners == 0)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read_on(stream, sequences)
        last = int(failure_of(caught.value).metadata["last_sequence"])
        async with server.service.watch(message.message_id, last) as late:
            await server.service.answer(f"{message.wait.code} yes")
            sequences += [event.sequence for event in await late.rest()]
    assert sequences == list(range(1, sequences[-1] + 1))


async def test_stream_ends_well_when_its_last_event_is_read_late(tmp_path: Path) -> None:
    quiet = StreamSettings(heartbeat=10, unread=0.3)
    async with unread(tmp_path, quiet) as (server, _, stream):
        message = await stream.created()
        await eventually(lambda: server.service.texts() != [])
        await server.service.answer(f"{message.wait.code} yes {'y' * 1_200}")
        await eventually(lambda: server.service.app.hub.listeners == 0)
        assert (await stream.rest())[-1].WhichOneof("kind") == "reply_received"


async def test_stream_ends_resumably_when_its_client_does_not_read(tmp_path: Path) -> None:
    async with unread(tmp_path, UNREAD) as (server, _, stream):
        message = await stream.created()
        await eventually(lambda: server.service.app.hub.listeners == 0)
        failure = await failing(stream)
        assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "STREAM_RECYCLED")
        assert (failure.retry_after, failure.pushback) == (1.0, "1000")
        assert "did not read for 0.3 seconds" in failure.message
        last = int(failure.metadata["last_sequence"])
        assert (await server.service.get(message.message_id)).wait.state == message_pb.WAIT_STATE_OPEN
        async with server.service.watch(message.message_id, last) as late:
            await server.service.answer(f"{message.wait.code} yes")
            assert (await late.until("reply_received")).result.text == "yes"


async def test_stream_goes_on_for_longer_than_a_write_may_wait_when_its_client_reads(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with (
        emulator() as twilio,
        stoppable(twilio, settings_for(twilio, tmp_path / "t.db"), streams=UNREAD) as server,
        server.service.ask() as stream,
    ):
        end = loop.time() + 3 * UNREAD.unread
        while loop.time() < end:
            assert (await stream.call.read()).event.message_id


async def test_nothing_is_held_for_ever_when_a_client_neither_reads_nor_leaves(tmp_path: Path) -> None:
    short = StreamSettings(heartbeat=0.01, unread=0.3, max_age=1.0)
    async with unread(tmp_path, short) as (server, _, stream):
        message = await stream.created()
        assert handlers("SendSmsAndWait") == 1
        await eventually(lambda: handlers("SendSmsAndWait") == 0)
        assert (await server.service.get(message.message_id)).wait.state == message_pb.WAIT_STATE_OPEN


async def read_on(stream: Stream, sequences: list[int]) -> None:
    """Note the sequence of each event until the stream breaks off."""
    while True:
        sequences.append((await stream.next()).sequence)


def handlers(method: str) -> int:
    """How many calls of a method the server has not done with: grpc names its tasks so."""
    return sum(f"/{method}]" in task.get_name() for task in asyncio.all_tasks())


async def test_streams_end_of_their_own_age_when_their_connection_is_as_old(tmp_path: Path) -> None:
    young = StreamSettings(heartbeat=0.05, max_age=0.3)
    async with (
        emulator() as twilio,
        stoppable(twilio, settings_for(twilio, tmp_path / "t.db"), streams=young) as server,
    ):
        for _ in range(4):
            async with server.service.ask() as stream:
                assert (await failing(stream)).reason == "STREAM_RECYCLED"
