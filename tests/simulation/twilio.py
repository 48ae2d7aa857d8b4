"""A Twilio that a seed makes misbehave: it refuses, holds, forgets to answer, answers late, and lists late.

It is the witness too: `kept` is every SMS that it took, `texts` what people texted.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.chance import Weather
from tests.simulation.loop import SimulatedLoop
from textback_server.domain.facts import PostAccepted, PostHeld, PostRefused, PostUnclear
from textback_server.domain.listing import Listed, Listing
from textback_server.domain.messages import Failure, MessageState
from textback_server.domain.reasons import Reason
from textback_server.gateway.errors import failure
from textback_server.gateway.outcomes import BROKEN, TIMED_OUT, UNREACHABLE
from textback_server.gateway.protocol import NotListable, Outbound, Pong, PostOutcome

DEADLINE = 10.0
"""Seconds after which the gateway gives up on an answer (gateway/http.py, TOTAL_TIMEOUT)."""
BARRED = 21610
NO_SUCH_PHONE = 21211

_NOT_TAKEN = (
    PostHeld(failure=UNREACHABLE, retry_after=timedelta(seconds=1)),
    PostHeld(failure=failure(20429, 429), retry_after=timedelta(seconds=1)),
    PostRefused(failure=failure(NO_SUCH_PHONE, 400, refused=True)),
)
_DOUBTFUL = (
    PostUnclear(failure=TIMED_OUT),
    PostUnclear(failure=failure(0, 500)),
    PostUnclear(failure=BROKEN),
)
_ENDINGS = (
    (MessageState.QUEUED, MessageState.SENT, MessageState.DELIVERED),
    (MessageState.QUEUED, MessageState.SENT, MessageState.UNDELIVERED),
    (MessageState.QUEUED, MessageState.FAILED),
)
_LUCK = (20, 2, 1)
_NO_ROUTE = 30005


@dataclass(slots=True, kw_only=True)
class Kept:
    """An SMS that Twilio has, either way. `shown`: from when on its list shows it."""

    sid: str
    sender: str
    recipient: str
    body: str
    made: datetime
    shown: datetime
    state: MessageState | None = None
    callback: str = ""
    by_api: bool = True


@dataclass(slots=True, kw_only=True)
class Twilio:
    """Implements `Gateway`. `step` may kill the process that asks; `calls` is what wants to hear of statuses.

    `calm`: nothing goes wrong any more.
    """

    loop: SimulatedLoop
    rng: random.Random
    weather: Weather
    step: Callable[[str], None]
    note: Callable[[str], None]
    moved: Callable[[Kept], None]
    calm: bool = False
    kept: list[Kept] = field(default_factory=list)
    texts_: list[Kept] = field(default_factory=list)
    barred: set[str] = field(default_factory=set)

    async def create(self, account: str, outbound: Outbound) -> PostOutcome:  # noqa: ARG002 - the protocol's
        """POST one message: it is on its way, arrives, and its answer is on the way."""
        await self._way("the POST arrives")
        outcome = self._outcome(outbound)
        self.note(f"POST {outbound.recipient} {type(outcome).__name__}")
        if isinstance(outcome, PostUnclear):
            await asyncio.sleep(DEADLINE if outcome.failure == TIMED_OUT else 0.1)
        await self._way("the POST is answered")
        return outcome

    async def texts(self, account: str, *, sender: str = "", recipient: str = "", since: datetime) -> Listing:  # noqa: ARG002 - the protocol's
        """What it shows by now."""
        await self._way("the list is asked for")
        if not self.calm and self.rng.random() < self.weather.lists_fail:
            raise NotListable(Reason.TWILIO_UNREACHABLE, "NotSent")
        rows = [
            self._listed(each)
            for each in (*self.kept, *self.texts_)
            if each.shown <= self.loop.now()
            and each.made >= since - timedelta(seconds=1)
            and (not sender or each.sender == sender)
            and (not recipient or each.recipient == recipient)
        ]
        await self._way("the list is shown")
        return Listing(rows=tuple(rows), reached=since, whole=True)

    async def pool(self, account: str, service: str) -> tuple[str, ...]:
        """Never asked here: nobody sends from a Messaging Service."""
        raise NotImplementedError

    def prefix(self, account: str) -> str:  # noqa: ARG002 - the protocol's
        """A full account's."""
        return ""

    async def probe(self, account: str, inbound_url: str | None) -> Pong:
        """Never asked here."""
        raise NotImplementedError

    def keep(self, sender: str, recipient: str, body: str, *, callback: str = "", by_api: bool = True) -> Kept:
        """Take an SMS from us, and move it on in time."""
        kept = self._made(sender, recipient, body)
        kept.state, kept.callback, kept.by_api = MessageState.ACCEPTED, callback, by_api
        self.kept.append(kept)
        moment = 0.0
        for state in self.rng.choices(_ENDINGS, _LUCK)[0]:
            moment += self.rng.uniform(0.05, 3)
            self.loop.call_later(moment, self._move, kept, state)
        return kept

    def texted(self, person: str, number: str, body: str) -> Kept:
        """Take a person's text."""
        kept = self._made(person, number, body)
        self.texts_.append(kept)
        return kept

    def _outcome(self, outbound: Outbound) -> PostOutcome:
        """What becomes of a POST that has arrived, and of the SMS."""
        if outbound.recipient in self.barred:
            return PostRefused(failure=failure(BARRED, 400, refused=True))
        if self.calm or self.rng.random() >= self.weather.bad_posts:
            sid = self._take(outbound).sid
            return PostAccepted(twilio_sid=sid, twilio_status="queued", state=MessageState.QUEUED)
        outcome = self.rng.choice((*_NOT_TAKEN, *_DOUBTFUL, *_DOUBTFUL))
        if isinstance(outcome, PostUnclear):
            fate = self.rng.randrange(3)
            if fate == 0:
                self._take(outbound)
            elif fate == 1:
                self.loop.call_later(self.rng.uniform(0, self.weather.late_accept), self._take, outbound)
        return outcome

    def _take(self, outbound: Outbound) -> Kept:
        return self.keep(outbound.sender, outbound.recipient, outbound.text, callback=outbound.status_callback or "")

    def _made(self, sender: str, recipient: str, body: str) -> Kept:
        made = self.loop.now()
        lag = timedelta(seconds=self.rng.uniform(0, self.weather.list_lag))
        sid = f"SM{self.rng.getrandbits(128):032x}"
        return Kept(sid=sid, sender=sender, recipient=recipient, body=body, made=made, shown=made + lag)

    def _move(self, kept: Kept, state: MessageState) -> None:
        kept.state = state
        self.moved(kept)

    def _listed(self, kept: Kept) -> Listed:
        return Listed(
            twilio_sid=kept.sid,
            sender=kept.sender,
            recipient=kept.recipient,
            body=kept.body,
            inbound=kept.state is None,
            by_api=kept.by_api,
            time=kept.made.replace(microsecond=0),
            state=kept.state,
            twilio_status=kept.state.lower() if kept.state else "",
            failure=reported_failure(kept.state),
        )

    async def _way(self, where: str) -> None:
        await asyncio.sleep(self.rng.uniform(0.01, 0.3))
        self.step(where)
        await asyncio.sleep(0)  # who was killed goes no further


def reported_failure(state: MessageState | None) -> Failure | None:
    """What Twilio says of an SMS that did not arrive."""
    return failure(_NO_ROUTE) if state in (MessageState.UNDELIVERED, MessageState.FAILED) else None
