"""The emulator put together: one listener for the Twilio API, the control API and the page."""

import asyncio
import errno
import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from twilio_emulator import control, seeds, wire
from twilio_emulator.clock import Clock
from twilio_emulator.context import CONTEXT, Context
from twilio_emulator.deliveries import FaultyWebhooks
from twilio_emulator.faults import Effect, Faults, Rules, Stage
from twilio_emulator.inbound import Inbound, Reply
from twilio_emulator.journal import Kind, Note
from twilio_emulator.lifecycle import Lifecycle
from twilio_emulator.seeds import Seed
from twilio_emulator.settings import EmulatorSettings
from twilio_emulator.striking import strike
from twilio_emulator.tasks import Tasks
from twilio_emulator.wire.common import EMULATOR_HEADER, answer_as_twilio
from twilio_emulator.world import Message, Status, World

MAX_REQUEST = 65_536
PORTS_TO_TRY = 50
MAX_PORT = 65_535
SHUTDOWN_SECONDS = 1.0
PAGE = Path(__file__).parent / "page"
PAGE_FILES = {
    "/": "index.html",
    **{f"/{name}": name for name in ("api.js", "app.js", "texts.js", "tools.js", "trace.js", "style.css", "icon.svg")},
}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Emulator:
    """A Twilio in the box. Enter it inside a running loop; leaving stops everything it started."""

    def __init__(
        self, settings: EmulatorSettings | None = None, *, faults: Rules | None = None, seed: Seed | None = None
    ) -> None:
        """Take the settings, and the faults and the seed that it starts with and returns to; nothing listens yet.

        The account and the numbers of `seed` go before those of `settings`. ValueError names a SID that is none.
        """
        self._faults = faults or Rules()
        self._seed = seed or Seed()
        self.settings = seeds.settings(self._seed, settings or EmulatorSettings())
        self._context: Context | None = None
        self._runner: web.AppRunner | None = None
        self._address = ("", 0)

    async def __aenter__(self) -> Self:
        """Listen. OSError when the port is taken (and no other may be looked for) or not allowed."""
        context = self._context = _compose(self.settings, self._faults, self._seed)
        app = application(context)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        try:
            await self._runner.setup()
            await self._listen(self._runner)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, end background work, and raise what went wrong in it."""
        context, runner = self._running(), self._runner
        context.closing.set()
        for listener in tuple(context.world.journal.listeners):
            listener()
        if runner is not None:
            await runner.cleanup()
        context.clock.cancel()
        try:
            await context.tasks.close()
        finally:
            await context.webhooks.close()

    @property
    def url(self) -> str:
        """The base URL for Twilio SDKs and browsers, without a slash at the end."""
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._address[1]

    @property
    def account_sid(self) -> str:
        """The account's SID."""
        return self.settings.account_sid

    @property
    def auth_token(self) -> str:
        """The account's auth token: one of the two credentials, and the key of all signatures."""
        return self.settings.auth_token

    @property
    def control_token(self) -> str:
        """The token of the control API's changes."""
        return self._running().control_token

    @property
    def world(self) -> World:
        """The state: messages, numbers, the account."""
        return self._running().world

    def set_sms_url(self, url: str | None, *, number: str | None = None) -> None:
        """Set the inbound webhook of `number`, or of all numbers."""
        self.world.set_sms_url(url, number=number)

    def set_demo_url(self, url: str | None) -> None:
        """Set the address behind the page's "Send me a question" button; None hides it."""
        self._running().demo_url = url

    def set_snippets(self, snippets: Sequence[tuple[str, str]]) -> None:
        """Set what the page offers to copy: titles and commands, with `{phone}` for the phone."""
        self._running().snippets = tuple(snippets)

    def respond(self, *effects: Effect) -> None:
        """Let the next creates go wrong, one after another."""
        self._running().faults.respond(*effects)

    def set_faults(self, rules: Rules) -> None:
        """Put `rules` in the place of all faults in force."""
        self._running().faults.replace(rules)

    async def reply(self, phone: str, text: str, *, to: str | None = None, media: Sequence[str] = ()) -> Reply:
        """Text `text` from `phone`; see `Inbound.reply`. Returns when the webhook has answered."""
        return await self._running().inbound.reply(phone, text, to=to, media=media)

    def step(self, sid: str, status: Status, *, error_code: int | None = None) -> Message:
        """Move a message on by hand; see `Lifecycle.step`."""
        return self._running().lifecycle.step(sid, status, error_code=error_code)

    def advance(self, seconds: float) -> datetime:
        """Move a manual clock on; see `Clock.advance`."""
        return self._running().clock.advance(seconds)

    def reset(self) -> None:
        """Forget messages, opt-outs and account changes; faults and contacts as at the start; keep the numbers."""
        self._running().reset()

    @property
    def context(self) -> Context:
        """The running parts, for the package's own modules."""
        return self._running()

    def _running(self) -> Context:
        if self._context is None:
            raise RuntimeError("the emulator is not running; use `async with Emulator(settings) as emulator:`")
        return self._context

    async def _listen(self, runner: web.AppRunner) -> None:
        wanted = self.settings.port
        last = wanted + PORTS_TO_TRY if self.settings.find_free_port and wanted else wanted
        for port in range(wanted, min(last, MAX_PORT) + 1):
            try:
                await web.TCPSite(runner, self.settings.host, port).start()
            except OSError as error:
                if error.errno != errno.EADDRINUSE or port == last:
                    raise
            else:
                break
        self._address = runner.addresses[0][:2]
        self._running().inbound.media_root = self.url


