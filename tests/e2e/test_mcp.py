"""The SOAR's tools and the agent's, by the SDK's own client over stdio and HTTP, on real service and emulator."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.support.processes import run
from tests.support.readme import ROOT
from tests.support.service import PHONE, Service, eventually, service
from textback.v1 import sms_service_pb2 as pb

TEXTBACK = str(Path(sys.executable).with_name("textback"))
CASE = {"case_id": "4711", "alert_group_identifiers": ["phishing-1"]}
ENTITY = {"Identifier": "web-03", "EntityType": "HOSTNAME"}


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running:
        yield running


def environment(textback: Service) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "TEXTBACK_SERVER": textback.app.grpc}


@asynccontextmanager
async def over_stdio(textback: Service, *arguments: str) -> AsyncIterator[Client]:
    server = StdioServerParameters(command=TEXTBACK, args=["mcp", *arguments], env=environment(textback))
    async with Client(stdio_client(server)) as client:
        yield client


@asynccontextmanager
async def over_http(textback: Service, *arguments: str) -> AsyncIterator[Client]:
    async with serving_http(textback, *arguments) as url, Client(streamable_http_client(url)) as client:
        yield client


@asynccontextmanager
async def serving_http(textback: Service, *arguments: str) -> AsyncIterator[str]:
    port = await _free_port()
    process = await asyncio.create_subprocess_exec(
        TEXTBACK, "mcp", "--http", f"127.0.0.1:{port}", *arguments,
        env=environment(textback), stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async with asyncio.timeout(20):
            assert b"MCP at" in await process.stderr.readline()
            await _listening(port)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        await process.communicate()


async def _free_port() -> int:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def _listening(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


async def called(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(name, arguments)
    found: dict[str, Any] = json.loads(result.content[0].text)  # type: ignore[union-attr] # always one text
    assert result.structured_content == found
    assert result.is_error == (found["status"] == "FAILED" and not found["message_id"]), found
    return found


async def following(client: Client, name: str, **arguments: Any) -> asyncio.Task[dict[str, Any]]:
    """A call that has begun to tell of a question that is out."""
    heard = asyncio.Event()

    async def progress(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - the SDK's names
        heard.set()

    async def call() -> dict[str, Any]:
        result = await client.call_tool(name, arguments, progress_callback=progress)
        return dict(result.structured_content or {})

    task = asyncio.create_task(call())
    async with asyncio.timeout(20):
        await heard.wait()
    return task


async def code(textback: Service, count: int = 1) -> str:
    await eventually(lambda: len(textback.texts()) >= count)
    found = re.search(r"SiemplifyID: (\d{4,})$", textback.texts()[count - 1])
    assert found, textback.texts()
    return found[1]


@pytest.mark.parametrize("way", [over_stdio, over_http], ids=["stdio", "http"])
async def test_seeds_three_tools_do_what_its_document_says(textback: Service, way: Any) -> None:
    opened: AbstractAsyncContextManager[Client] = way(textback)
    async with opened as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == ["twilio_ping", "twilio_send_sms", "twilio_send_sms_and_wait", "twilio_get_reply"]
        required = ["case_id", "alert_group_identifiers", "phone_number", "message"]
        assert tools["twilio_send_sms_and_wait"].input_schema["required"] == required
        assert tools["twilio_ping"].input_schema["properties"]["scope"]["default"] == "All entities"

        pong = await called(client, "twilio_ping", **CASE, target_entities=[ENTITY])
        assert pong["status"] == "COMPLETED"
        assert pong["context"]["case_id"] == "4711"
        assert pong["context"]["target_entities"] == [{"identifier": "web-03", "entity_type": "HOSTNAME"}]

        sent = await called(client, "twilio_send_sms", **CASE, phone_number="+14155550177", message="Case opened.")
        assert (sent["status"], sent["reply"]) == ("COMPLETED", None)
        assert textback.texts("+14155550177") == ["Case opened."]

        asking = asyncio.create_task(
            called(client, "twilio_send_sms_and_wait", **CASE, phone_number=PHONE, message="Isolate web-03?")
        )
        number = await code(textback)
        await textback.answer(f"yes, do it {number}")
        answered = await asking
        assert answered["status"] == "COMPLETED"
        assert answered["reply"] == {
            "text": "yes, do it", "body": f"yes, do it {number}", "choice": "", "time": answered["reply"]["time"]
        }  # fmt: skip


async def test_context_is_stored_and_found_by_its_case(textback: Service) -> None:
    async with over_stdio(textback) as client:
        await called(
            client, "twilio_send_sms", case_id="77", alert_group_identifiers=[], target_entities=[{"identifier": "a"}],
            scope=None, phone_number=PHONE, message="Hello",
        )  # fmt: skip
        await called(client, "twilio_send_sms", **CASE, phone_number=PHONE, message="Another")
    page = await textback.stub.ListMessages(pb.ListMessagesRequest(case_id="77"))
    (message,) = page.messages
    assert (message.text, message.context.target_entities[0].identifier, message.context.scope) == ("Hello", "a", "")


async def test_same_question_is_picked_up_and_texted_again_only_when_asked_for(textback: Service) -> None:
    asked = {**CASE, "phone_number": PHONE, "message": "Isolate web-03?"}
    async with over_stdio(textback, "--block", "1s") as first, over_stdio(textback) as second:
        waiting = await called(first, "twilio_send_sms_and_wait", **asked)
        assert waiting["status"] == "IN_PROGRESS"
        number = await code(textback)
        again = await following(second, "twilio_send_sms_and_wait", **asked)
        look = await following(first, "twilio_get_reply", message_id=waiting["message_id"], wait_seconds=20)
        await textback.answer(f"{number} no")
        outcomes = await asyncio.gather(again, look)
        assert [each["reply"]["text"] for each in outcomes] == ["no", "no"]
        assert len(textback.texts()) == 1

        third = await called(first, "twilio_send_sms_and_wait", **asked)  # just answered: that is told again
        assert (third["message_id"], third["reply"]["text"]) == (waiting["message_id"], "no")
        fourth = await called(first, "twilio_send_sms_and_wait", **asked, new=True)
        fifth = await called(first, "twilio_send_sms_and_wait", **asked, new=True)
        assert len({waiting["message_id"], fourth["message_id"], fifth["message_id"]}) == 3
        await textback.stub.CancelWait(pb.CancelWaitRequest(message_id=fifth["message_id"]))
        older = await called(first, "twilio_send_sms_and_wait", **asked)  # the fifth is closed, the fourth is not
        assert older["message_id"] == fourth["message_id"]
        assert len(textback.texts()) == 3


async def test_twenty_identical_calls_at_once_text_once(textback: Service) -> None:
    asked = {**CASE, "phone_number": PHONE, "message": "Isolate web-03?"}
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(over_stdio(textback)) for _ in range(2)]
        calls = await asyncio.gather(
            *(
                following(clients[n % 2], "twilio_send_sms_and_wait", **asked | {"scope": f"scope {n % 2}"})
                for n in range(20)
            )
        )
        await textback.answer(f"{await code(textback)} yes")
        outcomes = await asyncio.gather(*calls)
    assert {each["message_id"] for each in outcomes} == {outcomes[0]["message_id"]}
    assert len(textback.texts()) == 1


async def test_progress_is_told_and_a_cancelled_call_leaves_the_question_open(textback: Service) -> None:
    steps: list[str] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - the SDK's names
        steps.append((message or "").partition(": ")[2])

    async with over_stdio(textback) as client:
        arguments = {**CASE, "phone_number": PHONE, "message": "Isolate web-03?"}
        call = asyncio.create_task(client.call_tool("twilio_send_sms_and_wait", arguments, progress_callback=progress))
        await eventually(lambda: "delivered" in steps)
        call.cancel()
        await asyncio.wait([call])
        assert steps[:2] == ["created", "queued"]
        picked_up = await following(client, "twilio_send_sms_and_wait", **arguments)
        await textback.answer(f"{await code(textback)} yes")
        assert (await picked_up)["reply"]["text"] == "yes"
    assert len(textback.texts()) == 1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"phone_number": None}, "phone_number: is null; it may be a text."),
    ({"case_id": 4711}, "case_id: is a number; it may be a text."),
    ({"alert_group_identifiers": "one"}, "alert_group_identifiers: is a text; it may be a list."),
    ({"target_entities": ["web-03"]}, "target_entities[0]: is a text; it may be an object with Identifier"),
    ({"message": ""}, "message: is empty; it may be a text that is not empty."),
    ({"urgent": True}, "urgent: is not an argument; the arguments are case_id,"),
    ({"phone_number": "555-1234"}, 'phone_number: "555-1234" is not E.164'),
]


async def test_wrong_argument_is_a_sentence(textback: Service) -> None:
    async with over_stdio(textback) as client:
        for changes, sentence in WRONG:
            arguments = {**CASE, "phone_number": PHONE, "message": "Hello"} | changes
            found = await called(client, "twilio_send_sms", **arguments)
            assert (found["status"], found["reply"]) == ("FAILED", None), changes
            assert sentence in found["message"]
        missing = await called(client, "twilio_send_sms", case_id="1", alert_group_identifiers=[], message="x")
        assert missing["message"] == "phone_number: is required."
    assert textback.texts() == []


async def test_agent_asks_a_human_with_choices_and_a_timeout_choice(textback: Service) -> None:
    async with over_stdio(textback, "--tools", "agent") as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert names == ["ask_human", "send_sms", "get_reply", "cancel_question"]
        asking = asyncio.create_task(
            called(client, "ask_human", phone_number=PHONE, question="Deploy now?", choices=["yes", "no"])
        )
        await eventually(lambda: len(textback.texts()) == 1)
        found = re.search(r'"(\d+) YES"', textback.texts()[0])
        assert found
        await textback.answer(f"{found[1]} y")
        assert (await asking)["reply"]["choice"] == "yes"
    async with over_stdio(textback, "--tools", "agent", "--block", "1s") as client:
        waiting = await called(
            client,
            "ask_human",
            phone_number=PHONE,
            question="And tomorrow?",
            timeout_choice="no",
            choices=["yes", "no"],
        )
        await called(client, "cancel_question", message_id=waiting["message_id"])
        closed = await called(client, "get_reply", message_id=waiting["message_id"])
        assert (closed["status"], closed["message"]) == ("FAILED", "The question was cancelled.")


async def test_http_beyond_loopback_is_only_served_when_meant() -> None:
    refused = await run(TEXTBACK, "mcp", "--http", "0.0.0.0:0", cwd=ROOT)
    assert refused.code == 2
    assert "--http: 0.0.0.0:0 is not loopback" in refused.stderr


async def test_http_is_refused_to_a_page_from_elsewhere(textback: Service) -> None:
    async with serving_http(textback) as url, aiohttp.ClientSession() as session:
        accepted = {"Accept": "application/json, text/event-stream"}
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            async with session.post(url, json=ping, headers=accepted | headers) as answer:
                assert answer.status in (403, 421), headers
