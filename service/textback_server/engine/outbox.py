"""The one outside effect: hands messages to Twilio, each in a task of its own that outlives its caller."""

import asyncio
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import structlog

from textback_server.domain.facts import PostHeld
from textback_server.domain.messages import Message
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.clock import Clock
from textback_server.engine.ledger import Ledger
from textback_server.gateway.protocol import Gateway, Outbound, PostOutcome

MAX_VALIDITY = timedelta(seconds=36_000)
"""Twilio, Message resource: ValidityPeriod."""
MAX_BACK_OFF = timedelta(seconds=60)

_log = structlog.get_logger(__name__)


class Outbox:
    """Owns the POSTs. Leaving its context waits for those in flight."""

    def __init__(self, ledger: Ledger, gateway: Gateway, callbacks: Callbacks, clock: Clock) -> None:
        self._ledger = ledger
        self._gateway = gateway
        self._callbacks = callbacks
        self._clock = clock
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._tasks.__aexit__(kind, error, trace)

    def start(self, message: Message) -> None:
        """Hand over a message that is SENDING, once. Returns at once; the outcome becomes a fact."""
        self._tasks.create_task(self._send(message), name=f"send {message.id}")

    async def _send(self, message: Message) -> None:
        try:
            outcome = await self._gateway.create(message.account, self._outbound(message))
            await self._ledger.record(message, _backed_off(outcome, message.attempt))
        except Exception:  # noqa: BLE001 - one bad row must not end the process: its lease ends and it counts as unclear
            _log.exception("send.lost", message_id=message.id)

    def _outbound(self, message: Message) -> Outbound:
        return Outbound(
            recipient=message.sms.recipient,
            sender=message.sms.sender,
            text=message.text,
            validity_period=validity_period(message, self._clock()),
            smart_encoded=message.sms.smart_encoded,
            status_callback=self._callbacks.status_url(message.account, message.id, message.attempt),
        )


def validity_period(message: Message, now: datetime) -> timedelta:
    """Never beyond the wait: a question must not arrive after it closed. Whole seconds, at least one."""
    asked = min(message.sms.validity_period or MAX_VALIDITY, MAX_VALIDITY)
    left = asked if message.wait is None else min(asked, message.wait.expire_time - now)
    return max(timedelta(seconds=1), timedelta(seconds=int(left.total_seconds())))


def _backed_off(outcome: PostOutcome, attempt: int) -> PostOutcome:
    """Wait twice as long after each attempt that was turned away."""
    if not isinstance(outcome, PostHeld):
        return outcome
    doubled = outcome.retry_after * 2 ** min(attempt - 1, 10)
    return PostHeld(failure=outcome.failure, retry_after=min(doubled, max(outcome.retry_after, MAX_BACK_OFF)))
