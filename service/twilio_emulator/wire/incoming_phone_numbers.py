"""The IncomingPhoneNumbers resource: list, fetch, and update of the name and of the inbound webhook."""

import dataclasses
import re

from aiohttp import web

from twilio_emulator.account import Hook, Number
from twilio_emulator.context import Context
from twilio_emulator.refusals import invalid
from twilio_emulator.rules import is_url
from twilio_emulator.wire.common import API_ROOT, authorize, not_found, rfc2822, texts
from twilio_emulator.wire.paging import page

_METHODS = frozenset({"GET", "POST"})


def routes() -> list[web.RouteDef]:
    """Return the resource's routes."""
    collection = API_ROOT + "/Accounts/{account}/IncomingPhoneNumbers"
    return [
        web.get(f"{collection}.json", list_),
        web.get(collection + "/{sid}.json", fetch),
        web.post(collection + "/{sid}.json", update),
    ]


async def list_(request: web.Request) -> web.Response:
    """Answer the account's numbers; `PhoneNumber` filters on a part of the number, in which * is any digit."""
    context = authorize(request)
    # A plus sign that the client did not encode arrives as a space.
    part = request.query.get("PhoneNumber", "").replace(" ", "+")
    pattern = re.compile(re.escape(part).replace(r"\*", "."))
    name = request.query.get("FriendlyName")
    found = [
        number
        for number in context.world.numbers.values()
        if pattern.search(number.phone_number) and name in {None, number.friendly_name}
    ]
    account = context.world.account.sid
    return page(
        request,
        "incoming_phone_numbers",
        found,
        sid=lambda number: number.sid,
        render=lambda number: as_json(number, account),
    )


async def fetch(request: web.Request) -> web.Response:
    """Answer one number by its SID."""
    context = authorize(request)
    return web.json_response(as_json(find(request.match_info["sid"], request, context), context.world.account.sid))


async def update(request: web.Request) -> web.Response:
    """Set FriendlyName, SmsUrl, SmsMethod, SmsFallbackUrl or SmsFallbackMethod; an empty URL removes the webhook."""
    context = authorize(request)
    number = find(request.match_info["sid"], request, context)
    given = texts(await request.post())
    hook = read_hook(given, number.hook, ("SmsUrl", "SmsMethod", "SmsFallbackUrl", "SmsFallbackMethod"))
    name = given.get("FriendlyName", number.friendly_name)
    context.world.set_number(dataclasses.replace(number, hook=hook, friendly_name=name))
    return web.json_response(as_json(find(number.sid, request, context), context.world.account.sid))


def read_hook(given: dict[str, str], before: Hook, names: tuple[str, str, str, str]) -> Hook:
    """Read URL, method, fallback URL and its method by their names in the form; raise 20001 for a wrong one."""
    url, method, fallback_url, fallback_method = (given.get(name) for name in names)
    for name, value in zip(names, (url, method, fallback_url, fallback_method), strict=True):
        if value and not (value.upper() in _METHODS if name.endswith("Method") else is_url(value)):
            raise invalid(name)
    return Hook(
        url=before.url if url is None else url or None,
        method=(method or before.method).upper(),
        fallback_url=before.fallback_url if fallback_url is None else fallback_url or None,
        fallback_method=(fallback_method or before.fallback_method).upper(),
    )


def find(sid: str, request: web.Request, context: Context) -> Number:
    """Return the number with this SID; raise 404/20404."""
    found = next((number for number in context.world.numbers.values() if number.sid == sid), None)
    if found is None:
        raise not_found(request)
    return found


def as_json(number: Number, account_sid: str) -> dict[str, object]:
    """Write a number as Twilio does."""
    return {
        "account_sid": account_sid,
        "address_requirements": "none",
        "api_version": "2010-04-01",
        "beta": False,
        "capabilities": {"fax": False, "mms": True, "sms": True, "voice": False},
        "date_created": rfc2822(number.created),
        "date_updated": rfc2822(number.updated),
        "friendly_name": number.friendly_name,
        "origin": "twilio",
        "phone_number": number.phone_number,
        "sid": number.sid,
        "sms_application_sid": "",
        "sms_fallback_method": number.hook.fallback_method,
        "sms_fallback_url": number.hook.fallback_url or "",
        "sms_method": number.hook.method,
        "sms_url": number.hook.url or "",
        "status": "in-use",
        "status_callback": "",
        "status_callback_method": "POST",
        "uri": f"{API_ROOT}/Accounts/{account_sid}/IncomingPhoneNumbers/{number.sid}.json",
        "voice_url": "",
    }
