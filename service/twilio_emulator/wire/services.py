"""The Messaging Services resource (messaging.twilio.com) with its pool of phone numbers."""

import dataclasses

from aiohttp import web

from twilio_emulator.account import MessagingService, Number
from twilio_emulator.context import Context
from twilio_emulator.refusals import TwilioError, invalid
from twilio_emulator.rules import is_url, is_validity
from twilio_emulator.wire.common import SERVICES_ROOT, authorize, iso8601, not_found, texts
from twilio_emulator.wire.incoming_phone_numbers import find as find_number
from twilio_emulator.wire.incoming_phone_numbers import read_hook
from twilio_emulator.wire.paging import meta_page

MAX_SERVICES = 1_000


def routes() -> list[web.RouteDef]:
    """Return the resource's routes."""
    collection = SERVICES_ROOT + "/Services"
    service = collection + "/{sid}"
    return [
        web.get(collection, list_),
        web.post(collection, create),
        web.get(service, fetch),
        web.post(service, update),
        web.delete(service, delete),
        web.get(f"{service}/PhoneNumbers", list_numbers),
        web.post(f"{service}/PhoneNumbers", add_number),
        web.get(service + "/PhoneNumbers/{number}", fetch_number),
        web.delete(service + "/PhoneNumbers/{number}", remove_number),
        web.get(f"{service}/ShortCodes", list_short_codes),
    ]


async def list_(request: web.Request) -> web.Response:
    """Answer the account's services."""
    context = authorize(request)
    found = list(context.world.services.values())
    return meta_page(
        request, "services", found, sid=lambda item: item.sid, render=lambda item: _as_json(item, request, context)
    )


async def create(request: web.Request) -> web.Response:
    """Add a service with an empty pool; its inbound messages are dropped until it says where they go."""
    context = authorize(request)
    world = context.world
    given = texts(await request.post())
    if not given.get("FriendlyName"):
        raise invalid("FriendlyName")
    if len(world.services) >= MAX_SERVICES:
        raise TwilioError(20001, f"The account has {MAX_SERVICES} Messaging Services, which is the most")
    blank = MessagingService(sid=world.new_sid("MG"), created=world.now(), use_inbound_webhook_on_number=False)
    world.set_service(_changed(blank, given))
    return web.json_response(_as_json(world.services[blank.sid], request, context), status=201)


async def fetch(request: web.Request) -> web.Response:
    """Answer one service by its SID."""
    context = authorize(request)
    return web.json_response(_as_json(_find(request, context), request, context))


async def update(request: web.Request) -> web.Response:
    """Change a service; what the form does not name stays."""
    context = authorize(request)
    service = _find(request, context)
    context.world.set_service(_changed(service, texts(await request.post())))
    return web.json_response(_as_json(_find(request, context), request, context))


async def delete(request: web.Request) -> web.Response:
    """Forget a service; its numbers stay with the account."""
    context = authorize(request)
    del context.world.services[_find(request, context).sid]
    return web.Response(status=204)


async def list_numbers(request: web.Request) -> web.Response:
    """Answer the numbers of a service's pool."""
    context = authorize(request)
    service = _find(request, context)
    found = [context.world.numbers[phone] for phone in service.numbers]
    return meta_page(
        request,
        "phone_numbers",
        found,
        sid=lambda item: item.sid,
        render=lambda item: _number_as_json(item, service, request, context),
    )


async def add_number(request: web.Request) -> web.Response:
    """Add one of our numbers (`PhoneNumberSid`) to a pool; a number is in one pool at most."""
    context = authorize(request)
    service = _find(request, context)
    number = find_number(texts(await request.post()).get("PhoneNumberSid", ""), request, context)
    owner = context.world.pools.of(number.phone_number)
    if owner is not None:
        code = 21710 if owner.sid == service.sid else 21712
        raise TwilioError(code, "The phone number is in a Messaging Service already", status=409)
    pool = (*service.numbers, number.phone_number)
    context.world.pools.set_numbers(service.sid, pool, context.world.now())
    return web.json_response(_number_as_json(number, service, request, context), status=201)


