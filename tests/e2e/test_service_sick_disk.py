"""A store that cannot be written: nothing is sent that was not recorded, and it goes on by itself when it can be."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub
from structlog.testing import capture_logs

from tests.support.disks import full_disk, own_disk
from tests.support.emulators import emulator
from tests.support.processes import run
from tests.support.service import (
    PHONE,
    Service,
    eventually,
    failing,
    service,
    serving,
    settings_for,
    stoppable,
    waiting,
)
from textback.v1 import sms_message_pb2 as message_pb
from textback_server.api.server import SERVICE
from textback_server.engine import outbox
from textback_server.store.sqlite.files import prepare
from twilio_emulator import Effect, Rule, Rules

OTHER_PHONE = "+14155550124"
BIN = Path(sys.executable).parent
SETTINGS = {
    "TEXTBACK_LISTEN": "127.0.0.1:0",
    "TEXTBACK_HTTP_LISTEN": "127.0.0.1:0",
    "TEXTBACK_TWILIO_CREDENTIALS": f"AC{'0' * 32}/not-a-real-token",
    "TEXTBACK_TWILIO_API_URL": "http://127.0.0.1:9",
}
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running:
        yield running


class Health:
    """What the health service says of one name, as it changes."""

    def __init__(self, textback: Service, name: str) -> None:
        stub: Any = HealthStub(textback.channel)
        self._watch = stub.Watch(health_pb2.HealthCheckRequest(service=name))

    async def becomes(self, status: int) -> None:
        """Wait until it says so, 20 s at most."""
        async with asyncio.timeout(20):
            while (await self._watch.read()).status != status:
                pass

    def cancel(self) -> None:
        """Look no more."""
        self._watch.cancel()


async def refused(textback: Service, phone: str = PHONE) -> None:
    """Both ways of sending say that the store is out of order, and Twilio is not asked."""
    for call in (textback.send(recipient=phone, request_id="a"), textback.ask(waiting("yes"), phone, request_id="b")):
        failure = await failing(call)
        assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")
        assert failure.retry_after == 1.0
        assert failure.pushback == "1000"
        assert str(textback.store) not in failure.message
    assert textback.texts(phone) == []


async def accepted(textback: Service) -> None:
    """Both are sent, with the same keys."""
    assert (await textback.send(request_id="a")).twilio_sid
    async with textback.ask(waiting("yes"), request_id="b") as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        assert await textback.answer(f"{code} yes") == 200
        assert (await stream.until("reply_received")).result.choice == "yes"
    assert len(textback.texts(PHONE)) == 2


@pytest.mark.slow
async def test_nothing_is_sent_while_the_disk_is_full_and_all_is_when_there_is_space(textback: Service) -> None:
    ready, alive = Health(textback, SERVICE), Health(textback, "")
    await ready.becomes(SERVING)
    await alive.becomes(SERVING)
    with full_disk(textback.store):
        await refused(textback)
        await ready.becomes(NOT_SERVING)
        await refused(textback)
    await ready.becomes(SERVING)
    await accepted(textback)
    stub: Any = HealthStub(textback.channel)
    assert (await stub.Check(health_pb2.HealthCheckRequest(service=""))).status == SERVING
    ready.cancel()
    alive.cancel()


async def test_answer_and_receipt_are_turned_away_while_the_disk_is_full_and_taken_later(textback: Service) -> None:
    async with textback.ask(waiting("yes")) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        with full_disk(textback.store):
            assert await textback.answer(f"{code} yes") == 503
        assert await textback.answer(f"{code} yes") == 200
        assert (await stream.until("reply_received")).result.choice == "yes"


async def test_what_twilio_took_is_recorded_when_there_is_space_again(tmp_path: Path) -> None:
    async with service(tmp_path, polling=False) as textback:
        textback.emulator.set_faults(
            Rules(create=(Rule(effect=Effect(latency=0.3)),), status_callback=(Rule(effect=Effect(drop=True)),))
        )
        async with textback.ask() as stream:
            message = await stream.created()
            with full_disk(textback.store):
                await eventually(lambda: len(textback.texts(PHONE)) == 1)
                await failing(textback.send(recipient=OTHER_PHONE))
                assert (await textback.get(message.message_id)).state == message_pb.MESSAGE_STATE_SENDING
            changed = await stream.state("QUEUED")
        assert changed.status_changed.twilio_sid
        assert len(textback.texts(PHONE)) == 1
        assert textback.texts(OTHER_PHONE) == []


ACCEPTED_UNHEARD = Rules(create=(Rule(effect=Effect(latency=0.3)),), status_callback=(Rule(effect=Effect(drop=True)),))
"""Twilio takes an SMS after the disk has fallen ill, and nothing but its answer to the POST says so."""


async def sent_onto_a_sick_disk(textback: Service, seconds: float) -> None:
    """Twilio has taken one SMS, and for some seconds that could not be written down."""
    loop = asyncio.get_running_loop()
    await eventually(lambda: len(textback.texts(PHONE)) == 1)
    end = loop.time() + seconds
    while loop.time() < end:
        await failing(textback.send(recipient=OTHER_PHONE))


async def test_what_twilio_took_is_recorded_when_the_disk_was_full_for_longer_than_a_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "RECORD_TIME", 0.2)
    async with service(tmp_path, polling=False) as textback:
        textback.emulator.set_faults(ACCEPTED_UNHEARD)
        async with textback.ask() as stream:
            await stream.created()
            with full_disk(textback.store):
                await sent_onto_a_sick_disk(textback, 1.0)
            assert (await stream.state("QUEUED")).status_changed.twilio_sid


async def test_held_outcome_is_not_offered_for_longer_than_a_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "RECORD_TIME", 0.2)
    async with service(tmp_path, polling=False) as textback:
        textback.emulator.set_faults(Rules(create=(Rule(effect=Effect(latency=0.3, status=429, code=20429)),)))
        async with textback.ask() as stream:
            message = await stream.created()
            with full_disk(textback.store), capture_logs() as logs:
                async with asyncio.timeout(5):
                    while "send.lost" not in [line["event"] for line in logs]:
                        await failing(textback.send(recipient=OTHER_PHONE))
            assert [line["event"] for line in logs].count("send.unrecorded") == 1
            await textback.send(recipient=OTHER_PHONE)
            assert (await textback.get(message.message_id)).state == message_pb.MESSAGE_STATE_SENDING


async def test_service_stops_when_the_disk_stays_full_and_the_next_one_finds_the_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "RECORD_TIME", 0.2)
    async with emulator() as twilio:
        settings = settings_for(twilio, tmp_path / "textback.db", polling=False)
        async with stoppable(twilio, settings) as server:
            twilio.set_faults(ACCEPTED_UNHEARD)
            async with server.service.ask() as stream:
                message = await stream.created()
                with full_disk(server.service.store):
                    await sent_onto_a_sick_disk(server.service, 1.0)
                    server.stop.set()
                    async with asyncio.timeout(5):
                        await server.stopped
        async with serving(twilio, settings) as textback:
            assert (await textback.get(message.message_id)).state == message_pb.MESSAGE_STATE_SENDING
            assert len(textback.texts(PHONE)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["deleted", "replaced"])
async def test_nothing_is_sent_when_the_file_is_no_more_the_stores(textback: Service, harm: str) -> None:
    ready = Health(textback, SERVICE)
    await ready.becomes(SERVING)
    away = textback.store.with_name("away.db")
    textback.store.rename(away)
    if harm == "replaced":
        textback.store.write_text("something else")
    await refused(textback)
    await ready.becomes(NOT_SERVING)
    away.rename(textback.store)
    await ready.becomes(SERVING)
    await accepted(textback)
    ready.cancel()


@pytest.mark.slow
async def test_nothing_is_sent_and_nothing_lost_when_the_file_system_becomes_read_only(tmp_path: Path) -> None:
    with own_disk(tmp_path) as disk:
        async with emulator() as twilio:
            settings = settings_for(twilio, disk.folder / "textback.db")
            async with stoppable(twilio, settings) as server:
                textback = server.service
                ready = Health(textback, SERVICE)
                await ready.becomes(SERVING)
                async with textback.ask(waiting("yes")) as stream:
                    message = await stream.created()
                    await stream.state("DELIVERED")
                    disk.fall_ill()
                    await refused(textback, OTHER_PHONE)
                    await ready.becomes(NOT_SERVING)
                    await refused(textback, OTHER_PHONE)
                    assert (await textback.get(message.message_id)).wait.state == message_pb.WAIT_STATE_OPEN
                    assert await textback.answer(f"{message.wait.code} yes") == 503
                    server.stop.set()
                    async with asyncio.timeout(5):
                        await server.stopped
            disk.repair()
            async with serving(twilio, settings) as textback, textback.watch(message.message_id) as stream:
                assert (await stream.until("reply_received")).result.choice == "yes"
                assert (await textback.send(recipient=OTHER_PHONE, request_id="a")).twilio_sid
                assert len(textback.texts(OTHER_PHONE)) == 1


def overwrite(path: Path, offset: int, size: int) -> None:
    """Garbage in the middle of the file."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * size)


