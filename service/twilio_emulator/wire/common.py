"""What all Twilio resources share: credentials, errors, headers, dates."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from http import HTTPStatus

from aiohttp import web
from multidict import MultiDictProxy

from twilio_emulator.account import Account, AccountStatus
from twilio_emulator.context import CONTEXT, Context
from twilio_emulator.refusals import TwilioError

API_ROOT = "/2010-04-01"
SERVICES_ROOT = "/v1"
EMULATOR_HEADER = "Twilio-Emulator"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Credential(StrEnum):
    """With what a request signs in. An API key of type Standard may not read the account, test credentials nothing."""

    AUTH_TOKEN = "auth-token"  # noqa: S105 - the kind, not a secret
    API_KEY = "api-key"
    TEST = "test"


def authenticate(request: web.Request) -> Credential:
    """Check HTTP basic credentials against the account of the path; raise 401/20003 when they do not fit."""
    account = request.app[CONTEXT].world.account
    kind = _credential(request.headers.get("Authorization", ""), account)
    own = account.test_sid if kind is Credential.TEST else account.sid
    if kind is None or request.match_info.get("account", own) != own:
        raise unauthorized()
    return kind


def authorize(request: web.Request) -> Context:
    """Authenticate for an ordinary resource: a live credential of either kind, and the account must be active."""
    if authenticate(request) is Credential.TEST:
        raise TwilioError(20008, "Resource not accessible with Test Account Credentials", status=403)
    context = request.app[CONTEXT]
    if context.world.account.status is AccountStatus.SUSPENDED:
        raise unauthorized()
    return context


def texts(form: MultiDictProxy[str | bytes | bytearray | web.FileField]) -> dict[str, str]:
    """Return the first value of each form field."""
    return {name: value for name in form if isinstance(value := form[name], str)}


def unauthorized() -> TwilioError:
    """Make Twilio's answer to wrong credentials and to suspended accounts."""
    return TwilioError(20003, "Authenticate", status=401)


def not_found(request: web.Request) -> TwilioError:
    """Make Twilio's answer to an unknown path or SID."""
    return TwilioError(20404, f"The requested resource {request.path} was not found", status=404)


def _credential(header: str, account: Account) -> Credential | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    known = {
        Credential.AUTH_TOKEN: f"{account.sid}:{account.auth_token}",
        Credential.API_KEY: f"{account.api_key}:{account.api_secret}",
        Credential.TEST: f"{account.test_sid}:{account.test_auth_token}",
    }
    return next((kind for kind, pair in known.items() if hmac.compare_digest(given, pair.encode())), None)


def rfc2822(moment: datetime | None) -> str | None:
    """Write a moment as Twilio's v2010 resources do: ``Thu, 24 Aug 2023 05:01:45 +0000``."""
    return format_datetime(moment) if moment else None


def iso8601(moment: datetime) -> str:
    """Write a moment as Twilio's newer resources do: ``2023-08-24T05:01:45Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@web.middleware
async def answer_as_twilio(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give API answers Twilio's headers, and every refusal Twilio's error body."""
    if not request.path.startswith((API_ROOT + "/", SERVICES_ROOT + "/")):
        return await handler(request)
    started = time.monotonic()
    try:
        response = await handler(request)
    except TwilioError as error:
        response = _error(error)
    except web.HTTPNotFound:
        response = _error(not_found(request))
    except web.HTTPMethodNotAllowed:
        response = _error(TwilioError(20004, "Method not allowed", status=405))
    except web.HTTPRequestEntityTooLarge:
        response = _error(TwilioError(20001, "The request body is too large", status=413))
    if not response.prepared:
        response.headers.update(_headers(time.monotonic() - started))
    return response


def _error(error: TwilioError) -> web.Response:
    body = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if error.status == HTTPStatus.UNAUTHORIZED else None
    return web.json_response(body, status=error.status, headers=headers)


def _headers(seconds: float) -> dict[str, str]:
    return {
        "Twilio-Concurrent-Requests": "1",
        "Twilio-Request-Id": f"RQ{secrets.token_hex(16)}",
        "Twilio-Request-Duration": f"{seconds:.3f}",
        "X-Home-Region": "us1",
        "X-Powered-By": "AT-5000",
        "X-API-Domain": "api.twilio.com",
    }
