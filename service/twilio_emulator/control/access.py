"""Who may change things, and refusals as sentences.

Reading is open to whatever may talk to this machine's loopback. Changing needs the `X-Emulator-Token` header, which
a page from elsewhere cannot send; the token itself is given only to requests with an `X-Emulator-Client` header,
which such a page cannot send either.
"""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from twilio_emulator.context import CONTEXT
from twilio_emulator.control.openapi import ROOT, TOKEN_HEADER

CLIENT_HEADER = "X-Emulator-Client"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the token before a change, and answer every refusal as ``{"error": sentence}``."""
    if not request.path.startswith(ROOT + "/"):
        return await handler(request)
    try:
        if request.method != "GET":
            _check_token(request)
        return await handler(request)
    except ValueError as error:
        return web.json_response({"error": str(error)}, status=400)
    except web.HTTPError as error:
        return web.json_response({"error": error.text or error.reason}, status=error.status)


def _check_token(request: web.Request) -> None:
    given = request.headers.get(TOKEN_HEADER, "")
    if not hmac.compare_digest(given.encode(), request.app[CONTEXT].control_token.encode()):
        raise web.HTTPForbidden(
            text=f"{TOKEN_HEADER}: missing or wrong; GET {ROOT}/token with the header {CLIENT_HEADER} tells the token"
        )


async def token(request: web.Request) -> web.Response:
    """Tell the control token to a client that can set a header of its own."""
    if not request.headers.get(CLIENT_HEADER):
        raise web.HTTPForbidden(text=f"{CLIENT_HEADER}: missing; send any name, e.g. {CLIENT_HEADER}: cli")
    headers = {"Cache-Control": "no-store"}
    return web.json_response({"token": request.app[CONTEXT].control_token}, headers=headers)
