"""A bare aiohttp handler that answers every POST with a constant 201: the floor under the emulator."""

import asyncio
import json

from aiohttp import web

from bench.child import serve_until_told

_ANSWER = json.dumps({"sid": "SM" + "0" * 32, "status": "queued", "body": "Backup of host web-03 finished."})


async def _answer(request: web.Request) -> web.Response:
    await request.post()
    return web.Response(text=_ANSWER, status=201, content_type="application/json")


async def main() -> None:
    """Serve until told otherwise."""
    app = web.Application()
    app.router.add_post("/{path:.*}", _answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await serve_until_told(twilio=f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
