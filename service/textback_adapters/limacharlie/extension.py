"""The extension's address: takes what LimaCharlie signed, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import structlog
from aiohttp import web
from pydantic import ValidationError

from textback_adapters.limacharlie import actions
from textback_adapters.limacharlie.actions import Call
from textback_adapters.limacharlie.fields import Unusable
from textback_adapters.limacharlie.protocol import (
    LARGEST,
    SIGNATURE,
    Answer,
    Message,
    Request,
    TooLarge,
    Unreadable,
    signed,
    unpacked,
)
from textback_adapters.limacharlie.schema import schema
from textback_client import Textback

EVERYBODY = "*"
"""The organization that stands for all that are not named."""

READ_LIMIT = 10.0
"""Seconds for a message to arrive."""

_log = structlog.get_logger(__name__)

_ACTIONS: Mapping[str, Callable[[Call], Awaitable[Answer]]] = MappingProxyType(
    {"run": actions.run, "ask": actions.ask, "check": actions.check}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """`secret` is shared with LimaCharlie; `organizations` are accounts by organization id, or by `EVERYBODY`."""

    textback: Textback
    secret: bytes = field(repr=False)
    organizations: Mapping[str, str]

    def runner(self) -> web.AppRunner:
        """The HTTP application, to be set up. It unpacks bodies itself: aiohttp would log wrong ones as defects."""
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post("/", self._take)
        return web.AppRunner(app, access_log=None, shutdown_timeout=5, lingering_time=0, auto_decompress=False)

    async def _take(self, request: web.Request) -> web.Response:
        signature = request.headers.get(SIGNATURE, "")
        if not signature:
            return web.json_response({})  # a passer-by: LimaCharlie's own library tells them nothing either
        try:
            async with asyncio.timeout(READ_LIMIT):
                packed = await request.read()
            body = unpacked(packed, request.headers.get("Content-Encoding", ""))
        except (web.HTTPRequestEntityTooLarge, TooLarge):
            return _said(Answer(error=f"the message: is too large; it may have {LARGEST:,} bytes."), 413)
        except (TimeoutError, web.RequestPayloadError):
            return _said(Answer(error="the message: did not arrive whole."))
        except Unreadable as error:
            return _said(Answer(error=str(error)))
        if not signed(body, signature, self.secret):
            _log.warning("limacharlie.signature")
            return _said(Answer(error="the signature is wrong."), 401)
        try:
            message = Message.model_validate_json(body)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"])) or "the message"
            return _said(Answer(error=f"{where}: {error.errors(include_input=False)[0]['msg']}."))
        return await self._answered(message)

    async def _answered(self, message: Message) -> web.Response:
        if message.heartbeat is not None:
            return web.json_response({})
        if message.schema_request is not None:
            return _said(Answer(data=schema()))
        if message.error_report is not None:
            _log.error("limacharlie.reported", error=str(message.error_report.get("error", ""))[:500])
            return _said(Answer())
        about = message.request or message.event or message.conf_validation
        if about is None:
            return _said(Answer(error="the message: has none of the parts that are known."))
        account = self.organizations.get(about.org.oid, self.organizations.get(EVERYBODY))
        if account is None:
            return _said(Answer(error=f"org: {about.org.oid} has no Twilio account here; add it to the organizations."))
        if message.request is None:
            return _said(Answer())
        return _said(await self._done(message.request, account, message.idempotency_key))

    async def _done(self, request: Request, account: str, key: str) -> Answer:
        act = _ACTIONS.get(request.action)
        if act is None:
            return Answer(error=f'action: "{request.action}" is not known; it may be run or ask.')
        try:
            return await act(Call(textback=self.textback, account=account, request=request, key=key))
        except (Unusable, ValueError, TypeError) as error:
            return Answer(error=str(error))


def _said(answer: Answer, status: int | None = None) -> web.Response:
    return web.json_response(answer.as_dict(), status=status or answer.status)
