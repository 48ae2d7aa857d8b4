"""The unmodified official SDK, blocking and async, against the emulator."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.application import Application, application
from tests.support.emulators import PHONE, SENDER, async_client, emulator, sync_client, until
from twilio_emulator import AccountStatus, AccountType, Emulator

# The SDK's async client passes aiohttp.BasicAuth as auth, and aiohttp 3.14 calls both deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    async with application() as running:
        yield running


@pytest.fixture
async def running(app: Application) -> AsyncIterator[Emulator]:
    async with emulator(sms_url=f"{app.url}/inbound?account=default") as started:
        yield started


@pytest.mark.parametrize("api_key", [False, True])
async def test_blocking_sdk_creates_fetches_and_lists_with_either_credential(running: Emulator, api_key: bool) -> None:
    client = sync_client(running, api_key=api_key)

    created = await asyncio.to_thread(client.messages.create, to=PHONE, from_=SENDER, body="Hello 👋" + "x" * 70)

    assert (created.status, created.direction, created.num_segments, created.error_code) == (
        "queued",
        "outbound-api",
        "2",
        None,
    )
    assert created.date_sent is None
    assert created.date_created is not None
    assert abs(datetime.now(UTC) - created.date_created) < timedelta(seconds=5)
    fetched = await asyncio.to_thread(client.messages(created.sid).fetch)
    assert (fetched.sid, fetched.status, fetched.to, fetched.from_) == (created.sid, "delivered", PHONE, SENDER)
    listed = await asyncio.to_thread(client.messages.list, to=PHONE, limit=5)
    assert [message.sid for message in listed] == [created.sid]


async def test_async_sdk_walks_every_page_newest_first_when_the_list_is_longer_than_one(running: Emulator) -> None:
    async with async_client(running) as client:
        sent = [(await client.messages.create_async(to=PHONE, from_=SENDER, body=f"{n}")).sid for n in range(5)]

        listed = await client.messages.list_async(page_size=2)

    assert [message.sid for message in listed] == sent[::-1]


async def test_list_neither_repeats_nor_hides_when_a_message_arrives_between_two_pages(running: Emulator) -> None:
    async with async_client(running) as client:
        sent = [(await client.messages.create_async(to=PHONE, from_=SENDER, body=f"{n}")).sid for n in range(4)]
        first = await client.messages.page_async(page_size=2)
        await client.messages.create_async(to=PHONE, from_=SENDER, body="late")

        second = await first.next_page_async()

        assert second is not None
        assert [message.sid for message in first] + [message.sid for message in second] == sent[::-1]
        previous = await second.previous_page_async()
        assert previous is not None
        assert [message.sid for message in previous] == sent[:1:-1]


async def test_list_filters_by_phone_number_and_date_when_asked(running: Emulator) -> None:
    await running.reply("+14155550199", "hello")
    async with async_client(running) as client:
        sent = await client.messages.create_async(to=PHONE, from_=SENDER, body="Hi")
        now = datetime.now(UTC)

        inbound = await client.messages.list_async(to=SENDER)
        recent = await client.messages.list_async(from_=SENDER, date_sent_after=now - timedelta(minutes=1))
        later = await client.messages.list_async(date_sent_after=now + timedelta(minutes=1))
        today = await client.messages.list_async(date_sent=now.date())
        earlier = await client.messages.list_async(date_sent_before=now.date() - timedelta(days=1))

    assert [(m.body, m.direction, m.status, m.from_) for m in inbound] == [
        ("hello", "inbound", "received", "+14155550199")
    ]
    assert [message.sid for message in recent] == [sent.sid]
    assert later == earlier == []
    assert len(today) == 2


async def test_account_fetch_tells_status_and_type_with_the_auth_token_only(running: Emulator) -> None:
    async with async_client(running) as client, async_client(running, api_key=True) as keyed:
        running.world.set_account(status=AccountStatus.SUSPENDED, type=AccountType.TRIAL)

        account = await client.api.accounts(running.account_sid).fetch_async()

        assert (account.status, account.type, account.auth_token) == ("suspended", "Trial", running.auth_token)
        with pytest.raises(TwilioRestException) as refused:
            await keyed.api.accounts(running.account_sid).fetch_async()
        assert (refused.value.status, refused.value.code) == (401, 20003)
        with pytest.raises(TwilioRestException) as suspended:
            await client.messages.create_async(to=PHONE, from_=SENDER, body="Hi")
        assert (suspended.value.status, suspended.value.code) == (401, 20003)


async def test_trial_account_prefixes_the_text(running: Emulator) -> None:
    running.world.set_account(type=AccountType.TRIAL)
    async with async_client(running) as client:
        created = await client.messages.create_async(to=PHONE, from_=SENDER, body="Hi")

    assert created.body == "Sent from your Twilio trial account - Hi"


async def test_numbers_can_be_found_and_their_webhook_moved(running: Emulator, app: Application) -> None:
    async with async_client(running) as client:
        (number,) = await client.incoming_phone_numbers.list_async(phone_number=SENDER)
        assert number.sms_url == f"{app.url}/inbound?account=default"
        assert number.capabilities["sms"] is True

        moved = await client.incoming_phone_numbers(number.sid).update_async(sms_url=f"{app.url}/moved")

    assert moved.sms_url == f"{app.url}/moved"
    await running.reply(PHONE, "hi")
    assert [webhook.path for webhook in app.webhooks] == ["/moved"]


async def test_messaging_service_is_fetched_and_chooses_the_sender_after_the_create(
    running: Emulator, app: Application
) -> None:
    service_sid = running.settings.service_sid
    async with async_client(running) as client:
        service = await client.messaging.v1.services(service_sid).fetch_async()
        assert (service.inbound_request_url, service.use_inbound_webhook_on_number) == (None, True)

        created = await client.messages.create_async(
            to=PHONE, messaging_service_sid=service_sid, body="Hi", status_callback=f"{app.url}/status"
        )

        assert (created.status, created.from_, created.num_segments) == ("accepted", None, "0")
        callbacks = await app.take(3)
        assert [callback.form["MessageStatus"] for callback in callbacks] == ["queued", "sent", "delivered"]
        assert {callback.form["From"] for callback in callbacks} == {SENDER}
        assert (await client.messages(created.sid).fetch_async()).from_ == SENDER


@pytest.mark.parametrize(
    ("to", "sender", "code"),
    [
        ("+15005550001", SENDER, 21211),
        ("+15005550002", SENDER, 21612),
        ("+15005550003", SENDER, 21408),
        ("+15005550004", SENDER, 21610),
        ("+15005550009", SENDER, 21614),
        ("notanumber", SENDER, 21211),
        (PHONE, "+15005550001", 21212),
        (PHONE, "+15005550007", 21606),
        (PHONE, "+15005550008", 21611),
        (PHONE, "+14155550999", 21606),
        (PHONE, "!", 21212),
    ],
)
async def test_create_is_refused_with_twilios_code_when_a_magic_number_is_used(
    running: Emulator, to: str, sender: str, code: int
) -> None:
    async with async_client(running) as client:
        with pytest.raises(TwilioRestException) as refused:
            await client.messages.create_async(to=to, from_=sender, body="Hi")

    assert (refused.value.status, refused.value.code) == (400, code)
    assert not running.world.messages


@pytest.mark.parametrize(
    ("to", "endings"),
    [
        (PHONE, [("sent", None), ("delivered", None)]),
        ("+15005550010", [("sent", None), ("undelivered", "30003")]),
        ("+15005550011", [("sent", None), ("undelivered", "30005")]),
        ("+15005550012", [("failed", "30008")]),
        ("+15005550013", [("sent", None)]),
    ],
)
async def test_status_callbacks_come_signed_and_in_order_when_a_message_moves(
    running: Emulator, app: Application, to: str, endings: list[tuple[str, str | None]]
) -> None:
    async with async_client(running) as client:
        created = await client.messages.create_async(
            to=to, from_=SENDER, body="Hi", status_callback=f"{app.url}/status?message=msg_1#rc=2"
        )
        callbacks = await app.take(len(endings))
        final = await client.messages(created.sid).fetch_async()

    assert [(c.form["MessageStatus"], c.form.get("ErrorCode")) for c in callbacks] == endings
    assert {callback.path for callback in callbacks} == {"/status?message=msg_1"}
    assert all(app.signed_by_twilio(callback, running.auth_token) for callback in callbacks)
    assert not any(app.signed_by_twilio(callback, "another-token") for callback in callbacks)
    required = {"MessageSid", "MessageStatus", "SmsSid", "SmsStatus", "AccountSid", "From", "To", "ApiVersion"}
    assert callbacks[0].form.keys() - {"ErrorCode"} == required
    assert (final.status, str(final.error_code) if final.error_code else None) == endings[-1]


async def test_message_takes_its_time_between_two_statuses_when_the_lifecycle_is_timed() -> None:
    async with emulator(lifecycle="timed", step_delay=0.1) as running, async_client(running) as client:
        await client.messages.create_async(to=PHONE, from_=SENDER, body="Hi")

        await until(running, lambda: running.world.journal.last_id == 3)

        seen = [entry.message for entry in running.world.journal.after(0) if entry.message]
    assert [message.status for message in seen] == ["queued", "sent", "delivered"]
    pauses = [later.updated - earlier.updated for earlier, later in pairwise(seen)]
    assert all(pause >= timedelta(seconds=0.09) for pause in pauses)


async def test_reset_stops_messages_on_their_way(app: Application) -> None:
    async with emulator(lifecycle="timed", step_delay=0.05) as running, async_client(running) as client:
        await client.messages.create_async(to=PHONE, from_=SENDER, body="old", status_callback=f"{app.url}/old")

        running.reset()

        await client.messages.create_async(to=PHONE, from_=SENDER, body="new", status_callback=f"{app.url}/new")
        assert {webhook.path for webhook in await app.take(2)} == {"/new"}
