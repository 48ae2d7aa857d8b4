"""The janitor: what it forgets when, and that it lives on when the store does not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.support.builders import a_draft, an_inbound, terms
from tests.support.engines import Engine, engine
from textback_server.domain.erasing import Retention
from textback_server.domain.events import Event
from textback_server.domain.messages import Message
from textback_server.engine import janitor as janitor_module
from textback_server.engine.follow import Heartbeat
from textback_server.engine.janitor import Janitor

RETENTION = Retention(content=timedelta(days=7), rows=timedelta(days=30))


@pytest.fixture
async def running() -> AsyncIterator[Engine]:
    async with engine() as made:
        yield made


def a_janitor(running: Engine) -> Janitor:
    return Janitor(running.store, running.time, RETENTION)


async def answered(running: Engine) -> Message:
    message = await running.desk.accept(a_draft(wait=terms()))
    assert message.wait is not None
    await running.desk.handed_over(message, 5)
    await running.intake.inbound(an_inbound(f"{message.wait.code} yes"))
    return await running.desk.get(message.account, message.id)


async def test_content_and_then_rows_go_in_their_time(running: Engine) -> None:
    message = await answered(running)
    running.time.move(days=7, microseconds=-1)
    assert await a_janitor(running).tidy() == 0
    running.time.move(microseconds=1)
    assert await a_janitor(running).tidy() == 2
    assert (await running.desk.get(message.account, message.id)).content_erased
    running.time.move(days=23)
    assert await a_janitor(running).tidy() == 2
    assert await running.store.load(message.id) is None


async def test_open_question_is_answered_as_ever_when_the_janitor_was_there(running: Engine) -> None:
    message = await running.desk.accept(a_draft(wait=terms(reply_timeout=timedelta(days=60))))
    assert message.wait is not None
    await running.desk.handed_over(message, 5)
    running.time.move(days=59)
    assert await a_janitor(running).tidy() == 0
    await running.intake.inbound(an_inbound(f"{message.wait.code} yes", receive_time=running.time()))
    after = await running.desk.get(message.account, message.id)
    assert after.result is not None
    assert after.result.text == "yes"


async def test_stream_of_an_erased_message_replays_all_its_events(running: Engine) -> None:
    message = await answered(running)
    running.time.move(days=7)
    await a_janitor(running).tidy()
    erased = await running.desk.get(message.account, message.id)
    seen: list[Event | Heartbeat] = []

    async def write(what: Event | Heartbeat) -> None:
        seen.append(what)

    await running.streams.follow(erased, 0, write)
    assert len(seen) == message.sequence


async def test_loop_goes_on_until_nothing_is_left(running: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor_module, "BATCH", 2)
    monkeypatch.setattr(janitor_module, "BREATH", 0)
    messages = [await answered(running) for _ in range(3)]
    running.time.move(days=7)
    loop = asyncio.create_task(a_janitor(running).run())
    for message in messages:
        async with asyncio.timeout(5):
            while not (await running.desk.get(message.account, message.id)).content_erased:
                await running.store.check()
    loop.cancel()


async def test_loop_survives_a_store_that_fails(running: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor_module, "REST", 0)
    await running.store.close()
    loop = asyncio.create_task(a_janitor(running).run())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not loop.done()
    loop.cancel()
