"""The composition root: opens what the service needs, in order, and closes it in the reverse one."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp import web

from textback_server.api.requests import Rules
from textback_server.api.server import ServerSettings, serving
from textback_server.api.servicer import Servicer
from textback_server.api.waits import Bounds
from textback_server.config import Address, Settings
from textback_server.domain.codes import MIN_LENGTH
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.checkup import Checkup
from textback_server.engine.clock import Clock, system_clock
from textback_server.engine.desk import Desk
from textback_server.engine.follow import Streams, StreamSettings
from textback_server.engine.hub import Hub
from textback_server.engine.intake import Intake
from textback_server.engine.janitor import Janitor
from textback_server.engine.ledger import Ledger
from textback_server.engine.notifier import Notifier
from textback_server.engine.outbox import Outbox
from textback_server.engine.passes import Passes
from textback_server.engine.poller import Poller, PollerSettings
from textback_server.engine.preflight import Preflight
from textback_server.engine.strangers import Strangers
from textback_server.engine.sweeper import Sweeper
from textback_server.gateway.accounts import Accounts
from textback_server.gateway.http import TwilioHttp
from textback_server.gateway.protocol import Gateway
from textback_server.gateway.twilio import TwilioGateway
from textback_server.store.protocol import Store
from textback_server.store.sqlite.store import SqliteStore
from textback_server.web.webhooks import Webhooks

PORTS_TO_TRY = 20
_STREAMS = StreamSettings()
_SERVER = ServerSettings()

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running service and where it listens. `inbound_url` of the first account; None: replies cannot come in.

    `hub` says how many listen for news.
    """

    grpc: str
    http: str
    inbound_url: str | None
    hub: Hub


@asynccontextmanager
async def _twilio(accounts: Accounts, rng: random.Random) -> AsyncIterator[Gateway]:
    async with TwilioHttp() as http:
        yield TwilioGateway(accounts, http, rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class Implementations:
    """Who stands behind the two protocols that reach out of the process. The store is opened by its setting."""

    store: Callable[[str], AbstractAsyncContextManager[Store]] = SqliteStore.open
    gateway: Callable[[Accounts, random.Random], AbstractAsyncContextManager[Gateway]] = _twilio


_IMPLEMENTATIONS = Implementations()


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    streams: StreamSettings = _STREAMS,
    server: ServerSettings = _SERVER,
    next_free_port: bool = False,
    implementations: Implementations = _IMPLEMENTATIONS,
) -> AsyncIterator[App]:
    """Run the service until the context ends. `next_free_port`: where an address is taken, try the ports above it.

    Raises OSError if an address is taken, StoreError if the store cannot be opened.
    """
    rng = random.SystemRandom()
    tries = PORTS_TO_TRY if next_free_port else 1
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(implementations.store(settings.store))
        gateway = await stack.enter_async_context(implementations.gateway(settings.accounts, rng))
        listener = stack.enter_context(_bound(settings.http_listen, tries))
        settings = settings.on_http_port(listener.getsockname()[1])
        callbacks = Callbacks(settings.public_url, await store.secret())
        hub = Hub()
        ledger = Ledger(store, hub, clock)
        strangers = Strangers(accepted=settings.shared_senders)
        intake = Intake(store, ledger, settings.accounts, clock, strangers)
        await intake.finish_opt_outs()
        webhooks = Webhooks(accounts=settings.accounts, callbacks=callbacks, intake=intake, clock=clock)
        await stack.enter_async_context(_listening(webhooks.app(), listener))
        outbox = await stack.enter_async_context(Outbox(ledger, gateway, callbacks, clock, settings.allowances))
        poller = Poller(
            store=store,
            passes=Passes(
                store=store,
                ledger=ledger,
                intake=intake,
                gateway=gateway,
                notifier=Notifier(gateway),
                strangers=strangers,
                clock=clock,
            ),
            accounts=settings.accounts,
            clock=clock,
            settings=PollerSettings(enabled=settings.polling, webhooks=callbacks.public_url is not None),
        )
        await stack.enter_async_context(_loop(Sweeper(store, ledger, outbox, clock, poller).run()))
        await stack.enter_async_context(_loop(poller.run()))
        await stack.enter_async_context(_loop(Janitor(store, clock, settings.retention).run()))
        servicer = Servicer(
            desk=Desk(
                store=store,
                hub=hub,
                ledger=ledger,
                outbox=outbox,
                clock=clock,
                rng=rng,
                limits=settings.allowances,
                shortest_code=MIN_LENGTH + 2 * settings.shared_senders,
            ),
            streams=(follower := Streams(store, hub, streams, rng)),
            store=store,
            gateway=gateway,
            accounts=settings.accounts,
            callbacks=callbacks,
            strangers=strangers,
            polls=settings.polling,
            rules=Rules(
                bounds=Bounds(shortest=settings.reply_timeout_min, longest=settings.reply_timeout_max),
                countries=settings.limits.countries,
                anon_seed=callbacks.derived("anon"),
            ),
            clock=clock,
        )
        addresses = map(str, _ports(settings.listen, tries))
        serves = await stack.enter_async_context(serving(servicer, follower, addresses, server))
        await serves.ready()
        await stack.enter_async_context(_loop(Checkup(store, serves.store_works).run()))
        await stack.enter_async_context(_loop(Preflight(gateway, settings.accounts, callbacks).run()))
        yield App(
            grpc=str(Address(settings.listen.host, serves.port)),
            http=f"http://{settings.http_listen}",
            inbound_url=callbacks.inbound_url(settings.accounts.all[0].name),
            hub=hub,
        )
        _log.info("stopping")


def _ports(listen: Address, tries: int) -> list[Address]:
    """The address, and the ports above it."""
    return [Address(listen.host, port) for port in range(listen.port, min(listen.port + tries, 65_536))]


def _bound(listen: Address, tries: int) -> socket.socket:
    """The HTTP listener's socket: bound first, since callbacks carry its port."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    why = ""
    for address in _ports(listen, tries):
        try:
            return socket.create_server((address.host, address.port), family=family, backlog=1_024)
        except OSError as error:
            why = why or error.strerror or type(error).__name__
    raise OSError(f"cannot listen on {listen}: {why}")


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
    problem: Exception | None = None
    async with asyncio.TaskGroup() as group:
        task = group.create_task(body)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised again below: the group would wrap what is not the loop's
            problem = error
        finally:
            task.cancel()
    if problem is not None:
        raise problem
