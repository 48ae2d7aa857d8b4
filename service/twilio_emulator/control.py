"""The control API under ``/_emulator/``: phones and their messages, replies, waits, live events, scripted answers.

Reading is open to whatever may talk to this machine's loopback. Changing needs the `X-Emulator-Token` header, which
a page from elsewhere cannot send; the token itself is given only to requests with an `X-Emulator-Client` header,
which such a page cannot send either.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
from aiohttp import web

from twilio_emulator import live
from twilio_emulator.context import CONTEXT
from twilio_emulator.responses import parse
from twilio_emulator.rules import normalise
from twilio_emulator.views import delivery_view, message_view, phone_view

ROOT = "/_emulator"
TOKEN_HEADER = "X-Emulator-Token"  # noqa: S105 - a header's name
CLIENT_HEADER = "X-Emulator-Client"
MAX_WAIT = 300.0
DEFAULT_WAIT = 10.0
DEMO_SECONDS = 10.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes() -> list[web.RouteDef]:
    """Return the control API's routes."""
    return [
        web.get(f"{ROOT}/token", token),
        web.get(f"{ROOT}/about", about),
        web.get(f"{ROOT}/phones", phones),
        web.get(f"{ROOT}/messages", messages),
        web.get(f"{ROOT}/latest", latest),
        web.get(f"{ROOT}/wait", wait),
        web.get(f"{ROOT}/events", live.events),
        web.post(f"{ROOT}/reply", reply),
        web.post(f"{ROOT}/demo", demo),
        web.post(f"{ROOT}/responses", responses),
        web.post(f"{ROOT}/reset", reset),
    ]


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


async def about(request: web.Request) -> web.Response:
    """Tell what this emulator is: account, numbers, lifecycle, whether there is a demo."""
    context = request.app[CONTEXT]
    account = context.world.account
    return web.json_response(
        {
            "emulator": True,
            "epoch": context.epoch,
            "account_sid": account.sid,
            "account_status": account.status,
            "account_type": account.type,
            "numbers": [{"number": n.phone_number, "sms_url": n.sms_url} for n in context.world.numbers.values()],
            "lifecycle": context.lifecycle_mode,
            "demo": context.demo_url is not None,
        }
    )


async def phones(request: web.Request) -> web.Response:
    """List the phones, and the cursor from which `events` continues this answer."""
    context = request.app[CONTEXT]
    found = [phone_view(context.world, phone) for phone in context.world.phones()]
    return web.json_response({"phones": found, "cursor": live.cursor(context)})


async def messages(request: web.Request) -> web.Response:
    """List the messages of one phone, or of all, oldest first."""
    context = request.app[CONTEXT]
    if "phone" in request.query:
        found = context.world.conversation(_phone(request, "phone"))
    else:
        found = list(context.world.messages.values())
    return web.json_response({"messages": [message_view(m) for m in found], "cursor": live.cursor(context)})


async def latest(request: web.Request) -> web.Response:
    """Answer the newest message to a phone; 404 when there is none."""
    phone = _phone(request, "to")
    message = request.app[CONTEXT].world.latest_to(phone)
    if message is None:
        raise web.HTTPNotFound(text=f"to: no message to {phone} yet")
    return web.json_response(message_view(message))


async def wait(request: web.Request) -> web.Response:
    """Block until there is a message to a phone; 408 when none came in `timeout` seconds.

    With `after` (the `id` of an earlier one) only a later message counts.
    """
    context = request.app[CONTEXT]
    phone = _phone(request, "to")
    seconds = _number(request, "timeout", DEFAULT_WAIT, most=MAX_WAIT)
    after = _number(request, "after", None, most=1e15)
    message = await live.wait_for_message(context, phone, None if after is None else int(after), seconds or 0.0)
    if message is None:
        raise web.HTTPRequestTimeout(text=f"to: no message to {phone} within {seconds} s")
    return web.json_response(message_view(message))


async def reply(request: web.Request) -> web.Response:
    """Text from a phone: ``{"from", "text", "to"?}``; answers the SID and how the webhook went."""
    context = request.app[CONTEXT]
    body = await _object(request)
    to = _string(body, "to", required=False)
    sent = await context.inbound.reply(_string(body, "from"), _string(body, "text"), to=to or None)
    return web.json_response({"sid": sent.sid, "delivered": delivery_view(sent.delivery)})


async def demo(request: web.Request) -> web.Response:
    """Ask the demo address for a question: it gets POSTed ``{"to": phone}``."""
    context = request.app[CONTEXT]
    if context.demo_url is None:
        raise web.HTTPNotFound(text="demo: nobody offered a demo address")
    phone = _string(await _object(request), "to")
    timeout = aiohttp.ClientTimeout(total=DEMO_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.post(context.demo_url, json={"to": phone}) as answer,
        ):
            await answer.release()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise web.HTTPBadGateway(text="demo: the demo address does not answer") from error
    if not answer.ok:
        raise web.HTTPBadGateway(text=f"demo: the demo address answered {answer.status}")
    return web.json_response({"status": answer.status})


async def responses(request: web.Request) -> web.Response:
    """Queue scripted answers for the next creates: one object, or a list of them."""
    body = await _json(request)
    items = body if isinstance(body, list) else [body]
    request.app[CONTEXT].responses.add(*(parse(item) for item in items))
    return web.json_response({"queued": len(items)})


async def reset(request: web.Request) -> web.Response:
    """Forget messages, opt-outs and scripted answers."""
    request.app[CONTEXT].reset()
    return web.json_response({})


async def _json(request: web.Request) -> object:
    try:
        found: object = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError("body: it is not JSON") from error
    return found


async def _object(request: web.Request) -> Mapping[str, object]:
    body = await _json(request)
    if not isinstance(body, dict):
        raise ValueError("body: it must be a JSON object")  # noqa: TRY004 - a wrong input, answered with 400
    return body


def _string(body: Mapping[str, object], name: str, *, required: bool = True) -> str:
    value = body.get(name, None if required else "")
    if not isinstance(value, str):
        raise ValueError(f"{name}: it is missing or not a string")  # noqa: TRY004 - as above
    return value


def _phone(request: web.Request, name: str) -> str:
    given = request.query.get(name, "")
    # A plus sign that the client did not encode arrives as a space.
    phone = normalise("+" + given.removeprefix(" ").removeprefix("+"))
    if phone is None:
        raise ValueError(f"{name}: {given!r} is not a phone number; write + and the country code, e.g. +14155550123")
    return phone


def _number(request: web.Request, name: str, default: float | None, *, most: float) -> float | None:
    given = request.query.get(name, "")
    if not given:
        return default
    try:
        value = float(given)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise ValueError(f"{name}: {given!r} is not a number from 0 to {most:.0f}")
    return value
