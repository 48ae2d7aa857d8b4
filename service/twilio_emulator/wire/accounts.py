"""The Accounts resource: fetch."""

from aiohttp import web

from twilio_emulator.context import CONTEXT
from twilio_emulator.wire.common import API_ROOT, Credential, authenticate, rfc2822, unauthorized


def routes() -> list[web.RouteDef]:
    """Return the resource's routes."""
    return [web.get(API_ROOT + "/Accounts/{account}.json", fetch)]


async def fetch(request: web.Request) -> web.Response:
    """Answer the account, auth token included as Twilio does; a Standard API key is refused."""
    if authenticate(request) is Credential.API_KEY:
        raise unauthorized()
    account = request.app[CONTEXT].world.account
    uri = f"{API_ROOT}/Accounts/{account.sid}"
    body = {
        "auth_token": account.auth_token,
        "date_created": rfc2822(account.created),
        "date_updated": rfc2822(account.created),
        "friendly_name": "Twilio emulator",
        "owner_account_sid": account.sid,
        "sid": account.sid,
        "status": account.status,
        "subresource_uris": {
            "incoming_phone_numbers": f"{uri}/IncomingPhoneNumbers.json",
            "messages": f"{uri}/Messages.json",
        },
        "type": account.type,
        "uri": f"{uri}.json",
    }
    return web.json_response(body)
