"""Acting: replies, statuses, calls made again, faults, seeds, annotations, reset."""

from typing import Annotated

import aiohttp
from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict  # typing's own is not enough for pydantic before Python 3.12

from twilio_emulator.context import CONTEXT
from twilio_emulator.control.query import is_id
from twilio_emulator.faults import Rules
from twilio_emulator.inputs import read
from twilio_emulator.journal import Kind, Note
from twilio_emulator.seeds import Seed
from twilio_emulator.settings import ClockMode, LifecycleMode
from twilio_emulator.views import DeliveryView, delivery_view, message_view, record_view
from twilio_emulator.waits import Wait
from twilio_emulator.world import Status

DEMO_SECONDS = 10.0
MAX_TEXT = 10_000
MAX_LINE = 500
MAX_SOURCE = 60
MAX_CODE = 20
MAX_LINES = 100

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True)


class ReplyBody(BaseModel):
    """What a person texts, and the addresses of what comes with it.

    `to` is our number, by default the one that last texted the phone.
    """

    model_config = _STRICT

    phone: str = Field(alias="from", max_length=MAX_SOURCE)
    text: str = Field(max_length=MAX_TEXT, repr=False)
    to: str | None = Field(default=None, max_length=MAX_SOURCE)
    media: tuple[str, ...] = ()


class ReplyView(TypedDict):
    """The text's SID, and how the webhook went; null when the number has none.

    The SID is null when a Messaging Service without inbound webhook dropped the text.
    """

    sid: str | None
    delivered: DeliveryView | None


class DemoBody(BaseModel):
    """The phone that the demo should ask."""

    model_config = _STRICT

    to: str = Field(max_length=MAX_SOURCE)


class DemoView(TypedDict):
    """What the demo address answered."""

    status: int


class StatusBody(BaseModel):
    """The status that a message gets, with Twilio's code if it is a bad one."""

    model_config = _STRICT

    status: Status
    error_code: int | None = Field(default=None, ge=10_000, le=99_999)


class AdvanceBody(BaseModel):
    """How far a manual clock moves on."""

    model_config = _STRICT

    seconds: float


class ClockBody(BaseModel):
    """Whether the clock goes by itself."""

    model_config = _STRICT

    mode: ClockMode


class LifecycleBody(BaseModel):
    """How new messages move on."""

    model_config = _STRICT

    mode: LifecycleMode


class LifecycleView(TypedDict):
    """How new messages move on."""

    mode: str


class ClockView(TypedDict):
    """What the emulator's clock shows."""

    now: str


class WaitBody(BaseModel):
    """A question to a phone that `code` answers, open until `until`; `by` says who asked."""

    model_config = _STRICT

    id: str = Field(min_length=1, max_length=MAX_SOURCE)
    phone: str = Field(pattern=r"^\+[1-9][0-9]{2,14}$")
    code: str = Field(max_length=MAX_CODE)
    until: AwareDatetime = Field(strict=False)
    asked: AwareDatetime = Field(strict=False)
    by: str = Field(default="", max_length=MAX_SOURCE)
    open: bool = True


class Annotation(BaseModel):
    """A line for the trace from whoever is under test: who says it, what, and of which message if of one.

    `time` is when it happened, by default now. `wait` tells of a question that opened or closed: the page shows which
    one a text will answer.
    """

    model_config = _STRICT

    source: str = Field(min_length=1, max_length=MAX_SOURCE)
    text: str = Field(min_length=1, max_length=MAX_LINE, repr=False)
    message_sid: str | None = Field(default=None, pattern=r"^(SM|MM)[0-9a-f]{32}$")
    time: AwareDatetime | None = Field(default=None, strict=False)
    wait: WaitBody | None = None


class Annotations(BaseModel):
    """Lines for the trace, in their order."""

    model_config = _STRICT

    annotations: Annotated[tuple[Annotation, ...], Field(min_length=1, max_length=MAX_LINES)]


class AnnotationsView(TypedDict):
    """How many lines were taken."""

    taken: int


class FaultsView(TypedDict):
    """The rules in force, and rule by rule how often each has struck."""

    rules: Rules
    fired: dict[str, list[int]]


class Done(TypedDict):
    """Nothing to tell."""


async def reply(request: web.Request) -> web.Response:
    """Text from a phone; answers the SID and how the webhook went."""
    body = read(ReplyBody, await request.read())
    sent = await request.app[CONTEXT].inbound.reply(body.phone, body.text, to=body.to or None, media=body.media)
    found: ReplyView = {"sid": sent.sid, "delivered": delivery_view(sent.delivery) if sent.delivery else None}
    return web.json_response(found)


