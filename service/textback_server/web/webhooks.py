"""Twilio's two kinds of call: what people text, and what became of our SMS.

Answers 2xx only after the commit; 5xx if the commit failed, so that Twilio's fallback and the log both know.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

import structlog
from aiohttp import web

from textback_server.domain.errors import Refusal
from textback_server.domain.facts import StatusReported
from textback_server.domain.messages import Inbound, ReplyVia
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.clock import Clock
from textback_server.engine.intake import Intake
from textback_server.gateway.accounts import Account, Accounts
from textback_server.gateway.errors import failure
from textback_server.gateway.statuses import state_of
from textback_server.store.protocol import StoreError
from textback_server.web.forms import MAX_BODY, Rejected, signed_form

_CODE = re.compile(r"[1-9][0-9]{0,5}")

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has not (section 2.2): Twilio would refuse the whole answer."""

_log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """The two routes below /twilio/."""

    accounts: Accounts
    callbacks: Callbacks
    intake: Intake
    clock: Clock

    def app(self) -> web.Application:
        """The HTTP application."""
        app = web.Application(client_max_size=MAX_BODY, middlewares=[_answering])
        app.router.add_post("/twilio/inbound/{account}", self._inbound)
        app.router.add_post("/twilio/status/{account}/{message_id}/{attempt:[0-9]{1,6}}/{mac}", self._status)
        return app

    async def _inbound(self, request: web.Request) -> web.Response:
        account = self._account(request)
        url = self.callbacks.inbound_url(account.name) or ""
        form = await signed_form(request, account, url)
        sid, sender = form.get("MessageSid", ""), form.get("From", "")
        if not sid or not sender:
            raise Rejected(400, "missing_field")
        sms = Inbound(
            account=account.name,
            twilio_sid=sid,
            sender=sender,
            recipient=form.get("To", ""),
            body=form.get("Body", ""),
            receive_time=self.clock(),
            via=ReplyVia.WEBHOOK,
            opt_out_type=form.get("OptOutType", ""),
            service=form.get("MessagingServiceSid", ""),
        )
        return _twiml(await self.intake.inbound(sms))

    async def _status(self, request: web.Request) -> web.Response:
        account = self._account(request)
        message_id, attempt = request.match_info["message_id"], int(request.match_info["attempt"])
        if not self.callbacks.ours(account.name, message_id, attempt, request.match_info["mac"]):
            raise Rejected(404, "address")
        url = self.callbacks.status_url(account.name, message_id, attempt) or ""
        form = await signed_form(request, account, url)
        status, sid = form.get("MessageStatus", ""), form.get("MessageSid", "")
        state = state_of(status)
        if state is None or not sid:
            _log.warning("status.unknown", twilio_status=status[:40], message_id=message_id)
            return web.Response(status=204)
        code = form.get("ErrorCode", "")
        why = failure(int(code)) if _CODE.fullmatch(code) else None
        news = StatusReported(state=state, twilio_status=status, twilio_sid=sid, failure=why)
        if not await self.intake.status(account.name, message_id, news):
            _log.warning("status.unmatched", message_id=message_id, twilio_sid=sid)
        return web.Response(status=204)

    def _account(self, request: web.Request) -> Account:
        name = request.match_info["account"]
        try:
            return self.accounts.pick(name)
        except Refusal as error:
            raise Rejected(404, "account") from error


@web.middleware
async def _answering(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what goes wrong into a status; nothing of the request, and no exception text, goes out."""
    try:
        return await handler(request)
    except Rejected as rejected:
        _log.warning("webhook.rejected", why=rejected.why, path=request.path.partition("/status/")[0])
        return web.Response(status=rejected.status)
    except StoreError as error:
        _log.error("webhook.store", error=type(error).__name__)
        return web.Response(status=503)
    except web.HTTPException:
        raise
    except Exception:  # noqa: BLE001 - the outermost place: aiohttp would show the traceback in its debug mode
        _log.exception("webhook.defect")
        return web.Response(status=500)


def _twiml(tell: str) -> web.Response:
    """An answer to the person, or none. Never text/plain: Twilio would text that to them."""
    message = f"<Message>{escape(_NOT_XML.sub('', tell))}</Message>" if tell else ""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
    return web.Response(text=body, content_type="text/xml", charset="utf-8")
