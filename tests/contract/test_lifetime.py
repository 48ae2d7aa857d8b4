"""Opening, closing, and what is there the next time."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.contract.kinds import Kind
from tests.support.builders import ACCOUNT, NOW, PERSON, SENDER, a_change, a_closing, a_draft, an_inbound
from textback_server.domain.changes import Write
from textback_server.domain.events import StatusChanged
from textback_server.domain.messages import Code, MessageState
from textback_server.store.protocol import CodesTaken, InboundFilter, MessageFilter, Store, StoreUnavailable


async def test_everything_is_there_when_the_store_is_opened_again(durable: Kind, tmp_path: Path) -> None:
    inbound = an_inbound()
    async with durable.open(tmp_path) as store:
        message, _ = await store.create(a_draft(request_id="order-7", labels={"a": "b"}), [Code("4821")], NOW)
        change = a_change(message, StatusChanged(state=MessageState.QUEUED), state=MessageState.QUEUED)
        await store.commit(Write(changes=(change,), inbound=inbound))
        events = await store.events(message.id, 0)
    async with durable.open(tmp_path) as store:
        assert await store.load(message.id) == change.after
        assert await store.recall(ACCOUNT, "order-7") == change.after
        assert list(await store.events(message.id, 0)) == list(events)
        assert (await store.messages(MessageFilter(account=ACCOUNT, labels={"a": "b"}), None, 9)).rows == (
            change.after,
        )
        assert (await store.inbound(InboundFilter(account=ACCOUNT), None, 9)).rows == (inbound,)
        assert (await store.standing(ACCOUNT, PERSON, [Code("4821")], NOW)).matches == (change.after,)
        with pytest.raises(CodesTaken):
            await store.create(a_draft(), [Code("4821")], NOW)
        await store.commit(Write(changes=(a_closing(change.after),)))


async def test_secret_stays_the_same_when_the_store_is_opened_again(durable: Kind, tmp_path: Path) -> None:
    async with durable.open(tmp_path) as store:
        secret = await store.secret()
    async with durable.open(tmp_path) as store:
        assert await store.secret() == secret
    assert len(secret) == 32


async def test_secret_differs_between_stores(kind: Kind, tmp_path: Path) -> None:
    secrets = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        async with kind.open(tmp_path / name) as store:
            secrets.add(await store.secret())
    assert len(secrets) == 2


async def test_writes_are_finished_when_the_store_closes_at_once(durable: Kind, tmp_path: Path) -> None:
    drafts = [a_draft(wait=None) for _ in range(50)]
    async with durable.open(tmp_path) as store:
        writes = asyncio.gather(*(store.create(draft, (), NOW) for draft in drafts))
        await asyncio.sleep(0)  # submitted, and nobody has waited for them
    assert all(new for _, new in await writes)
    async with durable.open(tmp_path) as store:
        assert all([await store.load(draft.id) for draft in drafts])


CALLS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "create": lambda store: store.create(a_draft(), [Code("4821")], NOW),
    "commit": lambda store: store.commit(Write()),
    "get": lambda store: store.get(ACCOUNT, "msg"),
    "load": lambda store: store.load("msg"),
    "find": lambda store: store.find(ACCOUNT, "SM1"),
    "recall": lambda store: store.recall(ACCOUNT, "order-7"),
    "events": lambda store: store.events("msg", 0),
    "messages": lambda store: store.messages(MessageFilter(account=ACCOUNT), None, 1),
    "inbound": lambda store: store.inbound(InboundFilter(account=ACCOUNT), None, 1),
    "standing": lambda store: store.standing(ACCOUNT, PERSON, (), NOW),
    "open_waits": lambda store: store.open_waits(ACCOUNT, PERSON),
    "unfinished_opt_outs": lambda store: store.unfinished_opt_outs(1),
    "received": lambda store: store.received(ACCOUNT, "SM1"),
    "due": lambda store: store.due(NOW, 1),
    "urgent": lambda store: store.urgent(NOW, NOW, 1),
    "expired": lambda store: store.expired(NOW, NOW),
    "agenda": lambda store: store.agenda(ACCOUNT),
    "unproven": lambda store: store.unproven(ACCOUNT, SENDER, 1),
    "unseen": lambda store: store.unseen(ACCOUNT, ["SM1"]),
    "sent_today": lambda store: store.sent_today(ACCOUNT, NOW),
    "forget": lambda store: store.forget(NOW, NOW, NOW, 1),
    "check": lambda store: store.check(),
    "secret": lambda store: store.secret(),
}


@pytest.mark.parametrize("name", CALLS)
async def test_closed_store_answers_unavailable(kind: Kind, tmp_path: Path, name: str) -> None:
    async with kind.open(tmp_path) as store:
        await CALLS[name](store)
        await store.close()
        with pytest.raises(StoreUnavailable, match="closed"):
            await CALLS[name](store)
        await store.close()
