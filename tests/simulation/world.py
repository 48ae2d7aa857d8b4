"""One run: clients that never give up, people who answer, a hostile Twilio, and a service that is killed over and over.

The seed decides all of it: two runs of one seed are the same, and `digest` says so.
"""

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from hashlib import sha256
from sqlite3 import Connection
from typing import Any

from structlog.testing import capture_logs

from tests.simulation.chance import weather
from tests.simulation.clients import Client
from tests.simulation.loop import SimulatedLoop, run_simulated
from tests.simulation.people import People, key_of
from tests.simulation.process import Process, tasks_belong_to_lives
from tests.simulation.twilio import Kept, Twilio
from tests.support.builders import ACCOUNT
from tests.support.history import History, Sms, violations
from tests.support.retelling import stored_inbound, stored_messages
from textback_server.domain.messages import Message, MessageState, Outcome, WaitState
from textback_server.store.protocol import MessageFilter
from textback_server.store.sqlite import files
from textback_server.store.sqlite.writer import LoopWriter

UNDECIDED = (MessageState.PENDING, MessageState.SENDING, MessageState.UNCONFIRMED)
ARRIVALS = 60.0
"""Seconds over which requests come in."""
SETTLING = 600.0
"""Seconds within which all must have come to an end once nothing goes wrong any more."""
RECEIPTS = 73 * 3_600.0
"""Seconds after which no further receipt is awaited."""
QUIET = 150.0
"""Seconds in which polling looks at everything once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of a seed. `problems` is empty if every promise was kept; `outcomes` are how messages ended."""

    seed: int
    digest: str
    problems: tuple[str, ...]
    sent: int
    kills: int
    outcomes: frozenset[Outcome]


def simulate(seed: int) -> Run:
    """Live through one seed."""

    async def live(loop: SimulatedLoop) -> Run:
        return await World(loop, seed).live()

    with capture_logs() as logs:
        run = run_simulated(live)
    defects = {f"the engine logged {log['event']}" for log in logs if log.get("exc_info")}
    return replace(run, problems=(*run.problems, *sorted(defects)))


class World:
    """Who is there, and what they did."""

    def __init__(self, loop: SimulatedLoop, seed: int) -> None:
        """Nothing happens before `live`."""
        loop.set_task_factory(tasks_belong_to_lives)
        self.loop = loop
        self._seed = seed
        self.rng = random.Random(seed)
        self.weather = weather(self.rng)
        self.life: Process | None = None
        self.calm = False
        self.kills = 0
        self.people = People(self)
        self.twilio = Twilio(
            loop=loop,
            rng=self.rng,
            weather=self.weather,
            step=self.step,
            note=self.note,
            moved=self.people.moved,
        )
        self._up = asyncio.Event()
        self._trace = sha256()
        self._tasks: list[asyncio.Task[None]] = []
        self._disk = _disk()

    def note(self, what: str) -> None:
        """Something happened."""
        self._trace.update(f"{self.loop.time():.6f} {what}\n".encode())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin something that ends by itself."""
        self._tasks.append(self.loop.create_task(work))

    async def alive(self) -> Process:
        """The service, once it runs."""
        while self.life is None:
            await self._up.wait()
        return self.life

    def step(self, where: str) -> None:
        """Something that touches the world is about to happen: the process may die here, or stand still for a while."""
        if self.calm:
            return
        if self.rng.random() < self.weather.stalls:
            self.loop.skip(self.rng.uniform(1, 25))
        if self.rng.random() < self.weather.dies_at_a_step:
            self.kill(where)

    def kill(self, where: str) -> None:
        """End the process, if there is one, and start another some time later."""
        if self.life is None:
            return
        self.note(f"killed: {where}")
        self.life.kill()
        self.life = None
        self.kills += 1
        self._up.clear()
        self.loop.call_later(self.rng.uniform(0.1, 20), self._start)

    async def live(self) -> Run:
        """The whole run."""
        self._start()
        killer = self.loop.create_task(self._kill_at_random())
        clients = self._clients()
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.run(self.rng.uniform(0, ARRIVALS)))
        killer.cancel()
        await self._settle()
        messages, history = await self._history(clients)
        self.kill("the end")
        await asyncio.sleep(0)
        undecided = [f"{each.request_id}: is still {each.state}" for each in messages if each.state in UNDECIDED]
        return Run(
            seed=self._seed,
            digest=self._trace.hexdigest(),
            problems=(*violations(history), *undecided, *self.people.overlooked(messages)),
            sent=len(history.sent),
            kills=self.kills,
            outcomes=frozenset(message.result.outcome for message in messages if message.result),
        )

    def _clients(self) -> list[Client]:
        clients = [Client(self, f"k{number}") for number in range(self.weather.requests)]
        return [*clients, Client(self, "anchor", anchor=True)] if self.weather.anchored else clients

    def _start(self) -> None:
        self.life = Process(self.loop, self._disk, self.twilio, self.rng)
        self._up.set()

    async def _kill_at_random(self) -> None:
        while True:
            await asyncio.sleep(self.rng.expovariate(1 / self.weather.seconds_between_kills))
            self.kill("at random")

    async def _settle(self) -> None:
        """Let all come to its end, in a world where nothing goes wrong any more."""
        self.calm = self.twilio.calm = True
        while pending := [task for task in self._tasks if not task.done()]:
            await asyncio.wait(pending)
        end = self.loop.time() + SETTLING
        while self.loop.time() < end and any(map(_moves, await self._messages())):  # noqa: ASYNC110 - nobody sets an event
            await asyncio.sleep(5)
        await asyncio.sleep(QUIET)
        await self.people.answer_anchor()
        await asyncio.sleep(5)
        self.loop.skip(RECEIPTS)
        await asyncio.sleep(QUIET)

    async def _messages(self) -> tuple[Message, ...]:
        life = await self.alive()
        return (await life.store.messages(MessageFilter(account=ACCOUNT), None, 1_000)).rows

    async def _history(self, clients: list[Client]) -> tuple[tuple[Message, ...], History]:
        life = await self.alive()
        history = History(
            acknowledged={client.key: client.acknowledged for client in clients},
            streams=[seen for client in clients for seen in client.streams],
            stored=await stored_messages(life.store, ACCOUNT),
            inbound=await stored_inbound(life.store, ACCOUNT),
            sent=[Sms(sid=kept.sid, key=key_of(kept)) for kept in self.twilio.kept if _asked_for(kept)],
            texts=self.people.texts(),
        )
        self.note(repr(history))
        return await self._messages(), history


def _disk() -> tuple[Connection, LoopWriter]:
    connection = files.connect_in_memory()
    return connection, LoopWriter(connection)


def _asked_for(kept: Kept) -> bool:
    """Whether it is a message, and not a notice: those have no address for news."""
    return bool(kept.callback)


def _moves(message: Message) -> bool:
    """Whether it is not at its end. The anchor is open to the last."""
    waits = message.wait is not None and message.wait.state is WaitState.OPEN and message.request_id != "anchor"
    return waits or message.state in UNDECIDED
