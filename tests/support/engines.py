"""The engine in memory: the production store and loops, a clock that stands until it is moved, a Twilio that obeys."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.support.builders import NOW, SENDER, a_sid
from textback_server.domain.facts import PostAccepted, PostHeld
from textback_server.domain.limits import NO_LIMITS, Allowances, Limits
from textback_server.domain.listing import Listed, Listing
from textback_server.domain.messages import Failure, MessageState
from textback_server.domain.reasons import Reason
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.desk import Desk
from textback_server.engine.follow import Streams, StreamSettings
from textback_server.engine.hub import Hub
from textback_server.engine.intake import Intake
from textback_server.engine.ledger import Ledger
from textback_server.engine.notifier import Notifier
from textback_server.engine.outbox import Outbox
from textback_server.engine.passes import Passes
from textback_server.engine.poller import Poller, PollerSettings
from textback_server.engine.strangers import Strangers
from textback_server.engine.sweeper import Sweeper
from textback_server.gateway.accounts import Account, Accounts, Secret
from textback_server.gateway.protocol import NotListable, Outbound, Pong, PostOutcome
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
    """A gateway: answers each POST with the next outcome, else accepts it. `gate` closed: POSTs hang.

    `listed` is what its list shows, in `pages` pages and no more than its newest `most`, `silent` with what it refuses
    to; `lists` counts how often it was asked, `answered` is what it said to POSTs, `numbers` a service's pool.
    """

    outcomes: deque[PostOutcome | Exception] = field(default_factory=deque)
    posts: list[Outbound] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    listed: list[Listed] = field(default_factory=list)
    silent: NotListable | None = None
    lists: int = 0
    pages: int = 1
    most: int = 1_000
    numbers: tuple[str, ...] = (SENDER,)
    answered: list[PostOutcome] = field(default_factory=list)

    async def create(self, account: str, outbound: Outbound) -> PostOutcome:  # noqa: ARG002 - the protocol's
        """POST one message."""
        self.posts.append(outbound)
        await self.gate.wait()
        outcome = self.outcomes.popleft() if self.outcomes else accepted()
        if isinstance(outcome, Exception):
            raise outcome
        self.answered.append(outcome)
        return outcome

    async def texts(self, account: str, *, sender: str = "", recipient: str = "", since: datetime) -> Listing:  # noqa: ARG002 - the protocol's
        """Show what is in `listed`."""
        self.lists += 1
        if self.silent is not None:
            raise self.silent
        rows = sorted((row for row in self.listed if row.time >= since), key=lambda row: row.time, reverse=True)
        rows = [row for row in rows if sender in ("", row.sender) and recipient in ("", row.recipient)]
        whole, rows = len(rows) <= self.most, rows[: self.most]
        reached = since if whole else rows[-1].time
        return Listing(rows=tuple(rows), reached=reached, whole=whole, pages=self.pages)

    async def pool(self, account: str, service: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """Its numbers."""
        return self.numbers

    def prefix(self, account: str) -> str:  # noqa: ARG002 - the protocol's
        """A full account's."""
        return ""

    async def probe(self, account: str, inbound_url: str | None) -> Pong:
        """Never asked here."""
        raise NotImplementedError


def accepted() -> PostAccepted:
    """Twilio has it."""
    return PostAccepted(twilio_sid=a_sid(), twilio_status="queued", state=MessageState.QUEUED)


def held(seconds: float = 1) -> PostHeld:
    """Twilio does not take it now."""
    failure = Failure(reason=Reason.TWILIO_BUSY, message="busy")
    return PostHeld(failure=failure, retry_after=timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The rooms of the engine, wired. `poller` does nothing by itself: `poll` makes a round."""

    time: Time
    poller: Poller
    strangers: Strangers
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
async def engine(
    streams: StreamSettings | None = None,
    *,
    polling: PollerSettings | None = None,
    limits: Limits = NO_LIMITS,
    on: SqliteStore | None = None,
    time: Time | None = None,
    twilio: ScriptedTwilio | None = None,
) -> AsyncIterator[Engine]:
    """Run an engine; leaving it waits for the POSTs in flight. Without `polling` there is none.

    `on` another engine's store, with its time and Twilio, it is what a restart finds.
    """
    time, twilio, hub, rng = time or Time(), twilio or ScriptedTwilio(), Hub(), random.Random(7)
    twilio.gate.set()
    async with SqliteStore.open(":memory:") if on is None else nullcontext(on) as store:
        callbacks = Callbacks("https://example.com", await store.secret())
        ledger, accounts, strangers = Ledger(store, hub, time), Accounts((ACCOUNT,)), Strangers()
        intake = Intake(store, ledger, accounts, time, strangers)
        passes = Passes(
            store=store,
            ledger=ledger,
            intake=intake,
            gateway=twilio,
            notifier=Notifier(twilio),
            strangers=strangers,
            clock=time,
        )
        settings = polling or PollerSettings(enabled=False)
        poller = Poller(store=store, passes=passes, accounts=accounts, clock=time, settings=settings)
        allowed = Allowances(limits)
        async with Outbox(ledger, twilio, callbacks, time, allowed) as outbox:
            yield Engine(
                time=time,
                poller=poller,
                strangers=strangers,
                twilio=twilio,
                store=store,
                hub=hub,
                ledger=ledger,
                outbox=outbox,
                sweeper=Sweeper(store, ledger, outbox, time, poller),
                intake=intake,
                desk=Desk(store=store, hub=hub, ledger=ledger, outbox=outbox, clock=time, rng=rng, limits=allowed),
                streams=Streams(store, hub, streams or StreamSettings(heartbeat=0.01), rng),
            )
            twilio.gate.set()
