"""Looking: phones, messages, waiting for one, deliveries, the trace."""

from collections.abc import Callable

from aiohttp import web
from typing_extensions import TypedDict  # typing's own is not enough for pydantic before Python 3.12

from twilio_emulator import live
from twilio_emulator.context import CONTEXT
from twilio_emulator.control import query
from twilio_emulator.journal import Kind
from twilio_emulator.views import (
    EntryView,
    MessageView,
    PhoneView,
    RecordView,
    entry_view,
    message_view,
    phone_view,
    record_view,
)
from twilio_emulator.wire.messages import as_json
from twilio_emulator.world import Direction, Message, Status

MAX_WAIT = 300.0
DEFAULT_WAIT = 10.0
TRACE_PAGE = 1_000


class NumberView(TypedDict):
    """One of the account's numbers, and its inbound webhook."""

    number: str
    sms_url: str | None


class Snippet(TypedDict):
    """Something to copy; `{phone}` in it stands for a phone."""

    title: str
    text: str


class About(TypedDict):
    """What this emulator is. `faults` counts the rules that may still strike, `struck` how often any did.

    The credentials are the pretended account's, and open nothing. `now` is the emulator's clock.
    """

    emulator: bool
    epoch: str
    account_sid: str
    account_status: str
    account_type: str
    auth_token: str
    numbers: list[NumberView]
    service_sids: list[str]
    lifecycle: str
    clock: str
    now: str
    demo: bool
    faults: int
    struck: int
    snippets: list[Snippet]


class Phones(TypedDict):
    """The phones, and the cursor from which `events` continues."""

    phones: list[PhoneView]
    cursor: str


class Messages(TypedDict):
    """Messages, oldest first, and the cursor from which `events` continues."""

    messages: list[MessageView]
    cursor: str


class Detail(TypedDict):
    """A message; the form that made it, empty for what no API call made; and its resource in Twilio's API."""

    message: MessageView
    request: dict[str, str]
    resource: dict[str, object]


class Deliveries(TypedDict):
    """Calls to the application, oldest first."""

    deliveries: list[RecordView]


class Trace(TypedDict):
    """Entries of the journal, oldest first; `last_id` is that of the newest there is.

    `complete` is false where some that were asked for are not among them: more than one answer holds, or forgotten.
    """

    entries: list[EntryView]
    last_id: int
    complete: bool


async def about(request: web.Request) -> web.Response:
    """Tell what this emulator is: account, numbers, lifecycle, whether there is a demo, how many faults there are."""
    context = request.app[CONTEXT]
    account = context.world.account
    found: About = {
        "emulator": True,
        "epoch": context.epoch,
        "account_sid": account.sid,
        "account_status": account.status,
        "account_type": account.type,
        "auth_token": account.auth_token,
        "numbers": [{"number": n.phone_number, "sms_url": n.sms_url} for n in context.world.numbers.values()],
        "service_sids": list(context.world.services),
        "lifecycle": context.lifecycle.mode,
        "clock": "manual" if context.clock.manual else "real",
        "now": context.clock.now().isoformat(),
        "demo": context.demo_url is not None,
        "faults": context.faults.active,
        "struck": sum(map(sum, context.faults.fired().values())),
        "snippets": [{"title": title, "text": text} for title, text in context.snippets],
    }
    return web.json_response(found)


async def phones(request: web.Request) -> web.Response:
    """List the phones: the contacts, and whoever has messages."""
    context = request.app[CONTEXT]
    known = dict.fromkeys([*context.world.phones(), *context.contacts])
    found: Phones = {
        "phones": [phone_view(context.world, phone, context.contacts, context.waits.of(phone)) for phone in known],
        "cursor": live.cursor(context),
    }
    return web.json_response(found)


