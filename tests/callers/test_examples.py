"""The examples against the real server and the emulator: what other teams start from works as it is."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.processes import Finished, java_program, npm_install, run
from tests.support.proxy import cuttable
from tests.support.server_process import BIN, ServerProcess, serving
from tests.support.toolchains import require

pytestmark = [pytest.mark.callers, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
QUESTION = "Isolate host web-03?"

Command = tuple[str | Path, ...]
_phones = count(1)
_built: dict[str, Command] = {}


async def go(folder: Path) -> Command:
    """Builds the Go example."""
    built = await run(require("go"), "build", "-mod=readonly", "-o", folder / "example", ".", cwd=EXAMPLES / "go")
    assert built.code == 0, built.stderr
    return (folder / "example",)


async def node(folder: Path) -> Command:  # noqa: ARG001 - its modules lie beside it
    """Installs and type-checks the Node example."""
    npm = require("node")
    await npm_install(npm, EXAMPLES / "node")
    checked = await run(npm, "run", "-s", "check", cwd=EXAMPLES / "node")
    assert checked.code == 0, checked.stdout
    return ("node", EXAMPLES / "node/main.js")


async def java(folder: Path) -> Command:  # noqa: ARG001 - Maven builds beside it
    """Compiles the Java example."""
    return await java_program(require("java"), EXAMPLES / "java", "example.Main")


async def python(folder: Path) -> Command:  # noqa: ARG001 - nothing to build
    """The Python example as it is."""
    return (sys.executable, EXAMPLES / "python/main.py")


PREPARED: Mapping[str, Callable[[Path], Awaitable[Command]]] = {
    each.__name__: each for each in (python, go, node, java)
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """One server for all tests; each has a phone of its own."""
    async with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", params=PREPARED)
async def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command that runs a language's example; built once."""
    language: str = request.param
    if language not in _built:
        _built[language] = await PREPARED[language](tmp_path_factory.mktemp(language))
    return _built[language]


@pytest.fixture
def phone() -> str:
    """A phone that no other test uses."""
    return f"+1415555{next(_phones):04d}"


@dataclass(kw_only=True)
class Running:
    """An example under way."""

    process: asyncio.subprocess.Process
    shown: list[str] = field(default_factory=list)

    async def first_event(self) -> dict[str, Any]:
        """The event that the message is stored: from here on it knows what to go on with."""
        assert self.process.stderr is not None
        while line := (await self.process.stderr.readline()).decode():
            self.shown.append(line)
            if line.startswith("{"):
                event: dict[str, Any] = json.loads(line)
                return event
        raise AssertionError("".join(self.shown))

    async def end(self) -> Finished:
        """What it left behind."""
        stdout, stderr = await self.process.communicate()
        return Finished(
            code=self.process.returncode or 0, stdout=stdout.decode(), stderr="".join(self.shown) + stderr.decode()
        )