async def fetch_number(request: web.Request) -> web.Response:
    """Answer one number of a pool."""
    context = authorize(request)
    service = _find(request, context)
    return web.json_response(_number_as_json(_pooled(request, service, context), service, request, context))


async def list_short_codes(request: web.Request) -> web.Response:
    """Answer the short codes of a service's pool: here nobody has any."""
    _find(request, authorize(request))
    none: list[Number] = []
    return meta_page(request, "short_codes", none, sid=lambda item: item.sid, render=lambda _: {})


async def remove_number(request: web.Request) -> web.Response:
    """Take a number out of a pool."""
    context = authorize(request)
    service = _find(request, context)
    gone = _pooled(request, service, context).phone_number
    left = tuple(phone for phone in service.numbers if phone != gone)
    context.world.pools.set_numbers(service.sid, left, context.world.now())
    return web.Response(status=204)


def _find(request: web.Request, context: Context) -> MessagingService:
    service = context.world.services.get(request.match_info["sid"])
    if service is None:
        raise not_found(request)
    return service


def _pooled(request: web.Request, service: MessagingService, context: Context) -> Number:
    number = find_number(request.match_info["number"], request, context)
    if number.phone_number not in service.numbers:
        raise not_found(request)
    return number


def _changed(service: MessagingService, given: dict[str, str]) -> MessagingService:
    hook = read_hook(given, service.hook, ("InboundRequestUrl", "InboundMethod", "FallbackUrl", "FallbackMethod"))
    callback = given.get("StatusCallback", service.status_callback)
    if callback and not is_url(callback):
        raise invalid("StatusCallback")
    validity = given.get("ValidityPeriod") or str(service.validity_period)
    if not is_validity(validity):
        raise invalid("ValidityPeriod")
    return dataclasses.replace(
        service,
        friendly_name=given.get("FriendlyName") or service.friendly_name,
        inbound_request_url=hook.url,
        inbound_method=hook.method,
        fallback_url=hook.fallback_url,
        fallback_method=hook.fallback_method,
        status_callback=callback or None,
        sticky_sender=_flag(given, "StickySender", before=service.sticky_sender),
        validity_period=int(validity),
        use_inbound_webhook_on_number=_flag(
            given, "UseInboundWebhookOnNumber", before=service.use_inbound_webhook_on_number
        ),
    )


def _flag(given: dict[str, str], name: str, *, before: bool) -> bool:
    value = given.get(name, "").lower()
    if value not in {"", "true", "false"}:
        raise invalid(name)
    return before if not value else value == "true"


def _as_json(service: MessagingService, request: web.Request, context: Context) -> dict[str, object]:
    url = f"{request.scheme}://{request.host}{SERVICES_ROOT}/Services/{service.sid}"
    return {
        "account_sid": context.world.account.sid,
        "date_created": iso8601(service.created),
        "date_updated": iso8601(service.updated or service.created),
        "fallback_method": service.fallback_method,
        "fallback_url": service.fallback_url,
        "friendly_name": service.friendly_name,
        "inbound_method": service.inbound_method,
        "inbound_request_url": service.inbound_request_url,
        "links": {"phone_numbers": f"{url}/PhoneNumbers", "short_codes": f"{url}/ShortCodes"},
        "sid": service.sid,
        "status_callback": service.status_callback,
        "sticky_sender": service.sticky_sender,
        "url": url,
        "use_inbound_webhook_on_number": service.use_inbound_webhook_on_number,
        "validity_period": service.validity_period,
    }


def _number_as_json(
    number: Number, service: MessagingService, request: web.Request, context: Context
) -> dict[str, object]:
    return {
        "account_sid": context.world.account.sid,
        "capabilities": ["SMS", "MMS"],
        "country_code": "US",
        "date_created": iso8601(number.created),
        "date_updated": iso8601(number.updated),
        "phone_number": number.phone_number,
        "service_sid": service.sid,
        "sid": number.sid,
        "url": f"{request.scheme}://{request.host}{SERVICES_ROOT}/Services/{service.sid}/PhoneNumbers/{number.sid}",
    }
