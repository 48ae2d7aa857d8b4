"""One life of the service: the production engine on a store that outlives it, until it is killed."""

import asyncio
import random
from collections.abc import Coroutine, Generator
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import replace
from sqlite3 import Connection
from typing import Any, TypeVar

from tests.simulation.chance import Ways
from tests.simulation.loop import SimulatedLoop
from tests.simulation.twilio import Twilio
from tests.simulation.writer import MortalWriter
from tests.support.engines import ACCOUNT
from textback_server.domain.limits import NO_LIMITS, Allowances
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
from textback_server.gateway.accounts import Accounts
from textback_server.store.sqlite import SqliteStore, reads
from textback_server.store.sqlite.writer import LoopWriter

T = TypeVar("T")

_LIFE: ContextVar["Process | None"] = ContextVar("life", default=None)


class Gone(Exception):  # noqa: N818 - what a caller sees
    """The process was killed before it answered."""


class Process:
    """The engine, wired as `app` wires it. Its tasks, and their tasks, end with it and do nothing on the way."""

    def __init__(
        self, loop: SimulatedLoop, disk: tuple[Connection, LoopWriter], twilio: Twilio, rng: random.Random
    ) -> None:
        """Start on what an earlier life left on `disk`."""
        self._tasks: list[asyncio.Task[Any]] = []
        ways, clock = twilio.weather.ways, loop.now
        self._writer = MortalWriter(disk[1], rng, twilio.weather.commit_time, twilio.step)
        self.store = SqliteStore(self._writer, disk[0], None, ExitStack())
        self.hub, accounts, strangers = Hub(), Accounts((ACCOUNT,)), Strangers()
        self._ledger = Ledger(self.store, self.hub, clock)
        self.intake = Intake(self.store, self._ledger, accounts, clock, strangers)
        self._poller = Poller(
            store=self.store,
            passes=Passes(
                store=self.store,
                ledger=self._ledger,
                intake=self.intake,
                gateway=twilio,
                notifier=Notifier(twilio),
                strangers=strangers,
                clock=clock,
            ),
            accounts=accounts,
            clock=clock,
            settings=PollerSettings(enabled=ways is not Ways.WEBHOOKS, webhooks=ways is not Ways.POLLING),
        )
        self.streams = Streams(self.store, self.hub, StreamSettings(heartbeat=15, max_age=60), rng)
        self.callbacks = Callbacks("https://example.com", reads.secret(disk[0]))
        four = Allowances(replace(NO_LIMITS, concurrency=4))
        self._outbox = Outbox(self._ledger, twilio, self.callbacks, clock, four)
        self._sweeper = Sweeper(self.store, self._ledger, self._outbox, clock, self._poller)
        self.desk = Desk(store=self.store, hub=self.hub, ledger=self._ledger, outbox=self._outbox, clock=clock, rng=rng)
        self.begin(self._run())

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Do work of this process."""
        token = _LIFE.set(self)
        try:
            return asyncio.get_running_loop().create_task(work)
        finally:
            _LIFE.reset(token)

    async def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Have this process do something, from outside. Raises Gone."""
        task = self.begin(work)
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.cancelled():
            raise Gone
        return task.result()

    def kill(self) -> None:
        """End it where it stands: nothing more is written, and its calls to Twilio are cut."""
        self._writer.die()
        for task in self._tasks:
            task.cancel()

    async def _run(self) -> None:
        async with self._outbox, asyncio.TaskGroup() as loops:
            await self.intake.finish_opt_outs()
            loops.create_task(self._sweeper.run())
            loops.create_task(self._poller.run())


def tasks_belong_to_lives(
    loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T] | Generator[Any, None, T], **settings: Any
) -> asyncio.Task[T]:
    """A task factory: each task is on the list of the life that began it."""
    task = asyncio.Task(work, loop=loop, **settings)
    life = _LIFE.get()
    if life is not None:
        life._tasks.append(task)  # noqa: SLF001 - its own
    return task
