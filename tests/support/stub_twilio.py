"""A scripted stand-in for Twilio's API: answers each request as told and counts what arrived."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    authorization: str
    connection: int


@dataclass(slots=True, kw_only=True)
class StubTwilio:
    """Where it listens, and what arrived so far. `release` ends answers that are silent."""

    url: str = ""
    arrivals: list[Arrival] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def posts(self) -> int:
        """How many POSTs arrived."""
        return sum(arrival.method == "POST" for arrival in self.arrivals)


@asynccontextmanager
async def stub_twilio(*answers: Answer) -> AsyncIterator[StubTwilio]:
    """Serve on a free loopback port: the first answer to the first request and so on, the last to all others."""
    stub = StubTwilio()

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = answers[min(len(stub.arrivals), len(answers) - 1)]
        if answer is reset_unread:
            stub.arrivals.append(_arrival(request, {}))
        else:
            form = {name: str(value) for name, value in (await request.post()).items()}
            stub.arrivals.append(_arrival(request, form))
        if answer is silence:
            await stub.release.wait()
        return await answer(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        stub.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield stub
    finally:
        stub.release.set()
        await runner.cleanup()


def _arrival(request: web.Request, form: dict[str, str]) -> Arrival:
    return Arrival(
        method=request.method,
        path=request.path,
        query=dict(request.query),
        form=form,
        authorization=request.headers.get("Authorization", ""),
        connection=id(request.transport),
    )


def says(status: int, body: object = "", *, content_type: str = "", headers: Sequence[tuple[str, str]] = ()) -> Answer:
    """An answer with a JSON body, or with text as it stands."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        named = dict(headers)
        if isinstance(body, str):
            return web.Response(status=status, text=body, content_type=content_type or "text/html", headers=named)
        return web.json_response(body, status=status, headers=named)

    return answer


def refuses(status: int, code: int) -> Answer:
    """Twilio's error answer, with a number in its text as Twilio has it."""
    body = {"code": code, "message": "The number +14155550123 is wrong", "more_info": "", "status": status}
    return says(status, body, headers=[("Twilio-Request-Id", "RQ" + "0" * 32)])


async def silence(request: web.Request) -> web.StreamResponse:
    """Take the request and say nothing."""
    return await reset(request)


async def reset(request: web.Request) -> web.StreamResponse:
    """Take the whole request, then break the connection."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def reset_unread(request: web.Request) -> web.StreamResponse:
    """Break the connection as soon as the headers are there."""
    return await reset(request)
