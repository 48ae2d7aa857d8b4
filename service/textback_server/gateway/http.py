"""The HTTP client that the Twilio SDK is given: one session, deadlines, no retries, and a clear word about failures.

The SDK's own asynchronous client ignores its timeout, repeats POSTs when told to retry, and in its unpooled mode
returns other requests' responses.
"""

import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace, TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from yarl import URL

CONNECT_TIMEOUT = timedelta(seconds=3)
TOTAL_TIMEOUT = timedelta(seconds=10)

MAX_CONCURRENCY = 90
"""POSTs at once: the client has 100 connections (aiohttp's default), and polling needs some of them."""

_LARGEST_ANSWER = 4_000_000
_LONGEST_WAIT = 300
_CHUNK = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back over HTTP. `request_id` is Twilio's own, for its support."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    @property
    def request_id(self) -> str:
        """Twilio's id of the request; "" if it gave none."""
        return self.headers.get("Twilio-Request-Id", "")

    @property
    def emulator(self) -> bool:
        """Whether an emulator answered and not Twilio."""
        return from_emulator(self.headers)

    @property
    def retry_after(self) -> timedelta | None:
        """How long to wait, if the answer says so in whole seconds; at most five minutes."""
        text = self.headers.get("Retry-After", "").strip()
        return timedelta(seconds=min(int(text), _LONGEST_WAIT)) if text.isascii() and text.isdigit() else None


class CallFailed(Exception):  # noqa: N818 - base of three words for what happened, none of them a defect
    """A request to Twilio did not end in a 2xx."""


class NotSent(CallFailed):
    """No connection: not one byte of the request left this machine."""


class NoAnswer(CallFailed):
    """The request left, perhaps in part, and no whole answer came: nobody can say what Twilio did with it."""

    def __init__(self, why: str, *, timed_out: bool) -> None:
        """`why` names the error's class, never its text: that contains addresses and phone numbers."""
        super().__init__(why)
        self.timed_out = timed_out


class ErrorAnswer(CallFailed):
    """An answer other than 2xx."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer to be classified."""
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


def from_emulator(headers: Mapping[str, str]) -> bool:
    """Whether these are an emulator's response headers."""
    return any(name.lower() == "twilio-emulator" and value == "1" for name, value in headers.items())


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc] # the SDK ships no types
    """An asynchronous context manager; the SDK calls `request`, which raises CallFailed for all but 2xx."""

    def __init__(
        self, *, connect_timeout: timedelta = CONNECT_TIMEOUT, total_timeout: timedelta = TOTAL_TIMEOUT
    ) -> None:
        """`connect_timeout` includes name look-up, TLS, and waiting for a free connection."""
        # The base class asks for a logger; `request` below logs nothing, since URLs carry phone numbers.
        super().__init__(logging.getLogger(__name__), is_async=True)
        self._timeout = aiohttp.ClientTimeout(
            total=total_timeout.total_seconds(), connect=connect_timeout.total_seconds()
        )
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the one session, inside the running loop."""
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(_note_connected)
        trace.on_connection_reuseconn.append(_note_connected)
        self._session = aiohttp.ClientSession(
            timeout=self._timeout, trace_configs=[trace], cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def request(  # noqa: PLR0917 - the SDK's own signature
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the SDK's own signature; the session's deadlines hold
        allow_redirects: bool = False,  # noqa: ARG002 - the SDK's own signature; never followed
    ) -> Response:
        """One request, once. Raises NotSent, NoAnswer or ErrorAnswer."""
        if self._session is None:
            raise RuntimeError("TwilioHttp is used outside `async with`")
        line = SimpleNamespace(connected=False)
        try:
            async with self._session.request(
                method,
                _with_query(uri, params),
                data=urlencode(data, doseq=True).encode() if data else None,
                headers=_with_login(headers, auth),
                allow_redirects=False,
                trace_request_ctx=line,
            ) as response:
                answer = Answer(status=response.status, headers=response.headers, text=await _read(response))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # `from None`: the errors' texts contain addresses and query strings.
            if not line.connected:
                raise NotSent(type(error).__name__) from None
            raise NoAnswer(type(error).__name__, timed_out=isinstance(error, TimeoutError)) from None
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's class of success
            raise ErrorAnswer(answer)
        return Response(answer.status, answer.text, answer.headers)


async def _note_connected(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
    """From here on bytes may leave; a failure up to here is provably none."""
    context.trace_request_ctx.connected = True


def _with_query(uri: str, params: Mapping[str, object] | None) -> URL:
    """Encoded by us and not again: Twilio's filters carry `>=` inside parameter names."""
    given = {name: value for name, value in (params or {}).items() if value is not None}
    return URL(f"{uri}?{urlencode(given, doseq=True)}" if given else uri, encoded=True)


def _with_login(headers: Mapping[str, str] | None, auth: tuple[str, str] | None) -> dict[str, Any]:
    """Our own, since aiohttp's BasicAuth is deprecated and warns."""
    all_headers = dict(headers or {})
    if auth is not None:
        all_headers["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
    return all_headers


async def _read(response: aiohttp.ClientResponse) -> str:
    """The whole body; raises ClientPayloadError if it is larger than any answer of Twilio."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            raise aiohttp.ClientPayloadError("too large")
    return body.decode(errors="replace")
