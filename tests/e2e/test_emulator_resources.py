"""The unmodified official SDK on what it can do besides sending: redact, cancel, delete, media, numbers, services."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from tests.support.application import Application, application
from tests.support.emulators import PHONE, SENDER, async_client, emulator
from twilio_emulator import Emulator

# The SDK's async client passes aiohttp.BasicAuth as auth, and aiohttp 3.14 calls both deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]
OTHER = "+15005550099"
PICTURE = "https://example.com/a.png"


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    async with application() as running:
        yield running


@pytest.fixture
async def running(app: Application) -> AsyncIterator[Emulator]:
    async with emulator(sms_url=f"{app.url}/in", numbers=(SENDER, OTHER)) as started:
        yield started


@pytest.fixture
async def client(running: Emulator) -> AsyncIterator[Client]:
    async with async_client(running) as opened:
        yield opened


async def refusal(work: Any) -> tuple[int, int]:
    """Await what Twilio must refuse; return the HTTP status and Twilio's code."""
    with pytest.raises(TwilioRestException) as refused:
        await work
    return refused.value.status, refused.value.code


async def test_text_of_a_finished_message_can_be_redacted(running: Emulator, client: Client) -> None:
    sid = (await client.messages.create_async(to=PHONE, from_=SENDER, body="secret")).sid

    redacted = await client.messages(sid).update_async(body="")

    assert redacted.body == ""
    assert (await client.messages(sid).fetch_async()).body == ""
    assert running.world.messages[sid].body == ""
    assert await refusal(client.messages(sid).update_async(body="other")) == (400, 20001)


async def test_finished_message_can_be_deleted_once(running: Emulator, client: Client) -> None:
    sid = (await client.messages.create_async(to=PHONE, from_=SENDER, body="Hi")).sid

    assert await client.messages(sid).delete_async() is True

    assert await refusal(client.messages(sid).fetch_async()) == (404, 20404)
    assert await refusal(client.messages(sid).delete_async()) == (404, 20404)
    assert await client.messages.list_async() == []
    assert running.world.conversation(PHONE) == []


async def test_message_can_neither_be_deleted_nor_redacted_when_it_is_on_its_way() -> None:
    async with emulator(lifecycle="manual") as running, async_client(running) as client:
        sid = (await client.messages.create_async(to=PHONE, from_=SENDER, body="Hi")).sid

        assert await refusal(client.messages(sid).delete_async()) == (400, 20009)
        assert await refusal(client.messages(sid).update_async(body="")) == (400, 20009)
        assert running.world.messages[sid].body == "Hi"


async def test_message_cannot_be_canceled_when_it_is_not_scheduled(client: Client) -> None:
    sid = (await client.messages.create_async(to=PHONE, from_=SENDER, body="Hi")).sid

    assert await refusal(client.messages(sid).update_async(status="canceled")) == (400, 30409)


async def test_media_of_a_message_are_listed_fetched_and_deleted(client: Client) -> None:
    created = await client.messages.create_async(
        to=PHONE, from_=SENDER, media_url=[PICTURE, "https://example.com/film.mp4"]
    )
    assert (created.sid[:2], created.num_media, created.num_segments) == ("MM", "2", "1")

    media = await client.messages(created.sid).media.list_async()

    assert [item.content_type for item in media] == ["image/png", "video/mp4"]
    assert {item.parent_sid for item in media} == {created.sid}
    first = client.messages(created.sid).media(media[0].sid)
    assert (await first.fetch_async()).sid == media[0].sid
    assert await first.delete_async() is True
    assert (await client.messages(created.sid).fetch_async()).num_media == "1"
    assert await refusal(first.fetch_async()) == (404, 20404)


async def test_balance_is_told_in_twilios_types(client: Client) -> None:
    balance = await client.api.account.balance.fetch_async()

    assert (balance.balance, balance.currency) == ("20.00000", "USD")


