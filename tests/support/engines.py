"""The engine in memory: the production store and loops, a clock that stands until it is moved, a Twilio that obeys."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.support.builders import NOW, a_sid
from textback_server.domain.facts import PostAccepted
from textback_server.domain.messages import MessageState
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.desk import Desk
from textback_server.engine.follow import Streams, StreamSettings
from textback_server.engine.hub import Hub
from textback_server.engine.intake import Intake
from textback_server.engine.ledger import Ledger
from textback_server.engine.outbox import Outbox
from textback_server.engine.sweeper import Sweeper
from textback_server.gateway.accounts import Account, Accounts, Secret
from textback_server.gateway.protocol import Outbound, Pong, PostOutcome
from textback_server.store.sqlite import SqliteStore

ACCOUNT = Account(name="main", account_sid="AC" + "0" * 32, auth_token=Secret("token"))


@dataclass(slots=True)
class Time:
    """A clock that stands."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def move(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@dataclass(slots=True)
class ScriptedTwilio:
    """A gateway: answers each POST with the next outcome, else accepts it. `gate` closed: POSTs hang."""

    outcomes: deque[PostOutcome | Exception] = field(default_factory=deque)
    posts: list[Outbound] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def create(self, account: str, outbound: Outbound) -> PostOutcome:  # noqa: ARG002 - the protocol's
        """POST one message."""
        self.posts.append(outbound)
        await self.gate.wait()
        outcome = self.outcomes.popleft() if self.outcomes else accepted()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def prefix(self, account: str) -> str:  # noqa: ARG002 - the protocol's
        """A full account's."""
        return ""

    async def probe(self, account: str, inbound_url: str | None) -> Pong:
        """Never asked here."""
        raise NotImplementedError


def accepted() -> PostAccepted:
    """Twilio has it."""
    return PostAccepted(twilio_sid=a_sid(), twilio_status="queued", state=MessageState.QUEUED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The rooms of the engine, wired."""

    time: Time
    twilio: ScriptedTwilio
    store: SqliteStore
    hub: Hub
    ledger: Ledger
    outbox: Outbox
    sweeper: Sweeper
    intake: Intake
    desk: Desk
    streams: Streams


@asynccontextmanager
async def engine(streams: StreamSettings | None = None) -> AsyncIterator[Engine]:
    """Run an engine; leaving it waits for the POSTs in flight."""
    time, twilio, hub, rng = Time(), ScriptedTwilio(), Hub(), random.Random(7)
    twilio.gate.set()
    async with SqliteStore.open(":memory:") as store:
        callbacks = Callbacks("https://example.com", await store.secret())
        ledger = Ledger(store, hub, time)
        async with Outbox(ledger, twilio, callbacks, time) as outbox:
            yield Engine(
                time=time,
                twilio=twilio,
                store=store,
                hub=hub,
                ledger=ledger,
                outbox=outbox,
                sweeper=Sweeper(store, ledger, outbox, time),
                intake=Intake(store, ledger, Accounts((ACCOUNT,)), time),
                desk=Desk(store=store, hub=hub, ledger=ledger, outbox=outbox, clock=time, rng=rng),
                streams=Streams(store, hub, streams or StreamSettings(heartbeat=0.01), rng),
            )
            twilio.gate.set()
