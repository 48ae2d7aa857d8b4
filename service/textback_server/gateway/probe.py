"""Ping: what Twilio says of an account and of its default sender, right now."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any, TypeAlias

from twilio.base import values

from textback_server.domain.errors import Refusal
from textback_server.domain.events import Warning
from textback_server.domain.messages import Failure
from textback_server.domain.reasons import Reason
from textback_server.domain.senders import SenderKind, sender_kind
from textback_server.gateway import outcomes
from textback_server.gateway import ping_warnings as warnings
from textback_server.gateway.accounts import Account
from textback_server.gateway.errors import failure
from textback_server.gateway.http import Answer, CallFailed, ErrorAnswer, NoAnswer, NotSent, from_emulator
from textback_server.gateway.protocol import Pong

Sdk: TypeAlias = Any
"""An object of the SDK, which ships no types."""

_TEST_CREDENTIALS = 20008
_NO_SUCH_RESOURCE = 20404
_MAY_NOT = (401, 403)
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the account itself says; `proven`: these credentials have been let in."""

    status: str = ""
    type: str = ""
    proven: bool = True
    test: bool = False


@dataclass(frozen=True, slots=True)
class _Finding:
    """What is known of the sender."""

    can_sms: bool | None = None
    points_here: bool | None = None
    warnings: tuple[Warning, ...] = ()


async def probe(account: Account, client: Sdk, inbound_url: str | None) -> Pong:
    """One Ping. Looks at the sole or first sender; `inbound_url` is where its replies should go, None: nowhere.

    Raises Refusal if the account, or that sender, provably cannot send now.
    """
    line = _Line()
    standing = await _ask_account(line, account, client)
    found = _Finding()
    sender = account.senders[0] if account.senders else ""
    if not standing.test:
        found = await _ask_sender(line, client, sender, inbound_url, proven=standing.proven)
    notes = [*found.warnings]
    if standing.test:
        notes.append(warnings.TEST_CREDENTIALS)
    if standing.type == "Trial":
        notes.append(warnings.TRIAL_ACCOUNT)
    if inbound_url is None:
        notes.append(warnings.NO_PUBLIC_URL)
    return Pong(
        account_sid=account.account_sid,
        account_status=standing.status,
        account_type=standing.type,
        emulator=line.emulator,
        round_trip=line.round_trip or timedelta(0),
        sender=sender,
        sender_can_sms=found.can_sms,
        webhook_points_here=found.points_here,
        warnings=tuple(notes),
    )


class _Line:
    """Asks Twilio one thing after the other; keeps how long the first took, and who answered."""

    def __init__(self) -> None:
        self.round_trip: timedelta | None = None
        self.emulator = False

    async def ask(self, request: Awaitable[Sdk]) -> Sdk:
        """The SDK's answer. Raises ErrorAnswer for Twilio's own 4xx, and Refusal where nothing can be learned."""
        started = perf_counter()
        try:
            response = await request
        except ErrorAnswer as error:
            self._note(started, error.answer.headers)
            if _judged_by_caller(error.answer):
                raise
            raise _refusal_of_trouble(error) from None
        except CallFailed as error:
            raise _refusal_of_trouble(error) from None
        except Exception:  # noqa: BLE001 - whatever the SDK trips over in a 2xx did not come from Twilio's API
            raise _refusal(outcomes.not_from_twilio(200)) from None
        self._note(started, response.headers or {})
        return response.data

    def _note(self, started: float, headers: Mapping[str, str]) -> None:
        if self.round_trip is None:
            self.round_trip = timedelta(seconds=perf_counter() - started)
        self.emulator = self.emulator or from_emulator(headers)


async def _ask_account(line: _Line, account: Account, client: Sdk) -> _Standing:
    try:
        # The answer holds the auth token; it is dropped with this frame.
        about = await line.ask(client.api.v2010.accounts(account.account_sid).fetch_with_http_info_async())
    except ErrorAnswer as error:
        code = outcomes.twilio_code(error.answer) or 0
        if code == _TEST_CREDENTIALS:
            return _Standing(test=True)
        refused = failure(code, error.answer.status)
        if account.api_key and refused.reason is Reason.TWILIO_AUTH_FAILED:
            # A standard key may not read this resource, and is told the same as a wrong one.
            return _Standing(proven=False)
        raise _refusal(refused) from None
    status = str(about.status or "")
    if status in ("suspended", "closed"):
        raise _refusal(failure(20005))
    return _Standing(status=status, type=str(about.type or ""))


