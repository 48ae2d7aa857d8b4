"""Calling the application under test the way Twilio does (Twilio pages "Webhooks security", "Connection overrides").

Signed with the account's auth token over the configured URL without fragment and credentials; 15 seconds for
everything; one more try if, and only if, no connection came about; the URL's fragment may ask otherwise.
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

from twilio_emulator.connection import Connection, Failure, overrides
from twilio_emulator.world import Delivery, Message, Status

API_VERSION = "2010-04-01"
MAX_ANSWER = 65_536
EXCERPT = 200
_SUCCESS = range(200, 300)
_SERVER_ERRORS = 500


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


def inbound_parameters(message: Message, account_sid: str, media_root: str = "") -> dict[str, str]:
    """Return the fields of an inbound webhook as captured from Twilio: the geographic ones present and blank.

    The addresses of media begin with `media_root`, the emulator's own.
    """
    root = f"{media_root}/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}/Media"
    fields = {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": message.sid,
        "NumMedia": str(len(message.media)),
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
    if message.service_sid:
        fields["MessagingServiceSid"] = message.service_sid
    for number, media in enumerate(message.media):
        fields[f"MediaUrl{number}"] = f"{root}/{media.sid}"
        fields[f"MediaContentType{number}"] = media.content_type
    return fields


class Webhooks:
    """Posts signed forms over one connection pool. Made inside a running loop; `close` ends it."""

    def __init__(self) -> None:
        """Open the pool. The environment's proxies do not apply: the calls stay on this machine's networks."""
        self._session = aiohttp.ClientSession(trust_env=False)

    async def close(self) -> None:
        """Close the pool."""
        await self._session.close()

    async def post(
        self,
        url: str,
        parameters: Mapping[str, str],
        *,
        auth_token: str,
        message: Message,
        purpose: Purpose,
        method: str = "POST",
    ) -> tuple[Delivery, Answer | None]:
        """Call `url` as often as its options say; never raises for what the other side does.

        With the method GET the parameters are a part of the URL, and signed as such.
        """
        try:
            target, login = _target(url)
            if method == "GET":
                target, parameters = _with_query(target, parameters), {}
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
        call = _Call(method=method, url=target, body=urlencode(parameters).encode(), headers=headers)
        answer, error, attempts = await self._within_budget(call, overrides(url))
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

    async def _within_budget(self, call: "_Call", connection: Connection) -> tuple[Answer | None, str | None, int]:
        attempts = 0
        try:
            async with asyncio.timeout(connection.total):
                while True:
                    attempts += 1
                    answer, failure, error = await self._try(call, connection)
                    if failure not in connection.retried or attempts > connection.retries:
                        return answer, error, attempts
        except TimeoutError:
            return None, f"11200 HTTP retrieval failure: no answer within {connection.total:g} s", attempts

    async def _try(self, call: "_Call", connection: Connection) -> tuple[Answer | None, Failure | None, str | None]:
        """Call once; return the answer, and what is wrong with it or with the way to it."""
        try:
            answer = await self._once(call, connection)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return None, Failure.CONNECT, "11205 HTTP connection failure: nothing answers at the address"
        except aiohttp.SocketTimeoutError:
            return None, Failure.READ, f"11200 HTTP retrieval failure: no answer within {connection.read:g} s"
        except (aiohttp.ClientError, ValueError) as error:
            return None, None, f"11200 HTTP retrieval failure: {type(error).__name__}"
        if answer.ok:
            return answer, None, None
        failure = Failure.SERVER_ERROR if answer.status >= _SERVER_ERRORS else Failure.CLIENT_ERROR
        return answer, failure, _complaint(answer)

    async def _once(self, call: "_Call", connection: Connection) -> Answer:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=connection.connect, sock_read=connection.read)
        # encoded=True: the URL must travel as it was signed.
        async with self._session.request(
            call.method,
            URL(call.url, encoded=True),
            data=call.body or None,
            headers=call.headers,
            timeout=timeout,
        ) as response:
            content = bytearray()
            async for chunk in response.content.iter_chunked(MAX_ANSWER):
                content += chunk
                if len(content) >= MAX_ANSWER:
                    break
            text = bytes(content[:MAX_ANSWER]).decode("utf-8", errors="replace")
            content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Answer(ok=response.status in _SUCCESS, status=response.status, content_type=content_type, body=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]


def _failed(message: Message, purpose: Purpose, error: str) -> Delivery:
    return Delivery(
        message_sid=message.sid, purpose=purpose, url="", status=None, error=error, milliseconds=0, attempts=0
    )


def _complaint(answer: Answer) -> str:
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


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(parameters)}"
