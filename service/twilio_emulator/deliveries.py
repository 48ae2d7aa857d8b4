"""The log of every call to the application, the faults on the way to it, and making one again."""

import asyncio
import dataclasses
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from twilio_emulator.faults import NOTHING, Effect, Faults, Stage, Subject
from twilio_emulator.tasks import Tasks
from twilio_emulator.webhooks import Answer, Purpose, Webhooks, sign
from twilio_emulator.world import Delivery, Message, World

CAPACITY: Final = 1_000
EXCERPT: Final = 2_000
"""Characters of an answer that the log keeps."""

OVERTAKEN_SECONDS: Final = 5.0
"""How long a call that is to be overtaken waits for the one that overtakes it."""

_STAGES: Final = {
    Purpose.STATUS_CALLBACK: Stage.STATUS_CALLBACK,
    Purpose.INBOUND: Stage.INBOUND_WEBHOOK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One call: what was posted where and when, what came back, and which fault it suffered.

    `again` is the id of the call that it repeats, by a fault or by hand.
    """

    id: int = 0
    started: datetime
    url: str = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    signature: str = ""
    message: Message
    purpose: Purpose
    method: str
    delivery: Delivery
    answer: Answer | None = field(repr=False)
    fault: str | None = None
    again: int | None = None


class DeliveryLog:
    """The last `CAPACITY` calls, with ids that never repeat."""

    def __init__(self) -> None:
        """Start empty; the first call gets id 1."""
        self.last_id = 0
        self._records: deque[Record] = deque(maxlen=CAPACITY)

    def __iter__(self) -> Iterator[Record]:
        """Go through the calls, oldest first."""
        return iter(tuple(self._records))

    def get(self, number: int) -> Record | None:
        """Return the call with this id, if it is still here."""
        return next((record for record in self._records if record.id == number), None)

    def add(self, record: Record) -> Record:
        """Keep a call under the next id, and return it with that."""
        self.last_id += 1
        kept = dataclasses.replace(record, id=self.last_id)
        self._records.append(kept)
        return kept

    def clear(self) -> None:
        """Forget all calls."""
        self._records.clear()


class FaultyWebhooks(Webhooks):
    """Calls the application as `Webhooks` does, unless a fault says otherwise, and keeps a log of it."""

    def __init__(self, world: World, tasks: Tasks, faults: Faults) -> None:
        """Ask `faults` before each call; calls that others overtake are made in `tasks`."""
        super().__init__()
        self.log = DeliveryLog()
        self._world = world
        self._tasks = tasks
        self._faults = faults
        self._overtakers: dict[tuple[Purpose, str], asyncio.Event] = {}

    async def post(
        self,
        url: str,
        parameters: Mapping[str, str],
        *,
        auth_token: str,
        message: Message,
        purpose: Purpose,
        method: str = "POST",
    ) -> tuple[Delivery, Answer | None]:
        """Call `url` unless a fault drops, delays, repeats, reorders or falsifies the call."""
        effect = self._faults.take(_STAGES[purpose], _subject(message, purpose))
        call = _Call(
            url=url,
            form=dict(parameters),
            auth_token=auth_token,
            message=message,
            purpose=purpose,
            method=method,
        )
        if effect.drop:
            return self._drop(call, effect), None
        if effect.reorder and purpose is Purpose.STATUS_CALLBACK:
            # The callbacks of one message wait for each other: this one must seem done for the next to go.
            self._tasks.start(self._late(call, effect))
            return _undone(call, "held back by a fault until the next callback of the message went"), None
        return await self._with_faults(call, effect)

    async def resend(self, record: Record, auth_token: str) -> Record:
        """Make a call again, the same form to the same address, with a new signature and without faults."""
        call = _Call(
            url=record.url,
            form=record.form,
            auth_token=auth_token,
            message=record.message,
            purpose=record.purpose,
            method=record.method,
        )
        again, _ = await self._make(call, NOTHING, again=record.id)
        self._world.record(again.delivery, inbound=call.purpose is Purpose.INBOUND)
        return again

    def forget(self) -> None:
        """Forget the log."""
        self.log.clear()

    def _drop(self, call: "_Call", effect: Effect) -> Delivery:
        delivery = _undone(call, "dropped by a fault")
        self._log(call, effect, self._world.now(), delivery)
        return delivery

    async def _late(self, call: "_Call", effect: Effect) -> None:
        delivery, _ = await self._with_faults(call, effect)
        self._world.record(delivery, inbound=False)

    async def _with_faults(self, call: "_Call", effect: Effect) -> tuple[Delivery, Answer | None]:
        if effect.reorder:
            await self._overtaken(call)
        if effect.delay:
            await asyncio.sleep(effect.delay)
        first, answer = await self._make(call, effect)
        for _ in range(effect.duplicate):
            copy, _ = await self._make(call, effect, again=first.id)
            self._world.record(copy.delivery, inbound=False)
        if overtaker := self._overtakers.pop(call.line, None):
            overtaker.set()
        return first.delivery, answer

    async def _make(self, call: "_Call", effect: Effect, again: int | None = None) -> tuple[Record, Answer | None]:
        started = self._world.now()
        token = call.auth_token + "-wrong" if effect.corrupt_signature else call.auth_token
        delivery, answer = await super().post(
            call.url,
            call.form,
            auth_token=token,
            message=call.message,
            purpose=call.purpose,
            method=call.method,
        )
        signature = sign(call.url.partition("#")[0], call.form if call.method == "POST" else {}, token)
        return self._log(call, effect, started, delivery, answer=answer, again=again, signature=signature), answer

    def _log(
        self,
        call: "_Call",
        effect: Effect,
        started: datetime,
        delivery: Delivery,
        *,
        answer: Answer | None = None,
        again: int | None = None,
        signature: str = "",
    ) -> Record:
        record = Record(
            started=started,
            url=call.url,
            form=call.form,
            signature=signature,
            method=call.method,
            message=call.message,
            purpose=call.purpose,
            delivery=delivery,
            answer=dataclasses.replace(answer, body=answer.body[:EXCERPT]) if answer else None,
            fault=None if effect is NOTHING else effect.words,
            again=again,
        )
        return self.log.add(record)

    async def _overtaken(self, call: "_Call") -> None:
        overtaker = self._overtakers.setdefault(call.line, asyncio.Event())
        try:
            await asyncio.wait_for(overtaker.wait(), OVERTAKEN_SECONDS)
        except TimeoutError:
            return  # Nothing followed; late is all it can be.
        finally:
            self._overtakers.pop(call.line, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    url: str
    form: Mapping[str, str]
    auth_token: str = field(repr=False)
    message: Message
    purpose: Purpose
    method: str

    @property
    def line(self) -> tuple[Purpose, str]:
        """What has an order: the callbacks of a message, the messages to a number."""
        inbound = self.purpose is Purpose.INBOUND
        return self.purpose, self.message.recipient if inbound else self.message.sid


def _subject(message: Message, purpose: Purpose) -> Subject:
    status = message.status if purpose is Purpose.STATUS_CALLBACK else ""
    return Subject(to=message.recipient, sender=message.sender or "", body=message.body, status=status)


def _undone(call: _Call, why: str) -> Delivery:
    return Delivery(
        message_sid=call.message.sid,
        purpose=call.purpose,
        url=call.url,
        status=None,
        error=why,
        milliseconds=0,
        attempts=0,
    )