async def _ask_sender(
    line: _Line,
    client: Sdk,
    sender: str,
    inbound_url: str | None,
    *,
    proven: bool,
) -> _Finding:
    kind = sender_kind(sender)
    try:
        if kind is SenderKind.MESSAGING_SERVICE:
            service = await line.ask(client.messaging.v1.services(sender).fetch_with_http_info_async())
            return _judge_service(service, inbound_url)
        if kind is SenderKind.NUMBER or not proven:
            number = sender if kind is SenderKind.NUMBER else values.unset
            owned = await line.ask(
                client.incoming_phone_numbers.list_with_http_info_async(phone_number=number, limit=1)
            )
            if kind is SenderKind.NUMBER:
                return _judge_number(next((row for row in owned if row.phone_number == sender), None), inbound_url)
    except ErrorAnswer as error:
        return _judge_refusal(error.answer, proven=proven)
    return _Finding(warnings=(warnings.ONE_WAY_SENDER,) if kind is SenderKind.ALPHANUMERIC else ())


def _judge_number(number: Sdk, inbound_url: str | None) -> _Finding:
    if number is None:
        return _Finding(warnings=(warnings.SENDER_NOT_OURS,))
    able = number.capabilities.get("sms") if isinstance(number.capabilities, dict) else None
    if able is False:
        raise Refusal(
            Reason.INVALID_SENDER, "The default sender cannot send SMS; use a number of the account that can."
        )
    # A TwiML application overrides the number's own address.
    url = "" if number.sms_application_sid else str(number.sms_url or "")
    if number.sms_application_sid or url:
        note = _elsewhere(url, str(number.sms_method or "POST"), inbound_url)
    else:
        note = warnings.WEBHOOK_UNSET
    return _finding(note, inbound_url, can_sms=able)


def _judge_service(service: Sdk, inbound_url: str | None) -> _Finding:
    if service.use_inbound_webhook_on_number:
        # Where replies go is up to each number of the pool.
        return _Finding()
    url = str(service.inbound_request_url or "")
    if not url:
        return _Finding(points_here=False, warnings=(warnings.INBOUND_DROPPED,))
    return _finding(_elsewhere(url, str(service.inbound_method or "POST"), inbound_url), inbound_url, can_sms=None)


def _elsewhere(url: str, method: str, inbound_url: str | None) -> Warning | None:
    """What is wrong with Twilio's inbound address. Its fragment holds connection options and is never sent."""
    if url.partition("#")[0] != inbound_url:
        return warnings.WEBHOOK_ELSEWHERE
    return None if method.upper() == "POST" else warnings.WEBHOOK_METHOD


def _finding(note: Warning | None, inbound_url: str | None, *, can_sms: bool | None) -> _Finding:
    """Without a public URL there is one warning, about that."""
    shown = () if note is None or inbound_url is None else (note,)
    return _Finding(can_sms=can_sms, points_here=note is None, warnings=shown)


def _judge_refusal(answer: Answer, *, proven: bool) -> _Finding:
    """Twilio's own 4xx to a question about the sender."""
    refused = failure(outcomes.twilio_code(answer) or 0, answer.status)
    if refused.reason is Reason.TWILIO_AUTH_FAILED and not proven and refused.twilio_code != _NO_SUCH_RESOURCE:
        raise _refusal(refused)
    if refused.reason is Reason.TWILIO_ACCOUNT_SUSPENDED and not proven:
        raise _refusal(refused)
    if answer.status in _MAY_NOT:
        return _Finding(warnings=(warnings.SENDER_NOT_READABLE,))
    raise Refusal(
        Reason.INVALID_SENDER,
        "Twilio knows no such default sender; check the account's senders.",
        twilio_code=refused.twilio_code,
    )


def _judged_by_caller(answer: Answer) -> bool:
    client_error = 400 <= answer.status < 500  # noqa: PLR2004 - HTTP's class of client errors
    return client_error and answer.status != _TOO_MANY_REQUESTS and outcomes.twilio_code(answer) is not None


def _refusal_of_trouble(error: CallFailed) -> Refusal:
    """Nothing was learned: no connection, no answer, a 429, a 5xx, or somebody else's answer."""
    match error:
        case NotSent():
            return _refusal(outcomes.UNREACHABLE)
        case NoAnswer(timed_out=timed_out):
            return _refusal(outcomes.TIMED_OUT if timed_out else outcomes.BROKEN)
        case ErrorAnswer(answer=answer) if answer.status == _TOO_MANY_REQUESTS:
            return _refusal(failure(20429), retry_after=answer.retry_after or timedelta(seconds=1))
        case ErrorAnswer(answer=answer):
            return _refusal(outcomes.unavailable(answer.status))
        case _:
            raise TypeError(f"not classified: {type(error).__name__}")


def _refusal(what: Failure, retry_after: timedelta | None = None) -> Refusal:
    return Refusal(what.reason, what.message, retry_after=retry_after, twilio_code=what.twilio_code)
