"""kill -9 at random moments under load, while Twilio refuses, forgets, lies and repeats: the story holds."""

import asyncio
import itertools
import random
from contextlib import suppress
from pathlib import Path

import pytest

from tests.chaos.faults import rules
from tests.chaos.lives import Caller, Lives, fast_clock, lives
from tests.chaos.witness import answer_all, judged
from tests.support.emulators import SENDER, emulator
from textback.v1 import sms_service_pb2 as pb
from twilio_emulator import Direction, Effect, Emulator, Rules, Stage

PHONES = tuple(f"+1415555{3000 + number}" for number in range(12))
HABITS = (("{code} yes",), ("{code} perhaps", "{code} no"), ("{code} yes", "{code} yes"), ())
"""What the owners of the phones answer, in turns."""
ANCHOR = "+14155553999"
"""Whose answer is awaited to the end, so that polling never rests."""
LINES = 3
"""Callers who text one phone at once."""
KILLS = 25
SECONDS = 100
LONG = 24 * 3_600


async def calls(service: Lives, name: str, phone: str, callers: list[Caller], weather: asyncio.Event) -> None:
    """Request after request to one phone, as long as the weather lasts; every fourth asks nothing."""
    for number in itertools.count():
        if weather.is_set():
            return
        caller = Caller(service=service, key=f"{name}-{number}", phone=phone, seconds=SECONDS, asks=number % 4 < 3)
        callers.append(caller)
        await caller.run()


async def kills(service: Lives, rng: random.Random) -> None:
    """Lives end, each a while after it began."""
    for _ in range(KILLS):
        await service.stub()
        await asyncio.sleep(rng.uniform(0.02, 0.4))
        deaths = service.deaths
        service.kill()
        while service.deaths == deaths:  # noqa: ASYNC110 - nobody sets an event
            await asyncio.sleep(0.01)


async def storm(folder: Path, seed: int) -> None:
    """Live through the kills, then in peace, to the end of all; and be judged."""
    callers: list[Caller] = []
    async with emulator(lifecycle="timed", step_delay=0.05, seed=seed) as twilio:
        clock, over = fast_clock(twilio), asyncio.Event()
        async with lives(twilio, clock, SENDER, folder) as service:
            anchor = Caller(service=service, key="anchor", phone=ANCHOR, seconds=LONG)
            people = [asyncio.create_task(answer_all(twilio, phone, habit)) for phone, habit in _people()]
            async with asyncio.timeout(50), asyncio.TaskGroup() as group:
                anchored = group.create_task(anchor.run())
                while not twilio.world.conversation(ANCHOR):  # noqa: ASYNC110 - nobody sets an event
                    await asyncio.sleep(0.01)
                twilio.set_faults(rules(seed))
                load = [
                    group.create_task(calls(service, f"k{place}", phone, callers, over))
                    for place, phone in enumerate(PHONES * LINES)
                ]
                await kills(service, random.Random(seed))
                while _missed(twilio):  # noqa: ASYNC110 - nobody sets an event
                    await asyncio.sleep(0.05)
                twilio.set_faults(Rules())
                over.set()
                await asyncio.gather(*load)
                await answer_last(service)
                await anchored
            for person in people:
                person.cancel()
        assert await judged(service, [anchor, *callers], owed=PHONES) == ()
    assert service.deaths == KILLS
    assert len(callers) > LINES * len(PHONES)


async def answer_last(service: Lives) -> None:
    """The anchor answers, once polling has seen all that there is, or has had long enough for it."""
    world, stub = service.twilio.world, await service.stub()
    texted = sum(message.direction is Direction.INBOUND for message in world.messages.values())
    request = pb.ListInboundRequest(page_size=1_000)
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            while len((await stub.ListInbound(request, timeout=10)).inbound) < texted:  # noqa: ASYNC110 - nobody sets an event
                await asyncio.sleep(0.1)
    question = service.twilio.world.conversation(ANCHOR)[0]
    code = question.body.partition('Text back "')[2].partition(" ")[0]
    await service.twilio.reply(ANCHOR, f"{code} yes", to=SENDER)


def _missed(twilio: Emulator) -> list[str]:
    """The faults that are to strike at least once and have not yet."""
    faults = twilio.context.faults
    return [
        f"{stage}: {rule.effect.words}"
        for stage, fired in faults.fired().items()
        for rule, times in zip(faults.rules().of(stage), fired, strict=True)
        if rule.count and not times
    ]


def _people() -> list[tuple[str, tuple[str, ...]]]:
    return list(zip(PHONES, itertools.cycle(HABITS), strict=False))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_story_holds_when_the_service_is_killed_over_and_over_in_a_storm(tmp_path: Path, seed: int) -> None:
    await storm(tmp_path, seed)


def test_storm_has_every_fault_that_the_emulator_knows() -> None:
    effects = [rule.effect for stage in Stage for rule in rules(1).of(stage)]
    assert {field for effect in effects for field in effect.model_fields_set} == set(Effect.model_fields)
