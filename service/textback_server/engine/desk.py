"""Where requests come in: send, ask, read, cancel. Knows nothing of gRPC."""

import asyncio
import hmac
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from textback_server.domain.codes import MIN_LENGTH, new_codes
from textback_server.domain.drafts import Draft
from textback_server.domain.errors import Refusal
from textback_server.domain.facts import CancelRequested
from textback_server.domain.ids import new_id
from textback_server.domain.limits import UNLIMITED, Allowances, Pace
from textback_server.domain.messages import Code, Message, MessageId, MessageState
from textback_server.domain.reasons import Reason
from textback_server.domain.segments import measure
from textback_server.domain.transitions import GIVE_UP
from textback_server.engine.clock import Clock
from textback_server.engine.hub import Hub
from textback_server.engine.ledger import Ledger
from textback_server.engine.outbox import Outbox, Stored
from textback_server.engine.refusing import too_many, too_slow
from textback_server.store.protocol import Blocked, CodesTaken, LimitReached, Store

_CODE_ROUNDS = 4

_log = structlog.get_logger(__name__)


class Desk:
    """Takes requests to their end, or as far as they wait for."""

    def __init__(
        self,
        *,
        store: Store,
        hub: Hub,
        ledger: Ledger,
        outbox: Outbox,
        clock: Clock,
        rng: random.Random,
        limits: Allowances = UNLIMITED,
        shortest_code: int = MIN_LENGTH,
    ) -> None:
        """`shortest_code` is the digits that a code has at least."""
        self._limits = limits
        self._paces: dict[str, Pace] = {}
        self._shortest_code = shortest_code
        self._store = store
        self._hub = hub
        self._ledger = ledger
        self._outbox = outbox
        self._clock = clock
        self._rng = rng

    def stamp(self) -> tuple[MessageId, datetime]:
        """A fresh message id, and the time it was made."""
        now = self._clock()
        return new_id(now, self._rng), now

    async def accept(self, draft: Draft) -> Message:
        """Make a draft durable and start sending it; or return the message that its request_id made before.

        A caller who goes away meanwhile changes nothing. Raises Refusal REQUEST_ID_REUSED, CODES_EXHAUSTED,
        RECIPIENT_OPTED_OUT, RECIPIENT_LIMIT, DAILY_LIMIT, OVERLOADED.
        """
        return _same(draft, await self._outbox.begin(self._create(draft)).stored)

    async def send(self, draft: Draft, patience: float) -> Message:
        """Accept a draft; return its message once Twilio answered, or as it is after `patience` seconds.

        Raises what accept raises.
        """
        end = asyncio.get_running_loop().time() + patience
        sending = self._outbox.begin(self._create(draft))
        message = _same(draft, await sending.stored)
        if message.id != draft.id:
            return await self.handed_over(message, end - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout_at(end):
                after = await sending.answered
        except TimeoutError:
            after = None
        return after or await self._ledger.current(message)

    async def handed_over(self, message: Message, patience: float) -> Message:
        """The message once it is no longer SENDING, or as it is after `patience` seconds."""
        with self._hub.listen(message.id) as bell:
            try:
                async with asyncio.timeout(patience):
                    while True:
                        bell.clear()
                        message = await self._ledger.current(message)
                        if message.state is not MessageState.SENDING:
                            return message
                        await bell.wait()
            except TimeoutError:
                return message

    async def get(self, account: str, message_id: str) -> Message:
        """The message. Raises Refusal MESSAGE_UNKNOWN."""
        message = await self._store.get(account, message_id)
        if message is None:
            raise Refusal(
                Reason.MESSAGE_UNKNOWN, f'message_id: account "{account}" has no such message; it may be purged.'
            )
        return message

    async def cancel(self, account: str, message_id: str) -> Message:
        """Stop waiting. A wait that is closed keeps its outcome. Raises Refusal MESSAGE_UNKNOWN, NO_WAIT."""
        message = await self.get(account, message_id)
        if message.wait is None:
            raise Refusal(Reason.NO_WAIT, "message_id: this message asks nothing, so there is no wait to cancel.")
        change = await self._outbox.finish(self._ledger.record(message, CancelRequested()))
        return change.after if change else await self.get(account, message_id)

    async def _create(self, draft: Draft) -> Stored:
        pace = self._paces.setdefault(draft.account, Pace(self._limits.of(draft.account).segments_per_second))
        if not pace.rate:
            return await self._made(draft)
        sender, segments = f"{draft.account}/{draft.sms.sender}", measure(draft.prefix + draft.sms.body).segments
        slot = pace.slot(sender, segments, draft.create_time)
        fresh = False
        try:
            if _in_time(draft, slot):
                message, fresh = await self._made(draft if slot <= draft.create_time else replace(draft, hold=slot))
            else:
                message = await self._repeated(draft, slot)
        finally:
            if not fresh:
                pace.give_back(sender, segments)
        return message, fresh

    async def _repeated(self, draft: Draft, slot: datetime) -> Message:
        """What its request_id made before. Raises Refusal OVERLOADED for a new draft: its turn comes too late."""
        message = await self._store.recall(draft.account, draft.request_id)
        if message is None:
            raise too_slow(slot - draft.create_time)
        return message

    async def _made(self, draft: Draft) -> Stored:
        """Store it with a code that is free. Raises Refusal for what leaves no room for it."""
        limits = self._limits.of(draft.account)
        for _ in range(_CODE_ROUNDS):
            try:
                message, fresh = await self._ledger.create(draft, await self._codes(draft), limits)
            except CodesTaken:
                continue
            except Blocked as error:
                raise Refusal(
                    Reason.RECIPIENT_OPTED_OUT,
                    "sms.recipient: this person texted STOP to this sender; nothing is sent until they text START, "
                    "or for 24 hours.",
                ) from error
            except LimitReached as error:
                raise too_many(error.limit, limits, draft.create_time) from error
            for warning in draft.warnings if fresh else ():
                _log.warning("message.warning", message_id=message.id, reason=warning.reason)
            return message, fresh
        raise Refusal(
            Reason.CODES_EXHAUSTED, "sms.recipient: no code is free for this recipient; wait until some close."
        )

    async def _codes(self, draft: Draft) -> Sequence[Code]:
        if draft.terms is None:
            return ()
        in_use = await self._store.codes_in_use(draft.account, draft.sms.recipient, draft.create_time)
        return new_codes(self._rng, in_use.count, max(in_use.longest, self._shortest_code))


def _same(draft: Draft, stored: Stored) -> Message:
    """The stored message, if it is this draft's; else one request_id was used for two requests."""
    message, fresh = stored
    if not fresh and not hmac.compare_digest(message.request_hash, draft.request_hash):
        raise Refusal(
            Reason.REQUEST_ID_REUSED,
            "request_id: stands for another request or method; use a new one for a new request.",
            metadata={"message_id": message.id},
        )
    return message


def _in_time(draft: Draft, slot: datetime) -> bool:
    """Whether its sender's pace allows it before it is given up."""
    return slot < draft.create_time + (GIVE_UP if draft.terms is None else draft.terms.reply_timeout)
