"""The control API: what tests in any language and the page use."""

import asyncio
import dataclasses
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.support.application import application
from tests.support.emulators import PHONE, SENDER, emulator, until
from twilio_emulator import Emulator, EmulatorSettings, Seed
from twilio_emulator.control import reading
from twilio_emulator.seeds import Contact
from twilio_emulator.server import application as application_of

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


async def test_wait_returns_the_newest_message_and_after_an_earlier_one_the_first(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    for body in ("one", "two", "three"):
        await send(running, http, body)
    one = running.world.conversation(PHONE)[0]

    assert (await get(http, "wait", to=PHONE))[1]["body"] == "three"
    assert (await get(http, "wait", to=PHONE, after=str(one.position)))[1]["body"] == "two"


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
    for path in ("reply", "reset", "annotations", "demo", "seed", "deliveries/1/resend"):
        async with http.post(f"/_emulator/{path}", json={}, headers={"X-Emulator-Token": "wrong"}) as answer:
            assert (answer.status, "X-Emulator-Token" in (await answer.json())["error"]) == (403, True)
    async with http.get("/_emulator/token") as answer:
        assert answer.status == 403
    async with http.get("/_emulator/token", headers={"X-Emulator-Client": "test"}) as answer:
        assert await answer.json() == {"token": running.control_token}
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_reply_and_reset_change_the_world(running: Emulator, http: aiohttp.ClientSession) -> None:
    async with http.post("/_emulator/reply", json={"from": PHONE, "text": "hi"}, headers=TOKEN) as answer:
        body = await answer.json()
    assert body["delivered"] is None
    assert body["sid"] in running.world.messages

    async with http.post("/_emulator/reset", headers=TOKEN) as answer:
        assert answer.status == 200
    assert not running.world.messages


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("reply", "not json", "body: it is not JSON"),
        ("reply", "[]", "body: it must be a JSON object"),
        ("reply", '{"text": "hi"}', "from: it is missing"),
        ("reply", '{"from": "+14155550123", "text": 1}', "text: Input should be a valid string; it is 1"),
        ("reply", '{"from": "+14155550123", "text": "hi", "via": "x"}', "via: unknown field"),
        ("annotations", '{"annotations": []}', "annotations: "),
        ("annotations", '{"annotations": [{"source": "me", "text": ""}]}', "annotations.0.text: "),
        ("seed", '{"contacts": [{"phone": "4155550123"}]}', "contacts.0.phone: "),
        ("seed", '{"account": {"auth_token": "other"}}', "account.auth_token: it cannot change"),
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


async def change(http: aiohttp.ClientSession, path: str, body: object, method: str = "POST") -> tuple[int, Any]:
    async with http.request(method, f"/_emulator/{path}", json=body, headers=TOKEN) as answer:
        return answer.status, await answer.json()


async def test_openapi_document_describes_every_route(running: Emulator, http: aiohttp.ClientSession) -> None:
    _, document = await get(http, "openapi.json")
    app = application_of(running.context)

    described = {(method.upper(), path) for path, found in document["paths"].items() for method in found}

    served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    assert described == {(method, path) for method, path in served if "/_emulator/" in path and method != "HEAD"}
    assert all(operation["summary"] for path in document["paths"].values() for operation in path.values())


async def test_openapi_document_names_only_schemas_that_it_has(http: aiohttp.ClientSession) -> None:
    _, document = await get(http, "openapi.json")

    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))

    assert named <= document["components"]["schemas"].keys()
    assert {"Rules", "Match", "MessageView", "Error"} <= named