async def test_numbers_are_filtered_and_changed(running: Emulator, client: Client) -> None:
    found = [
        [number.phone_number for number in await client.incoming_phone_numbers.list_async(phone_number=part)]
        for part in (SENDER, "99", "+1500555**06", "+1999")
    ]
    assert found == [[SENDER], [OTHER], [SENDER], []]
    (number,) = await client.incoming_phone_numbers.list_async(friendly_name=OTHER)

    changed = await client.incoming_phone_numbers(number.sid).update_async(
        friendly_name="spare", sms_url="", sms_method="GET", sms_fallback_url="https://example.com/f"
    )

    assert (changed.friendly_name, changed.sms_url, changed.sms_method, changed.sms_fallback_url) == (
        "spare",
        "",
        "GET",
        "https://example.com/f",
    )
    assert running.world.numbers[OTHER].sms_url is None
    for wrong in ({"sms_url": "nowhere"}, {"sms_method": "PUT"}, {"sms_fallback_url": "http://a_b/"}):
        assert await refusal(client.incoming_phone_numbers(number.sid).update_async(**wrong)) == (400, 20001)


async def test_service_is_made_filled_changed_and_forgotten(running: Emulator, client: Client) -> None:
    services = client.messaging.v1.services
    made = await services.create_async(friendly_name="Alerts", sticky_sender=False, validity_period=60)
    assert (made.friendly_name, made.inbound_request_url, made.use_inbound_webhook_on_number) == ("Alerts", None, False)
    assert (made.sticky_sender, made.validity_period) == (False, 60)
    number = running.world.numbers[OTHER]

    added = await services(made.sid).phone_numbers.create_async(phone_number_sid=number.sid)

    assert (added.phone_number, added.service_sid) == (OTHER, made.sid)
    assert [n.sid for n in await services(made.sid).phone_numbers.list_async()] == [number.sid]
    assert await services(made.sid).short_codes.list_async() == []
    assert await refusal(services(made.sid).phone_numbers.create_async(phone_number_sid=number.sid)) == (409, 21710)
    taken = running.world.numbers[SENDER].sid
    assert await refusal(services(made.sid).phone_numbers.create_async(phone_number_sid=taken)) == (409, 21712)
    changed = await services(made.sid).update_async(use_inbound_webhook_on_number=True)
    assert (changed.use_inbound_webhook_on_number, changed.friendly_name) == (True, "Alerts")
    assert {service.sid for service in await services.list_async(page_size=1)} == {
        made.sid,
        running.settings.service_sid,
    }
    assert await services(made.sid).phone_numbers(number.sid).delete_async() is True
    assert await refusal(client.messages.create_async(to=PHONE, messaging_service_sid=made.sid, body="Hi")) == (
        400,
        21704,
    )
    assert await services(made.sid).delete_async() is True
    assert await refusal(services(made.sid).fetch_async()) == (404, 20404)


async def test_inbound_text_leaves_no_trace_when_its_service_has_no_webhook(
    running: Emulator, app: Application, client: Client
) -> None:
    service = client.messaging.v1.services(running.settings.service_sid)
    await service.update_async(use_inbound_webhook_on_number=False)

    dropped = await running.reply(PHONE, "hi")

    assert (dropped.sid, dropped.delivery) == (None, None)
    assert not app.webhooks
    assert await client.messages.list_async() == []
    await service.update_async(inbound_request_url=f"{app.url}/service")
    await running.reply(PHONE, "hi")
    assert [webhook.path for webhook in app.webhooks] == ["/service"]
    assert len(await client.messages.list_async()) == 1


async def test_service_keeps_to_the_sender_that_a_phone_knows_and_takes_turns_otherwise(app: Application) -> None:
    async with (
        emulator(numbers=(SENDER, OTHER), service_numbers=(SENDER, OTHER)) as running,
        async_client(running) as client,
    ):
        for phone in (PHONE, "+14155550124", PHONE):
            await client.messages.create_async(
                to=phone,
                messaging_service_sid=running.settings.service_sid,
                body="Hi",
                status_callback=f"{app.url}/status",
            )
        pinned = await client.messages.create_async(
            to=PHONE, messaging_service_sid=running.settings.service_sid, from_=OTHER, body="Hi"
        )
        await app.take(9)
        senders = {m.sid: (m.to, m.from_) for m in await client.messages.list_async()}

    assert pinned.from_ == OTHER
    assert sorted(senders.values()) == [(PHONE, SENDER), (PHONE, SENDER), (PHONE, OTHER), ("+14155550124", OTHER)]


