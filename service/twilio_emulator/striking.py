"""Where faults strike requests to Twilio: one middleware before the resources, which know nothing of it."""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web

from twilio_emulator.context import CONTEXT, Context
from twilio_emulator.faults import Effect, Reset, Stage, Subject
from twilio_emulator.refusals import TwilioError

STALE: Final = web.RequestKey("stale", float)
"""Seconds by which the answer to this list request lags behind."""

_MESSAGES = re.compile(r"/2010-04-01/Accounts/[^/]+/Messages(?:/(?P<sid>[^/]+))?\.json")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the faults of create, fetch and list happen."""
    context = request.app[CONTEXT]
    found = await _find(request, context)
    if found is None:
        return await handler(request)
    effect = context.faults.take(*found)
    if effect.reset is Reset.BEFORE:
        return await _cut(request, context, effect)
    response = None
    if effect.status is None or effect.store or effect.reset is Reset.AFTER:
        request[STALE] = effect.stale
        response = await handler(request)
    if effect.reset is Reset.AFTER:
        return await _cut(request, context, effect)
    await context.pause(effect.latency)
    return response if effect.status is None and response is not None else _answer(effect)


async def _find(request: web.Request, context: Context) -> tuple[Stage, Subject] | None:
    path = _MESSAGES.fullmatch(request.path)
    if path is None:
        return None
    if sid := path["sid"]:
        message = context.world.messages.get(sid)
        if request.method != "GET":
            return None
        if message is None:
            return Stage.FETCH, Subject()
        return Stage.FETCH, Subject(to=message.recipient, sender=message.sender or "", body=message.body)
    if request.method == "GET":
        return Stage.LIST, Subject(to=request.query.get("To", ""), sender=request.query.get("From", ""))
    if request.method == "POST":
        form = await request.post()
        given = {name: value for name in ("To", "From", "Body") if isinstance(value := form.get(name), str)}
        return Stage.CREATE, Subject(to=given.get("To", ""), sender=given.get("From", ""), body=given.get("Body", ""))
    return None


def _answer(effect: Effect) -> web.Response:
    status = effect.status or HTTPStatus.INTERNAL_SERVER_ERROR
    if effect.code is not None:
        raise TwilioError(effect.code, f"A fault that was asked for: {effect.words}", status=status)
    # Written as given, the header included: aiohttp would add a charset.
    return web.Response(status=status, body=(effect.body or "").encode(), headers={"Content-Type": effect.content_type})


async def _cut(request: web.Request, context: Context, effect: Effect) -> web.Response:
    await context.pause(effect.latency)
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
