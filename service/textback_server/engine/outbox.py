"""The one outside effect: hands messages to Twilio, each in a task of its own that outlives its caller."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from textback_server.domain.changes import Change
from textback_server.domain.facts import PostAccepted, PostHeld
from textback_server.domain.limits import UNLIMITED, Allowances
from textback_server.domain.messages import Failure, Message, MessageState
from textback_server.domain.reasons import Reason
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.clock import Clock
from textback_server.engine.ledger import Ledger
from textback_server.gateway.protocol import Gateway, Outbound, PostOutcome
from textback_server.store.protocol import StoreBusy, StoreError, StoreUnavailable

T = TypeVar("T")

MAX_VALIDITY = timedelta(seconds=36_000)
"""Twilio, Message resource: ValidityPeriod."""
MAX_BACK_OFF = timedelta(seconds=60)
POST_TIME = timedelta(seconds=10)
"""What a POST may take: less than that before its lease ends it is not begun."""
RECORD_TIME = 20.0
"""Seconds for which an outcome is offered to a store that does not take it: with the POST's, as long as the lease."""
PROOF_TIME = 600.0
"""The same for a SID: like a receipt it is proof at any time, while another outcome could meet a later attempt."""

_SECOND = timedelta(seconds=1)
_LATE = PostHeld(
    failure=Failure(
        reason=Reason.OVERLOADED, message="Its turn to be handed to Twilio did not come in time; it is tried again."
    ),
    retry_after=_SECOND,
)

_log = structlog.get_logger(__name__)


Stored = tuple[Message, bool]
"""A stored message, and whether it is new."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A message on its way: when it is stored, and when Twilio answered (None: see the store).

    Futures of whoever began it: giving them up changes nothing.
    """

    stored: asyncio.Future[Stored]
    answered: asyncio.Future[Message | None]


class Outbox:
    """Owns the POSTs. Leaving its context waits for those in flight."""

    def __init__(
        self, ledger: Ledger, gateway: Gateway, callbacks: Callbacks, clock: Clock, limits: Allowances = UNLIMITED
    ) -> None:
        """Of `limits` it keeps to the concurrency."""
        self._limits = limits
        self._lanes: dict[str, asyncio.Semaphore] = {}
        self._ledger = ledger
        self._gateway = gateway
        self._callbacks = callbacks
        self._clock = clock
        self._tasks = asyncio.TaskGroup()
        self._leaving = False

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving = True
        # Whatever ends the process, what has begun is finished: told of an error, the group would cancel its tasks.
        await self._tasks.__aexit__(None, None, None)

    def start(self, message: Message) -> None:
        """Hand over a message that is SENDING, once. Returns at once; the outcome becomes a fact."""
        self._tasks.create_task(self._send(message), name=f"send {message.id}")

    def begin(self, create: Coroutine[Any, Any, Stored]) -> "Sending":
        """Store a message and, if it is new, hand it over, even if nobody waits for it any more."""
        loop = asyncio.get_running_loop()
        sending = Sending(loop.create_future(), loop.create_future())
        self._tasks.create_task(self._create_and_send(create, sending))
        return sending

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work` to its end, even if who awaits it is cancelled meanwhile."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        settling = _settle(work, done)
        self._tasks.create_task(settling)
        return await done

    async def _create_and_send(self, create: Coroutine[Any, Any, Stored], sending: Sending) -> None:
        made = await _settle(create, sending.stored)
        goes = made is not None and made[1] and made[0].state is MessageState.SENDING
        after = await self._send(made[0]) if made and goes else None
        if not sending.answered.done():
            sending.answered.set_result(after)

    async def _send(self, message: Message) -> Message | None:
        try:
            outcome = await self._in_turn(message)
            change = await self._recorded(message, _backed_off(outcome, message.attempt))
        except Exception:  # noqa: BLE001 - one bad row must not end the process: its lease ends and it counts as unclear
            _log.exception("send.lost", message_id=message.id)
            return None
        return change.after if change else None

    async def _in_turn(self, message: Message) -> PostOutcome:
        """Hand it over, if it still may go when its turn among the account's POSTs comes."""
        concurrency = self._limits.of(message.account).concurrency
        if not concurrency:
            return await self._post(message)
        lane = self._lanes.setdefault(message.account, asyncio.Semaphore(concurrency))
        waits = lane.locked()
        async with lane:
            goes = not self._leaving and (not waits or await self._still_goes(message))
            return await self._post(message) if goes else _LATE

    async def _still_goes(self, message: Message) -> bool:
        """Whether nothing that came meanwhile makes a POST of it wrong; not while nobody can tell."""
        try:
            current = await self._ledger.current(message)
        except StoreError:
            return False
        return current.state is MessageState.SENDING and current.result is None

    async def _post(self, message: Message) -> PostOutcome:
        """Hand it over, unless its wait is over, or its lease so nearly that it may be taken for unclear meanwhile."""
        now = self._clock()
        over = message.wait is not None and message.wait.expire_time <= now
        if over or message.alarm is None or message.alarm - now < POST_TIME:
            return _LATE
        return await self._gateway.create(message.account, self._outbound(message))

    async def _recorded(self, message: Message, outcome: PostOutcome) -> Change | None:
        """Make the outcome durable, also on a store that is out of order for a while."""
        loop = asyncio.get_running_loop()
        began, pause, told = loop.time(), 0.1, False
        while True:
            try:
                return await self._ledger.record(message, outcome)
            except (StoreUnavailable, StoreBusy):
                proof = isinstance(outcome, PostAccepted) and not self._leaving
                if loop.time() + pause > began + (PROOF_TIME if proof else RECORD_TIME):
                    raise
                if not told:
                    _log.warning("send.unrecorded", message_id=message.id)
                told = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _outbound(self, message: Message) -> Outbound:
        return Outbound(
            recipient=message.sms.recipient,
            sender=message.sms.sender,
            text=message.text,
            validity_period=validity_period(message, self._clock()),
            smart_encoded=message.sms.smart_encoded,
            status_callback=self._callbacks.status_url(message.account, message.id, message.attempt),
        )


async def _settle(work: Coroutine[Any, Any, T], done: asyncio.Future[T]) -> T | None:
    """Do `work` and tell `done`, whose owner may have gone. An error is theirs: it must not end the task group."""
    try:
        result = await work
    except Exception as error:  # noqa: BLE001 - see above
        if not done.done():
            done.set_exception(error)
        return None
    else:
        if not done.done():
            done.set_result(result)
        return result
    finally:
        done.cancel()


def validity_period(message: Message, now: datetime) -> timedelta:
    """Never beyond the wait: a question must not arrive after it closed. Whole seconds, at least one."""
    asked = min(message.sms.validity_period or MAX_VALIDITY, MAX_VALIDITY)
    left = asked if message.wait is None else min(asked, message.wait.expire_time - now)
    return max(_SECOND, left - left % _SECOND)


def _backed_off(outcome: PostOutcome, attempt: int) -> PostOutcome:
    """Wait twice as long after each attempt that was turned away."""
    if not isinstance(outcome, PostHeld):
        return outcome
    doubled = outcome.retry_after * 2 ** min(attempt - 1, 10)
    return PostHeld(failure=outcome.failure, retry_after=min(doubled, max(outcome.retry_after, MAX_BACK_OFF)))
