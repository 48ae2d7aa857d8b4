"""What tools answer when answers, outages and repetitions come at awkward times: on real service and emulator."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from mcp import Client

from tests.support.emulators import emulator
from tests.support.scripted_server import MESSAGE_ID, Break, ScriptedServicer, question
from tests.support.scripted_server import serving as scripted
from tests.support.service import PHONE, Service, eventually, service, serving, settings_for
from textback.v1 import sms_event_pb2 as event_pb
from textback_adapters.mcp_server import arguments as given
from textback_adapters.mcp_server.server import server
from textback_adapters.mcp_server.tools import (
    Bench,
    Set,
    ask_human,
    cancel_question,
    get_reply,
    offered,
    twilio_send_sms_and_wait,
)
from textback_client import Textback, TextbackError
from textback_server.engine.clock import Clock

SHORT = timedelta(milliseconds=300)
CASE = {"case_id": "4711", "alert_group_identifiers": []}

Found = dict[str, Any]


async def untold(_: event_pb.SmsEvent) -> None:
    """Nobody listens."""


def shifted(by: timedelta) -> Clock:
    """The clock of a service that runs at another time than its callers."""
    return lambda: datetime.now(UTC) + by


async def ask(textback: Textback, *, block: timedelta | None = SHORT, **arguments: Any) -> Found:
    asked = given.read(given.HumanQuestion, {"phone_number": PHONE, "question": "Isolate web-03?"} | arguments)
    return await ask_human(Bench(textback=textback, block=block), asked, untold)


async def ask_in_case(
    textback: Textback, *, block: timedelta | None = SHORT, wait: timedelta = timedelta(hours=24), **arguments: Any
) -> Found:
    asked = given.read(given.CaseQuestion, {**CASE, "phone_number": PHONE, "message": "Isolate web-03?"} | arguments)
    return await twilio_send_sms_and_wait(Bench(textback=textback, block=block, wait=wait), asked, untold)


async def look(textback: Textback, message_id: str, *, block: timedelta | None = None, **arguments: Any) -> Found:
    looked = given.read(given.Look, {"message_id": message_id} | arguments)
    return await get_reply(Bench(textback=textback, block=block), looked, untold)


async def texted(textback: Service, count: int) -> None:
    """So many texts, no more: a question is known before its text is on its way."""
    await eventually(lambda: len(textback.texts()) >= count)
    assert len(textback.texts()) == count


async def code(textback: Service, count: int = 1) -> str:
    await eventually(lambda: len(textback.texts()) >= count)
    found = re.search(r"(?:SiemplifyID: |Text back \D*)(\d{4,})", textback.texts()[count - 1])
    assert found, textback.texts()
    return found[1]


async def answered(textback: Service, client: Textback, message_id: str, text: str) -> None:
    """The person answers, and the service has stored it."""
    await textback.answer(text)
    assert (await client.watch(message_id).result()).text in text


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running:
        yield running


@pytest.fixture
async def client(textback: Service) -> AsyncIterator[Textback]:
    async with Textback(textback.app.grpc) as connected:
        yield connected


@pytest.mark.parametrize("asking", [ask, ask_in_case])
async def test_answer_given_while_nobody_was_connected_is_told_to_the_same_call_once_more(
    textback: Service, client: Textback, asking: Callable[..., Awaitable[Found]]
) -> None:
    waiting = await asking(client)
    await answered(textback, client, waiting["message_id"], f"{await code(textback)} yes")
    again = await asking(client)
    assert (again["status"], again["message_id"]) == ("COMPLETED", waiting["message_id"])
    assert again["reply"]["text"] == "yes"
    assert "before this call" in again["message"]
    assert len(textback.texts()) == 1
    anew = await asking(client, new=True)
    assert anew["status"] == "IN_PROGRESS"
    await texted(textback, 2)


async def test_answer_is_told_again_when_an_older_same_question_is_open(textback: Service, client: Textback) -> None:
    await ask(client)
    newer = await ask(client, new=True)
    await answered(textback, client, newer["message_id"], f"{await code(textback, 2)} yes")
    again = await ask(client)
    assert (again["message_id"], again["reply"]["text"]) == (newer["message_id"], "yes")


@pytest.mark.parametrize(
    ("ago", "seconds", "texts"),
    [
        (timedelta(minutes=61), 86_400, 2),  # answered long ago
        (timedelta(minutes=59), 86_400, 1),
        (timedelta(minutes=56), 3_600, 2),  # an hourly playbook whose question was open for an hour
        (timedelta(minutes=50), 3_600, 1),
    ],
)
async def test_old_answer_is_not_taken_for_that_to_a_question_asked_on_schedule(
    tmp_path: Path, ago: timedelta, seconds: float, texts: int
) -> None:
    async with (
        emulator() as twilio,
        serving(twilio, settings_for(twilio, tmp_path / "textback.db"), clock=shifted(-ago)) as textback,
        Textback(textback.app.grpc) as client,
    ):
        first = await ask(client, timeout_seconds=seconds)
        await answered(textback, client, first["message_id"], f"{await code(textback)} yes")
        again = await ask(client, timeout_seconds=seconds)
        assert (again["message_id"] == first["message_id"]) == (texts == 1)
        await texted(textback, texts)


@pytest.mark.parametrize(
    ("block", "ago", "texts"),
    [
        (SHORT, timedelta(0), 1),  # a caller that comes again and again until there is an outcome
        (SHORT, timedelta(minutes=3), 2),
        (None, timedelta(0), 2),  # one that waited to the end
    ],
)
async def test_question_that_nobody_answered_is_not_asked_again_of_a_caller_that_has_not_heard_so(
    tmp_path: Path, block: timedelta | None, ago: timedelta, texts: int
) -> None:
    second = timedelta(seconds=1)
    async with (
        emulator() as twilio,
        serving(
            twilio,
            settings_for(twilio, tmp_path / "textback.db", reply_timeout_min=second),
            clock=shifted(-ago),
        ) as textback,
        Textback(textback.app.grpc) as client,
    ):
        first = await ask_in_case(client, block=block, wait=second)
        await client.watch(first["message_id"]).result()
        again = await ask_in_case(client, block=block, wait=second)
        assert (again["message_id"] == first["message_id"]) == (texts == 1)
        if texts == 1:
            assert (again["status"], again["message"]) == ("FAILED", "Nobody answered in time.")
        await texted(textback, texts)


async def test_question_with_another_meaning_of_silence_is_another_question(
    textback: Service, client: Textback
) -> None:
    choices = ["yes", "no"]
    different: tuple[Found, ...] = (
        {"timeout_choice": "yes"}, {"timeout_choice": "no"}, {"timeout_choice": "no", "timeout_seconds": 60}, {},
    )  # fmt: skip
    ids = [(await ask(client, choices=choices, **each))["message_id"] for each in different]
    assert len(set(ids)) == 4
    assert [(await ask(client, choices=choices, **each))["message_id"] for each in different] == ids
    await texted(textback, 4)


async def test_cancelling_an_answered_question_tells_the_answer(textback: Service, client: Textback) -> None:
    waiting = await ask(client, choices=["yes", "no"])
    await answered(textback, client, waiting["message_id"], f"{await code(textback)} yes")
    named = given.Named(message_id=waiting["message_id"])
    told = await cancel_question(Bench(textback=client), named, untold)
    assert (told["status"], told["reply"]["choice"]) == ("COMPLETED", "yes")
    open_one = given.Named(message_id=(await ask(client, question="Another?"))["message_id"])
    for _ in range(2):
        told = await cancel_question(Bench(textback=client), open_one, untold)
        assert told["message"] == "The question is closed; the SMS cannot be taken back."


async def test_erased_answer_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    async with emulator() as twilio:
        settings = settings_for(twilio, tmp_path / "textback.db")
        async with serving(twilio, settings) as textback, Textback(textback.app.grpc) as client:
            asked = [await ask(client), await ask(client, question="Really?", choices=["yes", "no"])]
            for count, each in enumerate(asked, 1):
                await answered(textback, client, each["message_id"], f"{await code(textback, count)} yes")
        late = shifted(timedelta(days=8))
        async with serving(twilio, settings, clock=late) as textback, Textback(textback.app.grpc) as client:
            for each, choice in zip(asked, ("", "yes"), strict=True):
                while not (await client.get(each["message_id"])).content_erased:
                    pass
                told = await look(client, each["message_id"])
                assert (told["status"], told["reply"]["choice"]) == ("COMPLETED", choice)
                assert told["reply"]["content_erased"] is True
                assert "erased" in told["message"]


async def test_look_takes_no_longer_than_it_was_given(client: Textback) -> None:
    waiting = await ask(client)
    for wait, block in ((0.2, None), (600, SHORT)):
        begun = datetime.now(UTC)
        told = await look(client, waiting["message_id"], wait_seconds=wait, block=block)
        assert (told["status"], told["message_id"]) == ("IN_PROGRESS", waiting["message_id"])
        assert datetime.now(UTC) - begun < timedelta(seconds=4)


async def test_question_is_never_said_to_wait_before_it_is_known(textback: Service, client: Textback) -> None:
    told = await ask(client, block=timedelta(0))
    assert told["status"] == "IN_PROGRESS"
    assert told["message_id"]
    await texted(textback, 1)
    assert PHONE in told["message"]


async def test_open_question_is_told_of_when_no_event_comes_in_time() -> None:
    servicer = ScriptedServicer(events=question(), hold_after=0)
    async with scripted(servicer) as address, Textback(address) as client:
        told = await look(client, MESSAGE_ID, wait_seconds=0.1)
        assert (told["status"], told["message_id"]) == ("IN_PROGRESS", MESSAGE_ID)
        assert PHONE in told["message"]
        servicer.go_on.set()


async def test_question_is_an_error_when_the_service_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textback_adapters.patience.GRACE", 0.2)
    servicer = ScriptedServicer(events=question(), hold_after=0)
    servicer.list_nothing = True
    async with scripted(servicer) as address, Textback(address) as client:
        with pytest.raises(TextbackError, match="does not answer"):
            await ask(client)
        servicer.go_on.set()


async def test_outage_is_waited_out_and_hides_no_question() -> None:
    servicer = ScriptedServicer(events=question())
    async with scripted(servicer) as address, Textback(address, patience=0.1) as client:
        servicer.unary_breaks = [Break(code=grpc.StatusCode.CANCELLED) for _ in range(3)]
        assert (await look(client, MESSAGE_ID, wait_seconds=5))["reply"]["choice"] == "yes"


async def test_question_that_cannot_be_looked_at_is_in_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textback_adapters.patience.GRACE", 0.2)
    async with Textback("127.0.0.1:1", patience=0.1) as gone:
        told = await look(gone, MESSAGE_ID, wait_seconds=0.1)
    assert (told["status"], told["message_id"]) == ("IN_PROGRESS", MESSAGE_ID)
    assert "cannot be reached" in told["message"]


@pytest.mark.parametrize("patience", [0.1, 60.0])  # the stream gives up before the call does, and after
async def test_question_whose_events_do_not_come_is_said_to_be_out_of_reach(
    monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    monkeypatch.setattr("textback_adapters.patience.GRACE", 0.5)
    servicer = ScriptedServicer(events=question(), breaks=[Break() for _ in range(1_000)])
    async with scripted(servicer) as address, Textback(address, patience=patience) as client:
        told = await look(client, MESSAGE_ID, wait_seconds=0.5)
    assert (told["status"], told["message_id"]) == ("IN_PROGRESS", MESSAGE_ID)
    assert "cannot be reached now (broken by the script)" in told["message"]


async def test_look_for_nothing_is_an_error_at_once(client: Textback) -> None:
    with pytest.raises(TextbackError, match="NOT_FOUND"):
        await look(client, MESSAGE_ID, wait_seconds=600)


async def test_progress_rises_with_each_word_also_on_a_quiet_question(textback: Service, client: Textback) -> None:
    told: list[tuple[float, str]] = []
    beats = asyncio.Event()

    async def progress(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - the SDK's names
        told.append((progress, (message or "").partition(": ")[2]))
        if [said for _, said in told].count("still waiting") == 2:
            beats.set()

    async with Client(server(offered(Set.AGENT), Bench(textback=client), "1")) as agent:
        asked = {"phone_number": PHONE, "question": "Isolate web-03?"}
        call = asyncio.create_task(agent.call_tool("ask_human", asked, progress_callback=progress))
        async with asyncio.timeout(10):
            await beats.wait()
        await textback.answer(f"{await code(textback)} yes")
        await call
    values = [value for value, _ in told]
    assert values == sorted(set(values))
    assert told[0] == (1.0, "created")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("send_sms", {"text": "Backup done."}), ("twilio_send_sms", {**CASE, "message": "Backup done."})],
)
async def test_text_with_a_key_is_sent_once(
    textback: Service, client: Textback, tool: str, arguments: dict[str, Any]
) -> None:
    async with Client(server(offered(Set.ALL), Bench(textback=client), "1")) as agent:

        async def send(**more: Any) -> Found:
            called = await agent.call_tool(tool, {"phone_number": PHONE} | arguments | more)
            return dict(called.structured_content or {})

        sent = [await send(request_id="backup-7") for _ in range(2)]
        assert sent[0]["message_id"] == sent[1]["message_id"] != ""
        assert len(textback.texts()) == 1
        reused = await send(request_id="backup-7", phone_number="+14155550177")
        assert (reused["status"], reused["message_id"]) == ("FAILED", sent[0]["message_id"])
        assert "request_id: stands for another request" in reused["message"]
        for none in ({}, {"request_id": None}):
            assert (await send(**none))["status"] == "COMPLETED"
        assert len(textback.texts()) == 3
        assert "request_id" in (await send(request_id="x" * 129))["message"]


REFUSED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("send_sms", {"text": "x" * 200_000}, ["the call is larger than the service takes"]),
    ("twilio_send_sms", {**CASE, "message": " "}, ['phone_number: "555" is not E.164', "message: is required"]),
    ("twilio_send_sms", {**CASE, "case_id": "\x01", "message": "x"}, ["phone_number: ", "case_id: "]),
    ("send_sms", {"text": "x" * 2_000}, ["phone_number: ", "text: makes a text of 2,000 characters"]),
    ("ask_human", {"question": "x" * 2_000, "choices": [""]}, ["phone_number: ", "choices[0].value: ", "question: "]),
    (
        "ask_human",
        {"question": "x", "timeout_choice": "a"},
        ["phone_number: ", "timeout_choice: ", "not one of choices"],
    ),
]


@pytest.mark.parametrize(("tool", "arguments", "said"), REFUSED)
async def test_refusal_names_all_that_is_wrong_as_the_tool_does(
    client: Textback, tool: str, arguments: dict[str, Any], said: list[str]
) -> None:
    async with Client(server(offered(Set.ALL), Bench(textback=client), "1")) as agent:
        called = await agent.call_tool(tool, {"phone_number": "555"} | arguments)
    message = (called.structured_content or {})["message"]
    assert [each for each in said if each not in message] == [], message
    assert not re.search(r"\b(sms|wait|context)\.", message)


@pytest.mark.parametrize("tool", ["get_reply", "twilio_get_reply", "cancel_question"])
async def test_message_that_nobody_knows_is_refused_in_a_sentence(client: Textback, tool: str) -> None:
    async with Client(server(offered(Set.ALL), Bench(textback=client), "1")) as agent:
        called = await agent.call_tool(tool, {"message_id": MESSAGE_ID})
    assert called.is_error
    said = (called.structured_content or {})["message"]
    assert said == 'message_id: account "default" has no such message; it may be purged.'


async def test_outage_says_what_the_same_call_does_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textback_adapters.patience.GRACE", 0.2)
    async with Textback("127.0.0.1:1", patience=0.1) as gone:
        bench = Bench(textback=gone, block=SHORT)
        async with Client(server(offered(Set.AGENT), bench, "1")) as agent:
            sent = await agent.call_tool("send_sms", {"phone_number": PHONE, "text": "x", "request_id": "backup-7"})
            asked = await agent.call_tool("ask_human", {"phone_number": PHONE, "question": "x"})
    said = [(call.is_error, (call.structured_content or {})["message"]) for call in (sent, asked)]
    assert [failed for failed, _ in said] == [True, True]
    assert 'the same call with request_id "backup-7" does not send it twice' in said[0][1]
    assert "without `new`" in said[1][1]


ODD: list[tuple[type[given.Arguments], dict[str, Any], str]] = [
    (given.HumanQuestion, {"phone_number": "\ud800", "question": "x"}, "phone_number: has a part of a character"),
    (given.HumanQuestion, {"phone_number": PHONE, "question": "\ud800"}, "question: has a part of a character"),
    (given.HumanQuestion, {"phone_number": PHONE, "question": "x", "choices": ["\ud800"]}, "choices: has a part of a"),
    (given.HumanQuestion, {"phone_number": PHONE, "question": "x", "\ud800": 1}, "has a part of a character"),
    (given.Look, {"message_id": "m", "wait_seconds": 10**400}, "wait_seconds: is a number that is too large."),
    (given.Look, {"message_id": "m", "wait_seconds": "x"}, "wait_seconds: is a text; it may be a number."),
]


@pytest.mark.parametrize(("model", "arguments", "said"), ODD)
def test_odd_argument_is_a_sentence(model: type[given.Arguments], arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(given.BadArguments) as refused:
        given.read(model, arguments)
    assert said in str(refused.value)
    str(refused.value).encode()


def test_entity_without_a_type_is_taken() -> None:
    entities = [{"Identifier": "a", "EntityType": None}, {"identifier": "b"}]
    case = given.read(given.Case, {**CASE, "target_entities": entities})
    assert [each.entity_type for each in case.target_entities] == ["", ""]
