"""The processes that are measured: started, looked at from outside, ended."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import grpc

from bench import twilio
from textback.v1.sms_service_pb2_grpc import SmsServiceStub

if TYPE_CHECKING:
    from textback.v1.sms_service_pb2_grpc import SmsServiceAsyncStub

ROOT = Path(__file__).parents[1]
START_LIMIT = 30.0
"""Seconds until a process must have said where it listens."""
END_LIMIT = 15.0

_ADDRESS = re.compile(r"  (\w+) +(\S+)")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A running process of ours, and the addresses that it printed."""

    pid: int
    addresses: dict[str, str]

    def cpu(self) -> float:
        """Processor seconds so far, all threads, user and system (proc(5), /proc/PID/stat fields 14 and 15)."""
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / _TICKS

    def resident(self) -> int:
        """Bytes of memory in use now (proc(5), /proc/PID/statm field 2)."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The floor or the service, and a channel to it."""

    process: Process
    channel: grpc.aio.Channel
    stub: "SmsServiceAsyncStub"

    @property
    def inbound(self) -> str:
        """Where replies are posted."""
        return self.process.addresses["webhooks"] + twilio.INBOUND


@asynccontextmanager
async def stub(folder: Path) -> AsyncIterator[Process]:
    """Run the stub of Twilio."""
    async with running([sys.executable, "-m", "bench.stub"], folder, {}, last="twilio") as process:
        yield process


@asynccontextmanager
async def floor(twilio_url: str, folder: Path) -> AsyncIterator[Server]:
    """Run the floor."""
    command = [sys.executable, "-m", "bench.floor", twilio_url]
    async with running(command, folder, {}, last="webhooks") as process, _called(process) as server:
        yield server


@asynccontextmanager
async def textback(twilio_url: str, folder: Path, **changes: str) -> AsyncIterator[Server]:
    """Run `textback serve` with its store in `folder`, and with these settings besides."""
    config = folder / "accounts.toml"
    config.write_text(
        "".join(
            f'[accounts.{name}]\ncredentials = "{account_sid}/{twilio.TOKEN}"\nsenders = ["{twilio.SENDER}"]\n'
            for name, account_sid in twilio.ACCOUNTS.items()
        )
    )
    settings = {
        "TEXTBACK_CONFIG": str(config),
        "TEXTBACK_TWILIO_API_URL": twilio_url,
        "TEXTBACK_STORE": str(folder / "textback.db"),
        **{f"TEXTBACK_LIMIT_{limit}": "off" for limit in ("RECIPIENT", "DAY", "PENDING", "SEGMENTS", "CONCURRENCY")},
        "TEXTBACK_LISTEN": "127.0.0.1:0",
        "TEXTBACK_HTTP_LISTEN": "127.0.0.1:0",
        **changes,
    }
    command = [str(Path(sys.executable).with_name("textback")), "serve", "--json-logs"]
    async with running(command, folder, settings, last="webhooks") as process, _called(process) as server:
        yield server


@asynccontextmanager
async def _called(process: Process) -> AsyncIterator[Server]:
    async with grpc.aio.insecure_channel(process.addresses["gRPC"]) as channel:
        yield Server(process=process, channel=channel, stub=SmsServiceStub(channel))


@asynccontextmanager
async def running(
    command: Sequence[str], folder: Path, settings: Mapping[str, str], *, last: str
) -> AsyncIterator[Process]:
    """Run a command until the context ends; its log goes into `folder`. `last` is the last address that it prints.

    Raises RuntimeError.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTBACK_", "TWILIO_"))}
    log = folder / f"{last}.log"
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env={**inherited, **settings}, stdout=asyncio.subprocess.PIPE, stderr=stderr
        )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_LIMIT):
            addresses = await _addresses(process.stdout, last)
        if last not in addresses:
            raise RuntimeError(f"{' '.join(command)} did not start:\n{log.read_text()[-2_000:]}")
        yield Process(pid=process.pid, addresses=addresses)
    finally:
        await _end(process)


async def _addresses(stdout: asyncio.StreamReader, last: str) -> dict[str, str]:
    """The lines `  name  address  …`, up to the last one."""
    addresses: dict[str, str] = {}
    while last not in addresses and (line := (await stdout.readline()).decode()):
        if found := _ADDRESS.match(line):
            addresses[found[1]] = found[2]
    return addresses


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(END_LIMIT):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
