"""What Twilio's clients never show: raw answers, headers, broken connections."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.support.emulators import PHONE, SENDER, emulator
from twilio_emulator import Effect, Emulator, Reset

TEXT = {"To": PHONE, "From": SENDER, "Body": "Hi"}


@pytest.fixture
async def running() -> AsyncIterator[Emulator]:
    async with emulator() as started:
        yield started


@pytest.fixture
async def http(running: Emulator) -> AsyncIterator[aiohttp.ClientSession]:
    authorization = aiohttp.encode_basic_auth(running.account_sid, running.auth_token)
    async with aiohttp.ClientSession(running.url, headers={"Authorization": authorization}) as session:
        yield session


def messages_of(running: Emulator) -> str:
    return f"/2010-04-01/Accounts/{running.account_sid}/Messages.json"


async def test_message_has_twilios_json_types_and_headers(running: Emulator, http: aiohttp.ClientSession) -> None:
    async with http.post(messages_of(running), data=TEXT) as answer:
        body = await answer.json()

    assert answer.status == 201
    assert answer.headers["Twilio-Emulator"] == "1"
    assert answer.headers["Twilio-Request-Id"].startswith("RQ")
    assert answer.headers.keys() >= {"Twilio-Request-Duration", "Twilio-Concurrent-Requests", "X-Home-Region"}
    assert {name: body[name] for name in ("num_segments", "num_media", "price", "error_code", "date_sent")} == {
        "num_segments": "1",
        "num_media": "0",
        "price": None,
        "error_code": None,
        "date_sent": None,
    }
    assert body["date_created"].endswith(" +0000")
    assert body["uri"] == f"/2010-04-01/Accounts/{running.account_sid}/Messages/{body['sid']}.json"
    assert len(body) == 20


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/2010-04-01/Accounts/{account}/Messages/SM1.json", 404, 20404),
        ("/2010-04-01/Accounts/{account}/Nothing.json", 404, 20404),
        ("/2010-04-01/Accounts/AC1/Messages.json", 401, 20003),
        ("/2010-04-01/Accounts/{account}/Messages.json?PageSize=1001", 400, 20007),
        ("/2010-04-01/Accounts/{account}/Messages.json?Page=x", 400, 20001),
        ("/2010-04-01/Accounts/{account}/Messages.json?DateSent=yesterday", 400, 20001),
        (
            "/2010-04-01/Accounts/{account}/Messages.json?DateSent=Thu, 24 Aug 2023 99999999999:00:00 %2B0000",
            400,
            20001,
        ),
        ("/v1/Services/MG1", 404, 20404),
    ],
)
async def test_refusal_has_twilios_body_when_a_request_is_wrong(
    running: Emulator, http: aiohttp.ClientSession, path: str, status: int, code: int
) -> None:
    async with http.get(path.replace("{account}", running.account_sid)) as answer:
        body = await answer.json()

    assert answer.status == status
    assert answer.headers["Twilio-Emulator"] == "1"
    assert body.keys() == {"code", "message", "more_info", "status"}
    assert (body["code"], body["status"]) == (code, status)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"


async def test_list_takes_the_last_day_of_time(running: Emulator, http: aiohttp.ClientSession) -> None:
    async with http.get(messages_of(running), params={"DateSent": "9999-12-31"}) as answer:
        assert (answer.status, (await answer.json())["messages"]) == (200, [])


@pytest.mark.parametrize(
    "login",
    [
        ("AC" + "1".zfill(32), "wrong"),
        ("SK" + "1".zfill(32), "emulatortoken"),
        ("AC" + "2".zfill(32), "emulatortesttoken"),  # good, but for another account than the path's
        None,
    ],
)
async def test_request_is_unauthorized_when_its_credentials_do_not_fit(
    running: Emulator, login: tuple[str, str] | None
) -> None:
    headers = {"Authorization": aiohttp.encode_basic_auth(*login)} if login else {}
    async with (
        aiohttp.ClientSession(running.url, headers=headers) as session,
        session.post(messages_of(running), data=TEXT) as answer,
    ):
        assert (answer.status, (await answer.json())["code"]) == (401, 20003)

    assert not running.world.messages


async def test_create_answers_as_scripted_and_stores_only_what_the_script_says(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    running.respond(
        Effect(status=500, body="<html>oops</html>", content_type="text/html"),
        Effect(status=201, store=True),
    )

    async with http.post(messages_of(running), data=TEXT) as broken:
        assert (broken.status, broken.content_type, await broken.text()) == (500, "text/html", "<html>oops</html>")
    assert len(running.world.messages) == 0
    async with http.post(messages_of(running), data=TEXT) as empty:
        assert (empty.status, await empty.read()) == (201, b"")
    assert len(running.world.messages) == 1
    async with http.post(messages_of(running), data=TEXT) as ordinary:
        assert (ordinary.status, (await ordinary.json())["status"]) == (201, "queued")


@pytest.mark.parametrize(("drop", "stored"), [(Reset.BEFORE, 0), (Reset.AFTER, 1)])
async def test_connection_breaks_before_or_after_the_message_is_stored(
    running: Emulator, http: aiohttp.ClientSession, drop: Reset, stored: int
) -> None:
    running.respond(Effect(reset=drop))

    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await http.post(messages_of(running), data=TEXT)

    assert len(running.world.messages) == stored


async def test_emulator_closes_at_once_when_a_scripted_answer_is_still_silent() -> None:
    async with emulator() as running:
        running.respond(Effect(latency=600))
        authorization = aiohttp.encode_basic_auth(running.account_sid, running.auth_token)
        async with aiohttp.ClientSession(running.url, headers={"Authorization": authorization}) as http:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(http.post(messages_of(running), data=TEXT), 0.1)
            assert len(running.world.messages) == 1
        closing = time.monotonic()

    assert time.monotonic() - closing < 0.9  # aiohttp alone would give it a second


async def test_request_is_refused_when_its_host_is_not_this_machine(http: aiohttp.ClientSession) -> None:
    async with http.get("/_emulator/phones", headers={"Host": "rebound.example.com"}) as answer:
        assert answer.status == 403
        assert "--allow-host" in await answer.text()
    for host in ("localhost:1", "127.0.0.1", "[::1]:8080"):
        async with http.get("/_emulator/phones", headers={"Host": host}) as answer:
            assert answer.status == 200


async def test_body_is_refused_when_it_is_larger_than_64_kilobytes(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    async with http.post(messages_of(running), data=TEXT | {"Body": "x" * 70_000}) as answer:
        assert (answer.status, answer.headers["Twilio-Emulator"]) == (413, "1")
