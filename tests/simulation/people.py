"""The people with the phones, and Twilio's calls to the service: what they text, and what is lost on the way."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.simulation.chance import Ways
from tests.simulation.clients import ANCHOR
from tests.simulation.process import Gone
from tests.simulation.twilio import Kept, reported_failure
from tests.support.builders import SENDER, an_inbound
from tests.support.history import Text
from textback_server.domain.facts import StatusReported
from textback_server.domain.messages import Message, MessageState, Outcome
from textback_server.store.protocol import StoreError

if TYPE_CHECKING:
    from tests.simulation.world import World

_KEY = re.compile(r"\[(\w+)\]")
_PROMPTED = re.compile(r'Text back "(\d+) ')
_DIGITS = re.compile(r"\d+")
_AGAIN = 2.0
"""Seconds after which Twilio calls again where it is told to."""
_SLACK = timedelta(seconds=2)
"""Twilio's whole seconds, and what a look at its list takes."""

HABITS = {
    "{code} yes": 8,
    "{code} perhaps|{code} no": 2,
    "{code} yes|{code} yes": 2,
    "{other} yes": 2,
    "yes": 1,
    "": 2,
    "STOP": 0.3,
}
"""What a person texts to a question, one text after the other, and how often people are like that."""


def key_of(kept: Kept) -> str:
    """The request that an SMS belongs to."""
    found = _KEY.search(kept.body)
    return found[1] if found else ""


class People:
    """Everybody who is texted."""

    def __init__(self, world: "World") -> None:
        """They do nothing before they are texted."""
        self._world = world
        self._codes: list[str] = []
        self._anchor = ""
        self._taken: set[str] = set()
        self._answered_last = False

    def moved(self, kept: Kept) -> None:
        """An SMS has a new status: the service is called, and when it arrives, somebody reads it."""
        world = self._world
        world.note(f"{kept.sid} is {kept.state}")
        if kept.callback and world.weather.ways is not Ways.POLLING:
            for delay in self._calls(surely=False):
                world.loop.call_later(delay, partial(self._begin, self._report, kept, kept.state))
        if kept.state is MessageState.DELIVERED and kept.callback:
            self._read(kept)

    async def answer_anchor(self) -> None:
        """The last answer of all."""
        if self._anchor:
            self._answered_last = True
            await self._say(ANCHOR, f"{self._anchor} yes")
            await asyncio.sleep(self._world.weather.list_lag + 100)

    def texts(self) -> list[Text]:
        """All that was texted. As long as somebody is yet to answer, polling finds everything."""
        return [
            Text(
                sid=kept.sid,
                person=kept.sender,
                codes=frozenset(_DIGITS.findall(kept.body)),
                owed=kept.sid in self._taken or self._polled,
            )
            for kept in self._world.twilio.texts_
        ]

    def overlooked(self, messages: Sequence[Message]) -> Iterator[str]:
        """Questions that timed out although Twilio had shown an answer before, and always shows its list."""
        weather = self._world.weather
        if weather.ways is Ways.WEBHOOKS or weather.lists_fail:
            return
        margin = timedelta(seconds=weather.list_lag) + _SLACK
        for message in messages:
            if message.wait is None or message.result is None or message.result.outcome is not Outcome.TIMED_OUT:
                continue
            latest = message.wait.expire_time - margin
            for kept in self._world.twilio.texts_:
                said = kept.body in (f"{message.wait.code} yes", f"{message.wait.code} no")
                if said and kept.sender == message.sms.recipient and kept.made <= latest:
                    yield f"{message.request_id}: timed out, and {kept.sid} had answered it"

    @property
    def _polled(self) -> bool:
        return self._answered_last and self._world.weather.ways is not Ways.WEBHOOKS

    def _begin(self, call: Callable[..., Coroutine[Any, Any, None]], *about: object) -> None:
        self._world.spawn(call(*about))

    def _read(self, kept: Kept) -> None:
        found = _PROMPTED.search(kept.body)
        if found is None:
            return
        if kept.recipient == ANCHOR:
            self._anchor = found[1]
            return
        self._codes.append(found[1])
        self._world.spawn(self._react(kept, found[1]))

    async def _react(self, kept: Kept, code: str) -> None:
        rng = self._world.rng
        habit = rng.choices(tuple(HABITS), tuple(HABITS.values()))[0]
        for text in filter(None, habit.split("|")):
            await asyncio.sleep(rng.uniform(0.5, 45))
            await self._say(kept.recipient, text.format(code=code, other=rng.choice(self._codes)))

    async def _say(self, person: str, body: str) -> None:
        world = self._world
        kept = world.twilio.texted(person, SENDER, body)
        world.note(f"{person} texts {body}")
        if body == "STOP":
            world.twilio.barred.add(person)
        if world.weather.ways is not Ways.POLLING:
            for delay in self._calls(surely=world.weather.ways is Ways.WEBHOOKS):
                world.loop.call_later(delay, partial(self._begin, self._deliver, kept))

    def _calls(self, *, surely: bool) -> list[float]:
        """After how many seconds the service is called, each time that it is."""
        rng, weather = self._world.rng, self._world.weather
        count = 1 + (rng.random() < weather.doubled_calls)
        delays = [rng.uniform(0, weather.callback_delay if rng.random() < 0.3 else 0.3) for _ in range(count)]
        return [delay for delay in delays if surely or self._world.calm or rng.random() >= weather.lost_calls]

    async def _report(self, kept: Kept, state: MessageState) -> None:
        life = self._world.life
        if life is None:
            return
        account, message_id, attempt, mac = kept.callback.rsplit("/", 4)[1:]
        assert life.callbacks.ours(account, message_id, int(attempt), mac)
        news = StatusReported(
            state=state, twilio_status=state.lower(), twilio_sid=kept.sid, failure=reported_failure(state)
        )
        with suppress(Gone, StoreError):
            await life.call(life.intake.status(account, message_id, news))

    async def _deliver(self, kept: Kept) -> None:
        """Call the service with a text; where there is no other way, again and again until it is taken."""
        world = self._world
        while kept.sid not in self._taken:
            if world.life is not None and await self._call(kept):
                return
            if world.weather.ways is not Ways.WEBHOOKS:
                return
            await asyncio.sleep(_AGAIN)

    async def _call(self, kept: Kept) -> bool:
        life, now = await self._world.alive(), self._world.loop.now()
        sms = an_inbound(kept.body, twilio_sid=kept.sid, sender=kept.sender, receive_time=now)
        try:
            tell = await life.call(life.intake.inbound(sms))
        except (Gone, StoreError):
            return False
        self._taken.add(kept.sid)
        if tell:
            self._world.twilio.keep(SENDER, kept.sender, tell, by_api=False)
        return True
