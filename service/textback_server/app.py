"""The composition root: opens what the service needs, in order, and closes it in the reverse one."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import web

from textback_server.api.server import Server, serving
from textback_server.api.servicer import Servicer
from textback_server.config import Settings
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.clock import Clock, system_clock
from textback_server.engine.desk import Desk
from textback_server.engine.follow import Streams
from textback_server.engine.hub import Hub
from textback_server.engine.intake import Intake
from textback_server.engine.ledger import Ledger
from textback_server.engine.outbox import Outbox
from textback_server.engine.sweeper import Sweeper
from textback_server.gateway.accounts import Accounts
from textback_server.gateway.http import TwilioHttp
from textback_server.gateway.twilio import TwilioGateway
from textback_server.store.sqlite.store import SqliteStore
from textback_server.web.webhooks import Webhooks

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running service and where it listens. `inbound_url` of the first account; None: replies cannot come in."""

    grpc: str
    http: str
    inbound_url: str | None


@asynccontextmanager
async def running(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[App]:
    """Run the service until the context ends.

    Raises OSError if an address is taken, StoreError if the store cannot be opened.
    """
    rng = random.SystemRandom()
    accounts = Accounts(settings.accounts)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(SqliteStore.open(Path(settings.store)))
        http = await stack.enter_async_context(TwilioHttp())
        listener = stack.enter_context(_bound(settings.http_listen))
        http_url = "http://{}:{}".format(*listener.getsockname()[:2])
        callbacks = Callbacks(settings.public_url_for(http_url), await store.secret())
        gateway = TwilioGateway(accounts, http, rng)
        hub = Hub()
        ledger = Ledger(store, hub, clock)
        intake = Intake(store, ledger, callbacks, clock)
        webhooks = Webhooks(accounts=accounts, callbacks=callbacks, intake=intake, clock=clock)
        await stack.enter_async_context(_listening(webhooks.app(), listener))
        outbox = await stack.enter_async_context(Outbox(ledger, gateway, callbacks, clock))
        await stack.enter_async_context(_loop(Sweeper(store, ledger, outbox, clock).run()))
        streams = Streams(store, hub, settings.streams, rng)
        servicer = Servicer(
            desk=Desk(store=store, hub=hub, ledger=ledger, outbox=outbox, clock=clock, rng=rng),
            streams=streams,
            store=store,
            gateway=gateway,
            accounts=accounts,
            callbacks=callbacks,
            bounds=settings.bounds,
            clock=clock,
        )
        server = await stack.enter_async_context(serving(servicer, streams, settings.server))
        await server.ready()
        yield App(grpc=_address(server), http=http_url, inbound_url=callbacks.inbound_url(accounts.all[0].name))
        _log.info("stopping")


def _address(server: Server) -> str:
    """Where clients reach the server: the bound port, also where the system chose it."""
    if server.address.startswith("unix:"):
        return server.address
    host, _, _ = server.address.rpartition(":")
    return f"{host}:{server.port}"


def _bound(listen: str) -> socket.socket:
    """The HTTP listener's socket: bound first, since callbacks carry its port."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family, backlog=1_024)
    except OSError as error:
        raise OSError(f"cannot listen on {listen}: {error.strerror}") from error


@asynccontextmanager
async def _listening(app: web.Application, listener: socket.socket) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=5)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _loop(body: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run a loop for as long as the context lasts. What escapes it ends the context: a restart is safe by design."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(body)
        try:
            yield
        finally:
            task.cancel()
