"""What the emulator's page offers beside a service: a button that asks a question by the real RPC, calls to copy."""

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


def snippets(grpc_address: str) -> list[tuple[str, str]]:
    """The same question from three clients, each with a title; `{phone}` stands for the phone."""
    asked = (
        '{"sms":{"recipient":"{phone}","body":"' + _QUESTION + '"},"wait":{"choices":[{"value":"yes"},{"value":"no"}]}}'
    )
    method = "textback.v1.SmsService/SendSmsAndWait"
    python = f"""from textback_client import BlockingTextback

with BlockingTextback("{grpc_address}") as textback:
    question = textback.ask("{{phone}}", "{_QUESTION}", choices=["yes", "no"])
    print(question.result().choice)"""
    return [
        ("grpcurl", f"grpcurl -plaintext -d '{asked}' {grpc_address} {method}"),
        (
            "buf curl",
            f"buf curl --schema proto --protocol grpc --http2-prior-knowledge -d '{asked}' http://{grpc_address}/{method}",
        ),
        ("Python", python),
    ]