async def messages(request: web.Request) -> web.Response:
    """List messages, oldest first: with one phone, to one, in a status, with a part of their text."""
    context = request.app[CONTEXT]
    if "phone" in request.query:
        candidates = context.world.conversation(query.phone(request, "phone"))
    else:
        candidates = list(context.world.messages.values())
    wanted = _wanted(request)
    if "to" in request.query:
        to = query.phone(request, "to")
        candidates = [message for message in candidates if message.recipient == to]
    found: Messages = {
        "messages": [message_view(message) for message in candidates if wanted(message)],
        "cursor": live.cursor(context),
    }
    return web.json_response(found)


async def message(request: web.Request) -> web.Response:
    """Answer one message, the form that was posted to make it, and what Twilio's API says of it now."""
    context, sid = request.app[CONTEXT], request.match_info["sid"]
    found = context.world.messages.get(sid)
    if found is None:
        raise web.HTTPNotFound(text=f"sid: there is no message {sid}")
    detail: Detail = {
        "message": message_view(found),
        "request": dict(found.form),
        "resource": as_json(found, context.world.account.sid),
    }
    return web.json_response(detail)


async def latest(request: web.Request) -> web.Response:
    """Answer the newest message to a phone; 404 when there is none."""
    phone = query.phone(request, "to")
    message = request.app[CONTEXT].world.latest_to(phone)
    if message is None:
        raise web.HTTPNotFound(text=f"to: no message to {phone} yet")
    return web.json_response(message_view(message))


async def wait(request: web.Request) -> web.Response:
    """Block until there is a matching message to a phone; 408 when none came in `timeout` seconds.

    With `after` (the `id` of an earlier one) only a later message counts, and the first one is answered; without it
    the newest.
    """
    phone = query.phone(request, "to")
    seconds = query.seconds(request, "timeout", DEFAULT_WAIT, most=MAX_WAIT)
    wanted, after = _wanted(request), query.whole(request, "after")
    context = request.app[CONTEXT]

    def found() -> Message | None:
        fitting = [
            message
            for message in context.world.conversation(phone)
            if message.direction is not Direction.INBOUND and message.position > (after or 0) and wanted(message)
        ]
        return fitting[-1 if after is None else 0] if fitting else None

    message = await live.until(context, found, seconds)
    if message is None:
        raise web.HTTPRequestTimeout(text=f"to: no message to {phone} within {seconds} s")
    return web.json_response(message_view(message))


async def deliveries(request: web.Request) -> web.Response:
    """List the calls to the application with request, response and timing, oldest first."""
    sid, after = request.query.get("message"), query.whole(request, "after") or 0
    log = request.app[CONTEXT].webhooks.log
    chosen = (record for record in log if record.id > after and sid in {None, record.message.sid})
    found: Deliveries = {"deliveries": [record_view(record) for record in chosen]}
    return web.json_response(found)


async def trace(request: web.Request) -> web.Response:
    """List what happened, at most 1000 steps from `after` on: all of it, that with one phone, or that of one kind."""
    world = request.app[CONTEXT].world
    after, kind = query.whole(request, "after") or 0, request.query.get("kind")
    if kind is not None and kind not in set(Kind):
        raise ValueError(f"kind: {kind!r} is unknown; it may be {', '.join(Kind)}")
    phone = query.phone(request, "phone") if "phone" in request.query else None
    entries = [
        entry
        for entry in world.journal.after(after)
        if kind in {None, entry.kind} and phone in {None, world.phone_of(entry)}
    ]
    found: Trace = {
        "entries": [entry_view(entry) for entry in entries[:TRACE_PAGE]],
        "last_id": world.journal.last_id,
        "complete": len(entries) <= TRACE_PAGE and world.journal.covers(min(after, world.journal.last_id)),
    }
    return web.json_response(found)


def _wanted(request: web.Request) -> Callable[[Message], bool]:
    status, text = request.query.get("status"), request.query.get("q", "").casefold()
    if status is not None and status not in set(Status):
        raise ValueError(f"status: {status!r} is unknown; it may be {', '.join(Status)}")
    return lambda message: status in {None, message.status} and text in message.body.casefold()
