"""What Twilio posts: a form, bounded, complete, and signed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from textback_server.gateway.accounts import Account
from textback_server.gateway.signatures import HEADER, verify

MAX_BODY = 64 * 1024
PATIENCE = 15.0
"""Seconds that a body may take: Twilio's own limit for a whole call (Webhooks, connection overrides)."""
_MAX_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)  # not frozen: Python itself writes to exceptions
class Rejected(Exception):  # noqa: N818 - an answer, not a defect
    """A webhook that is not taken: the HTTP status, and a word for log and metrics."""

    status: int
    why: str


async def signed_form(request: web.Request, account: Account, url: str) -> Mapping[str, str]:
    """The form that Twilio posted to `url`, the address as configured. Raises Rejected."""
    if request.content_type != _FORM:
        raise Rejected(415, "content_type")
    fields = await _fields(request)
    headers = request.headers.getall(HEADER, [])
    if not verify(account.webhook_tokens, url, fields, headers):
        raise Rejected(403, "signature")
    if fields.get("AccountSid", account.account_sid) != account.account_sid:
        raise Rejected(403, "account")
    return fields


async def _fields(request: web.Request) -> dict[str, str]:
    """The form's fields. Blank values stay: they are signed. A key that comes twice is not Twilio's."""
    try:
        async with asyncio.timeout(PATIENCE):
            body = await request.read()
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except web.HTTPRequestEntityTooLarge as error:
        raise Rejected(413, "size") from error
    except TimeoutError as error:
        raise Rejected(408, "slow") from error
    except ConnectionError as error:
        raise Rejected(400, "broken_off") from error
    except (ValueError, web.RequestPayloadError) as error:  # UnicodeDecodeError is one; the other: no gzip, no chunks
        raise Rejected(400, "form") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Rejected(400, "repeated_field")
    return fields
