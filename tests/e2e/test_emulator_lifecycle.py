"""Messages by hand, on a clock by hand: schedules, queues, validity."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.application import Application, application
from tests.support.emulators import PHONE, SENDER, async_client, emulator
from twilio_emulator import Emulator, Status

# The SDK's async client passes aiohttp.BasicAuth as auth, and aiohttp 3.14 calls both deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    async with application() as running:
        yield running


async def send(running: Emulator, **create: Any) -> Any:
    """Send a text from the account's number unless told otherwise."""
    if "messaging_service_sid" not in create:
        create["from_"] = SENDER
    async with async_client(running) as client:
        return await client.messages.create_async(**{"to": PHONE, "body": "Hi", **create})


def statuses(running: Emulator, sid: str) -> list[tuple[str, int | None]]:
    """Return every status that the message showed."""
    entries = (entry.message for entry in running.world.journal.after(0) if entry.message and not entry.delivery)
    return [(message.status, message.error_code) for message in entries if message.sid == sid]


async def test_message_moves_only_by_hand_when_the_lifecycle_is_manual(app: Application) -> None:
    async with emulator(lifecycle="manual") as running:
        sid = (await send(running, status_callback=f"{app.url}/status")).sid

        for status in (Status.SENDING, Status.SENT):
            running.step(sid, status)
        running.step(sid, Status.UNDELIVERED, error_code=30005)

        sent, undelivered = await app.take(2)
        assert statuses(running, sid) == [("queued", None), ("sending", None), ("sent", None), ("undelivered", 30005)]
    # No callback tells of `sending`.
    assert (sent.form["MessageStatus"], undelivered.form["MessageStatus"]) == ("sent", "undelivered")
    assert (undelivered.form["ErrorCode"], len(app.webhooks)) == ("30005", 2)


async def test_service_chooses_its_sender_when_its_message_is_moved_by_hand() -> None:
    async with emulator(lifecycle="manual") as running:
        sid = (await send(running, messaging_service_sid=running.settings.service_sid)).sid

        assert running.world.messages[sid].sender is None
        moved = running.step(sid, Status.DELIVERED)

        assert moved.sender == SENDER
        assert moved.sent == moved.updated


async def test_step_is_refused_in_a_sentence_that_names_the_field() -> None:
    async with emulator(lifecycle="manual") as running:
        sid = (await send(running)).sid

        with pytest.raises(ValueError, match=r"^sid: "):
            running.step("SM0", Status.SENT)
        with pytest.raises(ValueError, match=r"^error_code: sent has none"):
            running.step(sid, Status.SENT, error_code=30003)
        running.step(sid, Status.SENT)
        with pytest.raises(ValueError, match=r"^status: queued cannot follow sent; it may be delivered or undelivered"):
            running.step(sid, Status.QUEUED)
        running.step(sid, Status.DELIVERED)
        with pytest.raises(ValueError, match=r"^status: .* it may be nothing, its status is final"):
            running.step(sid, Status.UNDELIVERED)


async def test_step_is_refused_when_the_service_has_no_number_left() -> None:
    async with emulator(lifecycle="manual") as running:
        service = running.settings.service_sid
        sid = (await send(running, messaging_service_sid=service)).sid
        running.world.pools.set_numbers(service, (), running.world.now())

        with pytest.raises(ValueError, match=r"^sid: its Messaging Service has no number"):
            running.step(sid, Status.SENT)
        running.step(sid, Status.FAILED, error_code=21704)

        assert statuses(running, sid)[-1] == ("failed", 21704)


async def test_message_goes_on_by_itself_when_it_was_moved_early_by_hand() -> None:
    async with emulator(lifecycle="timed", step_delay=10, clock="manual") as running:
        sid = (await send(running, messaging_service_sid=running.settings.service_sid)).sid

        running.step(sid, Status.QUEUED)
        running.advance(100)

        assert [status for status, _ in statuses(running, sid)] == ["accepted", "queued", "sent", "delivered"]


async def test_message_moved_by_hand_is_not_moved_again_by_itself() -> None:
    async with emulator(lifecycle="timed", step_delay=10, clock="manual") as running:
        sid = (await send(running)).sid

        running.step(sid, Status.FAILED, error_code=30007)
        running.advance(100)

        assert statuses(running, sid) == [("queued", None), ("failed", 30007)]


