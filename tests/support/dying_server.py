"""The service in a process that kills itself where it is told to: just before or after a named step.

`store.create:after:1` is after the first such call; a commit is named by what it tells, as `store.commit.timed_out`.
The production code knows nothing of it: what dies stands between the engine and its store or its gateway.
"""

import asyncio
import inspect
import os
import random
import re
import signal
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, NoReturn, cast

import structlog

from textback_server.api.server import ServerSettings
from textback_server.app import Implementations, running
from textback_server.config import Settings
from textback_server.domain.changes import Write
from textback_server.domain.events import StatusChanged
from textback_server.gateway.accounts import Accounts
from textback_server.gateway.http import TwilioHttp
from textback_server.gateway.protocol import Gateway
from textback_server.gateway.twilio import TwilioGateway
from textback_server.store.protocol import Store
from textback_server.store.sqlite import SqliteStore

DEADLINE = timedelta(seconds=1)
"""What a call to Twilio may take, so that nobody waits long for one that is never answered."""
_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class FastClock:
    """Runs `speed` times as fast as the machine's since `began`; the same in every process."""

    began: datetime
    speed: float

    def __call__(self) -> datetime:
        """Now, by this clock."""
        return self.began + (datetime.now(UTC) - self.began) * self.speed


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a process is to do: `die` names a step, empty: live. What it should never log goes to `defects`."""

    settings: Settings
    clock: FastClock
    defects: str
    die: str = ""


class _Death:
    """Counts steps, and strikes at one of them."""

    def __init__(self, order: str) -> None:
        step, when, count = order.split(":") if order else ("", "", "0")
        self._step, self._when, self._left = step, when, int(count)

    def meets(self, step: str, when: str) -> None:
        """A step begins or is done."""
        if (step, when) == (self._step, self._when):
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


class _Mortal:
    """Stands before a store or a gateway."""

    def __init__(self, room: str, target: object, death: _Death) -> None:
        self._room, self._target, self._death = room, target, death

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        return partial(self._call, name, method) if inspect.iscoroutinefunction(method) else method

    async def _call(self, name: str, method: Callable[..., Awaitable[Any]], *args: Any, **named: Any) -> Any:
        step = f"{self._room}.{name}{_told(args[0]) if args and isinstance(args[0], Write) else ''}"
        self._death.meets(step, "before")
        result = await method(*args, **named)
        self._death.meets(step, "after")
        return result


def _told(write: Write) -> str:
    """What a commit tells, in one word."""
    for event in (event for change in write.changes for event in change.events):
        if isinstance(event.what, StatusChanged):
            return f".{event.what.state.lower()}"
        return "." + _HUMP.sub("_", type(event.what).__name__).lower()
    return ""


def serve(orders: Orders, ready: Connection) -> None:
    """Run until SIGTERM, or until death; say once where it listens."""
    structlog.configure(processors=[partial(_keep_defects, orders.defects)])
    asyncio.run(_serve(orders, ready))


async def _serve(orders: Orders, ready: Connection) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    death = _Death(orders.die)

    @asynccontextmanager
    async def store(path: str) -> AsyncIterator[Store]:
        async with SqliteStore.open(path) as opened:
            yield cast("Store", _Mortal("store", opened, death))

    @asynccontextmanager
    async def gateway(accounts: Accounts, rng: random.Random) -> AsyncIterator[Gateway]:
        async with TwilioHttp(total_timeout=DEADLINE) as http:
            yield cast("Gateway", _Mortal("gateway", TwilioGateway(accounts, http, rng), death))

    async with running(
        orders.settings,
        clock=orders.clock,
        server=ServerSettings(lame_duck=0.0, grace=1.0),
        implementations=Implementations(store=store, gateway=gateway),
    ) as app:
        ready.send((app.grpc, app.inbound_url))
        await stop.wait()


def _keep_defects(path: str, _logger: object, _name: str, event: dict[str, Any]) -> NoReturn:
    if event.get("exc_info"):
        with open(path, "a", encoding="utf-8") as defects:  # noqa: PTH123 - a path as it was sent here
            defects.write(f"{event['event']}\n{traceback.format_exc()}\n")
    raise structlog.DropEvent
