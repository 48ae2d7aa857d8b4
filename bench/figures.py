"""The figures: how each is measured, and what it should be."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from bench import load, servers, twilio
from bench.commits import durable
from bench.line import Line
from bench.report import Row
from bench.servers import Process, Server

LEAST_RATE = 0.6
LEAST_STORM = 0.5
COMMITS = 2
WORST_COMMITS = 3
MOST_KIB_A_WAIT = 40
MOST_START = 1.5
MOST_IDLE_MB = 120

_RELAX = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is done: rounds of each side in turn, and what makes up a round."""

    rounds: int
    sends: int
    replies: int
    waits: int
    stored: int
    starts: int


FULL = Effort(rounds=5, sends=1_000, replies=100, waits=10_000, stored=100_000, starts=5)
QUICK = Effort(rounds=1, sends=64, replies=5, waits=64, stored=500, starts=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it all happens: the stub of Twilio, and a folder for stores and logs."""

    stub: Process
    folder: Path

    @asynccontextmanager
    async def pair(self, purpose: str) -> AsyncIterator[tuple[Server, Server]]:
        """A fresh floor and a fresh service, side by side."""
        async with self.floor(purpose) as floor, self.ours(purpose) as ours:
            yield floor, ours

    def floor(self, purpose: str) -> AbstractAsyncContextManager[Server]:
        """A fresh floor."""
        return servers.floor(self.stub.addresses["twilio"], self._room(f"{purpose}-floor"))

    def ours(self, purpose: str) -> AbstractAsyncContextManager[Server]:
        """A fresh service on a fresh store."""
        return servers.textback(self.stub.addresses["twilio"], self._room(purpose))

    def on(self, room: Path, **changes: str) -> AbstractAsyncContextManager[Server]:
        """A service on the store of a folder, with these settings besides."""
        return servers.textback(self.stub.addresses["twilio"], room, **changes)

    def _room(self, purpose: str) -> Path:
        room = self.folder / purpose
        room.mkdir()
        return room


@dataclass(slots=True)
class Sides:
    """What was measured, round by round, on either side."""

    floor: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    def row(self, name: str, unit: str) -> Row:
        """The medians, without a target."""
        return Row(name=name, unit=unit, floor=median(self.floor), ours=median(self.ours))


async def sends(place: Place, effort: Effort) -> list[Row]:
    """SendSms a second without and with status callbacks, and the server's processor time for one."""
    async with place.pair("sends") as (floor, ours):
        names = {twilio.QUIET: "SendSms, 32 in flight", twilio.CALLED: "the same with status callbacks"}
        rates = {account: Sides() for account in names}
        spent = {account: Sides() for account in names}
        for account in names:
            for server in (floor, ours):
                await _sent(place, server, account, effort.sends // 3)
            for _ in range(effort.rounds):
                for server, rate, cpu in (
                    (floor, rates[account].floor, spent[account].floor),
                    (ours, rates[account].ours, spent[account].ours),
                ):
                    before = server.process.cpu()
                    rate.append(effort.sends / await _sent(place, server, account, effort.sends))
                    cpu.append((server.process.cpu() - before) / effort.sends * 1_000)
        return [
            *(_rate(names[account], rates[account]) for account in names),
            *(spent[account].row(f"CPU per {names[account].partition(',')[0]}", "ms") for account in (twilio.QUIET,)),
        ]


def _rate(name: str, measured: Sides) -> Row:
    floor, ours = median(measured.floor), median(measured.ours)
    return Row(
        name=name, unit="1/s", floor=floor, ours=ours, target=f"ratio >= {LEAST_RATE}", met=ours >= LEAST_RATE * floor
    )


async def _sent(place: Place, server: Server, account: str, times: int) -> float:
    """Seconds until all was sent and, where there are callbacks, all of them were taken."""
    line = await Line.to(place.stub.addresses["twilio"])
    before = json.loads(await line.get("/callbacks"))
    begun = perf_counter()
    await load.send(server, account, times)
    made = json.loads(await line.get("/callbacks"))
    taken = perf_counter() - begun
    await line.close()
    expected = times if account == twilio.CALLED else 0
    assert made["answered"] - before["answered"] == expected, made
    return taken


async def waits(place: Place, effort: Effort) -> list[Row]:
    """With so many questions open: the memory of each, the way of one reply, and a storm that answers them all."""
    async with place.pair("waits") as (floor, ours):
        sizes, open_ = Sides(), []
        for server, side in ((floor, sizes.floor), (ours, sizes.ours)):
            size, questions = await _opened(server, effort.waits)
            side.append(size)
            open_.append(questions)
        replied = await _replies(place, effort, floor, ours)
        rates = [
            len(questions) / await load.storm(server, questions)
            for server, questions in zip((floor, ours), open_, strict=True)
        ]
    name = f"{effort.waits:,} open"
    taken = sizes.ours[0]
    return [
        Row(
            name=f"memory per wait, {name}",
            unit="KiB",
            floor=sizes.floor[0],
            ours=taken,
            target=f"<= {MOST_KIB_A_WAIT}",
            met=taken <= MOST_KIB_A_WAIT,
        ),
        *replied,
        Row(
            name=f"storm of replies, {name}",
            unit="1/s",
            floor=rates[0],
            ours=rates[1],
            target=f"ratio >= {LEAST_STORM}",
            met=rates[1] >= LEAST_STORM * rates[0],
        ),
    ]


async def _replies(place: Place, effort: Effort, floor: Server, ours: Server) -> list[Row]:
    """From the inbound SMS to the caller, beside durable commits in the same folder, at the same pace."""
    measured, commits = Sides(), list[float]()
    with durable(place.folder / "commits.db") as commit:
        for server in (floor, ours):
            await _replied(server, effort.replies // 2 + 1, commit)
        for _ in range(effort.rounds):
            for server, latencies in ((floor, measured.floor), (ours, measured.ours)):
                taken, prices = await _replied(server, effort.replies, commit)
                latencies.extend(taken)
                commits += prices
    limit = median(measured.floor) + COMMITS * median(commits)
    worst = _p99(measured.floor) + WORST_COMMITS * _p99(commits)
    return [
        Row(name="one durable commit, SQLite alone", unit="ms", floor=None, ours=median(commits)),
        Row(
            name="reply to client, p50",
            unit="ms",
            floor=median(measured.floor),
            ours=median(measured.ours),
            target=f"<= floor + {COMMITS} commits = {limit:.2f}",
            met=median(measured.ours) <= limit,
        ),
        Row(
            name="reply to client, p99",
            unit="ms",
            floor=_p99(measured.floor),
            ours=_p99(measured.ours),
            target=f"<= floor + {WORST_COMMITS} commits' p99 = {worst:.2f}",
            met=_p99(measured.ours) <= worst,
        ),
    ]


async def _replied(server: Server, times: int, commit: Callable[[], float]) -> tuple[list[float], list[float]]:
    """Milliseconds of so many replies, one after the other, and of a commit after each of them."""
    line = await Line.to(server.inbound)
    latencies, prices = [], []
    for _ in range(times):
        latencies.append(await load.reply(server, line) * 1_000)
        prices.append(commit() * 1_000)
    await line.close()
    return latencies, prices


def _p99(taken: Sequence[float]) -> float:
    return quantiles(taken, n=100, method="inclusive")[98]


async def _opened(server: Server, times: int) -> tuple[float, list[load.Question]]:
    """KiB of the server's memory that each of so many open questions takes, and the questions."""
    await load.send(server, twilio.QUIET, 200)
    questions = await load.ask_many(server, 32)
    before = server.process.resident()
    questions += await load.ask_many(server, times)
    await asyncio.sleep(_RELAX)
    return (server.process.resident() - before) / 1_024 / times, questions


async def starts(place: Place, effort: Effort) -> list[Row]:
    """From the command to SERVING, and the memory of a server that has nothing to do."""
    seconds, resident = Sides(), Sides()
    for number in range(effort.starts + 1):
        for side, times, sizes in (
            (place.floor, seconds.floor, resident.floor),
            (place.ours, seconds.ours, resident.ours),
        ):
            begun = perf_counter()
            async with side(f"start-{number}") as server:
                check = HealthStub(server.channel).Check  # type: ignore[attr-defined] # its stubs omit the calls
                health = await check(HealthCheckRequest(), timeout=load.CALL_LIMIT)
                taken = perf_counter() - begun
                assert health.status == HealthCheckResponse.SERVING
                if number:  # the first start warms the disk's cache
                    times.append(taken)
                    sizes.append(server.process.resident() / 1_000_000)
    start, idle = seconds.row("start to SERVING", "s"), resident.row("memory when idle", "MB")
    return [
        _below(start, MOST_START),
        _below(idle, MOST_IDLE_MB),
    ]


def _below(row: Row, limit: float) -> Row:
    return Row(name=row.name, unit=row.unit, floor=row.floor, ours=row.ours, target=f"< {limit}", met=row.ours < limit)
