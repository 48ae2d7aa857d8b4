"""Every fault, as the program under test meets it."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from tests.support.application import Application, application
from tests.support.emulators import PHONE, SENDER, emulator, until
from twilio_emulator import Effect, Emulator, Match, Reset, Rule, Rules

MESSAGES = "/2010-04-01/Accounts/{}/Messages"


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    async with application() as running:
        yield running


@pytest.fixture
async def running(app: Application) -> AsyncIterator[Emulator]:
    async with emulator(sms_url=f"{app.url}/in") as started:
        yield started


@pytest.fixture
async def http(running: Emulator) -> AsyncIterator[aiohttp.ClientSession]:
    authorization = aiohttp.encode_basic_auth(running.account_sid, running.auth_token)
    async with aiohttp.ClientSession(headers={"Authorization": authorization}) as session:
        yield session


def at(stage: str, *rules: Rule) -> Rules:
    return Rules(**{stage: rules})


async def send(running: Emulator, http: aiohttp.ClientSession, body: str = "Hi", callback: str = "") -> str:
    data = {"To": PHONE, "From": SENDER, "Body": body, **({"StatusCallback": callback} if callback else {})}
    async with http.post(f"{running.url}{MESSAGES.format(running.account_sid)}.json", data=data) as answer:
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["sid"])


async def fetch(running: Emulator, http: aiohttp.ClientSession, sid: str = "") -> tuple[int, dict[str, object]]:
    path = MESSAGES.format(running.account_sid) + (f"/{sid}" if sid else "") + ".json"
    async with http.get(running.url + path) as answer:
        return answer.status, await answer.json()


async def test_request_gets_twilios_error_when_a_code_is_asked_for(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    sid = await send(running, http)
    for stage, asked in (("fetch", sid), ("list", "")):
        running.set_faults(at(stage, Rule(count=1, effect=Effect(status=429, code=20429))))

        status, body = await fetch(running, http, asked)

        assert (status, body["code"], body["status"]) == (429, 20429, 429)
        assert (await fetch(running, http, asked))[0] == 200


async def test_only_matching_creates_go_wrong(running: Emulator, http: aiohttp.ClientSession) -> None:
    running.set_faults(at("create", Rule(match=Match(to=PHONE, body="host"), effect=Effect(status=503))))

    await send(running, http, "Hi")
    with pytest.raises(AssertionError):
        await send(running, http, "Isolate host?")

    assert [message.body for message in running.world.messages.values()] == ["Hi"]


@pytest.mark.parametrize("stage", ["create", "fetch", "list"])
@pytest.mark.parametrize("reset", Reset)
async def test_connection_breaks_at_every_request_that_is_to_break(
    running: Emulator, http: aiohttp.ClientSession, stage: str, reset: Reset
) -> None:
    sid = await send(running, http, "first")
    running.set_faults(at(stage, Rule(effect=Effect(reset=reset))))
    calls = {"create": send(running, http), "fetch": fetch(running, http, sid), "list": fetch(running, http)}

    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await calls.pop(stage)
    for unused in calls.values():
        unused.close()

    assert len(running.world.messages) == 1 + (stage == "create" and reset is Reset.AFTER)


async def test_answer_is_late_when_latency_is_asked_for(running: Emulator, http: aiohttp.ClientSession) -> None:
    running.set_faults(at("create", Rule(effect=Effect(latency=0.2))))
    started = time.monotonic()

    await send(running, http)

    assert time.monotonic() - started >= 0.2


async def test_list_hides_what_is_younger_than_it_is_stale(running: Emulator, http: aiohttp.ClientSession) -> None:
    sid = await send(running, http, "new")
    running.set_faults(at("list", Rule(effect=Effect(stale=60))))
    assert (await fetch(running, http))[1]["messages"] == []
    assert (await fetch(running, http, sid))[0] == 200

    running.world.now = lambda: datetime.now(UTC) + timedelta(seconds=61)

    assert len((await fetch(running, http))[1]["messages"]) == 1  # type: ignore[arg-type]  # a list


async def test_callback_is_never_made_when_it_is_dropped(
    running: Emulator, http: aiohttp.ClientSession, app: Application
) -> None:
    running.set_faults(at("status_callback", Rule(match=Match(status="sent"), effect=Effect(drop=True))))

    await send(running, http, callback=f"{app.url}/status")

    (webhook,) = await app.take(1)
    assert webhook.form["MessageStatus"] == "delivered"
    dropped = next(iter(running.context.webhooks.log))
    assert (dropped.delivery.error, dropped.fault) == ("dropped by a fault", "drop")


async def test_callback_comes_again_when_it_is_duplicated(
    running: Emulator, http: aiohttp.ClientSession, app: Application
) -> None:
    running.set_faults(at("status_callback", Rule(match=Match(status="sent"), effect=Effect(duplicate=1))))

    await send(running, http, callback=f"{app.url}/status")

    assert [webhook.form["MessageStatus"] for webhook in await app.take(3)] == ["sent", "sent", "delivered"]


async def test_callback_is_overtaken_by_the_next_one_when_it_is_reordered(
    running: Emulator, http: aiohttp.ClientSession, app: Application
) -> None:
    running.set_faults(at("status_callback", Rule(match=Match(status="sent"), effect=Effect(reorder=True))))

    await send(running, http, callback=f"{app.url}/status")

    assert [webhook.form["MessageStatus"] for webhook in await app.take(2)] == ["delivered", "sent"]


async def test_inbound_message_is_overtaken_by_the_next_one_when_it_is_reordered(
    running: Emulator, app: Application
) -> None:
    running.set_faults(at("inbound_webhook", Rule(count=1, effect=Effect(reorder=True))))

    first = asyncio.create_task(running.reply(PHONE, "first"))
    await until(running, lambda: len(running.world.messages) == 1)
    await running.reply(PHONE, "second")

    assert (await first).delivery is not None
    assert [webhook.form["Body"] for webhook in app.webhooks] == ["second", "first"]


async def test_inbound_webhook_is_late_when_it_is_delayed(running: Emulator, app: Application) -> None:
    running.set_faults(at("inbound_webhook", Rule(effect=Effect(delay=0.2))))
    started = time.monotonic()

    await running.reply(PHONE, "hi")

    assert time.monotonic() - started >= 0.2
    assert len(app.webhooks) == 1


async def test_signature_is_wrong_only_while_it_is_corrupted(running: Emulator, app: Application) -> None:
    running.set_faults(at("inbound_webhook", Rule(count=1, effect=Effect(corrupt_signature=True))))

    await running.reply(PHONE, "forged")
    await running.reply(PHONE, "genuine")

    assert [app.signed_by_twilio(webhook, running.auth_token) for webhook in app.webhooks] == [False, True]


async def test_faults_are_told_in_the_trace(running: Emulator, http: aiohttp.ClientSession) -> None:
    running.respond(Effect(status=503, code=20503))
    with pytest.raises(AssertionError):
        await send(running, http)

    (entry,) = running.world.journal.after(0)
    assert entry.note is not None
    assert entry.note.text == "fault at create: status 503, code 20503"


async def test_log_keeps_the_beginning_of_a_long_answer_and_the_person_gets_all_of_it(
    running: Emulator, app: Application
) -> None:
    text = "x" * 1_500
    app.answer = f"<Response><Message>{text}</Message><Message>{text}</Message></Response>"

    await running.reply(PHONE, "hi")

    (record,) = running.context.webhooks.log
    assert record.answer is not None
    assert record.answer.body == app.answer[:2_000]
    assert [message.body for message in running.world.conversation(PHONE)] == ["hi", text, text]
