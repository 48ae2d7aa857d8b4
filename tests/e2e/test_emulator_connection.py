"""How patiently the application is called, whom else, and what its answers lead to."""

import dataclasses
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.support.application import Application, application
from tests.support.emulators import PHONE, SENDER, emulator
from twilio_emulator import Emulator

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


def closed_port() -> int:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port: int = closed.getsockname()[1]
        return port


def set_hook(running: Emulator, **hook: Any) -> None:
    """Change the first number's webhook as the API does."""
    number = running.world.numbers[SENDER]
    running.world.set_number(dataclasses.replace(number, hook=dataclasses.replace(number.hook, **hook)))


@pytest.mark.parametrize(
    ("fragment", "status", "attempts"),
    [
        ("", 500, 1),
        ("#rc=2&rp=5xx", 500, 3),
        ("#rc=2&rp=5xx", 404, 1),
        ("#rc=3&rp=4xx", 404, 4),
        ("#rp=all", 500, 2),
        ("#rc=2&rp=all", 200, 1),
    ],
)
async def test_webhook_is_repeated_as_its_options_say_when_the_application_answers_an_error(
    running: Emulator, app: Application, fragment: str, status: int, attempts: int
) -> None:
    app.status = status
    running.set_sms_url(f"{app.url}/in{fragment}")

    reply = await running.reply(PHONE, "hi")

    assert reply.delivery is not None
    assert (reply.delivery.attempts, len(app.webhooks)) == (attempts, attempts)
    assert len({webhook.idempotency_token for webhook in app.webhooks}) == 1
    assert {webhook.path for webhook in app.webhooks} == {"/in"}


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (3, 4)])
async def test_connection_is_tried_as_often_as_the_options_say(running: Emulator, retries: int, attempts: int) -> None:
    running.set_sms_url(f"http://127.0.0.1:{closed_port()}/#rc={retries}")

    reply = await running.reply(PHONE, "hi")

    assert reply.delivery is not None
    assert reply.delivery.attempts == attempts


@pytest.mark.parametrize(
    ("fragment", "attempts"), [("#rt=100", 1), ("#rt=100&rc=1&rp=rt", 2), ("#tt=150&rc=5&rp=rt", 1)]
)
async def test_webhook_is_given_up_when_the_application_is_silent_for_longer_than_its_options_allow(
    running: Emulator, app: Application, fragment: str, attempts: int
) -> None:
    app.silent.add("/in")
    running.set_sms_url(f"{app.url}/in{fragment}")

    reply = await running.reply(PHONE, "hi")

    assert reply.delivery is not None
    assert (reply.delivery.ok, reply.delivery.attempts) == (False, attempts)
    assert str(reply.delivery.error).startswith("11200 HTTP retrieval failure: no answer within 0.1")
    assert reply.delivery.milliseconds < 2_000


@pytest.mark.parametrize(
    ("broken", "code"),
    [("500", "11200"), ("xml", "12100"), ("closed", "11205")],
)
async def test_fallback_is_called_with_the_reason_when_the_webhook_fails(
    running: Emulator, app: Application, broken: str, code: str
) -> None:
    url = f"http://127.0.0.1:{closed_port()}/in" if broken == "closed" else f"{app.url}/in"
    app.statuses = {"/in": 500} if broken == "500" else {}
    app.answers = {"/in": "<Response>", "/fallback": "<Response><Message>Sorry</Message></Response>"}
    set_hook(running, url=url, fallback_url=f"{app.url}/fallback")

    reply = await running.reply(PHONE, "hi")

    fallback = app.webhooks[-1]
    assert fallback.path == "/fallback"
    assert (fallback.form["ErrorCode"], fallback.form["ErrorUrl"]) == (code, url)
    assert app.signed_by_twilio(fallback, running.auth_token)
    assert reply.delivery is not None
    assert reply.delivery.ok
    assert [message.body for message in running.world.conversation(PHONE)] == ["hi", "Sorry"]


async def test_fallback_is_left_alone_when_the_webhook_answers(running: Emulator, app: Application) -> None:
    set_hook(running, fallback_url=f"{app.url}/fallback")

    await running.reply(PHONE, "hi")

    assert [webhook.path for webhook in app.webhooks] == ["/in"]


