"""The IncomingPhoneNumbers resource: list, fetch, and update of the inbound webhook."""

from aiohttp import web

from twilio_emulator.context import Context
from twilio_emulator.wire.common import API_ROOT, authorize, not_found, rfc2822
from twilio_emulator.wire.paging import page
from twilio_emulator.world import Number


def routes() -> list[web.RouteDef]:
    """Return the resource's routes."""
    collection = API_ROOT + "/Accounts/{account}/IncomingPhoneNumbers"
    return [
        web.get(f"{collection}.json", list_),
        web.get(collection + "/{sid}.json", fetch),
        web.post(collection + "/{sid}.json", update),
    ]


async def list_(request: web.Request) -> web.Response:
    """Answer the account's numbers; `PhoneNumber` filters on a part of the number."""
    context = authorize(request)
    # A plus sign that the client did not encode arrives as a space.
    part = request.query.get("PhoneNumber", "").replace(" ", "+")
    found = [number for number in context.world.numbers.values() if part in number.phone_number]
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
    return web.json_response(as_json(_find(request, context), context.world.account.sid))


async def update(request: web.Request) -> web.Response:
    """Set SmsUrl; an empty one removes the webhook."""
    context = authorize(request)
    number = _find(request, context)
    url = (await request.post()).get("SmsUrl")
    if isinstance(url, str):
        context.world.set_sms_url(url or None, number=number.phone_number)
    return web.json_response(as_json(_find(request, context), context.world.account.sid))


def _find(request: web.Request, context: Context) -> Number:
    sid = request.match_info["sid"]
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
        "date_updated": rfc2822(number.created),
        "friendly_name": number.phone_number,
        "origin": "twilio",
        "phone_number": number.phone_number,
        "sid": number.sid,
        "sms_application_sid": "",
        "sms_fallback_method": "POST",
        "sms_fallback_url": "",
        "sms_method": "POST",
        "sms_url": number.sms_url or "",
        "status": "in-use",
        "status_callback": "",
        "status_callback_method": "POST",
        "uri": f"{API_ROOT}/Accounts/{account_sid}/IncomingPhoneNumbers/{number.sid}.json",
        "voice_url": "",
    }