@asynccontextmanager
async def started(program: Command, *arguments: str, server: str) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *program, *arguments, env=os.environ | {"TEXTBACK_SERVER": server},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Running(process=process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ran(program: Command, *arguments: str, server: ServerProcess) -> Finished:
    return await run(*program, *arguments, cwd=server.folder, env={"TEXTBACK_SERVER": server.address}, limit=60)


def events(finished: Finished) -> list[dict[str, Any]]:
    return [json.loads(line) for line in finished.stderr.splitlines() if line.startswith("{")]


async def test_example_pings_and_sends_when_told(program: Command, server: ServerProcess, phone: str) -> None:
    pinged = await ran(program, "ping", server=server)
    assert json.loads(pinged.stdout)["emulator"] is True, pinged.stderr

    sent = await ran(program, "send", phone, "Backup finished.", server=server)
    assert re.fullmatch(r"msg_\w{26} MESSAGE_STATE_\w+\n", sent.stdout), sent.stderr


async def test_example_shows_each_event_once_when_its_stream_breaks(
    program: Command, server: ServerProcess, phone: str
) -> None:
    async with (
        cuttable(server.address) as proxy,
        started(program, "ask", phone, QUESTION, "yes", "no", server=proxy.address) as asking,
    ):
        await asking.first_event()
        made = proxy.connections
        proxy.cut()
        await server.answer(phone, "Yes.")
        finished = await asking.end()
        assert proxy.connections > made
    assert (finished.code, finished.stdout) == (0, "yes\n"), finished.stderr
    assert [event["sequence"] for event in events(finished)] == list(range(1, len(events(finished)) + 1))
    assert "replyReceived" in events(finished)[-1]


async def test_example_sends_once_when_the_connection_breaks_before_the_answer(
    program: Command, server: ServerProcess, phone: str
) -> None:
    slow = {"create": [{"match": {"to": phone}, "effect": {"latency": 1}}]}
    (server.folder / "faults.json").write_text(json.dumps(slow))
    set_up = await run(BIN / "twilio-emulator", "faults", "faults.json", "--url", server.phone_url, cwd=server.folder)
    assert set_up.code == 0, set_up.stderr
    async with (
        cuttable(server.address) as proxy,
        started(program, "send", phone, "Backup finished.", server=proxy.address) as sending,
    ):
        await server.message_to(phone)
        made = proxy.connections
        proxy.cut()
        finished = await sending.end()
        assert proxy.connections > made
    assert finished.stdout.startswith("msg_"), finished.stderr
    listing = ("messages", "--to", phone, "--json", "--url", server.phone_url)
    texts = await run(BIN / "twilio-emulator", *listing, cwd=server.folder)
    assert len(texts.stdout.splitlines()) == 1


async def test_example_leaves_the_question_open_when_it_is_interrupted(
    program: Command, server: ServerProcess, phone: str
) -> None:
    async with started(program, "ask", phone, QUESTION, server=server.address) as asking:
        event = await asking.first_event()
        asking.process.send_signal(signal.SIGINT)
        left = await asking.end()
    assert left.code == 130, left.stderr
    hint = re.search(rf"go on with: watch ({event['messageId']}) (\d+)$", left.stderr, re.MULTILINE)
    assert hint, left.stderr

    await server.answer(phone, "done")
    watched = await ran(program, "watch", hint[1], hint[2], server=server)
    assert (watched.code, watched.stdout) == (0, "done\n"), watched.stderr
    assert events(watched)[0]["sequence"] == int(hint[2]) + 1


async def test_example_ends_without_an_answer_when_the_question_is_cancelled(
    program: Command, server: ServerProcess, phone: str
) -> None:
    async with started(program, "ask", phone, QUESTION, server=server.address) as asking:
        event = await asking.first_event()
        cancelled = await ran(program, "cancel", event["messageId"], server=server)
        finished = await asking.end()
    assert cancelled.stdout == "WAIT_STATE_CANCELLED\n", cancelled.stderr
    assert (finished.code, finished.stdout) == (1, "")
    assert "no answer: OUTCOME_CANCELLED" in finished.stderr


async def test_example_shows_the_error_details_when_a_call_is_refused(program: Command, server: ServerProcess) -> None:
    refused = await ran(program, "ask", "(415) 555-0123", QUESTION, "yes", "YES", server=server)
    assert (refused.code, refused.stdout) == (1, "")
    sentence, *details = refused.stderr.splitlines()
    assert re.match(r"(INVALID_ARGUMENT|InvalidArgument): sms\.recipient: ", sentence)
    assert any(line.startswith("  reason INVALID_FIELD ") for line in details)
    assert {line.split(":")[0] for line in details if "field" in line} == {
        "  field sms.recipient", "  field wait.choices[1].value"
    }  # fmt: skip

    nowhere = await ran(program, "send", "+15005550001", "Backup finished.", server=server)
    assert "  see https://www.twilio.com/docs/api/errors/21211" in nowhere.stderr.splitlines()
