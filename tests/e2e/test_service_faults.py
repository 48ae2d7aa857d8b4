"""The loop, while Twilio's calls to us are lost, late, repeated, in the wrong order or forged."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.service import PHONE, Service, service, waiting
from textback.v1 import sms_message_pb2 as message_pb
from twilio_emulator import Effect, Match, Rule, Rules


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    "effect",
    [Effect(duplicate=3), Effect(delay=0.1), Effect(drop=True), Effect(reorder=True), Effect(corrupt_signature=True)],
    ids=lambda effect: effect.words,
)
async def test_question_is_answered_once_whatever_befalls_its_callbacks(textback: Service, effect: Effect) -> None:
    textback.emulator.set_faults(Rules(status_callback=(Rule(match=Match(status="sent"), effect=effect),)))

    async with textback.ask(waiting("yes", "no")) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        await textback.answer(f"{code} yes")
        events = [await stream.until("reply_received"), *await stream.rest()]

    assert [event.result.choice for event in events] == ["yes"]


@pytest.mark.parametrize("effect", [Effect(duplicate=3), Effect(delay=0.1)], ids=lambda effect: effect.words)
async def test_question_is_answered_once_when_the_answer_comes_late_or_again(textback: Service, effect: Effect) -> None:
    textback.emulator.set_faults(Rules(inbound_webhook=(Rule(effect=effect),)))

    async with textback.ask(waiting("yes", "no")) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        await textback.answer(f"{code} yes")
        events = [await stream.until("reply_received"), *await stream.rest()]

    assert [event.result.choice for event in events] == ["yes"]
    assert textback.texts(PHONE)[1:] == []


async def test_forged_answer_is_refused_and_the_genuine_one_taken(textback: Service) -> None:
    textback.emulator.set_faults(Rules(inbound_webhook=(Rule(count=1, effect=Effect(corrupt_signature=True)),)))

    async with textback.ask(waiting("yes", "no")) as stream:
        message = await stream.created()
        await stream.state("DELIVERED")
        assert await textback.answer(f"{message.wait.code} no") == 403
        assert (await textback.get(message.message_id)).wait.state == message_pb.WAIT_STATE_OPEN
        assert await textback.answer(f"{message.wait.code} yes") == 200
        answered = await stream.until("reply_received")

    assert answered.result.choice == "yes"
