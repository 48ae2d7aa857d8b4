"""The service kills itself before and after every step of a message's life, is started again, and the story holds."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.lives import Caller, Lives, fast_clock, lives
from tests.chaos.witness import answer_all, judged
from tests.support.dying_server import FastClock
from tests.support.emulators import emulator
from twilio_emulator import Emulator

AT_ONCE = 9
SECONDS = 120
"""How long a question is open, by the service's clock."""
STEP_DELAY = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Where to die, in which story, and how that may end. `texts` are what the person answers.

    `late`: not before the service has died. `hooked` False: no webhook tells of them.
    """

    die: str
    ends: tuple[str, ...]
    texts: Sequence[str] = ("{code} perhaps", "{code} yes")
    asks: bool = True
    late: bool = False
    cancels: bool = False
    hooked: bool = True


def both(step: str, *ends: str, nth: int = 1, **story: object) -> tuple[Case, Case]:
    """Before and after a step, with the same end."""
    before, after = (Case(die=f"{step}:{when}:{nth}", ends=ends, **story) for when in ("before", "after"))  # type: ignore[arg-type] # any field
    return before, after


CASES = (
    # The send. What was made and not handed over is never handed over: nobody knows that it was not.
    Case(die="store.create:before:1", ends=("reply_received",)),
    Case(die="store.create:after:1", ends=("timed_out",)),
    Case(die="gateway.create:before:1", ends=("timed_out",)),
    Case(die="gateway.create:after:1", ends=("reply_received",)),
    Case(die="gateway.create:after:1", ends=("status_changed",), asks=False),
    Case(die="gateway.create:before:1", ends=("status_changed",), asks=False),
    # What came of it, at once and by callback.
    *both("store.commit.queued", "reply_received"),
    *both("store.commit.queued", "status_changed", asks=False),
    *both("store.commit.sent", "reply_received"),
    *both("store.commit.delivered", "reply_received", late=True),  # after an answer the receipt is no event any more
    # The reply.
    *both("store.standing", "reply_received"),
    *both("store.commit.reply_rejected", "reply_received"),
    *both("store.commit.reply_received", "reply_received"),
    # The other ends.
    *both("store.commit.timed_out", "timed_out", texts=()),
    *both("store.commit.cancelled", "cancelled", texts=(), cancels=True),
    *both("store.commit.opted_out", "opted_out", texts=("STOP",)),
    # The loops: what is due, and Twilio's list, which alone brings these replies.
    *both("store.due", "reply_received", nth=2, hooked=False),
    *both("store.agenda", "reply_received", nth=2, hooked=False),
    *both("gateway.texts", "reply_received", hooked=False),
    *both("store.unseen", "reply_received", hooked=False),
    *both("store.commit.reply_received", "reply_received", hooked=False),
    # The stream.
    *both("store.events", "reply_received", "timed_out"),
)


async def answered(service: Lives, phone: str, case: Case) -> None:
    """What the person does, until cancelled."""
    if case.late:
        await service.died.wait()
    await answer_all(service.twilio, phone, case.texts)


async def lived(twilio: Emulator, clock: FastClock, place: int, case: Case, folder: Path) -> list[str]:
    """One story; what is wrong with it."""
    number, phone = list(twilio.world.numbers)[place], f"+1415555{2000 + place}"
    async with lives(twilio, clock, number, folder, die=case.die, hooked=case.hooked) as service:
        caller = Caller(
            service=service, key=f"k{place}", phone=phone, seconds=SECONDS, asks=case.asks, cancels=case.cancels
        )
        person = asyncio.create_task(answered(service, phone, case))
        async with asyncio.timeout(40):
            await caller.run()
        person.cancel()
    wrong = list(await judged(service, [caller]))
    if service.deaths != 1:
        wrong.append(f"it died {service.deaths} times")
    if caller.end is None or caller.end.kind not in case.ends:
        wrong.append(f"it ended {caller.end}")
    return wrong


@pytest.mark.slow
async def test_story_holds_when_the_service_dies_at_any_step(tmp_path: Path) -> None:
    numbers = tuple(f"+1500555{7000 + place}" for place in range(len(CASES)))
    folders = [tmp_path / str(place) for place in range(len(CASES))]
    at_once = asyncio.Semaphore(AT_ONCE)
    for folder in folders:
        folder.mkdir()
    async with emulator(lifecycle="timed", step_delay=STEP_DELAY, numbers=numbers) as twilio:
        clock = fast_clock(twilio)

        async def case(place: int) -> list[str]:
            async with at_once:
                return await lived(twilio, clock, place, CASES[place], folders[place])

        wrong = await asyncio.gather(*map(case, range(len(CASES))))
    assert [f"{CASES[place].die}: {each}" for place, found in enumerate(wrong) for each in found] == []
