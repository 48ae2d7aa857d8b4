"""The extension as LimaCharlie calls it: signed as its protocol says, on real service and emulator."""

import asyncio
import gzip
import hashlib
import hmac
import json
import re
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest
from aiohttp import web

from tests.support.scripted_server import MESSAGE_ID, Break, ScriptedServicer
from tests.support.scripted_server import serving as scripted
from tests.support.service import PHONE, SENDER, Service, service
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback_adapters.limacharlie.extension import EVERYBODY, Extension
from textback_client import Textback

SECRET = b"a secret of this test"
OID = "8cbe27f4-bfa1-4afb-ba19-138cd51389cd"
OTHER = "11111111-2222-4333-8444-555555555555"
RUN = {"body": "malware on web-03", "from": SENDER, "to": PHONE}


@dataclass(frozen=True, slots=True)
class Cloud:
    """LimaCharlie's side: what it posts, and what comes back."""

    http: aiohttp.ClientSession
    url: str

    async def post(
        self, message: Mapping[str, Any], *, signature: str | None = None, packed: bool = True
    ) -> tuple[int, Any]:
        """A message; the answer's status and JSON."""
        body = json.dumps({"version": 20221218} | dict(message)).encode()
        signed = hmac.new(SECRET, body, hashlib.sha256).hexdigest() if signature is None else signature
        headers = {"lc-ext-sig": signed} if signed else {}
        if packed:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        async with self.http.post(self.url, data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def act(self, action: str, data: Any, key: str = "key-1", oid: str = OID) -> tuple[int, Any]:
        """An extension request."""
        request = {"org": {"oid": oid, "jwt": "x"}, "action": action, "data": data, "inv_id": "inv-7"}
        return await self.post({"idempotency_key": key, "request": request})


@asynccontextmanager
async def calling(client: Textback, organizations: Mapping[str, str]) -> AsyncIterator[Cloud]:
    """The extension before a service, as the command runs it."""
    runner = Extension(textback=client, secret=SECRET, organizations=organizations).runner()
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with aiohttp.ClientSession() as http:
            yield Cloud(http, f"http://{host}:{port}/")
    finally:
        await runner.cleanup()


@asynccontextmanager
async def extension(textback: Service, **organizations: str) -> AsyncIterator[Cloud]:
    async with (
        Textback(textback.app.grpc) as client,
        calling(client, organizations or {EVERYBODY: "default"}) as cloud,
    ):
        yield cloud


def code(textback: Service) -> str:
    (text,) = textback.texts()
    found = re.search(r'"(\d+) YES"', text)
    assert found
    return found[1]


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running:
        yield running


@pytest.fixture
async def cloud(textback: Service) -> AsyncIterator[Cloud]:
    async with extension(textback) as running:
        yield running


async def test_seeds_rule_repeated_five_times_texts_once(cloud: Cloud, textback: Service) -> None:
    answers = await asyncio.gather(*(cloud.act("run", RUN) for _ in range(4)))
    answers.append(await cloud.act("run", RUN))
    assert {status for status, _ in answers} == {200}
    assert len({answer["data"]["message_id"] for _, answer in answers}) == 1
    assert textback.texts() == ["malware on web-03"]
    (stored,) = (await textback.stub.ListMessages(pb.ListMessagesRequest(case_id="inv-7"))).messages
    assert stored.labels == {"limacharlie-organization": OID}


async def test_event_that_was_not_rendered_is_texted_as_json_and_cut_with_a_warning(
    cloud: Cloud, textback: Service
) -> None:
    event = {"FILE_PATH": "C:\\evil.exe", "HASH": "ab" * 2000}
    status, answer = await cloud.act("run", RUN | {"body": event})
    assert (status, answer["data"]["warnings"]) == (200, ["The text was too long and was cut."])
    (text,) = textback.texts()
    assert text.startswith('{"FILE_PATH": "C:')
    assert text.endswith(("…", "..."))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"body": "x", "from": SENDER}, "to: it is missing or null"),
        ({"body": None, "from": SENDER, "to": PHONE}, "body: it is missing or null"),
        (None, "from: it is missing or null"),
        (RUN | {"to": "555"}, 'to: "555" is not E.164'),
        (RUN | {"from": "+14155559999"}, "+14155559999"),
    ],
)
async def test_what_cannot_work_is_not_repeated(cloud: Cloud, textback: Service, data: Any, said: str) -> None:
    status, answer = await cloud.act("run", data)
    assert (status, answer["retriable"]) == (400, False)
    assert said in answer["error"]
    if "null" in said:
        assert "an unquoted value is read as a path" in answer["error"]
    assert textback.texts() == []