async def test_message_moves_with_the_manual_clock_and_carries_its_times() -> None:
    async with emulator(lifecycle="timed", step_delay=10, clock="manual") as running:
        start = running.advance(0)
        sid = (await send(running)).sid

        running.advance(9)
        assert running.world.messages[sid].status == "queued"
        running.advance(1000)

        message = running.world.messages[sid]
        assert (message.status, message.created, message.sent, message.updated) == (
            "delivered",
            start,
            start + timedelta(seconds=10),
            start + timedelta(seconds=20),
        )


async def test_messages_wait_for_their_turn_when_the_sender_hands_over_one_segment_a_second() -> None:
    async with emulator(segments_per_second=1, clock="manual") as running:
        start = running.advance(0)
        long = (await send(running, body="x" * 161)).sid
        short = (await send(running)).sid
        last = (await send(running)).sid

        running.advance(10)

        sent = [running.world.messages[sid].sent for sid in (long, short, last)]
        assert sent == [start, start + timedelta(seconds=2), start + timedelta(seconds=3)]


async def test_message_fails_with_30036_when_its_validity_ends_in_the_queue() -> None:
    async with emulator(segments_per_second=0.1, clock="manual") as running:
        await send(running)
        late = (await send(running, validity_period=9)).sid
        after = (await send(running, validity_period=10)).sid

        running.advance(8.9)
        assert running.world.messages[late].status == "queued"
        running.advance(2)

        assert statuses(running, late) == [("queued", None), ("failed", 30036)]
        # What expired took no place in the queue.
        assert running.world.messages[after].status == "delivered"


async def test_message_fails_with_30036_when_nobody_moves_it_in_time() -> None:
    async with emulator(lifecycle="manual", clock="manual") as running:
        queued = (await send(running, validity_period=60)).sid
        sent = (await send(running, validity_period=60)).sid
        running.step(sent, Status.SENT)

        running.advance(61)

        assert statuses(running, queued)[-1] == ("failed", 30036)
        assert statuses(running, sent)[-1] == ("sent", None)


async def test_create_is_refused_with_21611_when_the_queue_is_ten_hours_long() -> None:
    async with emulator(segments_per_second=0.0001, clock="manual", numbers=(SENDER,)) as running:
        for _ in range(4):
            await send(running)

        with pytest.raises(TwilioRestException) as refused:
            await send(running)
        by_service = (await send(running, messaging_service_sid=running.settings.service_sid)).sid
        running.advance(1)

        assert refused.value.code == 21611
        assert statuses(running, by_service)[-1] == ("failed", 30001)


async def test_scheduled_message_is_sent_at_its_time(app: Application) -> None:
    async with emulator(clock="manual") as running:
        at = running.advance(0).replace(microsecond=0) + timedelta(seconds=600)
        created = await send(
            running,
            messaging_service_sid=running.settings.service_sid,
            schedule_type="fixed",
            send_at=at,
            status_callback=f"{app.url}/status",
        )
        assert (created.status, created.from_) == ("scheduled", None)

        running.advance(590)
        assert running.world.messages[created.sid].status == "scheduled"
        running.advance(10)
        callbacks = await app.take(3)

        assert [status for status, _ in statuses(running, created.sid)] == [
            "scheduled",
            "accepted",
            "queued",
            "sent",
            "delivered",
        ]
    assert [callback.form["MessageStatus"] for callback in callbacks] == ["queued", "sent", "delivered"]


async def test_scheduled_message_is_never_sent_when_it_is_canceled(app: Application) -> None:
    async with emulator(clock="manual") as running, async_client(running) as client:
        at = running.advance(0) + timedelta(seconds=600)
        created = await send(
            running,
            messaging_service_sid=running.settings.service_sid,
            schedule_type="fixed",
            send_at=at,
            status_callback=f"{app.url}/status",
        )

        canceled = await client.messages(created.sid).update_async(status="canceled")
        running.advance(1000)

        assert canceled.status == "canceled"
        assert [callback.form["MessageStatus"] for callback in await app.take(1)] == ["canceled"]
        assert [status for status, _ in statuses(running, created.sid)] == ["scheduled", "canceled"]
        assert await client.messages(created.sid).delete_async() is True


async def test_reset_forgets_what_was_to_happen() -> None:
    async with emulator(lifecycle="timed", step_delay=10, clock="manual", segments_per_second=0.1) as running:
        await send(running)
        running.reset()

        running.advance(100)

        assert [entry.kind for entry in running.world.journal.after(0)] == ["message", "reset"]
