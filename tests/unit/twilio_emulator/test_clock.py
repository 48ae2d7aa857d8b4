"""The emulator's time."""

import asyncio
from datetime import timedelta

import pytest

from twilio_emulator.clock import Clock


async def test_manual_clock_stands_still_until_it_is_advanced() -> None:
    clock = Clock("manual")
    start = clock.now()
    seen: list[tuple[str, timedelta]] = []

    def first() -> None:
        seen.append(("first", clock.now() - start))
        clock.after(20, lambda: seen.append(("nested", clock.now() - start)))

    clock.after(30, lambda: seen.append(("second", clock.now() - start)))
    clock.after(5, first)
    clock.after(500, lambda: seen.append(("late", clock.now() - start)))

    assert clock.now() == start
    assert clock.advance(100) == start + timedelta(seconds=100)

    assert seen == [
        ("first", timedelta(seconds=5)),
        ("nested", timedelta(seconds=25)),
        ("second", timedelta(seconds=30)),
    ]


@pytest.mark.parametrize("mode", ["real", "manual"])
async def test_action_without_delay_happens_soon_on_either_clock(mode: str) -> None:
    clock = Clock("manual" if mode == "manual" else "real")
    done = asyncio.Event()

    clock.after(0, done.set)

    assert not done.is_set()
    await asyncio.wait_for(done.wait(), 1)


async def test_canceled_actions_never_happen() -> None:
    clock, real = Clock("manual"), Clock("real")
    seen: list[str] = []
    clock.after(1, lambda: seen.append("manual"))
    real.after(0, lambda: seen.append("real"))

    clock.cancel()
    real.cancel()
    clock.advance(2)
    await asyncio.sleep(0)

    assert seen == []


@pytest.mark.parametrize(("mode", "seconds", "field"), [("real", 1, "clock"), ("manual", -1, "seconds")])
async def test_advance_is_refused_in_a_sentence_that_names_the_field(mode: str, seconds: float, field: str) -> None:
    clock = Clock("manual" if mode == "manual" else "real")

    with pytest.raises(ValueError, match=f"^{field}: "):
        clock.advance(seconds)