async def demo(request: web.Request) -> web.Response:
    """Ask the demo address for a question: it gets POSTed ``{"to": phone}``."""
    body = read(DemoBody, await request.read())
    demo_url = request.app[CONTEXT].demo_url
    if demo_url is None:
        raise web.HTTPNotFound(text="demo: nobody offered a demo address")
    timeout = aiohttp.ClientTimeout(total=DEMO_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.post(demo_url, json={"to": body.to}) as answer,
        ):
            await answer.release()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise web.HTTPBadGateway(text="demo: the demo address does not answer") from error
    if not answer.ok:
        raise web.HTTPBadGateway(text=f"demo: the demo address answered {answer.status}")
    found: DemoView = {"status": answer.status}
    return web.json_response(found)


async def set_status(request: web.Request) -> web.Response:
    """Move a message to a status by hand, in whatever lifecycle; its callback is called in the background."""
    sid = request.match_info["sid"]
    body = read(StatusBody, await request.read())
    context = request.app[CONTEXT]
    if sid not in context.world.messages:
        raise web.HTTPNotFound(text=f"sid: there is no message {sid}")
    return web.json_response(message_view(context.lifecycle.step(sid, body.status, error_code=body.error_code)))


async def advance(request: web.Request) -> web.Response:
    """Move a manual clock on; what falls due meanwhile is done."""
    body = read(AdvanceBody, await request.read())
    context = request.app[CONTEXT]
    found: ClockView = {"now": context.clock.advance(body.seconds).isoformat()}
    context.world.journal.append(Kind.SETTING)
    return web.json_response(found)


async def set_clock(request: web.Request) -> web.Response:
    """Let the clock go by itself, or stand still until it is moved."""
    context = request.app[CONTEXT]
    context.clock.switch(read(ClockBody, await request.read()).mode)
    context.world.journal.append(Kind.SETTING)
    found: ClockView = {"now": context.clock.now().isoformat()}
    return web.json_response(found)


async def set_lifecycle(request: web.Request) -> web.Response:
    """Choose how new messages move on: at once, step by step, or only by hand."""
    mode = read(LifecycleBody, await request.read()).mode
    context = request.app[CONTEXT]
    context.lifecycle.mode = mode
    context.world.journal.append(Kind.SETTING)
    found: LifecycleView = {"mode": mode}
    return web.json_response(found)


async def resend(request: web.Request) -> web.Response:
    """Make a logged call to the application again: the same form to the same address, without faults."""
    context, given = request.app[CONTEXT], request.match_info["id"]
    record = context.webhooks.log.get(int(given)) if is_id(given) else None
    if record is None:
        raise web.HTTPNotFound(text=f"id: no delivery {given} in the log")
    again = await context.webhooks.resend(record, context.world.account.auth_token)
    return web.json_response(record_view(again))


async def faults(request: web.Request) -> web.Response:
    """Tell the fault rules in force, the spent ones included, and how often each has struck."""
    return _faults(request)


async def set_faults(request: web.Request) -> web.Response:
    """Replace all fault rules; a stage that is left out has none."""
    context = request.app[CONTEXT]
    context.faults.replace(read(Rules, await request.read()))
    context.world.journal.append(Kind.SETTING)
    return _faults(request)


def _faults(request: web.Request) -> web.Response:
    faults = request.app[CONTEXT].faults
    found: FaultsView = {"rules": faults.rules(), "fired": {str(k): v for k, v in faults.fired().items()}}
    written = _FAULTS.dump_json(found, exclude_defaults=True)
    return web.Response(body=written, content_type="application/json")


async def seed(request: web.Request) -> web.Response:
    """Put numbers, contacts and the account's status and type into the world; what is left out stays as it is."""
    request.app[CONTEXT].plant(read(Seed, await request.read()))
    return web.json_response({})


async def annotate(request: web.Request) -> web.Response:
    """Add lines to the trace: what whoever is under test did."""
    lines = read(Annotations, await request.read()).annotations
    context = request.app[CONTEXT]
    for line in lines:
        wait = Wait(**line.wait.model_dump()) if line.wait else None
        if wait is not None:
            context.waits.note(wait)
        note = Note(source=line.source, text=line.text, message_sid=line.message_sid, time=line.time, wait=wait)
        context.world.journal.append(Kind.ANNOTATION, note=note)
    found: AnnotationsView = {"taken": len(lines)}
    return web.json_response(found)


async def reset(request: web.Request) -> web.Response:
    """Forget messages, opt-outs and deliveries; faults and contacts are those of the start again."""
    request.app[CONTEXT].reset()
    return web.json_response({})


_FAULTS = TypeAdapter(FaultsView)
