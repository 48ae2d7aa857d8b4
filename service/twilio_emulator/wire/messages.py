"""The Messages resource: create, list, fetch, update, delete (Twilio page "Messages resource")."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from aiohttp import web
from multidict import MultiDictProxy

from twilio_emulator.context import CONTEXT, Context
from twilio_emulator.refusals import TwilioError, invalid
from twilio_emulator.rules import MEANINGS, CreateRequest, check_create, normalise
from twilio_emulator.striking import STALE
from twilio_emulator.webhooks import API_VERSION
from twilio_emulator.wire.common import API_ROOT, Credential, authenticate, authorize, not_found, rfc2822, texts
from twilio_emulator.wire.paging import page
from twilio_emulator.world import IN_PROGRESS, Message, Status

_UNPRICED = {*IN_PROGRESS, Status.FAILED, Status.CANCELED}
_PRICE_PER_SEGMENT = 0.0079
_DAY_LENGTH = len("2026-01-31")
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


def routes() -> list[web.RouteDef]:
    """Return the resource's routes."""
    collection = API_ROOT + "/Accounts/{account}/Messages"
    return [
        web.post(f"{collection}.json", create),
        web.get(f"{collection}.json", list_),
        web.get(collection + "/{sid}.json", fetch),
        web.post(collection + "/{sid}.json", update),
        web.delete(collection + "/{sid}.json", delete),
    ]


async def create(request: web.Request) -> web.StreamResponse:
    """Store one message and answer 201; with test credentials only check it."""
    if authenticate(request) is Credential.TEST:
        world = request.app[CONTEXT].world
        imagined = world.imagine(check_create(world, _read(await request.post()), test=True))
        return web.json_response(as_json(imagined, world.account.test_sid), status=201)
    context = authorize(request)
    given = _read(await request.post())
    try:
        draft = check_create(context.world, given)
    except TwilioError as error:
        if phone := normalise(given.to or ""):
            context.world.refuse(phone, f"Twilio refuses a text: {error.code} {error.message}")
        raise
    message = context.world.add(replace(draft, form=given.options))
    context.lifecycle.begin(message)
    return web.json_response(as_json(message, context.world.account.sid), status=201)


def _read(form: MultiDictProxy[str | bytes | bytearray | web.FileField]) -> CreateRequest:
    given = texts(form)
    return CreateRequest(
        to=given.get("To"),
        sender=given.get("From"),
        service_sid=given.get("MessagingServiceSid"),
        body=given.get("Body"),
        status_callback=given.get("StatusCallback"),
        validity_period=given.get("ValidityPeriod"),
        media_urls=tuple(url for url in form.getall("MediaUrl", []) if isinstance(url, str)),
        options=given,
    )


async def fetch(request: web.Request) -> web.Response:
    """Answer one message by its SID."""
    context = authorize(request)
    return web.json_response(as_json(find(request, context), context.world.account.sid))


def find(request: web.Request, context: Context) -> Message:
    """Return the message that the path names; raise 404/20404."""
    message = context.world.messages.get(request.match_info["sid"])
    if message is None:
        raise not_found(request)
    return message


async def update(request: web.Request) -> web.Response:
    """Redact the text (`Body` empty) or call a scheduled message off (`Status` canceled)."""
    context = authorize(request)
    message = find(request, context)
    given = texts(await request.post())
    if given.get("Body"):
        raise invalid("Body")
    if given.get("Status", "canceled") != "canceled":
        raise invalid("Status")
    if "Status" in given:
        if message.status is not Status.SCHEDULED:
            raise TwilioError(30409, "The message cannot be canceled: it is not scheduled any more")
        message = context.lifecycle.cancel(message)
    if "Body" in given:
        if message.status in IN_PROGRESS:
            raise TwilioError(20009, "Cannot redact this resource before it is complete")
        message = context.world.change(message, body="")
    return web.json_response(as_json(message, context.world.account.sid))


async def delete(request: web.Request) -> web.Response:
    """Forget a message that has come to its end."""
    context = authorize(request)
    message = find(request, context)
    if message.status in IN_PROGRESS:
        raise TwilioError(20009, "Cannot delete this resource before it is complete")
    context.world.delete(message)
    return web.Response(status=204)


async def list_(request: web.Request) -> web.Response:
    """Answer the account's messages, newest first; the filters are To, From and DateSent with its inequalities."""
    context = authorize(request)
    wanted = [*_filters(request), *_lag(request)]
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
        first, last = _span(on if "," in on else on[:_DAY_LENGTH])  # SDKs write a day as its midnight
        wanted.append(lambda message: first <= _dated(message) <= last)
    if until := request.query.get("DateSent<"):
        end = _span(until)[1]
        wanted.append(lambda message: _dated(message) <= end)
    if since := request.query.get("DateSent>"):
        begin = _span(since)[0]
        wanted.append(lambda message: _dated(message) >= begin)
    return wanted


def _lag(request: web.Request) -> list[Callable[[Message], bool]]:
    newest = request.app[CONTEXT].world.now() - timedelta(seconds=request.get(STALE, 0.0))
    return [lambda message: message.created <= newest] if request.get(STALE) else []


def _dated(message: Message) -> datetime:
    # A queued message has no date_sent yet and is listed by its creation. Twilio's dates have whole seconds.
    return (message.sent or message.created).replace(microsecond=0)


def _span(given: str) -> tuple[datetime, datetime]:
    """Return the first and last second that a filter value covers: a GMT day, or one moment."""
    try:
        moment = parsedate_to_datetime(given) if "," in given else datetime.fromisoformat(given)
    except (ValueError, OverflowError) as error:
        raise TwilioError(20001, f"Invalid DateSent: {given}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    moment = moment.replace(microsecond=0)
    return moment, moment + (_DAY - _SECOND) if _is_day(given) else moment


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
        "num_media": str(len(message.media)),
        "num_segments": str(message.segments) if chosen else "0",
        "price": None if message.status in _UNPRICED else f"-{message.segments * _PRICE_PER_SEGMENT:.5f}",
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.recipient,
        "uri": f"{uri}.json",
    }
