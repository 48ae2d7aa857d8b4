"""Calling the application under test the way Twilio does (Twilio pages "Webhooks security", "Connection overrides").

Signed with the account's auth token over the configured URL without fragment and credentials; 15 seconds for
everything; one more try if, and only if, no connection came about.
"""

import asyncio
import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

import aiohttp
from yarl import URL

from twilio_emulator.world import Delivery, Message, Status

API_VERSION = "2010-04-01"
BUDGET = 15.0
CONNECT_TIMEOUT = 5.0
CONNECT_TRIES = 2
MAX_ANSWER = 65_536
EXCERPT = 200
_SUCCESS = range(200, 300)


class Purpose(StrEnum):
    """Why the application is called."""

    STATUS_CALLBACK = "status-callback"
    INBOUND = "inbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the application said: its content type without parameters, and the first `MAX_ANSWER` bytes as text."""

    ok: bool
    status: int
    content_type: str
    body: str


def sign(url: str, parameters: Mapping[str, str], auth_token: str) -> str:
    """Return the X-Twilio-Signature of a form POST: base64 HMAC-SHA1 over the URL and the sorted names and values."""
    signed = url + "".join(name + value for name, value in sorted(parameters.items()))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def status_parameters(message: Message, account_sid: str) -> dict[str, str]:
    """Return the fields of a status callback (Twilio page "Track outbound message status")."""
    fields = {
        "SmsSid": message.sid,
        "SmsStatus": message.status,
        "MessageStatus": message.status,
        "To": message.recipient,
        "MessageSid": message.sid,
        "AccountSid": account_sid,
        "From": message.sender or "",
        "ApiVersion": API_VERSION,
    }
    if message.service_sid:
        fields["MessagingServiceSid"] = message.service_sid
    if message.error_code is not None and message.status in {Status.FAILED, Status.UNDELIVERED}:
        fields["ErrorCode"] = str(message.error_code)
    return fields


def inbound_parameters(message: Message, account_sid: str) -> dict[str, str]:
    """Return the fields of an inbound webhook as captured from Twilio: the geographic ones present and blank."""
    return {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": message.sid,
        "NumMedia": str(message.media),
        "ToCity": "",
        "FromZip": "",
        "SmsSid": message.sid,
        "FromState": "",
        "SmsStatus": message.status,
        "FromCity": "",
        "Body": message.body,
        "FromCountry": "US",
        "To": message.recipient,
        "ToZip": "",
        "NumSegments": str(message.segments),
        "ReferralNumMedia": "0",
        "MessageSid": message.sid,
        "AccountSid": account_sid,
        "From": message.sender or "",
        "ApiVersion": API_VERSION,
    }


class Webhooks:
    """Posts signed forms over one connection pool. Made inside a running loop; `close` ends it."""

    def __init__(self) -> None:
        """Open the pool. The environment's proxies do not apply: the calls stay on this machine's networks."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT)
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)

    async def close(self) -> None:
        """Close the pool."""
        await self._session.close()

    async def post(
        self, url: str, parameters: Mapping[str, str], *, auth_token: str, message: Message, purpose: Purpose
    ) -> tuple[Delivery, Answer | None]:
        """Call `url` once, or twice if it cannot be reached; never raises for what the other side does."""
        try:
            target, login = _target(url)
        except ValueError:
            return _failed(message, purpose, "11100 Invalid URL format"), None
        headers = {
            "X-Twilio-Signature": sign(target, parameters, auth_token),
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        if login is not None:
            headers["Authorization"] = aiohttp.encode_basic_auth(*login)
        started = time.monotonic()
        answer, error, attempts = await self._within_budget(target, urlencode(parameters).encode(), headers)
        delivery = Delivery(
            message_sid=message.sid,
            purpose=purpose,
            url=target,
            status=answer.status if answer else None,
            error=error,
            milliseconds=round((time.monotonic() - started) * 1000),
            attempts=attempts,
        )
        return delivery, answer

    async def _within_budget(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[Answer | None, str | None, int]:
        attempts = 0
        try:
            async with asyncio.timeout(BUDGET):
                while True:
                    attempts += 1
                    try:
                        answer = await self._once(url, body, headers)
                    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                        if attempts == CONNECT_TRIES:
                            return None, "11205 HTTP connection failure: nothing answers at the address", attempts
                    else:
                        return answer, _complaint(answer), attempts
        except TimeoutError:
            return None, f"11200 HTTP retrieval failure: no answer within {BUDGET:.0f} s", attempts
        except (aiohttp.ClientError, ValueError) as error:
            return None, f"11200 HTTP retrieval failure: {type(error).__name__}", attempts

    async def _once(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        # encoded=True: the URL must travel as it was signed.
        async with self._session.post(URL(url, encoded=True), data=body, headers=headers) as response:
            content = bytearray()
            async for chunk in response.content.iter_chunked(MAX_ANSWER):
                content += chunk
                if len(content) >= MAX_ANSWER:
                    break
            text = bytes(content[:MAX_ANSWER]).decode("utf-8", errors="replace")
            content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Answer(ok=response.status in _SUCCESS, status=response.status, content_type=content_type, body=text)


def _failed(message: Message, purpose: Purpose, error: str) -> Delivery:
    return Delivery(
        message_sid=message.sid, purpose=purpose, url="", status=None, error=error, milliseconds=0, attempts=0
    )


def _complaint(answer: Answer) -> str | None:
    if answer.ok:
        return None
    excerpt = " ".join(answer.body[:EXCERPT].split())
    return f"11200 HTTP retrieval failure: the application answered {answer.status}" + (
        f": {excerpt}" if excerpt else ""
    )


def _target(url: str) -> tuple[str, tuple[str, str] | None]:
    parts = urlsplit(url)._replace(fragment="")
    if parts.username is None:
        return parts.geturl(), None
    login = unquote(parts.username), unquote(parts.password or "")
    return _without_login(parts).geturl(), login


def _without_login(parts: SplitResult) -> SplitResult:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2])