@pytest.mark.parametrize("to", ["+15005550003", "+15005550004", "+15005550009"])
async def test_service_finds_out_after_the_create_that_a_phone_cannot_be_texted(
    running: Emulator, app: Application, client: Client, to: str
) -> None:
    codes = {"+15005550003": 21408, "+15005550004": 21610, "+15005550009": 21614}

    created = await client.messages.create_async(
        to=to, messaging_service_sid=running.settings.service_sid, body="Hi", status_callback=f"{app.url}/status"
    )

    (callback,) = await app.take(1)
    assert (created.status, callback.form["MessageStatus"], callback.form["ErrorCode"]) == (
        "accepted",
        "failed",
        str(codes[to]),
    )
    failed = await client.messages(created.sid).fetch_async()
    assert (failed.status, failed.error_code, failed.from_, failed.num_segments) == ("failed", codes[to], None, "0")


async def test_callback_and_validity_of_the_service_hold_when_the_message_names_none(
    running: Emulator, app: Application, client: Client
) -> None:
    await client.messaging.v1.services(running.settings.service_sid).update_async(
        status_callback=f"{app.url}/service", validity_period=90
    )

    created = await client.messages.create_async(
        to=PHONE, messaging_service_sid=running.settings.service_sid, body="Hi"
    )

    assert {callback.path for callback in await app.take(3)} == {"/service"}
    assert running.world.messages[created.sid].validity == 90


async def test_smart_encoded_text_arrives_with_plain_punctuation(client: Client) -> None:
    created = await client.messages.create_async(
        to=PHONE, from_=SENDER, body="It\u2019s" + "x" * 100, smart_encoded=True
    )

    assert (created.body[:4], created.num_segments) == ("It's", "1")


async def test_list_takes_the_dates_that_other_sdks_write(client: Client) -> None:
    sent = await client.messages.create_async(to=PHONE, from_=SENDER, body="Hi")
    now = datetime.now(UTC)
    rfc = "%a, %d %b %Y %H:%M:%S +0000"

    found = [
        [m.sid for m in (await client.messages.list_async(**{name: moment.strftime(rfc)}))]
        for name, moment in (
            ("date_sent_after", now - timedelta(minutes=1)),
            ("date_sent_before", now - timedelta(minutes=1)),
        )
    ]

    assert found == [[sent.sid], []]


def client_with_test_credentials(running: Emulator, http: AsyncTwilioHttpClient) -> Client:
    settings = running.settings
    client = Client(settings.test_account_sid, settings.test_auth_token, http_client=http)
    client.api.base_url = client.messaging.base_url = running.url
    return client


async def test_test_credentials_check_a_create_and_send_nothing(running: Emulator, app: Application) -> None:
    async with AsyncTwilioHttpClient() as http:
        client = client_with_test_credentials(running, http)
        sender, service = SENDER, running.settings.service_sid

        created = await client.messages.create_async(
            to=PHONE, from_=sender, body="Hi", status_callback=f"{app.url}/status"
        )

        assert (created.status, created.account_sid) == ("queued", running.settings.test_account_sid)
        assert not running.world.messages
        create = client.messages.create_async
        assert await refusal(create(to=PHONE, from_=OTHER, body="Hi")) == (400, 21606)
        assert await refusal(create(to=PHONE, from_="+15005550008", body="Hi")) == (400, 21611)
        assert await refusal(create(to="+15005550004", from_=sender, body="Hi")) == (400, 21610)
        assert await refusal(create(to=PHONE, messaging_service_sid=service, body="Hi")) == (404, 21701)
        assert await refusal(client.messages(created.sid).fetch_async()) == (403, 20008)
        assert await refusal(client.api.accounts(running.settings.test_account_sid).fetch_async()) == (403, 20008)
        assert await refusal(client.api.account.balance.fetch_async()) == (403, 20008)
        assert await refusal(client.messaging.v1.services(service).fetch_async()) == (403, 20008)
    assert not app.webhooks
