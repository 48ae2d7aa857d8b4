"""What the emulator's "Send me a question" button calls: asks one, through the real RPC."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from textback_client import Textback, TextbackError

_QUESTION = "Isolate host web-03?"
_PATIENCE = 10.0


@asynccontextmanager
async def demo(grpc_address: str) -> AsyncIterator[str]:
    """Serve the address on a free loopback port; yields its URL. It takes `{"to": PHONE}`."""
    async with Textback(grpc_address) as textback:
        app = web.Application(client_max_size=1_024)
        app.router.add_post("/", lambda request: _ask(request, textback))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()


async def _ask(request: web.Request, textback: Textback) -> web.Response:
    """Ask, and leave the question open: its answer shows on the page."""
    try:
        phone = str((await request.json())["to"])
        async with asyncio.timeout(_PATIENCE):
            async for _ in textback.ask(phone, _QUESTION, choices=["yes", "no"]):
                break
    except (ValueError, KeyError, TypeError):
        return web.Response(status=400, text='to: is required, as JSON: {"to": "+14155550123"}')
    except (TextbackError, TimeoutError) as error:
        return web.Response(status=502, text=str(error) or "the service does not answer")
    return web.Response(status=204)
