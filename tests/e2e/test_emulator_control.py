"""The control API: what tests in any language and the page use."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.support.emulators import PHONE, SENDER, emulator, until
from twilio_emulator import Emulator

TOKEN = {"X-Emulator-Token": "control"}


@pytest.fixture
async def running() -> AsyncIterator[Emulator]:
    async with emulator() as started:
        yield started


@pytest.fixture
async def http(running: Emulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url) as session:
        yield session


async def send(running: Emulator, http: aiohttp.ClientSession, body: str, to: str = PHONE) -> None:
    path = f"/2010-04-01/Accounts/{running.account_sid}/Messages.json"
    headers = {"Authorization": aiohttp.encode_basic_auth(running.account_sid, running.auth_token)}
    async with http.post(path, data={"To": to, "From": SENDER, "Body": body}, headers=headers) as answer:
        assert answer.status == 201


async def get(http: aiohttp.ClientSession, path: str, **parameters: str) -> tuple[int, Any]:
    async with http.get(f"/_emulator/{path}", params=parameters) as answer:
        return answer.status, await answer.json()


async def test_wait_returns_the_next_message_when_one_arrives_during_it(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    await send(running, http, "old")
    _, old = await get(http, "wait", to=PHONE)

    waiting = asyncio.create_task(get(http, "wait", to=PHONE, after=str(old["id"]), timeout="5"))
    await send(running, http, "not mine", to="+14155550199")
    await running.reply(PHONE, "not to the phone")
    await send(running, http, "new")

    status, found = await waiting
    assert (status, old["body"], found["body"]) == (200, "old", "new")


async def test_wait_answers_408_when_nothing_comes_in_time(http: aiohttp.ClientSession) -> None:
    status, body = await get(http, "wait", to=PHONE, timeout="0.05")

    assert (status, body) == (408, {"error": f"to: no message to {PHONE} within 0.05 s"})


async def test_latest_is_the_newest_message_to_the_phone(running: Emulator, http: aiohttp.ClientSession) -> None:
    assert (await get(http, "latest", to=PHONE))[0] == 404
    await send(running, http, "first")
    await send(running, http, "second")
    await running.reply(PHONE, "an answer")

    _, latest = await get(http, "latest", to=PHONE.removeprefix("+"))

    assert latest["body"] == "second"


async def test_phones_and_messages_show_what_the_person_sees(running: Emulator, http: aiohttp.ClientSession) -> None:
    await send(running, http, "Hi", to="+15005550012")
    await running.reply("+15005550012", "stop")
    await until(running, lambda: running.world.conversation("+15005550012")[0].status == "failed")

    _, phones = await get(http, "phones")
    _, messages = await get(http, "messages", phone="+15005550012")

    (phone,) = phones["phones"]
    assert (phone["phone"], phone["messages"], phone["blocked"]) == ("+15005550012", 2, [SENDER])
    assert [(m["body"], m["status"], m["error_meaning"]) for m in messages["messages"]] == [
        ("Hi", "failed", "Unknown error"),
        ("stop", "received", None),
    ]


async def test_change_is_refused_when_the_token_is_missing_and_the_token_when_the_client_is(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    for path in ("reply", "reset", "responses", "demo"):
        async with http.post(f"/_emulator/{path}", json={}, headers={"X-Emulator-Token": "wrong"}) as answer:
            assert (answer.status, "X-Emulator-Token" in (await answer.json())["error"]) == (403, True)
    async with http.get("/_emulator/token") as answer:
        assert answer.status == 403
    async with http.get("/_emulator/token", headers={"X-Emulator-Client": "test"}) as answer:
        assert await answer.json() == {"token": running.control_token}
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_reply_reset_and_responses_change_the_world(running: Emulator, http: aiohttp.ClientSession) -> None:
    async with http.post("/_emulator/reply", json={"from": PHONE, "text": "hi"}, headers=TOKEN) as answer:
        body = await answer.json()
    assert body["delivered"] is None
    assert body["sid"] in running.world.messages

    async with http.post("/_emulator/responses", json=[{"status": 429, "body": "{}"}], headers=TOKEN) as answer:
        assert await answer.json() == {"queued": 1}
    with pytest.raises(AssertionError):
        await send(running, http, "refused")

    async with http.post("/_emulator/reset", headers=TOKEN) as answer:
        assert answer.status == 200
    assert not running.world.messages


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("reply", "not json", "body: it is not JSON"),
        ("reply", "[]", "body: it must be a JSON object"),
        ("reply", '{"text": "hi"}', "from: it is missing or not a string"),
        ("reply", '{"from": "+14155550123", "text": 1}', "text: it is missing or not a string"),
        ("responses", '{"drop": "now"}', "drop: 'now' is unknown"),
        ("responses", "3", "response: it must be a JSON object"),
    ],
)
async def test_change_is_refused_in_a_sentence_when_its_body_is_wrong(
    http: aiohttp.ClientSession, path: str, body: str, sentence: str
) -> None:
    async with http.post(f"/_emulator/{path}", data=body, headers=TOKEN) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"].startswith(sentence)


async def test_demo_address_is_called_with_the_phone_when_there_is_one(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    called: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        called.append(await request.json())
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/demo", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with http.post("/_emulator/demo", json={"to": PHONE}, headers=TOKEN) as answer:
        assert answer.status == 404
    running.set_demo_url(f"http://127.0.0.1:{runner.addresses[0][1]}/demo")

    async with http.post("/_emulator/demo", json={"to": PHONE}, headers=TOKEN) as answer:
        assert answer.status == 200

    assert called == [{"to": PHONE}]
    assert (await get(http, "about"))[1]["demo"] is True
    await runner.cleanup()


class Events:
    """A reader of the event stream."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> dict[str, str]:
        """Read one event; comments and the retry line are none."""
        event: dict[str, str] = {}
        async with asyncio.timeout(5):
            while True:
                line = (await self._answer.content.readline()).decode().rstrip("\n")
                if not line and "event" in event:
                    return event
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                else:
                    event = {}


async def test_events_continue_after_the_last_one_seen_without_gap_or_double(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    _, phones = await get(http, "phones")
    async with http.get("/_emulator/events", params={"after": phones["cursor"]}) as answer:
        stream = Events(answer)
        await send(running, http, "Hi")
        seen = [await stream.next() for _ in range(3)]
    assert [(e["event"], json.loads(e["data"])["message"]["status"]) for e in seen] == [
        ("message", "queued"),
        ("status", "sent"),
        ("status", "delivered"),
    ]

    async with http.get("/_emulator/events", headers={"Last-Event-ID": seen[0]["id"]}) as answer:
        again = Events(answer)
        assert [await again.next(), await again.next()] == seen[1:]


async def test_events_ask_to_read_again_when_the_last_one_seen_is_of_another_run(http: aiohttp.ClientSession) -> None:
    for cursor in ("another:0", "", "x"):
        async with http.get("/_emulator/events", headers={"Last-Event-ID": cursor}) as answer:
            assert (await Events(answer).next())["event"] == "resync"
