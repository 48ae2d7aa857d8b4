"""A small application under test: takes Twilio's webhooks, keeps them, and answers as told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from twilio.request_validator import RequestValidator


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One call that the application got."""

    method: str
    path: str
    signature: str
    idempotency_token: str
    form: dict[str, str]
    authorization: str | None


@dataclass(slots=True, kw_only=True)
class Application:
    """What the application got so far, and what it answers: `answers` and `statuses` by path, else to every call.

    It answers calls to the paths `silent` only after `silence` is set.
    """

    url: str = ""
    answer: str = "<Response/>"
    content_type: str = "text/xml"
    status: int = 200
    answers: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    silence: asyncio.Event = field(default_factory=asyncio.Event)
    webhooks: list[Webhook] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, count: int) -> list[Webhook]:
        """Wait for the first `count` webhooks, 5 s at most."""
        async with asyncio.timeout(5), self.arrived:
            await self.arrived.wait_for(lambda: len(self.webhooks) >= count)
        return self.webhooks[:count]

    def signed_by_twilio(self, webhook: Webhook, auth_token: str) -> bool:
        """Ask the official SDK whether the signature fits."""
        valid: bool = RequestValidator(auth_token).validate(self.url + webhook.path, webhook.form, webhook.signature)
        return valid


@asynccontextmanager
async def application() -> AsyncIterator[Application]:
    """Serve an application on a free loopback port."""
    app = Application()

    async def take(request: web.Request) -> web.Response:
        form = await request.post()
        webhook = Webhook(
            method=request.method,
            path=request.raw_path,
            signature=request.headers["X-Twilio-Signature"],
            idempotency_token=request.headers["I-Twilio-Idempotency-Token"],
            form={name: value for name, value in form.items() if isinstance(value, str)},
            authorization=request.headers.get("Authorization"),
        )
        async with app.arrived:
            app.webhooks.append(webhook)
            app.arrived.notify_all()
        if request.path in app.silent:
            await app.silence.wait()
        status, answer = app.statuses.get(request.path, app.status), app.answers.get(request.path, app.answer)
        return web.Response(status=status, text=answer, content_type=app.content_type)

    server = web.Application()
    server.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    app.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield app
    finally:
        app.silence.set()
        await runner.cleanup()