async def test_wrong_signature_is_refused_and_none_is_told_nothing(cloud: Cloud, textback: Service) -> None:
    request = {"request": {"org": {"oid": OID}, "action": "run", "data": RUN}}
    assert (await cloud.post(request, signature="0" * 64))[0] == 401
    assert (await cloud.post(request, signature="ü"))[0] == 401
    assert await cloud.post(request, signature="") == (200, {})
    assert textback.texts() == []


@pytest.mark.parametrize("packed", [True, False])
async def test_heartbeat_schema_and_events_are_answered(cloud: Cloud, packed: bool) -> None:
    assert await cloud.post({"heartbeat": {}}, packed=packed) == (200, {})
    status, answer = await cloud.post({"schema_request": {}}, packed=packed)
    run = answer["data"]["request_schema"]["run"]["parameters"]
    assert (status, sorted(run["fields"])) == (200, ["body", "from", "to"])
    assert run["requirements"] == [["body"], ["from"], ["to"]]
    event = {"org": {"oid": OID}, "event_name": "subscribe"}
    assert (await cloud.post({"event": event}, packed=packed))[1] == {"version": 20221218, "data": {}}


async def test_message_without_sense_or_too_large_is_refused_in_a_sentence(cloud: Cloud) -> None:
    status, answer = await cloud.act("dance", RUN)
    assert (status, answer["error"]) == (400, 'action: "dance" is not known; it may be run or ask.')
    assert (await cloud.post({"request": {"action": "run"}}))[0] == 400
    bomb = gzip.compress(b" " * 20_000_000)
    headers = {"lc-ext-sig": "0", "Content-Encoding": "gzip"}
    async with cloud.http.post(cloud.url, data=bomb, headers=headers) as refused:
        assert (refused.status, (await refused.json())["error"][:26]) == (413, "the message: is too large;")


async def test_question_is_answered_by_continuation(cloud: Cloud, textback: Service) -> None:
    asked = {"to": PHONE, "body": "Isolate web-03?", "choices": "yes,no", "timeout_seconds": 600}
    status, answer = await cloud.act("ask", asked)
    assert (status, answer["data"]["status"]) == (200, "IN_PROGRESS")
    (continuation,) = answer["continuations"]
    again = await cloud.act("ask", asked)
    assert again[1]["data"]["message_id"] == answer["data"]["message_id"]

    first = await cloud.act(continuation["action"], continuation["state"], key="key-2")
    (later,) = first[1]["continuations"]
    assert later["in_delay_sec"] > continuation["in_delay_sec"]

    await textback.answer(f"{code(textback)} yes")
    _, ended = await cloud.act(later["action"], later["state"], key="key-3")
    assert (ended["data"]["status"], ended["data"]["reply"]["choice"]) == ("COMPLETED", "yes")
    assert "continuations" not in ended


@pytest.mark.parametrize("seconds", [10, "600", 1_800, 2_990])
async def test_looks_outlast_the_question_when_nobody_answers(cloud: Cloud, seconds: int | str) -> None:
    _, answer = await cloud.act("ask", {"to": PHONE, "body": "Isolate?", "timeout_seconds": seconds})
    delays = []
    for look in range(1, 11):
        if "continuations" not in answer:
            break
        (continuation,) = answer["continuations"]
        delays.append(continuation["in_delay_sec"])
        _, answer = await cloud.act(continuation["action"], continuation["state"], key=f"key-1:{look}")
    assert sum(delays) > int(seconds)
    assert all(1 <= delay <= 300 for delay in delays)
    assert "continuations" not in answer


@pytest.mark.parametrize("seconds", ["soon", "inf", "nan", 9, 2_991, 1e300])
async def test_question_is_refused_when_looks_cannot_follow_it(
    cloud: Cloud, textback: Service, seconds: object
) -> None:
    asked = {"to": PHONE, "body": "Isolate?", "timeout_seconds": seconds}
    status, answer = await cloud.act("ask", asked)
    assert (status, answer["retriable"]) == (400, False)
    assert "it may be 10 to 2990" in answer["error"]
    assert textback.texts() == []


