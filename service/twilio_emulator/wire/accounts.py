"""The Accounts resource: fetch, and the balance."""

from aiohttp import web

from twilio_emulator.context import CONTEXT
from twilio_emulator.refusals import TwilioError
from twilio_emulator.wire.common import API_ROOT, Credential, authenticate, authorize, rfc2822, unauthorized


def routes() -> list[web.RouteDef]:
    """Return the resource's routes."""
    account = API_ROOT + "/Accounts/{account}"
    return [web.get(f"{account}.json", fetch), web.get(f"{account}/Balance.json", balance)]


async def fetch(request: web.Request) -> web.Response:
    """Answer the account, auth token included as Twilio does; a Standard API key is refused."""
    credential = authenticate(request)
    if credential is Credential.API_KEY:
        raise unauthorized()
    if credential is Credential.TEST:
        raise TwilioError(20008, "Resource not accessible with Test Account Credentials", status=403)
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
            "balance": f"{uri}/Balance.json",
            "incoming_phone_numbers": f"{uri}/IncomingPhoneNumbers.json",
            "messages": f"{uri}/Messages.json",
        },
        "type": account.type,
        "uri": f"{uri}.json",
    }
    return web.json_response(body)


async def balance(request: web.Request) -> web.Response:
    """Answer the account's balance, which never changes: nothing here costs anything."""
    account = authorize(request).world.account
    return web.json_response({"account_sid": account.sid, "balance": "20.00000", "currency": "USD"})