async def test_webhook_carries_its_fields_in_the_signed_address_when_its_method_is_get(
    running: Emulator, app: Application
) -> None:
    set_hook(running, url=f"{app.url}/in?a=1", method="GET")

    await running.reply(PHONE, "hi & bye")

    (webhook,) = app.webhooks
    assert webhook.method == "GET"
    assert webhook.form == {}
    assert webhook.path.startswith("/in?a=1&ToCountry=US")
    assert "Body=hi+%26+bye" in webhook.path
    assert app.signed_by_twilio(webhook, running.auth_token)


async def test_every_message_is_sent_and_the_redirect_followed_when_the_application_answers_twiml(
    running: Emulator, app: Application
) -> None:
    app.answers = {
        "/in": "<Response><Message>One</Message><Message>Two</Message><Redirect>next</Redirect></Response>",
        "/next": f"<Response><Message to='+14155550124' from='{OTHER}'>Three</Message></Response>",
    }

    await running.reply(PHONE, "hi")

    assert [webhook.path for webhook in app.webhooks] == ["/in", "/next"]
    assert all(app.signed_by_twilio(webhook, running.auth_token) for webhook in app.webhooks)
    assert [message.body for message in running.world.conversation(PHONE)] == ["hi", "One", "Two"]
    (third,) = running.world.conversation("+14155550124")
    assert (third.body, third.sender) == ("Three", OTHER)


async def test_redirects_end_when_they_lead_in_a_circle(running: Emulator, app: Application) -> None:
    app.answer = "<Response><Redirect>/in</Redirect></Response>"

    reply = await running.reply(PHONE, "hi")

    assert len(app.webhooks) == 11
    assert reply.delivery is not None
    assert "over 10 redirects" in str(reply.delivery.error)


@pytest.mark.parametrize("address", ["http://[bad/", "ftp://example.com/", "http://127.0.0.1:99999/"])
async def test_reply_is_kept_and_says_so_when_a_redirect_leads_nowhere(
    running: Emulator, app: Application, address: str
) -> None:
    app.answer = f"<Response><Message>One</Message><Redirect>{address}</Redirect></Response>"

    reply = await running.reply(PHONE, "hi")

    assert reply.delivery is not None
    assert not reply.delivery.ok
    assert [message.body for message in running.world.conversation(PHONE)] == ["hi", "One"]


async def test_reply_fails_with_14107_when_it_is_the_sixteenth_in_half_a_minute(
    running: Emulator, app: Application
) -> None:
    app.answer = "<Response>" + "<Message>again</Message>" * 16 + "</Response>"

    await running.reply(PHONE, "hi")

    codes = [message.error_code for message in running.world.conversation(PHONE)[1:]]
    assert codes == [None] * 15 + [14107]


async def test_application_gets_addresses_of_media_that_lead_to_them_when_a_person_sends_a_picture(
    running: Emulator, app: Application
) -> None:
    reply = await running.reply(PHONE, "", media=(PICTURE,))

    assert str(reply.sid).startswith("MM")
    (webhook,) = app.webhooks
    assert (webhook.form["NumMedia"], webhook.form["MediaContentType0"]) == ("1", "image/png")
    async with aiohttp.ClientSession() as http:
        async with http.get(webhook.form["MediaUrl0"], allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (307, PICTURE)
        async with http.get(webhook.form["MediaUrl0"][:-1] + "x", allow_redirects=False) as answer:
            assert answer.status == 404


@pytest.mark.parametrize("media", [("file:///etc/passwd",), (PICTURE,) * 11])
async def test_picture_is_refused_when_it_is_no_address_or_one_too_many(
    running: Emulator, media: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match=r"^media: "):
        await running.reply(PHONE, "look", media=media)


async def test_reply_may_come_to_another_number_of_the_pool(app: Application) -> None:
    async with emulator(sms_url=f"{app.url}/in", numbers=(SENDER, OTHER), service_numbers=(SENDER, OTHER)) as running:
        await running.reply(PHONE, "hi", to=OTHER)

        assert app.webhooks[0].form["To"] == OTHER
        assert app.webhooks[0].form["MessagingServiceSid"] == running.settings.service_sid
        await running.reply(PHONE, "STOP", to=SENDER)
        assert running.world.blocked_numbers(PHONE) == [SENDER, OTHER]
