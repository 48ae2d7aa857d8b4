"""Lines that whoever is under test adds to the emulator's trace, and those that `textback serve --emulator` adds."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.emulators import PHONE, emulator
from tests.support.server_process import ServerProcess, serving
from textback_client import Textback

LINE: dict[str, Any] = {"source": "my-app", "text": "reply matched"}
WAIT: dict[str, Any] = {
    "id": "q1", "phone": PHONE, "code": "4821", "asked": "2026-11-26T12:00:00Z", "until": "2026-11-26T13:00:00Z",
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"text": "no source"}, "source"),
        (LINE | {"text": ""}, "text"),
        (LINE | {"text": "x" * 501}, "text"),
        (LINE | {"source": "x" * 61}, "source"),
        (LINE | {"message_sid": "SM1"}, "message_sid"),
        (LINE | {"time": "2026-11-26T12:00:00"}, "time"),
        (LINE | {"colour": "red"}, "colour"),
        (LINE | {"wait": WAIT | {"phone": "0123"}}, "wait.phone"),
        (LINE | {"wait": WAIT | {"code": "1" * 21}}, "wait.code"),
    ],
)
async def test_annotation_is_refused_by_its_field_when_it_is_wrong(line: dict[str, Any], field: str) -> None:
    async with emulator() as running, aiohttp.ClientSession() as http:
        headers = {"X-Emulator-Token": running.control_token}
        url = f"{running.url}/_emulator/annotations"
        async with http.post(url, json={"annotations": [line]}, headers=headers) as answer:
            assert (answer.status, field in await answer.text()) == (400, True)


async def test_annotations_are_refused_when_there_are_too_many_or_no_token_comes() -> None:
    async with emulator() as running, aiohttp.ClientSession() as http:
        url, headers = f"{running.url}/_emulator/annotations", {"X-Emulator-Token": running.control_token}
        async with http.post(url, json={"annotations": [LINE] * 101}, headers=headers) as answer:
            assert answer.status == 400
        async with http.post(url, json={"annotations": [LINE]}) as answer:
            assert answer.status == 403
        assert not [entry for entry in running.world.journal.after(0) if entry.kind == "annotation"]


@pytest.mark.timeout(60)
async def test_service_tells_the_trace_its_events_in_the_order_of_what_happened(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, Textback(server.address) as textback:
        question = textback.ask(PHONE, "Isolate host web-03?", choices=["yes", "no"], reply_timeout=60)
        asked = asyncio.create_task(question.result())
        sid = str((await server.message_to(PHONE))["sid"])
        opened = (await _told(server, "event 1 created"))["note"]
        assert (opened["message_sid"], opened["wait"]["phone"], opened["wait"]["open"]) == (sid, PHONE, True)
        await server.answer(PHONE, "yes")
        assert (await asked).choice == "yes"
        closed = await _told(server, "reply_received yes, streamed")
        assert closed["note"]["wait"] == opened["wait"] | {"open": False}

        entries = await _trace(server)
        taken = next(entry for entry in entries if entry["kind"] == "message")
        assert opened["time"] < taken["time"]  # durable before Twilio is called
        assert "streamed" not in opened["text"]  # it was, to the caller; this line's own stream opened later


async def _told(server: ServerProcess, text: str) -> dict[str, Any]:
    """The annotation with `text` in it, once it is there."""
    while True:
        for entry in await _trace(server):
            if entry["note"] and text in entry["note"]["text"]:
                return entry
        await asyncio.sleep(0.02)


async def _trace(server: ServerProcess) -> list[dict[str, Any]]:
    async with aiohttp.ClientSession() as http, http.get(f"{server.phone_url}/_emulator/trace") as answer:
        entries: list[dict[str, Any]] = (await answer.json())["entries"]
        return entries
