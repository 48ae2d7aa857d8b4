"""Both clients and the command against the real service and the emulator."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from tests.support.emulators import PHONE, emulator
from tests.support.service import Service, service, serving, settings_for
from tests.support.terminal import Terminal, piped
from textback.v1 import sms_message_pb2 as pb
from textback.v1.sms_event_pb2 import SmsEvent
from textback_client import BlockingTextback, Textback, TextbackError
from textback_server.config import Address

UNDELIVERABLE = "+15005550010"


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as started:
        yield started


def kinds(events: list[SmsEvent]) -> list[tuple[int, str | None]]:
    return [(event.sequence, event.WhichOneof("kind")) for event in events if not event.HasField("heartbeat")]


async def test_ten_lines_get_the_answer(running: Service) -> None:
    async with Textback(running.app.grpc) as textback:
        question = textback.ask(PHONE, "Isolate host web-03?", choices=["yes", "no"], reply_timeout=600)
        async for event in question:
            if event.HasField("created"):
                await running.answer(f"{event.created.message.wait.code} Yes.")
        assert (await question.result()).choice == "yes"


async def test_bare_answer_to_a_rendered_question_is_confirmed_when_the_client_asks_for_that(running: Service) -> None:
    async with Textback(running.app.grpc) as textback:
        question = textback.ask(
            PHONE, template="Login by {{ .user }}?", data={"user": "ann"}, choices=["yes", "no"],
            reply_match="sender", notices="all", prompt="Answer {choices}.",
        )  # fmt: skip
        async for event in question:
            if event.HasField("status_changed") and event.status_changed.state == pb.MESSAGE_STATE_DELIVERED:
                await running.answer("Yes.")
        assert (await question.result()).choice == "yes"
    assert running.texts()[0].startswith("Login by ann?\nAnswer ")
    assert running.texts()[-1] == "Thank you, noted: yes"


async def test_long_text_is_cut_when_the_blocking_client_and_the_command_ask_for_that(running: Service) -> None:
    def send() -> pb.SmsMessage:
        with BlockingTextback(running.app.grpc) as textback:
            return textback.send(PHONE, "alert " * 400, truncate=True, max_segments=2)

    assert (await asyncio.to_thread(send)).segments == 2
    ran = await piped(running.app.grpc, "send", PHONE, "alert " * 400, "--truncate", "--max-segments", "1")
    assert ran.code == 0
    assert ran.stderr.startswith("! The text was cut from 2,400 to ")


async def test_blocking_client_gets_the_answer(running: Service) -> None:
    loop = asyncio.get_running_loop()

    def ask() -> str:
        with BlockingTextback(running.app.grpc) as textback:
            question = textback.ask(PHONE, "Isolate host web-03?", choices=["yes", "no"])
            for event in question:
                if event.HasField("created"):
                    answer = running.answer(f"{event.created.message.wait.code} no")
                    asyncio.run_coroutine_threadsafe(answer, loop).result()
            assert textback.get(question.message_id).result.choice == "no"
            assert [each.message_id for each in textback.list(recipient=PHONE)] == [question.message_id]
            assert next(each.body for each in textback.list_inbound()).endswith("no")
            return question.result().choice

    assert await asyncio.to_thread(ask) == "no"


async def test_question_is_answered_once_when_the_service_restarts_meanwhile(tmp_path: Path) -> None:
    async with emulator() as twilio:
        settings = settings_for(twilio, tmp_path / "textback.db")
        async with serving(twilio, settings) as first:
            address = first.app.grpc
            textback = Textback(address)
            events: list[SmsEvent] = []
            created = asyncio.Event()

            async def ask() -> pb.Result:
                question = textback.ask(PHONE, "Isolate host web-03?", choices=["yes", "no"])
                async for event in question:
                    events.append(event)
                    created.set()
                return await question.result()

            asking = asyncio.create_task(ask())
            await created.wait()
        again = settings_for(twilio, tmp_path / "textback.db", listen=Address(*_host_and_port(address)))
        async with serving(twilio, again) as second, textback:
            await second.answer(f"{events[0].created.message.wait.code} yes")
            assert (await asking).choice == "yes"
            assert len(second.texts()) == 1
    stored = kinds(events)
    assert [sequence for sequence, _ in stored] == list(range(1, len(stored) + 1))


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


async def test_refusal_names_every_field(running: Service) -> None:
    async with Textback(running.app.grpc) as textback:
        with pytest.raises(TextbackError) as refused:
            await textback.ask("(415) 555-0123", "", reply_timeout=1).result()
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
    fields = {each.field for each in refused.value.violations}
    assert fields == {"sms.recipient", "sms.body", "wait.reply_timeout"}


async def test_same_request_id_with_another_request_is_refused(running: Service) -> None:
    async with Textback(running.app.grpc) as textback:
        sent = await textback.send(PHONE, "Backup finished.", request_id="b-1")
        assert (await textback.send(PHONE, "Backup finished.", request_id="b-1")).message_id == sent.message_id
        with pytest.raises(TextbackError) as refused:
            await textback.send(PHONE, "Another one.", request_id="b-1")
    assert refused.value.reason == "REQUEST_ID_REUSED"


async def test_command_shows_the_question_on_its_way(running: Service) -> None:
    ask = ("ask", PHONE, "Isolate host web-03?", "--choice", "yes", "--choice", "no", "--timeout", "10m")
    async with Terminal(server=running.app.grpc, arguments=(*ask, "--expect", "yes")) as terminal:
        await terminal.until("✓ delivered")
        found = re.search(r"EMULATOR  msg_\w{26} → \+14155550123   code (\d+)   1 segment", terminal.text)
        assert found
        await running.answer(f"{found[1]} maybe")
        await terminal.until(f'✗ "{found[1]} maybe" is not yes or no; they were told')
        await running.answer(f"{found[1]} Yes.")
        assert await terminal.end() == 0
    assert f'✓ yes        "{found[1]} Yes." after' in terminal.text


async def test_command_goes_on_after_ctrl_c_and_cancel_closes(running: Service) -> None:
    address = running.app.grpc
    async with Terminal(server=address, arguments=("ask", PHONE, "Isolate?", "--timeout", "10m")) as terminal:
        await terminal.until("✓ delivered")
        terminal.ctrl_c()
        assert await terminal.end() == 130
    found = re.search(r"textback watch (msg_\w{26})", terminal.text)
    assert found
    assert (await piped(address, "list", "--open")).stdout.startswith(found[1])
    assert (await piped(address, "cancel", found[1])).stdout == f"✓ cancelled  {found[1]}\n"
    watched = await piped(address, "watch", found[1])
    assert watched.code == 5
    assert watched.stdout == ""
    assert watched.stderr.startswith("✗ cancelled after")
    assert (await piped(address, "list", "--open")).stdout == ""


async def test_command_says_why_the_sms_cannot_arrive(running: Service) -> None:
    ran = await piped(running.app.grpc, "ask", UNDELIVERABLE, "Isolate?")
    assert ran.code == 4
    assert re.match(r"✗ (undelivered|failed): 30003 .*https://www\.twilio\.com/docs/\S*30003\n", ran.stderr)


async def test_command_writes_one_line_for_each_wrong_field(running: Service) -> None:
    ran = await piped(running.app.grpc, "ask", "(415) 555-0123", "", "--timeout", "1s")
    assert (ran.code, ran.stdout) == (2, "")
    lines = ran.stderr.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("textback: ") for line in lines)
    assert "+14155550123" in ran.stderr


async def test_watch_follows_a_message_without_a_question_to_its_delivery(running: Service) -> None:
    sent = await piped(running.app.grpc, "send", PHONE, "Backup finished.")
    async with Terminal(server=running.app.grpc, arguments=("watch", sent.stdout.strip())) as terminal:
        assert await terminal.end() == 0
    assert "✓ delivered" in terminal.text
    assert "code" not in terminal.text


async def test_small_commands_answer(running: Service) -> None:
    health = await piped(running.app.grpc, "health", "--service", "textback.v1.SmsService")
    assert (health.code, health.stdout) == (0, "SERVING\n")
    ping = await piped(running.app.grpc, "ping")
    assert ping.code == 0
    assert ping.stdout.endswith("EMULATOR: no SMS leaves this machine\n")
