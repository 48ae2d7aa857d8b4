"""The loop without webhooks, or with webhooks that do not arrive: Twilio's list of messages brings everything."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.support.emulators import emulator, sync_client
from tests.support.service import PHONE, SENDER, Service, account_at, service, serving, settings_for, waiting
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback_server.engine import poller
from textback_server.gateway.accounts import Accounts
from twilio_emulator import Effect, Rule, Rules, Status
from twilio_emulator.faults import Reset


@pytest.fixture
async def unexposed(tmp_path: Path) -> AsyncIterator[Service]:
    """A service that Twilio cannot reach."""
    async with service(tmp_path, public_url_follows_listener=False) as running:
        yield running


async def test_question_is_answered_when_twilio_cannot_reach_the_service(unexposed: Service) -> None:
    async with unexposed.ask(waiting("yes", "no")) as stream:
        message = await stream.created()
        await stream.state("DELIVERED")
        await unexposed.emulator.reply(PHONE, f"{message.wait.code} perhaps")
        rejected = await stream.until("reply_rejected")
        assert rejected.reply_rejected.person_told
        await unexposed.emulator.reply(PHONE, f"{message.wait.code} yes")
        answered = await stream.until("reply_received")
        assert answered.reply_received.reply.via == message_pb.REPLY_VIA_POLLING
    told = unexposed.texts()[1:]
    assert len(told) == 1
    assert "YES" in told[0]


async def test_question_from_a_messaging_service_is_answered_when_twilio_cannot_reach_us(tmp_path: Path) -> None:
    async with emulator() as twilio:
        senders = (twilio.settings.service_sid,)
        accounts = Accounts((account_at(twilio, senders=senders),))
        settings = settings_for(twilio, tmp_path / "t.db", accounts=accounts, public_url_follows_listener=False)
        async with serving(twilio, settings) as textback, textback.ask(waiting("yes", "no")) as stream:
            message = await stream.created()
            assert message.sender == twilio.settings.service_sid
            await stream.state("DELIVERED")
            await twilio.reply(PHONE, f"{message.wait.code} yes")
            answered = await stream.until("reply_received")
    assert answered.reply_received.reply.via == message_pb.REPLY_VIA_POLLING


async def test_undelivered_question_ends_when_only_the_list_tells(unexposed: Service) -> None:
    async with unexposed.ask(waiting("yes"), recipient="+15005550011") as stream:
        failed = await stream.until("failed")
        assert failed.result.failure.twilio_code == 30005


@pytest.mark.slow
async def test_send_whose_answer_was_lost_is_confirmed_by_the_list(unexposed: Service) -> None:
    unexposed.emulator.set_faults(
        Rules(
            create=(
                Rule(count=1, effect=Effect(reset=Reset.AFTER)),
                Rule(count=1, effect=Effect(status=500, store=True)),
            )
        )
    )
    asked, told = unexposed.ask(waiting("yes"), request_id="ask"), await unexposed.send("Backup finished.")
    async with asked as question, unexposed.watch(told.message_id) as notice:
        states = await asyncio.gather(question.state("DELIVERED"), notice.state("DELIVERED"))
    assert all(each.status_changed.twilio_sid for each in states)
    assert len(unexposed.texts()) == 2


async def test_unconfirmed_send_is_made_again_for_the_request_that_asks_for_it_and_no_other(tmp_path: Path) -> None:
    async with emulator(clock="manual") as twilio:
        settings, clock = settings_for(twilio, tmp_path / "textback.db"), partial(twilio.advance, 0)
        async with serving(twilio, settings, clock=clock) as first:
            twilio.respond(Effect(status=500), Effect(status=500))
            once = await first.send("Backup failed.")
            again = await first.send(sms={"recipient": PHONE, "body": "Disk full.", "resendIfUnconfirmed": True})
        twilio.advance(150)
        async with (
            serving(twilio, settings, clock=clock) as second,
            second.watch(again.message_id) as resent,
            second.watch(once.message_id) as left,
        ):
            await asyncio.gather(resent.state("DELIVERED"), left.state("OUTCOME_UNKNOWN"))
            assert second.texts() == ["Disk full."]


async def test_reply_that_came_while_the_service_was_down_is_found_before_its_wait_expires(tmp_path: Path) -> None:
    async with emulator() as twilio:
        brief = {"public_url_follows_listener": False, "reply_timeout_min": timedelta(seconds=1)}
        settings = settings_for(twilio, tmp_path / "textback.db", **brief)
        async with serving(twilio, settings) as first, first.ask(waiting("yes", seconds=2)) as stream:
            message = await stream.created()
            await stream.state("QUEUED")
        await twilio.reply(PHONE, f"{message.wait.code} yes")
        expires = message.wait.expire_time.ToDatetime(UTC)
        await asyncio.sleep((expires - datetime.now(UTC)).total_seconds())
        async with serving(twilio, settings) as second, second.watch(message.message_id) as stream:
            events = await stream.rest()
    assert events[-1].result.outcome == message_pb.OUTCOME_REPLIED
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize(("accepted", "warned", "digits"), [(False, True, 4), (True, False, 6)])
async def test_ping_warns_of_a_shared_sender_until_it_is_accepted_and_codes_are_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accepted: bool, warned: bool, digits: int
) -> None:
    monkeypatch.setattr(poller, "TICK", 0.01)
    async with emulator(lifecycle="manual", clock="manual") as twilio:
        changes = {"public_url_follows_listener": False, "shared_senders": accepted}
        settings = settings_for(twilio, tmp_path / "textback.db", **changes)
        async with serving(twilio, settings, clock=partial(twilio.advance, 0)) as textback:
            async with textback.ask(waiting(seconds=604_800)) as stream:
                code = (await stream.created()).wait.code
                sid = (await stream.state("QUEUED")).status_changed.twilio_sid
            twilio.advance(1)  # Twilio dates in whole seconds, and what was there before the service does not count
            send = sync_client(twilio).messages.create
            await asyncio.to_thread(send, to="+14155550177", from_=SENDER, body="Your parcel is here.")
            twilio.advance(120)
            for status in (Status.SENT, Status.DELIVERED):  # the list that tells the second was read after the first
                twilio.step(sid, status)
                await listed(textback, status)
            warnings = (await textback.stub.Ping(pb.PingRequest())).warnings
    assert ("SENDER_SHARED" in [warning.reason for warning in warnings], len(code)) == (warned, digits)


async def listed(textback: Service, status: Status) -> None:
    """Wait until the list has told the service that its only message got there."""
    async with asyncio.timeout(10):
        while (await textback.stub.ListMessages(pb.ListMessagesRequest())).messages[0].twilio_status != status:
            textback.emulator.advance(5)