def application(context: Context) -> web.Application:
    """Make the whole of what one listener serves, working on `context`."""
    app = web.Application(
        middlewares=[_check_host, answer_as_twilio, control.guard, strike], client_max_size=MAX_REQUEST
    )
    app[CONTEXT] = context
    app.on_response_prepare.append(_say_emulator)
    app.add_routes([*wire.routes(), *control.routes(), *_page_routes()])
    return app


def _compose(settings: EmulatorSettings, rules: Rules, seed: Seed) -> Context:
    clock = Clock(settings.clock)
    world, tasks = World(settings, now=clock.now), Tasks()

    def tell(stage: Stage, effect: Effect) -> None:
        world.journal.append(Kind.FAULT, note=Note(source="emulator", text=f"fault at {stage}: {effect.words}"))

    faults = Faults(rules, told=tell)
    webhooks = FaultyWebhooks(world, tasks, faults)
    lifecycle = Lifecycle(world, webhooks, tasks, clock, mode=settings.lifecycle, step_delay=settings.step_delay)
    context = Context(
        world=world,
        clock=clock,
        webhooks=webhooks,
        lifecycle=lifecycle,
        inbound=Inbound(world, webhooks, lifecycle),
        faults=faults,
        seed=seed,
        contacts={},
        tasks=tasks,
        epoch=secrets.token_hex(4),
        control_token=settings.control_token or secrets.token_urlsafe(24),
        hosts=frozenset({"localhost", settings.host, *settings.allowed_hosts}),
        closing=asyncio.Event(),
        demo_url=settings.demo_url,
    )
    context.plant(seed)
    return context


async def _say_emulator(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers[EMULATOR_HEADER] = "1"


@web.middleware
async def _check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    # Against DNS rebinding: a web page elsewhere may point its own name at this machine.
    host = _host_name(request.headers.get("Host", ""))
    if host not in request.app[CONTEXT].hosts and not _is_loopback(host):
        raise web.HTTPForbidden(text=f"Host: {host!r} is not allowed; name it with --allow-host or allowed_hosts\n")
    return await handler(request)


def _host_name(header: str) -> str:
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.rpartition(":")[0] if ":" in header else header


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _page_routes() -> list[web.RouteDef]:
    async def serve(request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / PAGE_FILES[request.path], headers=PAGE_HEADERS)

    return [web.get(path, serve) for path in PAGE_FILES]