def leave_only_the_log(path: Path) -> None:
    """The database is deleted and its log is not."""
    path.unlink()
    path.with_name(f"{path.name}-wal").write_bytes(b"a log")


def put_a_folder(path: Path) -> None:
    """A folder in its place."""
    path.unlink()
    path.mkdir()


HARM: dict[str, tuple[Callable[[Path], object], str]] = {
    "garbage": (lambda path: path.write_text("no database " * 1_000), "is not a database, or its beginning is damaged"),
    "first page overwritten": (lambda path: overwrite(path, 100, 3_996), "is damaged. To do: restore a backup"),
    "header overwritten": (lambda path: overwrite(path, 0, 100), "is not a database, or its beginning is damaged"),
    "cut short": (lambda path: os.truncate(path, 3 * 4_096), "is damaged. To do: restore a backup"),
    "only its log left": (leave_only_the_log, "is gone or empty, but its log"),
    "a folder": (put_a_folder, "Is a directory"),
    "a newer schema": (lambda path: sqlite(path, "PRAGMA user_version = 99"), "written by a newer version"),
}


def sqlite(path: Path, sql: str) -> None:
    """One statement by another program."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql)


@pytest.mark.parametrize("name", HARM)
async def test_start_says_in_a_sentence_what_is_wrong_with_the_store(tmp_path: Path, name: str) -> None:
    harm, sentence = HARM[name]
    path = tmp_path / "textback.db"
    prepare(path)
    harm(path)

    ran = await run(BIN / "textback", "serve", cwd=tmp_path, env=SETTINGS | {"TEXTBACK_STORE": str(path)}, limit=30)

    assert ran.code == 1
    assert sentence in ran.stderr
    assert str(path) in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("missing/textback.db", "No such file or directory"), ("/proc/textback.db", ""), ("/sys/textback.db", "")],
)
async def test_start_says_that_the_folder_takes_no_file(tmp_path: Path, path: str, sentence: str) -> None:
    ran = await run(BIN / "textback", "serve", cwd=tmp_path, env=SETTINGS | {"TEXTBACK_STORE": path}, limit=30)
    assert ran.code == 1
    assert f"The store {path} cannot be opened: {sentence}" in ran.stderr
    assert "Traceback" not in ran.stderr
