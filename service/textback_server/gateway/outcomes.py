"""What an attempt to send amounts to: sent, refused, held, or unclear.

Provably not sent is only what never had a connection, a 429, or another 4xx with Twilio's own error body. A 4xx
without that body may come from anything between us and Twilio, after Twilio took the message.
"""

import json
import random
import re
from datetime import timedelta
from typing import Any

from textback_server.domain.facts import PostAccepted, PostHeld, PostRefused, PostUnclear
from textback_server.domain.messages import Failure, MessageState
from textback_server.domain.reasons import Reason
from textback_server.gateway.errors import failure
from textback_server.gateway.http import Answer, CallFailed, ErrorAnswer, NoAnswer, NotSent
from textback_server.gateway.protocol import PostOutcome
from textback_server.gateway.statuses import state_of

_TOO_MANY_REQUESTS = 429
_FIRST_CODE = 10_000
_LAST_CODE = 999_999
_BACK_OFF = 1.0
_JITTER = 0.1
_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_WORD = re.compile(r"[a-zA-Z_-]{1,40}")
_DEAD = (MessageState.FAILED, MessageState.UNDELIVERED, MessageState.CANCELLED)

UNREACHABLE = Failure(
    reason=Reason.TWILIO_UNREACHABLE,
    message="No connection to Twilio could be made; check DNS, egress rules and proxies.",
)
TIMED_OUT = Failure(
    reason=Reason.TWILIO_TIMEOUT, message="Twilio took the request, at least in part, and did not answer in time."
)
BROKEN = Failure(reason=Reason.TWILIO_UNAVAILABLE, message="The connection to Twilio broke before it answered.")
NO_SID = Failure(
    reason=Reason.TWILIO_UNAVAILABLE, message="Twilio answered that it took the message but named no Message SID."
)


def twilio_code(answer: Answer) -> int | None:
    """The code in Twilio's error body, classic or RFC 9457; None: somebody else wrote this body."""
    try:
        body: Any = json.loads(answer.text)
    except (ValueError, RecursionError):
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return code if type(code) is int and _FIRST_CODE <= code <= _LAST_CODE else None


def is_sid(text: str) -> bool:
    """Whether it is the SID of a message."""
    return _SID.fullmatch(text) is not None


def is_word(text: str) -> bool:
    """Whether it can be one of Twilio's words for a status."""
    return _WORD.fullmatch(text) is not None


def after_failed_call(error: CallFailed, rng: random.Random) -> PostOutcome:
    """What a POST without a 2xx answer amounts to. `rng` spreads retries by ten percent."""
    match error:
        case NotSent():
            return PostHeld(failure=UNREACHABLE, retry_after=_back_off(rng))
        case NoAnswer(timed_out=timed_out):
            return PostUnclear(failure=TIMED_OUT if timed_out else BROKEN)
        case ErrorAnswer(answer=answer):
            return _after_error_answer(answer, rng)
        case _:
            raise TypeError(f"not classified: {type(error).__name__}")


def after_success(sid: object, twilio_status: object, error_code: object) -> PostOutcome:
    """What a 2xx amounts to. The arguments come from the wire and may be anything."""
    if not isinstance(sid, str) or not is_sid(sid):
        return PostUnclear(failure=NO_SID)
    word = twilio_status if isinstance(twilio_status, str) and is_word(twilio_status) else ""
    # A word that we do not know, with a SID: Twilio has the message.
    state = state_of(word) or MessageState.ACCEPTED
    if state in _DEAD:
        code = error_code if type(error_code) is int and 0 < error_code <= _LAST_CODE else 0
        return PostRefused(failure=failure(code, refused=True), twilio_sid=sid)
    return PostAccepted(twilio_sid=sid, twilio_status=word, state=state)


def not_from_twilio(http_status: int) -> Failure:
    """An answer that Twilio's API would not give."""
    return Failure(
        reason=Reason.TWILIO_UNAVAILABLE,
        message=f"Something other than Twilio's API answered (HTTP {http_status}); check proxies on the way.",
    )


def _after_error_answer(answer: Answer, rng: random.Random) -> PostOutcome:
    code = twilio_code(answer)
    if answer.status == _TOO_MANY_REQUESTS:
        held = failure(20429 if code is None else code, answer.status)
        return PostHeld(failure=held, retry_after=answer.retry_after or _back_off(rng))
    if not 400 <= answer.status < 500:  # noqa: PLR2004 - HTTP's class of client errors
        return PostUnclear(failure=unavailable(answer.status))
    if code is None:
        return PostUnclear(failure=not_from_twilio(answer.status))
    return PostRefused(failure=failure(code, answer.status, refused=True))


def unavailable(http_status: int) -> Failure:
    """A 5xx or a redirect: Twilio, or what stands before it, is not well."""
    return failure(0, http_status) if http_status >= 500 else not_from_twilio(http_status)  # noqa: PLR2004 - HTTP's class


def _back_off(rng: random.Random) -> timedelta:
    """The first step; who retries doubles it."""
    return timedelta(seconds=_BACK_OFF * rng.uniform(1 - _JITTER, 1 + _JITTER))
