"""A client as the contract allows: it retries with its key, follows, breaks off, resumes and sometimes cancels."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.simulation.process import Gone, Process
from tests.support.builders import a_draft, terms
from tests.support.history import Seen
from tests.support.retelling import told_by_store
from textback_server.domain.drafts import Draft
from textback_server.domain.errors import Refusal
from textback_server.domain.events import Event
from textback_server.domain.messages import Message
from textback_server.engine.follow import Heartbeat
from textback_server.store.protocol import StoreError

if TYPE_CHECKING:
    from tests.simulation.world import World

PEOPLE = tuple(f"+1415555010{number}" for number in range(1, 5))
ANCHOR = "+14155550199"
"""Who is asked something that stays open to the end."""
_PATIENCE = 5.0


class Client:
    """One request, until its end is known. `acknowledged` are the ids that it was told, `streams` what it saw."""

    def __init__(self, world: "World", key: str, *, anchor: bool = False) -> None:
        """`anchor`: ask the one person who answers last, and do not wait for it."""
        rng = world.rng
        self.key = key
        self.acknowledged: list[str] = []
        self._world = world
        self._anchor = anchor
        self._asks = anchor or rng.random() < 0.75
        self._recipient = ANCHOR if anchor else rng.choice(PEOPLE)
        self._resends = rng.random() < 0.2
        self._cancels = not anchor and rng.random() < 0.1
        self._timeout = timedelta(hours=10) if anchor else timedelta(seconds=rng.randint(20, 90))
        self.streams: list[Seen] = []

    async def run(self, delay: float) -> None:
        """Ask or send after `delay` seconds, whatever happens to the service meanwhile."""
        rng = self._world.rng
        await asyncio.sleep(delay)
        while True:
            life = await self._world.alive()
            try:
                if await self._attempt(life):
                    return
            except (Gone, StoreError, TimeoutError):
                await asyncio.sleep(rng.uniform(0, 5))
            except Refusal as refusal:
                self._world.note(f"{self.key} refused {refusal.reason}")
                if refusal.retry_after is None:
                    return

    async def _attempt(self, life: Process) -> bool:
        """Ask once. Whether it came to the end. Raises what the service raises."""
        draft = self._draft(life)
        if not self._asks:
            self._told(await life.call(life.desk.send(draft, _PATIENCE)))
            return len(self.acknowledged) > 1 or self._world.rng.random() < 0.5
        message = await life.call(life.desk.accept(draft))
        self._told(message)
        if self._anchor:
            return True
        async with asyncio.timeout(self._world.rng.uniform(1, 60)):
            await life.call(self._follow(life, message))
        return True

    async def _follow(self, life: Process, message: Message) -> None:
        """Watch it to its end, from the start or from what was seen last."""
        last = max((seen.steps[-1].sequence for seen in self.streams if seen.steps), default=0)
        seen = Seen(message_id=message.id, after=self._world.rng.choice((0, last)))
        self.streams.append(seen)

        async def write(what: Event | Heartbeat) -> None:
            if not isinstance(what, Event):
                return
            seen.steps.append(told_by_store(what))
            self._world.note(f"{self.key} saw {seen.steps[-1]}")
            if self._cancels and what.sequence > 1:
                self._cancels = False
                await life.desk.cancel(message.account, message.id)

        await life.streams.follow(message, seen.after, write)
        seen.ended = True

    def _told(self, message: Message) -> None:
        self.acknowledged.append(message.id)
        self._world.note(f"{self.key} told {message.id} {message.state}")

    def _draft(self, life: Process) -> Draft:
        message_id, now = life.desk.stamp()
        draft = a_draft(
            message_id=message_id,
            recipient=self._recipient,
            body=f"[{self.key}] Isolate the host?",
            request_id=self.key,
            request_hash=self.key.encode(),
            wait=terms("yes", "no", reply_timeout=self._timeout) if self._asks else None,
            create_time=now,
        )
        return replace(draft, sms=replace(draft.sms, resend_if_unconfirmed=self._resends))