async def test_text_is_cut_when_it_is_larger_than_a_call_takes(cloud: Cloud, textback: Service) -> None:
    status, answer = await cloud.act("run", RUN | {"body": "event " * 17_000})
    assert (status, answer["data"]["warnings"]) == (200, ["The text was too long and was cut."])
    (text,) = textback.texts()
    assert 1_500 < len(text) <= 1_600


async def test_message_is_refused_in_a_sentence_when_its_bytes_make_none(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(body: bytes, signature: bytes, *more: bytes) -> bytes:
        host, port = cloud.url.removeprefix("http://").rstrip("/").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = [b"POST / HTTP/1.1", b"Host: x", b"Connection: close", b"lc-ext-sig: " + signature, *more, b"", body]
        writer.write(b"\r\n".join(head))
        answer = await reader.read()
        writer.close()
        return answer

    monkeypatch.setattr("textback_adapters.limacharlie.extension.READ_LIMIT", 0.1)
    answer = await refused(b"{}", b"\xff\xfe", b"Content-Length: 2")
    assert (b" 401 " in answer, b"the signature is wrong" in answer) == (True, True)
    for more in ((b"Content-Length: 2", b"Content-Encoding: gzip"), (b"Content-Length: 20",)):
        answer = await refused(b"{}", b"0", *more)
        assert (b" 400 " in answer, b"did not arrive whole" in answer) == (True, True), answer
    answer = await refused(b"", b"0", b"Content-Length: 0")
    assert b" 401 " in answer


async def test_organizations_that_share_an_account_do_not_share_keys_or_questions(tmp_path: Path) -> None:
    async with service(tmp_path) as textback, extension(textback, **{OID: "default", OTHER: "default"}) as cloud:
        for oid in (OID, OTHER):
            assert (await cloud.act("run", RUN, oid=oid))[0] == 200
        assert len(textback.texts()) == 2
        _, asked = await cloud.act("ask", {"to": PHONE, "body": "Isolate?"}, key="key-2")
        status, answer = await cloud.act("check", asked["continuations"][0]["state"], oid=OTHER)
        assert (status, "no such question of this organization" in answer["error"]) == (400, True)
        status, answer = await cloud.act("run", RUN, oid="somebody-else")
        assert (status, "somebody-else has no Twilio account here" in answer["error"]) == (400, True)


async def test_service_that_is_down_is_repeated_only_with_a_key() -> None:
    async with Textback("127.0.0.1:1", patience=0.5) as gone, calling(gone, {EVERYBODY: "default"}) as cloud:
        assert [(await cloud.act("run", RUN, key=key))[1]["retriable"] for key in ("key", "")] == [True, False]


@pytest.mark.parametrize(
    ("code", "reason", "again", "look_again"),
    [
        (grpc.StatusCode.CANCELLED, "", True, True),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "", True, True),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT", True, True),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "", False, True),  # gRPC's own: larger than a call may be
        (grpc.StatusCode.INTERNAL, "INTERNAL", False, True),
        (grpc.StatusCode.NOT_FOUND, "MESSAGE_UNKNOWN", False, False),
        (grpc.StatusCode.PERMISSION_DENIED, "", False, False),
    ],
)
async def test_failure_is_repeated_where_that_helps(
    monkeypatch: pytest.MonkeyPatch, code: grpc.StatusCode, reason: str, again: bool, look_again: bool
) -> None:
    monkeypatch.setattr("textback_adapters.patience.GRACE", 0.2)
    monkeypatch.setattr("textback_adapters.limacharlie.actions._PATIENCE", 0.2)
    servicer = ScriptedServicer(unary_breaks=[Break(code=code, reason=reason) for _ in range(100)])
    async with (
        scripted(servicer) as address,
        Textback(address, patience=0.1) as client,
        calling(client, {EVERYBODY: "default"}) as cloud,
    ):
        assert (await cloud.act("run", RUN))[1]["retriable"] is again
        assert (await cloud.act("run", RUN, key=""))[1]["retriable"] is False
        status, answer = await cloud.act("check", {"message_id": MESSAGE_ID})
        assert (status, answer["retriable"]) == (500 if look_again else 400, look_again)


