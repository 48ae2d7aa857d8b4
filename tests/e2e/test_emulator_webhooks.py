"""A person texts back, and the application is called as Twilio would call it."""

import socket
from collections.abc import AsyncIterator

import pytest

from tests.support.application import Application, application
from tests.support.emulators import PHONE, SENDER, emulator
from twilio_emulator import Emulator

OTHER = "+15005550099"


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    async with application() as running:
        yield running


@pytest.fixture
async def running(app: Application) -> AsyncIterator[Emulator]:
    async with emulator(sms_url=f"{app.url}/inbound?a=1", numbers=(SENDER, OTHER)) as started:
        yield started


async def test_reply_reaches_the_application_signed_and_complete(running: Emulator, app: Application) -> None:
    reply = await running.reply(PHONE, "4821 yes 👍")

    (webhook,) = app.webhooks
    assert webhook.path == "/inbound?a=1"
    assert app.signed_by_twilio(webhook, running.auth_token)
    assert webhook.idempotency_token
    assert webhook.form == {
        "ToCountry": "US",
        "ToState": "",
        "ToCity": "",
        "ToZip": "",
        "FromCountry": "US",
        "FromState": "",
        "FromCity": "",
        "FromZip": "",
        "SmsMessageSid": reply.sid,
        "SmsSid": reply.sid,
        "MessageSid": reply.sid,
        "AccountSid": running.account_sid,
        "SmsStatus": "received",
        "NumMedia": "0",
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "Body": "4821 yes 👍",
        "From": PHONE,
        "To": SENDER,
        "ApiVersion": "2010-04-01",
        "MessagingServiceSid": running.settings.service_sid,
    }
    assert reply.delivery is not None
    assert (reply.delivery.ok, reply.delivery.status, reply.delivery.attempts) == (True, 200, 1)


async def test_signature_leaves_out_credentials_and_fragment_of_the_url(running: Emulator, app: Application) -> None:
    running.set_sms_url(app.url.replace("http://", "http://user:pass%20word@") + "/in#rc=2")

    await running.reply(PHONE, "hi")

    (webhook,) = app.webhooks
    assert webhook.path == "/in"
    assert app.signed_by_twilio(webhook, running.auth_token)
    assert webhook.authorization == "Basic dXNlcjpwYXNzIHdvcmQ="


@pytest.mark.parametrize(
    ("content_type", "answer"),
    [("text/xml", "<Response><Message>Thanks</Message></Response>"), ("text/plain", "Thanks")],
)
async def test_answer_of_the_application_is_texted_to_the_person(
    running: Emulator, app: Application, content_type: str, answer: str
) -> None:
    app.answer, app.content_type = answer, content_type

    await running.reply(PHONE, "hi", to=OTHER)

    _, sent = running.world.conversation(PHONE)
    assert (sent.body, sent.direction, sent.sender, sent.recipient) == ("Thanks", "outbound-reply", OTHER, PHONE)


async def test_reply_goes_to_the_number_that_last_texted_the_phone(running: Emulator, app: Application) -> None:
    app.answer = "<Response><Message>From the other number</Message></Response>"
    await running.reply(PHONE, "hi", to=OTHER)

    await running.reply(PHONE, "again")

    assert [webhook.form["To"] for webhook in app.webhooks] == [OTHER, OTHER]


@pytest.mark.parametrize("status", [404, 500])
async def test_webhook_is_not_repeated_when_the_application_answers_an_error(
    running: Emulator, app: Application, status: int
) -> None:
    app.status, app.answer = status, "database is locked"

    reply = await running.reply(PHONE, "hi")

    assert len(app.webhooks) == 1
    assert reply.delivery is not None
    assert (reply.delivery.ok, reply.delivery.status) == (False, status)
    assert "database is locked" in str(reply.delivery.error)
    assert running.world.conversation(PHONE)[0].delivery == reply.delivery


async def test_webhook_is_tried_twice_when_nothing_listens(running: Emulator) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        running.set_sms_url(f"http://127.0.0.1:{closed.getsockname()[1]}/")

        reply = await running.reply(PHONE, "hi")

    assert reply.delivery is not None
    assert (reply.delivery.ok, reply.delivery.status, reply.delivery.attempts) == (False, None, 2)
    assert "11205" in str(reply.delivery.error)


@pytest.mark.parametrize("url", ["http://[bad/", "localhost:80/in", "http:///in"])
async def test_reply_is_stored_and_says_so_when_the_webhook_is_no_address(running: Emulator, url: str) -> None:
    running.set_sms_url(url)

    reply = await running.reply(PHONE, "hi")

    assert reply.sid in running.world.messages
    assert reply.delivery is not None
    assert not reply.delivery.ok


async def test_reply_is_only_stored_when_the_number_has_no_webhook(running: Emulator, app: Application) -> None:
    running.set_sms_url(None)

    reply = await running.reply(PHONE, "hi")

    assert reply.delivery is None
    assert not app.webhooks
    assert [message.body for message in running.world.conversation(PHONE)] == ["hi"]


@pytest.mark.parametrize(
    "word", ["STOP", " stop ", "Unsubscribe", "END", "quit", "stopall", "revoke", "optout", "cancel"]
)
async def test_phone_is_opted_out_until_it_opts_in_when_it_texts_a_stop_word(running: Emulator, word: str) -> None:
    await running.reply(PHONE, word)

    assert running.world.blocked_numbers(PHONE) == [SENDER]
    await running.reply(PHONE, "start")
    assert running.world.blocked_numbers(PHONE) == []


async def test_phone_stays_opted_in_when_stop_is_only_a_part_of_the_text(running: Emulator) -> None:
    await running.reply(PHONE, "STOP please")

    assert running.world.blocked_numbers(PHONE) == []


async def test_answer_to_an_opted_out_phone_fails_with_21610(running: Emulator, app: Application) -> None:
    app.answer = "<Response><Message>Sorry to see you go</Message></Response>"

    await running.reply(PHONE, "STOP")

    assert [(m.status, m.error_code) for m in running.world.conversation(PHONE)[1:]] == [("failed", 21610)]


@pytest.mark.parametrize(
    ("phone", "text", "to", "field"),
    [
        ("4155550123", "hi", None, "from"),
        (PHONE, "  ", None, "text"),
        (PHONE, "x" * 1601, None, "text"),
        (PHONE, "hi", "+15005550077", "to"),
    ],
)
async def test_reply_is_refused_in_a_sentence_that_names_the_field(
    running: Emulator, phone: str, text: str, to: str | None, field: str
) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        await running.reply(phone, text, to=to)

    assert not running.world.messages
