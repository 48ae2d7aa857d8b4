"""Following the journal over HTTP: server-sent events for the page, one blocking wait for tests."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from twilio_emulator.context import CONTEXT, Context
from twilio_emulator.views import entry_view

PING_SECONDS = 15.0
RETRY_MILLISECONDS = 1_000
_LONGEST_ID = 15

Found = TypeVar("Found")


async def changed(context: Context, after: int, seconds: float) -> bool:
    """Wait until the journal is beyond entry `after`; False after `seconds`, or when the emulator closes."""
    journal = context.world.journal
    bell = asyncio.Event()
    journal.listeners.add(bell.set)
    try:
        async with asyncio.timeout(seconds):
            while journal.last_id <= after and not context.closing.is_set():
                bell.clear()
                await bell.wait()
    except TimeoutError:
        return False
    finally:
        journal.listeners.discard(bell.set)
    return journal.last_id > after


async def until(context: Context, found: Callable[[], Found | None], seconds: float) -> Found | None:
    """Return what `found` finds, asking it again at every entry of the journal; None when it is nothing in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        seen = context.world.journal.last_id
        if (result := found()) is not None:
            return result
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0 or not await changed(context, seen, left):
            return None


async def events(request: web.Request) -> web.StreamResponse:
    """Stream the journal as server-sent events, from `Last-Event-ID` or `after` on.

    An id is ``epoch:number``. One from another run, or older than the journal remembers, gets a `resync` event:
    read the lists again.
    """
    context = request.app[CONTEXT]
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    cursor = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    position = _position(context, cursor)
    await response.write(f"retry: {RETRY_MILLISECONDS}\n\n".encode())
    if position is None:
        position = context.world.journal.last_id
        await response.write(_event(context, position, "resync", "{}"))
    with contextlib.suppress(ConnectionError):  # The reader goes away, as readers do.
        await _follow(context, response, position)
    return response


async def _follow(context: Context, response: web.StreamResponse, position: int) -> None:
    journal = context.world.journal
    while not context.closing.is_set():
        if not journal.covers(position):
            position = journal.last_id
            await response.write(_event(context, position, "resync", "{}"))
        for entry in journal.after(position):
            position = entry.id
            await response.write(_event(context, position, entry.kind, json.dumps(entry_view(entry))))
        if not await changed(context, position, PING_SECONDS):
            await response.write(b": ping\n\n")


def cursor(context: Context) -> str:
    """Return the event id that stands for now."""
    return f"{context.epoch}:{context.world.journal.last_id}"


def _position(context: Context, cursor: str) -> int | None:
    epoch, _, number = cursor.rpartition(":")
    if epoch != context.epoch or not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST_ID):
        return None
    return int(number) if context.world.journal.covers(int(number)) else None


def _event(context: Context, position: int, name: str, data: str) -> bytes:
    return f"id: {context.epoch}:{position}\nevent: {name}\ndata: {data}\n\n".encode()