async def test_answer_is_found_by_a_look_while_streams_do_not_flow(cloud: Cloud, textback: Service) -> None:
    _, asked = await cloud.act("ask", {"to": PHONE, "body": "Isolate?", "choices": "yes,no"})
    await textback.answer(f"{code(textback)} yes")
    async with asyncio.timeout(10):
        while (await textback.get(asked["data"]["message_id"])).wait.state == message_pb.WAIT_STATE_OPEN:
            pass
    for key in ("key-2", "key-3"):
        _, found = await cloud.act("check", asked["continuations"][0]["state"], key=key)
        assert (found["data"]["status"], found["data"]["reply"]["choice"]) == ("COMPLETED", "yes")


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (20_000, "body: has 20,000 characters; a question may have 1,600"),
        (1_599, "body: makes a text of 1,6"),  # too long with the line that says how to answer
    ],
)
async def test_question_is_refused_rather_than_cut(cloud: Cloud, textback: Service, length: int, said: str) -> None:
    status, answer = await cloud.act("ask", {"to": PHONE, "body": "x" * length})
    assert (status, answer["retriable"]) == (400, False)
    assert said in answer["error"]
    assert "sms.body" not in answer["error"]
    assert textback.texts() == []


UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"timeout_choice": False}, "timeout_choice: is false; it may be a text: quote it"),
    ({"timeout_choice": ["no"]}, 'timeout_choice: is ["no"]; it may be a text'),
    ({"choices": [True, False]}, 'choices: is [true, false]; it may be a list of texts, or one with commas: "yes,no".'),
    ({"choices": ["x" * 41]}, "choices: it may be 10 of 40 characters each at most."),
    ({"choices": ",".join("abcdefghijk")}, "choices: it may be 10 of 40 characters each at most."),
    ({"choices": ["x" * 300_000]}, "choices: it may be 10 of 40 characters each at most."),
    ({"timeout_choice": "x" * 300_000}, "timeout_choice: has 300,000 characters; it may have 40."),
    ({"timeout_choice": "perhaps"}, 'timeout_choice: "perhaps" is not one of choices: "yes", "no"'),
    ({"to": "+1" * 200_000}, "to: has 400,000 characters; it may have 64."),
    ({"to": "555"}, 'to: "555" is not E.164'),
    ({"from": "+1" * 200_000}, "from: has 400,000 characters; it may have 64."),
    ({"from": {}}, "from: "),
]


@pytest.mark.parametrize(("changes", "said"), UNUSABLE)
async def test_question_that_cannot_be_asked_as_meant_is_refused_in_a_sentence(
    cloud: Cloud, textback: Service, changes: dict[str, Any], said: str
) -> None:
    status, answer = await cloud.act("ask", {"to": PHONE, "body": "Isolate?", "choices": "yes,no"} | changes)
    assert (status, answer["retriable"]) == (400, False), answer
    assert said in answer["error"]
    assert textback.texts() == []


async def test_null_is_none_where_nothing_is_needed(cloud: Cloud, textback: Service) -> None:
    request = {"org": {"oid": OID}, "action": "run", "data": RUN, "inv_id": None}
    assert (await cloud.post({"idempotency_key": None, "request": request}))[0] == 200
    assert len(textback.texts()) == 1


@pytest.mark.parametrize(
    ("coding", "body", "said"),
    [
        ("gzip", gzip.compress(b"{}" * 200, mtime=0)[:-9], "did not arrive whole"),
        ("gzip", b"", "did not arrive whole"),
        ("gzip", gzip.compress(b"{}", mtime=0) + b"more", "did not arrive whole"),
        ("br", b"{}", "Content-Encoding: is br; it may be gzip or deflate."),
        ("zstd", b"{}", "Content-Encoding: is zstd; it may be gzip or deflate."),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "it may be gzip or deflate."),
        ("x" * 4_000, b"{}", "it may be gzip or deflate."),
    ],
)
async def test_message_that_is_packed_wrongly_is_refused_in_a_sentence(
    cloud: Cloud, caplog: pytest.LogCaptureFixture, coding: str, body: bytes, said: str
) -> None:
    headers = {"lc-ext-sig": "0" * 64, "Content-Encoding": coding}
    async with cloud.http.post(cloud.url, data=body, headers=headers, skip_auto_headers=["Accept-Encoding"]) as answer:
        assert (answer.status, said in (await answer.json())["error"]) == (400, True)
    assert caplog.records == []
    assert await cloud.post({"heartbeat": {}}) == (200, {})


async def test_message_may_be_deflated(cloud: Cloud) -> None:
    body = b'{"heartbeat": {}}'
    headers = {"lc-ext-sig": hmac.new(SECRET, body, hashlib.sha256).hexdigest(), "Content-Encoding": "deflate"}
    async with cloud.http.post(cloud.url, data=zlib.compress(body), headers=headers) as answer:
        assert (answer.status, await answer.json()) == (200, {})
