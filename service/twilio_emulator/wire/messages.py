"""The Messages resource: create, list, fetch (Twilio page "Messages resource")."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web
from multidict import MultiDictProxy

from twilio_emulator.context import CONTEXT
from twilio_emulator.responses import Drop, ScriptedResponse
from twilio_emulator.rules import MEANINGS, CreateRequest, TwilioError, check_create, normalise
from twilio_emulator.webhooks import API_VERSION
from twilio_emulator.wire.common import API_ROOT, authorize, not_found, rfc2822
from twilio_emulator.wire.paging import page
from twilio_emulator.world import Message, Status

_UNPRICED = {Status.ACCEPTED, Status.QUEUED, Status.FAILED}
_PRICE_PER_SEGMENT = 0.0079
_DAY_LENGTH = len("2026-01-31")
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


def routes() -> list[web.RouteDef]:
    """Return the resource's routes."""
    collection = API_ROOT + "/Accounts/{account}/Messages.json"
    return [
        web.post(collection, create),
        web.get(collection, list_),
        web.get(API_ROOT + "/Accounts/{account}/Messages/{sid}.json", fetch),
    ]


async def create(request: web.Request) -> web.StreamResponse:
    """Store one message and answer 201; a scripted response goes before everything, the credentials included."""
    context = request.app[CONTEXT]
    scripted = context.responses.take() or ScriptedResponse()
    if scripted.drop is Drop.BEFORE:
        return _cut(request)
    message = await _store(request) if scripted.stores else None
    await context.pause(scripted.delay)
    if scripted.drop is Drop.AFTER:
        return _cut(request)
    if scripted.status is not None or message is None:
        headers = {"Content-Type": scripted.content_type}
        return web.Response(status=scripted.status or 500, body=(scripted.body or "").encode(), headers=headers)
    return web.json_response(as_json(message, context.world.account.sid), status=201)


async def _store(request: web.Request) -> Message:
    context = authorize(request)
    form = await request.post()
    draft = check_create(context.world, _read(form))
    message = context.world.add(draft)
    context.lifecycle.begin(message)
    return message


def _read(form: MultiDictProxy[str | bytes | bytearray | web.FileField]) -> CreateRequest:
    def text(name: str) -> str | None:
        value = form.get(name)
        return value if isinstance(value, str) else None

    return CreateRequest(
        to=text("To"),
        sender=text("From"),
        service_sid=text("MessagingServiceSid"),
        body=text("Body"),
        status_callback=text("StatusCallback"),
        validity_period=text("ValidityPeriod"),
        media_urls=tuple(url for url in form.getall("MediaUrl", []) if isinstance(url, str)),
    )


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def fetch(request: web.Request) -> web.Response:
    """Answer one message by its SID."""
    context = authorize(request)
    message = context.world.messages.get(request.match_info["sid"])
    if message is None:
        raise not_found(request)
    return web.json_response(as_json(message, context.world.account.sid))


async def list_(request: web.Request) -> web.Response:
    """Answer the account's messages, newest first; the filters are To, From and DateSent with its inequalities."""
    context = authorize(request)
    wanted = _filters(request)
    found = [message for message in context.world.messages.values() if all(fits(message) for fits in wanted)]
    found.sort(key=lambda message: (_dated(message), message.position), reverse=True)
    account = context.world.account.sid
    return page(request, "messages", found, sid=lambda item: item.sid, render=lambda item: as_json(item, account))


def _filters(request: web.Request) -> list[Callable[[Message], bool]]:
    wanted: list[Callable[[Message], bool]] = []
    if to := request.query.get("To"):
        number = normalise(to) or to
        wanted.append(lambda message: message.recipient == number)
    if sender := request.query.get("From"):
        origin = normalise(sender) or sender
        wanted.append(lambda message: message.sender == origin)
    if on := request.query.get("DateSent"):
        first, last = _span(on[:_DAY_LENGTH])  # SDKs write a day as its midnight
        wanted.append(lambda message: first <= _dated(message) <= last)
    if until := request.query.get("DateSent<"):
        end = _span(until)[1]
        wanted.append(lambda message: _dated(message) <= end)
    if since := request.query.get("DateSent>"):
        begin = _span(since)[0]
        wanted.append(lambda message: _dated(message) >= begin)
    return wanted


def _dated(message: Message) -> datetime:
    # A queued message has no date_sent yet and is listed by its creation. Twilio's dates have whole seconds.
    return (message.sent or message.created).replace(microsecond=0)


def _span(given: str) -> tuple[datetime, datetime]:
    """Return the first and last second that a filter value covers: a GMT day, or one moment."""
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise TwilioError(20001, f"Invalid DateSent: {given}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    moment = moment.replace(microsecond=0)
    return moment, moment + _DAY - _SECOND if _is_day(given) else moment


def _is_day(given: str) -> bool:
    return len(given) == _DAY_LENGTH


def as_json(message: Message, account_sid: str) -> dict[str, object]:
    """Write a message as Twilio does: counts and price are strings, the error code is a number."""
    uri = f"{API_ROOT}/Accounts/{account_sid}/Messages/{message.sid}"
    chosen = message.sender is not None
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": MEANINGS.get(message.error_code) if message.error_code else None,
        "from": message.sender,
        "messaging_service_sid": message.service_sid,
        "num_media": str(message.media),
        "num_segments": str(message.segments) if chosen else "0",
        "price": None if message.status in _UNPRICED else f"-{message.segments * _PRICE_PER_SEGMENT:.5f}",
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.recipient,
        "uri": f"{uri}.json",
    }
