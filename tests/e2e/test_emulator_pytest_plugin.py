"""The pytest plugin, in a test run of its own, and the emulator in a thread."""

import asyncio
import os
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.support.emulators import PHONE
from tests.support.processes import run
from twilio_emulator import Effect, Rule, Rules, ThreadedEmulator

ROOT = Path(__file__).resolve().parents[2]
SUITE = """
from twilio.rest import Client

SEEN = []


def send(twilio_emulator, body):
    client = Client(twilio_emulator.account_sid, twilio_emulator.auth_token)
    client.api.base_url = twilio_emulator.url
    client.messages.create(to="+14155550123", from_=twilio_emulator.number, body=body)


def test_message_arrives(twilio_emulator):
    send(twilio_emulator, "Hello")
    assert twilio_emulator.wait("+14155550123", q="Hell").body == "Hello"
    twilio_emulator.set_sms_url("http://127.0.0.1:9/")
    SEEN.append(twilio_emulator.url)


def test_next_test_finds_it_empty_and_running(twilio_emulator):
    assert SEEN == [twilio_emulator.url]
    assert twilio_emulator.messages("+14155550123") == []
    assert twilio_emulator.reply("+14155550123", "hi").delivery is None
"""


async def test_fixture_is_one_emulator_that_each_test_finds_empty(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    finished = await run(
        sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "twilio_emulator.pytest_plugin", "test_suite.py",
        cwd=tmp_path, env=environment, limit=30,
    )  # fmt: skip

    assert (finished.code, "2 passed" in finished.stdout) == (0, True), finished.stdout


def test_plugin_is_where_the_package_says_it_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    (module,) = project["entry-points"]["pytest11"].values()

    assert callable(import_module(module).twilio_emulator)


@pytest.fixture
def running() -> Iterator[ThreadedEmulator]:
    with ThreadedEmulator() as emulator:
        yield emulator


def client(running: ThreadedEmulator) -> Client:
    twilio = Client(running.account_sid, running.auth_token)
    twilio.api.base_url = running.url
    return twilio


def test_threaded_emulator_fails_as_told_and_forgets_it_when_reset(running: ThreadedEmulator) -> None:
    twilio = client(running)
    running.respond(Effect(status=429, code=20429))
    running.set_faults(Rules(create=(Rule(effect=Effect(status=400, code=21610)),)))

    with pytest.raises(TwilioRestException, match="fault"):
        twilio.messages.create(to=PHONE, from_=running.number, body="Hi")
    running.reset()

    assert twilio.messages.create(to=PHONE, from_=running.number, body="Hi").status == "queued"


def test_threaded_emulator_waits_for_the_message_after_another(running: ThreadedEmulator) -> None:
    twilio = client(running)
    twilio.messages.create(to=PHONE, from_=running.number, body="first")
    first = running.wait(PHONE)
    with pytest.raises(TimeoutError, match="no message to"):
        running.wait(PHONE, after=first, timeout=0.05)

    sending = threading.Thread(
        target=lambda: twilio.messages.create(to=PHONE, from_=running.number, body="second"), daemon=True
    )
    sending.start()

    assert running.wait(PHONE, after=first).body == "second"
    sending.join()


def test_threaded_emulator_calls_a_webhook_of_the_same_process(running: ThreadedEmulator) -> None:
    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Webhook) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        running.set_sms_url(f"http://127.0.0.1:{server.server_port}/", number=running.number)

        delivery = running.reply(PHONE, "yes").delivery

        server.shutdown()
        serving.join()
    assert delivery is not None
    assert delivery.status == 204


async def test_threaded_emulator_is_refused_when_its_port_is_taken(running: ThreadedEmulator) -> None:
    settings = type(running.emulator.settings)(port=running.emulator.port)

    def start() -> None:
        with ThreadedEmulator(settings):
            raise AssertionError

    with pytest.raises(OSError, match="address already in use"):
        await asyncio.to_thread(start)
