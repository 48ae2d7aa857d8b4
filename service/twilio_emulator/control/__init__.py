"""The control API under ``/_emulator/``: what tests in any language, the command and the page use."""

from functools import cache
from typing import Final

from aiohttp import web

from twilio_emulator import live
from twilio_emulator.control import access, changing, reading
from twilio_emulator.control.access import CLIENT_HEADER, guard
from twilio_emulator.control.openapi import ROOT, TOKEN_HEADER, Json, Operation, Parameter, document
from twilio_emulator.faults import Rules
from twilio_emulator.seeds import Seed
from twilio_emulator.views import MessageView, RecordView

__all__ = ["CLIENT_HEADER", "ROOT", "TOKEN_HEADER", "guard", "routes"]

_TO = Parameter(name="to", says="A phone number with + and the country code.", required=True)
_STATUS = Parameter(name="status", says="Only messages that have this status now.")
_TEXT = Parameter(name="q", says="Only messages with this in their text, in any case.")


def _after(what: str) -> Parameter:
    return Parameter(name="after", says=f"Only {what} with a later id.", kind="integer")


async def openapi(_request: web.Request) -> web.Response:
    """Describe the control API in OpenAPI 3.1."""
    return web.json_response(_document())


OPERATIONS: Final = (
    Operation(method="GET", path="/openapi.json", handler=openapi, answer=dict[str, object]),
    Operation(
        method="GET",
        path="/token",
        handler=access.token,
        answer=dict[str, str],
        refusals={403: f"The header {CLIENT_HEADER} is missing."},
    ),
    Operation(method="GET", path="/about", handler=reading.about, answer=reading.About),
    Operation(method="GET", path="/phones", handler=reading.phones, answer=reading.Phones),
    Operation(
        method="GET",
        path="/messages",
        handler=reading.messages,
        answer=reading.Messages,
        parameters=(
            Parameter(name="phone", says="Only messages from and to this phone."),
            Parameter(name="to", says="Only messages to this number, a phone's or ours."),
            _STATUS,
            _TEXT,
        ),
    ),
    Operation(
        method="GET",
        path="/messages/{sid}",
        handler=reading.message,
        answer=reading.Detail,
        parameters=(Parameter(name="sid", says="The message's SID."),),
        refusals={404: "There is no such message."},
    ),
    Operation(
        method="GET",
        path="/latest",
        handler=reading.latest,
        answer=MessageView,
        parameters=(_TO,),
        refusals={404: "There is none yet."},
    ),
    Operation(
        method="GET",
        path="/wait",
        handler=reading.wait,
        answer=MessageView,
        parameters=(
            _TO,
            Parameter(name="timeout", says="Seconds, at most 300; 10 by default.", kind="number"),
            _after("messages"),
            _STATUS,
            _TEXT,
        ),
        refusals={408: "There was none in time."},
    ),
    Operation(
        method="GET",
        path="/events",
        handler=live.events,
        answer="text/event-stream",
        parameters=(
            Parameter(name="after", says="Continue after this cursor; the header Last-Event-ID does the same."),
        ),
    ),
    Operation(
        method="GET",
        path="/trace",
        handler=reading.trace,
        answer=reading.Trace,
        parameters=(
            _after("entries"),
            Parameter(name="phone", says="Only what is about this phone."),
            Parameter(name="kind", says="Only entries of this kind."),
        ),
    ),
    Operation(
        method="GET",
        path="/deliveries",
        handler=reading.deliveries,
        answer=reading.Deliveries,
        parameters=(Parameter(name="message", says="Only calls about the message with this SID."), _after("calls")),
    ),
    Operation(
        method="POST",
        path="/deliveries/{id}/resend",
        handler=changing.resend,
        answer=RecordView,
        parameters=(Parameter(name="id", says="The delivery's id.", kind="integer"),),
        refusals={404: "The log has no such delivery."},
    ),
    Operation(method="POST", path="/reply", handler=changing.reply, answer=changing.ReplyView, body=changing.ReplyBody),
    Operation(
        method="POST",
        path="/demo",
        handler=changing.demo,
        answer=changing.DemoView,
        body=changing.DemoBody,
        refusals={404: "There is no demo address.", 502: "The demo address failed."},
    ),
    Operation(
        method="POST",
        path="/messages/{sid}/status",
        handler=changing.set_status,
        answer=MessageView,
        body=changing.StatusBody,
        parameters=(Parameter(name="sid", says="The message's SID."),),
        refusals={404: "There is no such message."},
    ),
    Operation(
        method="POST",
        path="/clock/advance",
        handler=changing.advance,
        answer=changing.ClockView,
        body=changing.AdvanceBody,
    ),
    Operation(
        method="PUT", path="/clock", handler=changing.set_clock, answer=changing.ClockView, body=changing.ClockBody
    ),
    Operation(
        method="PUT",
        path="/lifecycle",
        handler=changing.set_lifecycle,
        answer=changing.LifecycleView,
        body=changing.LifecycleBody,
    ),
    Operation(method="GET", path="/faults", handler=changing.faults, answer=changing.FaultsView),
    Operation(method="PUT", path="/faults", handler=changing.set_faults, answer=changing.FaultsView, body=Rules),
    Operation(method="POST", path="/seed", handler=changing.seed, answer=changing.Done, body=Seed),
    Operation(
        method="POST",
        path="/annotations",
        handler=changing.annotate,
        answer=changing.AnnotationsView,
        body=changing.Annotations,
    ),
    Operation(method="POST", path="/reset", handler=changing.reset, answer=changing.Done),
)


@cache
def _document() -> Json:
    return document(OPERATIONS)


def routes() -> list[web.RouteDef]:
    """Return the control API's routes."""
    return [operation.route for operation in OPERATIONS]
