"""The sweeper on bad days: a row that cannot be worked on, and an end in the middle of a claim."""

import asyncio
from typing import Any

import pytest

from tests.support.builders import a_draft, terms
from tests.support.engines import Engine, engine, held
from textback_server.domain.facts import Fact
from textback_server.domain.messages import Message, WaitState
from textback_server.engine.ledger import Ledger
from textback_server.store.sqlite import SqliteStore


async def test_other_waits_expire_when_one_row_cannot_be_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    record = Ledger.record
    async with engine() as running:
        bad, good = [await running.desk.accept(a_draft(wait=terms())) for _ in range(2)]

        async def fail_on_one(ledger: Ledger, message: Message, fact: Fact) -> Any:
            if message.id == bad.id:
                raise ValueError("a row from another version")
            return await record(ledger, message, fact)

        for message in (bad, good):
            await running.desk.handed_over(message, 5)
        running.time.move(hours=1)
        monkeypatch.setattr(Ledger, "record", fail_on_one)
        assert await running.sweeper.sweep() == 1
        assert (await _wait_state(running, bad), await _wait_state(running, good)) == (
            WaitState.OPEN,
            WaitState.TIMED_OUT,
        )


async def test_claimed_message_is_posted_when_the_sweeper_ends_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    commit, claiming, go_on = SqliteStore.commit, asyncio.Event(), asyncio.Event()

    async def slowly(store: SqliteStore, *arguments: Any) -> None:
        claiming.set()
        await go_on.wait()
        await commit(store, *arguments)

    async with engine() as running:
        running.twilio.outcomes.append(held())
        await running.desk.handed_over(await running.desk.accept(a_draft(wait=None)), 5)
        running.time.move(seconds=1)
        monkeypatch.setattr(SqliteStore, "commit", slowly)
        sweeping = asyncio.create_task(running.sweeper.sweep())
        await claiming.wait()
        sweeping.cancel()
        await asyncio.wait([sweeping])
        go_on.set()
    assert len(running.twilio.posts) == 2


async def _wait_state(running: Engine, message: Message) -> WaitState | None:
    stored = await running.store.load(message.id)
    return stored.wait.state if stored and stored.wait else None
