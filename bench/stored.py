"""A hundred thousand stored questions that nobody listens to: memory, file, start, and the end of others."""

import asyncio
from pathlib import Path
from time import perf_counter

from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub

from bench import load
from bench.figures import Effort, Place
from bench.report import Row
from bench.store import a_question
from textback_server.domain.codes import new_codes
from textback_server.store.sqlite import SqliteStore

MOST_MB = 20
MOST_KIB = 1.0
MOST_START = 3.0
MOST_LATE = 1.0
_BATCH = 1_000
_RELAX = 1.0


async def stored(place: Place, effort: Effort) -> list[Row]:
    """What so many open waits take of memory and disk, and how long a start among them takes."""
    room, empty = place.folder / "stored", place.folder / "empty"
    for each in (room, empty):
        each.mkdir()
    await _fill(room / "textback.db", effort.stored)
    size = (room / "textback.db").stat().st_size / effort.stored / 1_024
    _, idle = await _started(place, empty)
    start, full = await _started(place, room)
    overdue = await _ended(place, room, effort)
    name = f"{effort.stored:,} stored waits"
    taken = full - idle
    return [
        Row(
            name=f"{name}, memory", unit="MB", floor=idle, ours=full, target=f"floor + {MOST_MB}", met=taken <= MOST_MB
        ),
        Row(
            name=f"{name}, file of each",
            unit="KiB",
            floor=None,
            ours=size,
            target=f"<= {MOST_KIB}",
            met=size <= MOST_KIB,
        ),
        Row(name=f"{name}, start", unit="s", floor=None, ours=start, target=f"< {MOST_START}", met=start < MOST_START),
        Row(
            name=f"{name}, others' end",
            unit="s",
            floor=None,
            ours=overdue,
            target=f"< {MOST_LATE} late",
            met=overdue < MOST_LATE,
        ),
    ]


async def _fill(path: Path, times: int) -> None:
    async with SqliteStore.open(path) as store:
        for begin in range(0, times, _BATCH):
            drafts = [a_question(number) for number in range(begin, min(begin + _BATCH, times))]
            codes = [new_codes(load.RNG, times // 10_000 + 1, 4) for _ in drafts]
            await asyncio.gather(
                *(store.create(draft, code, draft.create_time) for draft, code in zip(drafts, codes, strict=True))
            )


async def _started(place: Place, room: Path) -> tuple[float, float]:
    """Seconds to SERVING and then MB of memory, on the store of a folder."""
    begun = perf_counter()
    async with place.on(room) as server:
        await HealthStub(server.channel).Check(HealthCheckRequest(), timeout=load.CALL_LIMIT)  # type: ignore[attr-defined] # its stubs omit the calls
        taken = perf_counter() - begun
        await asyncio.sleep(_RELAX)
        return taken, server.process.resident() / 1_000_000


async def _ended(place: Place, room: Path, effort: Effort) -> float:
    """How many seconds late the last of some more questions ended, with nobody looking for answers at Twilio."""
    alone = {
        "TEXTBACK_POLLING": "off",
        "TEXTBACK_PUBLIC_URL": "https://textback.example.com",
        "TEXTBACK_REPLY_TIMEOUT_MIN": "1s",
    }
    async with place.on(room, **alone) as server:
        return max(await asyncio.gather(*(load.late(server, 1 + number % 3) for number in range(effort.replies))))