async def test_messages_are_filtered_by_recipient_status_and_text(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    await send(running, http, "Isolate host?")
    await send(running, http, "Isolate host?", to="+15005550012")
    await running.reply(PHONE, "YES, isolate")
    await until(running, lambda: running.world.conversation(PHONE)[0].status == "delivered")

    async def bodies(**filters: str) -> list[str]:
        return [message["body"] for message in (await get(http, "messages", **filters))[1]["messages"]]

    assert await bodies(q="isolate", phone=PHONE) == ["Isolate host?", "YES, isolate"]
    assert await bodies(to=PHONE) == ["Isolate host?"]
    assert await bodies(to=SENDER) == ["YES, isolate"]
    assert await bodies(status="delivered") == ["Isolate host?"]
    assert await bodies(to=PHONE, q="web-04") == []
    status, refused = await get(http, "messages", status="lost")
    assert (status, refused["error"].startswith("status: 'lost' is unknown; it may be ")) == (400, True)


async def test_wait_returns_the_message_when_it_has_the_wanted_text_and_status(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    await send(running, http, "old")
    waiting = asyncio.create_task(get(http, "wait", to=PHONE, q="NEW", status="delivered", timeout="5"))
    await send(running, http, "new")

    _, found = await waiting

    assert (found["body"], found["status"]) == ("new", "delivered")


async def test_deliveries_show_request_and_answer_of_each_call_and_make_it_again(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    async with application() as app:
        running.set_sms_url(f"{app.url}/in?secret=1")
        app.status, app.answer = 500, "database is locked"
        sent = await running.reply(PHONE, "yes")
        app.status, app.answer = 200, "<Response/>"

        _, found = await get(http, "deliveries", message=sent.sid or "")
        (first,) = found["deliveries"]
        status, again = await change(http, f"deliveries/{first['id']}/resend", None)

        assert (first["ok"], first["response"]["status"], first["response"]["body"]) == (
            False,
            500,
            "database is locked",
        )
        assert (first["request"]["url"], first["request"]["form"]["Body"]) == (f"{app.url}/in", "yes")
        assert (first["purpose"], first["attempts"], first["fault"]) == ("inbound", 1, None)
        assert (status, again["ok"], again["again"], again["id"]) == (200, True, first["id"], first["id"] + 1)
        one, two = app.webhooks
        assert (one.form, one.path) == (two.form, two.path)
        assert one.idempotency_token != two.idempotency_token
        assert app.signed_by_twilio(two, running.auth_token)
    assert (await change(http, "deliveries/99/resend", None))[0] == 404
    assert (await change(http, "deliveries/x/resend", None))[0] == 404
    assert [d["id"] for d in (await get(http, "deliveries", after=str(first["id"])))[1]["deliveries"]] == [again["id"]]


async def test_faults_are_replaced_told_and_counted(running: Emulator, http: aiohttp.ClientSession) -> None:
    rules = {"create": [{"count": 1, "effect": {"status": 503, "code": 20503}}]}

    status, told = await change(http, "faults", rules, "PUT")
    assert (status, told["rules"], told["fired"]["create"]) == (200, rules, [0])
    assert (await get(http, "about"))[1]["faults"] == 1
    with pytest.raises(AssertionError):
        await send(running, http, "refused")

    assert (await get(http, "faults"))[1]["fired"]["create"] == [1]
    assert (await get(http, "about"))[1]["faults"] == 0
    status, refused = await change(http, "faults", {"create": [{"effect": {"status": 1}}]}, "PUT")
    assert (status, refused["error"].startswith("create.0.effect.status: ")) == (400, True)
    await change(http, "reset", None)
    assert (await get(http, "faults"))[1]["rules"] == {}


async def test_seed_adds_numbers_and_contacts_and_opts_people_out(http: aiohttp.ClientSession) -> None:
    seed = {
        "account": {"type": "Trial"},
        "numbers": [{"phone_number": "+15005550099", "sms_url": "http://127.0.0.1:9/in"}],
        "contacts": [{"phone": PHONE, "name": "On call"}, {"phone": "+14155550199", "opted_out": True}],
    }

    assert (await change(http, "seed", seed))[0] == 200

    about, phones = (await get(http, "about"))[1], (await get(http, "phones"))[1]["phones"]
    assert (about["account_type"], about["numbers"][1]["sms_url"]) == ("Trial", "http://127.0.0.1:9/in")
    assert [(p["phone"], p["name"], p["messages"], p["blocked"]) for p in phones] == [
        (PHONE, "On call", 0, []),
        ("+14155550199", "", 0, [SENDER, "+15005550099"]),
    ]


async def test_emulator_returns_to_its_seed_when_reset() -> None:
    seed = Seed(contacts=(Contact(phone=PHONE, name="On call", opted_out=True),))
    async with Emulator(EmulatorSettings(port=0), seed=seed) as running:
        await running.reply(PHONE, "start")
        assert running.world.blocked_numbers(PHONE) == []

        running.reset()

        assert running.world.blocked_numbers(PHONE) == [SENDER]
        assert running.context.contacts == {PHONE: "On call"}


async def test_annotations_stand_in_the_trace_between_what_the_emulator_saw(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    await running.reply(PHONE, "yes")
    lines = [{"source": "textback", "text": "reply matched"}, {"source": "textback", "text": "stream event sent"}]

    assert await change(http, "annotations", {"annotations": lines}) == (200, {"taken": 2})

    _, trace = await get(http, "trace")
    assert [(e["kind"], e["note"] and e["note"]["text"]) for e in trace["entries"]] == [
        ("message", None),
        ("annotation", "reply matched"),
        ("annotation", "stream event sent"),
    ]
    _, later = await get(http, "trace", after=str(trace["last_id"] - 1))
    assert [entry["id"] for entry in later["entries"]] == [trace["last_id"]]
    assert (await change(http, "annotations", {"annotations": lines * 51}))[0] == 400


async def test_trace_is_that_of_one_phone_or_kind_and_says_when_it_is_not_all(
    running: Emulator, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.reply(PHONE, "yes")
    await running.reply("+14155550177", "no")
    line = {"source": "my-app", "text": "asks", "message_sid": running.world.conversation(PHONE)[0].sid}
    await change(http, "annotations", {"annotations": [line]})

    _, mine = await get(http, "trace", phone=PHONE)
    assert [(entry["id"], entry["kind"]) for entry in mine["entries"]] == [(1, "message"), (3, "annotation")]
    assert [entry["id"] for entry in (await get(http, "trace", kind="annotation"))[1]["entries"]] == [3]
    assert mine["complete"] is True
    status, refusal = await get(http, "trace", kind="noise")
    assert (status, "kind: 'noise' is unknown" in refusal["error"]) == (400, True)

    monkeypatch.setattr(reading, "TRACE_PAGE", 2)
    _, cut = await get(http, "trace")
    assert ([entry["id"] for entry in cut["entries"]], cut["complete"]) == ([1, 2], False)


async def test_trace_says_so_when_its_beginning_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twilio_emulator.journal.CAPACITY", 2)
    async with emulator() as running, aiohttp.ClientSession(running.url) as http:
        for number in range(3):
            await running.reply(PHONE, f"yes {number}")
        assert [(await get(http, "trace", after=after))[1]["complete"] for after in ("0", "1")] == [False, True]


async def test_message_moves_by_hand_and_by_the_clock(http: aiohttp.ClientSession) -> None:
    async with (
        emulator(lifecycle="timed", clock="manual", step_delay=60) as running,
        aiohttp.ClientSession(running.url) as session,
    ):
        await send(running, session, "Hi")
        await send(running, session, "Ho")
        hi, ho = running.world.messages

        status, moved = await change(session, f"messages/{hi}/status", {"status": "undelivered", "error_code": 30003})
        assert (status, moved["status"], moved["error_code"]) == (200, "undelivered", 30003)
        assert (await change(session, f"messages/{hi}/status", {"status": "sent"}))[0] == 400
        assert (await change(session, "messages/SM1/status", {"status": "sent"}))[0] == 404
        status, told = await change(session, "clock/advance", {"seconds": 3600.0})
        assert (status, told["now"]) == (200, running.world.now().isoformat())
        assert running.world.messages[ho].status == "delivered"
    assert (await change(http, "clock/advance", {"seconds": 1}))[0] == 400


async def test_reply_brings_media_and_says_when_a_service_drops_it(
    running: Emulator, http: aiohttp.ClientSession
) -> None:
    picture = {"from": PHONE, "text": "", "media": ["https://example.com/cat.png"]}
    _, told = await change(http, "reply", picture)
    assert running.world.messages[told["sid"]].media[0].content_type == "image/png"

    (service,) = running.world.services.values()
    running.world.set_service(dataclasses.replace(service, use_inbound_webhook_on_number=False))

    assert await change(http, "reply", picture) == (200, {"sid": None, "delivered": None})
