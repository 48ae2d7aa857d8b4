"""What callers see of a message whose content was erased, and then of one that is gone."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc

from tests.support.emulators import emulator
from tests.support.service import PHONE, Service, failing, serving, settings_for, waiting
from tests.support.terminal import piped
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback_server.domain.erasing import Retention
from textback_server.engine.clock import Clock


def later(days: float) -> Clock:
    """A clock that is so far ahead."""
    return lambda: datetime.now(UTC) + timedelta(days=days)


async def answered(textback: Service) -> message_pb.SmsMessage:
    """A question that got a wrong answer and a right one."""
    async with textback.ask(waiting("yes", "no"), request_id="order-7") as stream:
        message = await stream.created()
        await stream.state("DELIVERED")
        await textback.answer(f"{message.wait.code} perhaps")
        await stream.until("reply_rejected")
        await textback.answer(f"{message.wait.code} YES!")
        await stream.until("reply_received")
    return await textback.get(message.message_id)


async def test_erased_message_keeps_its_outcome_and_a_purged_one_is_not_found(tmp_path: Path) -> None:
    async with emulator() as twilio:
        settings = settings_for(twilio, tmp_path / "textback.db")
        async with serving(twilio, settings) as textback:
            before = await answered(textback)
            assert before.text
            assert not before.content_erased

        async with serving(twilio, settings, clock=later(days=7)) as textback:
            async with asyncio.timeout(10):
                while not (after := await textback.get(before.message_id)).content_erased:
                    pass
            await shows_an_erased_message(textback, before, after)

        async with serving(twilio, settings, clock=later(days=30.1)) as textback:
            async with asyncio.timeout(10):
                while (await textback.stub.ListMessages(pb.ListMessagesRequest())).messages:
                    pass
            for call in (textback.get(before.message_id), textback.watch(before.message_id)):
                failure = await failing(call)
                assert (failure.code, failure.reason) == (grpc.StatusCode.NOT_FOUND, "MESSAGE_UNKNOWN")
                assert "may be purged" in failure.message
            assert list((await textback.stub.ListInbound(pb.ListInboundRequest())).inbound) == []
            assert (await textback.send(request_id="order-7")).message_id != before.message_id


async def test_service_forgets_as_early_as_its_own_settings_say(tmp_path: Path) -> None:
    async with emulator() as twilio:
        retention = Retention(content=timedelta(hours=1), rows=timedelta(days=9))
        settings = settings_for(twilio, tmp_path / "textback.db", retention=retention)
        async with serving(twilio, settings) as textback:
            message = await answered(textback)
        async with serving(twilio, settings, clock=later(days=1)) as textback, asyncio.timeout(10):
            while not (await textback.get(message.message_id)).content_erased:
                pass
        async with serving(twilio, settings, clock=later(days=10)) as textback, asyncio.timeout(10):
            while (await textback.stub.ListMessages(pb.ListMessagesRequest())).messages:
                pass


async def shows_an_erased_message(
    textback: Service, before: message_pb.SmsMessage, after: message_pb.SmsMessage
) -> None:
    """By Get, by its events, by the inbound SMS, by the command; and its request_id still stands for it."""
    assert (after.text, after.result.text, after.wait.reply.body, after.wait.reply.text) == ("", "", "", "")
    assert (after.result.outcome, after.result.choice) == (message_pb.OUTCOME_REPLIED, "yes")
    assert (after.wait.code, after.create_time, after.sequence) == (
        before.wait.code,
        before.create_time,
        before.sequence,
    )

    events = await textback.watch(before.message_id).rest()
    assert events[0].created.message.content_erased
    assert "Isolate" not in str(events)
    assert "perhaps" not in str(events)
    assert "YES" not in str(events)
    assert [event.sequence for event in events] == list(range(1, before.sequence + 1))

    again = await textback.ask(waiting("yes", "no"), request_id="order-7").rest()
    assert again == events
    assert len(textback.texts(PHONE)) <= 2  # the question, and a hint: nothing was sent again

    inbound = (await textback.stub.ListInbound(pb.ListInboundRequest())).inbound
    assert [(each.body, each.content_erased) for each in inbound] == [("", True)] * 2

    for command, shown in (("get", "text       (erased)"), ("watch", "yes        (erased)")):
        ran = await piped(textback.app.grpc, command, before.message_id)
        assert ran.code == 0, ran.stderr
        assert shown in ran.stdout + ran.stderr
