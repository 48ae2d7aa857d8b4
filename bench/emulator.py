"""How many messages a second the emulator takes, beside a bare handler of the library that it is built on."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

import aiohttp

from bench import load, servers, twilio
from bench.figures import Effort, Place, Sides
from bench.report import Row
from twilio_emulator.settings import DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN, DEFAULT_NUMBER

_PATH = f"/2010-04-01/Accounts/{DEFAULT_ACCOUNT_SID}/Messages.json"


async def emulator(place: Place, effort: Effort) -> list[Row]:
    """Creates a second, `load.IN_FLIGHT` at once; each message then goes through its life."""
    sides = Sides()
    async with _bare(place.folder) as floor, _emulated(place.folder) as ours:
        for _ in range(effort.rounds):
            for url, rates in ((floor, sides.floor), (ours, sides.ours)):
                rates.append(effort.sends / await _created(url, effort.sends))
    return [Row(name="emulator, creates", unit="1/s", floor=median(sides.floor), ours=median(sides.ours))]


async def _created(url: str, times: int) -> float:
    headers = {"Authorization": aiohttp.encode_basic_auth(DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN)}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def one(number: int) -> None:
            form = {"From": DEFAULT_NUMBER, "To": twilio.phone(number), "Body": "Backup of host web-03 finished."}
            async with session.post(url + _PATH, data=form) as answer:
                assert answer.status == 201, await answer.text()

        begun = perf_counter()
        await load.spread(times, one)
        return perf_counter() - begun


@asynccontextmanager
async def _bare(folder: Path) -> AsyncIterator[str]:
    async with servers.running([sys.executable, "-m", "bench.bare"], folder, {}, last="twilio") as process:
        yield process.addresses["twilio"]


@asynccontextmanager
async def _emulated(folder: Path) -> AsyncIterator[str]:
    command = [sys.executable, "-m", "bench.emulated"]
    async with servers.running(command, folder, {}, last="emulator") as process:
        yield process.addresses["emulator"]
