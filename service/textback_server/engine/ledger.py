"""The only writer: decides with `domain`, commits with compare-and-set, rings."""

import asyncio
from collections.abc import Sequence
from weakref import WeakValueDictionary

from textback_server.domain.changes import Change, PersonChange, Write
from textback_server.domain.drafts import Draft
from textback_server.domain.facts import Fact
from textback_server.domain.limits import NO_LIMITS, Limits
from textback_server.domain.messages import Code, Message, MessageId
from textback_server.domain.reasons import Reason
from textback_server.domain.transitions import apply
from textback_server.engine.clock import Clock
from textback_server.engine.hub import Hub
from textback_server.store.protocol import Conflict, Store


class Ledger:
    """Makes facts durable, once."""

    def __init__(self, store: Store, hub: Hub, clock: Clock) -> None:
        self._store = store
        self._hub = hub
        self._clock = clock
        self._turns: WeakValueDictionary[MessageId, asyncio.Lock] = WeakValueDictionary()

    async def create(self, draft: Draft, codes: Sequence[Code], limits: Limits = NO_LIMITS) -> tuple[Message, bool]:
        """Store a draft. Returns the message and whether it is new. Raises CodesTaken, LimitReached."""
        return await self._store.create(draft, codes, self._clock(), limits)

    async def current(self, message: Message) -> Message:
        """The message as it is stored now."""
        return await self._store.load(message.id) or message

    async def record(self, message: Message, fact: Fact) -> Change | None:
        """Apply a fact to a message and make the change durable; None if it is no news.

        Starts from the message as given; whoever loses the race reads again and decides again. Facts of one message go
        one after the other: two at once would be a race, and its loser costs others in its batch their speed.
        Raises Conflict if it was no race: the fact names a SID that another message has.
        """
        turn = self._turns.setdefault(message.id, asyncio.Lock())
        changes = turn.locked()
        async with turn:
            return await self._recorded(await self._store.load(message.id) if changes else message, fact)

    async def _recorded(self, current: Message | None, fact: Fact) -> Change | None:
        while current is not None:
            change = apply(current, fact, self._clock())
            if change is None:
                return None
            try:
                await self.commit(Write(changes=(change,), person=_barred(change)))
            except Conflict:
                lost = current
                current = await self._store.load(lost.id)
                if current is not None and current.revision == lost.revision:
                    raise
            else:
                return change
        return None

    async def commit(self, write: Write) -> None:
        """Write everything or nothing, then ring. Raises Conflict, Duplicate."""
        await self._store.commit(write)
        self._hub.ring(write.changes)


def _barred(change: Change) -> PersonChange | None:
    """What Twilio just told us of its opt-out list, which nobody can read."""
    after, failure = change.after, change.after.failure
    if failure is None or failure.reason is not Reason.RECIPIENT_OPTED_OUT or change.before.failure == failure:
        return None
    return PersonChange(
        account=after.account, number=after.sms.recipient, block=(after.sms.sender,), time=after.update_time
    )
