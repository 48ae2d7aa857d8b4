"""Both clients against a real gRPC server that breaks streams: each event once, the SMS asked for once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import grpc
import pytest

from tests.support.scripted_server import MESSAGE_ID, Break, ScriptedServicer, heartbeat, question, serving
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_event_pb2 import SmsEvent
from textback.v1.sms_message_pb2 import OUTCOME_REPLIED, Result
from textback_client import BlockingTextback, Textback, TextbackError

Code = grpc.StatusCode
PHONE = "+14155550123"


async def ask_async(address: str, **options: float) -> tuple[list[int], Result]:
    async with Textback(address, patience=5) as textback:
        stream = textback.ask(PHONE, "Isolate?", request_id="r-1", account="soc", deadline=options.get("deadline"))
        seen = [event.sequence async for event in stream]
        return seen, await stream.result()


async def ask_blocking(address: str, **options: float) -> tuple[list[int], Result]:
    def ask() -> tuple[list[int], Result]:
        with BlockingTextback(address, patience=5) as textback:
            stream = textback.ask(PHONE, "Isolate?", request_id="r-1", account="soc", deadline=options.get("deadline"))
            return [event.sequence for event in stream], stream.result()

    return await asyncio.to_thread(ask)


Ask = Callable[..., Awaitable[tuple[list[int], Result]]]
both = pytest.mark.parametrize("ask", [ask_async, ask_blocking])


def calls(servicer: ScriptedServicer) -> list[int | str]:
    """Name the streams that were opened: the request_id of a question, the position of a watch."""
    return [
        request.after_sequence if isinstance(request, pb.WatchMessageRequest) else request.request_id
        for request in servicer.requests
        if isinstance(request, pb.WatchMessageRequest | pb.SendSmsAndWaitRequest)
    ]


@both
@pytest.mark.parametrize(
    ("breaks", "opened"),
    [
        ([], ["r-1"]),
        ([Break(after=0)], ["r-1", "r-1"]),
        ([Break(after=0, code=Code.CANCELLED)], ["r-1", "r-1"]),
        ([Break(after=0, code=Code.RESOURCE_EXHAUSTED, retry_after=0.05)], ["r-1", "r-1"]),
        ([Break(after=1)], ["r-1", 1]),
        ([Break(after=3, code=None)], ["r-1", 3]),
        ([Break(after=5)], ["r-1", 5]),
        ([Break(after=0), Break(after=2), Break(after=0, heartbeat=True), Break(after=3)], ["r-1", "r-1", 2, 2, 5]),
        ([Break(after=2, code=Code.INTERNAL, message="Received RST_STREAM with error code 2")], ["r-1", 2]),
        ([Break(after=2, code=Code.UNAVAILABLE, reason="STREAM_RECYCLED", retry_after=0.01)], ["r-1", 2]),
    ],
)
async def test_stream_gives_each_event_once_when_it_breaks(
    ask: Ask, breaks: list[Break], opened: list[int | str]
) -> None:
    beats = [2] if any(each.heartbeat for each in breaks) else []
    servicer = ScriptedServicer(events=question(), breaks=list(breaks))
    async with serving(servicer) as address:
        seen, result = await ask(address)
    assert seen == [1, 2, *beats, 3, 4, 5, 6]
    assert result.outcome == OUTCOME_REPLIED
    assert result.choice == "yes"
    assert calls(servicer) == opened
    assert {getattr(request, "account", "") for request in servicer.requests} == {"soc"}


@both
async def test_stream_drops_doubles_when_the_server_replays_from_the_start(ask: Ask) -> None:
    events = question()
    servicer = ScriptedServicer(events=[*events[:3], events[1], heartbeat(3), events[2], *events[3:]])
    async with serving(servicer) as address:
        seen, _ = await ask(address)
    assert seen == [1, 2, 3, 3, 4, 5, 6]


@both
async def test_stream_goes_on_when_the_server_is_restarted(ask: Ask) -> None:
    servicer = ScriptedServicer(events=question(), hold_after=3)
    async with AsyncExitStack() as first:
        address = await first.enter_async_context(serving(servicer))
        asking = asyncio.ensure_future(ask(address))
        await servicer.held.wait()
    servicer.go_on.set()
    async with serving(servicer, address):
        seen, result = await asking
    assert seen == [1, 2, 3, 4, 5, 6]
    assert result.choice == "yes"
    assert len(calls(servicer)) >= 2


@both
@pytest.mark.parametrize(
    "stop",
    [
        Break(code=Code.INVALID_ARGUMENT, reason="INVALID_FIELD"),
        Break(code=Code.INTERNAL, reason="INTERNAL"),
        Break(code=Code.RESOURCE_EXHAUSTED),
        Break(after=2, code=Code.OUT_OF_RANGE),
    ],
)
async def test_stream_is_not_repeated_when_that_cannot_help(ask: Ask, stop: Break) -> None:
    servicer = ScriptedServicer(events=question(), breaks=[stop])
    async with serving(servicer) as address:
        with pytest.raises(TextbackError) as error:
            await ask(address)
    assert error.value.code is stop.code
    assert error.value.reason == stop.reason
    assert error.value.metadata["request_id"] == "r-1"
    assert len(servicer.requests) == 1


@both
async def test_deadline_ends_the_stream_when_nobody_answers(ask: Ask) -> None:
    servicer = ScriptedServicer(events=question(), hold_after=2)
    async with serving(servicer) as address:
        with pytest.raises(TextbackError) as error:
            await ask(address, deadline=0.3)
        await servicer.quiet.wait()
    assert error.value.code is Code.DEADLINE_EXCEEDED


async def test_call_is_cancelled_when_the_iteration_is_left_async() -> None:
    servicer = ScriptedServicer(events=question(), hold_after=2)
    async with serving(servicer) as address, Textback(address) as textback:
        stream = textback.ask(PHONE, "Isolate?")
        async for event in stream:
            if event.sequence == 2:
                break
        await asyncio.wait_for(servicer.quiet.wait(), 5)
        assert stream.message_id == MESSAGE_ID
        servicer.go_on.set()
        assert [event.sequence async for event in stream] == [3, 4, 5, 6]
    assert calls(servicer)[1:] == [2]


async def test_call_is_cancelled_when_the_iteration_is_left_blocking() -> None:
    servicer = ScriptedServicer(events=question(), hold_after=2)

    def leave(address: str) -> SmsEvent:
        with BlockingTextback(address) as textback:
            for event in textback.ask(PHONE, "Isolate?"):
                if event.sequence == 2:
                    break
            # The channel is still open: only the call may have ended.
            asyncio.run_coroutine_threadsafe(asyncio.wait_for(servicer.quiet.wait(), 5), loop).result()
            return event

    loop = asyncio.get_running_loop()
    async with serving(servicer) as address:
        assert (await asyncio.to_thread(leave, address)).sequence == 2


async def test_call_is_cancelled_when_the_task_is_cancelled() -> None:
    servicer = ScriptedServicer(events=question(), hold_after=1)
    async with serving(servicer) as address, Textback(address) as textback:
        task = asyncio.create_task(textback.ask(PHONE, "Isolate?").result())
        await servicer.held.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(servicer.quiet.wait(), 5)
    assert len(servicer.requests) == 1


async def test_trouble_is_told_while_the_stream_reconnects() -> None:
    servicer = ScriptedServicer(events=question(), breaks=[Break(after=1, retry_after=30)])
    async with serving(servicer) as address, Textback(address) as textback:
        stream = textback.ask(PHONE, "Isolate?")
        task = asyncio.create_task(stream.result())
        while stream.trouble is None:  # noqa: ASYNC110  nothing announces it, it is there to be looked at
            await asyncio.sleep(0.01)
        assert stream.trouble.retry_after == 30
        task.cancel()


async def test_watch_starts_after_the_sequence_it_is_given() -> None:
    servicer = ScriptedServicer(events=question(), breaks=[Break(after=1)])
    async with serving(servicer) as address, Textback(address) as textback:
        assert [event.sequence async for event in textback.watch(MESSAGE_ID, after_sequence=3)] == [4, 5, 6]
    assert calls(servicer) == [3, 4]


async def test_unreachable_server_is_an_error_when_patience_has_ended() -> None:
    async with Textback("127.0.0.1:1", patience=0.3) as textback:
        with pytest.raises(TextbackError) as error:
            await textback.ask(PHONE, "Isolate?").result()
    assert error.value.code is Code.UNAVAILABLE
    assert error.value.reason == ""
