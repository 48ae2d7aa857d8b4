"""The Messaging Services resource (messaging.twilio.com): fetch, as far as inbound routing goes."""

from aiohttp import web

from twilio_emulator.wire.common import SERVICES_ROOT, authorize, iso8601, not_found


def routes() -> list[web.RouteDef]:
    """Return the resource's routes."""
    return [web.get(SERVICES_ROOT + "/Services/{sid}", fetch)]


async def fetch(request: web.Request) -> web.Response:
    """Answer one service by its SID."""
    world = authorize(request).world
    service = world.services.get(request.match_info["sid"])
    if service is None:
        raise not_found(request)
    body = {
        "account_sid": world.account.sid,
        "date_created": iso8601(service.created),
        "date_updated": iso8601(service.created),
        "friendly_name": "Emulated Messaging Service",
        "inbound_method": "POST",
        "inbound_request_url": service.inbound_request_url,
        "sid": service.sid,
        "status_callback": None,
        "sticky_sender": True,
        "url": f"{request.scheme}://{request.host}{request.path}",
        "use_inbound_webhook_on_number": service.use_inbound_webhook_on_number,
        "validity_period": 36000,
    }
    return web.json_response(body)
