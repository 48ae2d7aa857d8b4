"""The Go and Node examples against the real server and the emulator: what other teams start from works as it is."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.processes import npm_install, run
from tests.support.server_process import serving
from tests.support.toolchains import require

pytestmark = [pytest.mark.callers, pytest.mark.timeout(240)]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PHONE = "+14155550123"

Command = tuple[str | Path, ...]
Prepare = Callable[[Path], Awaitable[Command]]


async def go(folder: Path) -> Command:
    """Builds the Go example."""
    program = folder / "example"
    built = await run(require("go"), "build", "-o", program, ".", cwd=EXAMPLES / "go")
    assert built.code == 0, built.stderr
    return (program,)


async def node(_folder: Path) -> Command:
    """Installs and type-checks the Node example."""
    npm = require("node")
    await npm_install(npm, EXAMPLES / "node")
    checked = await run(npm, "run", "-s", "check", cwd=EXAMPLES / "node")
    assert checked.code == 0, checked.stdout
    return ("node", EXAMPLES / "node/main.js")


@pytest.mark.parametrize("prepare", [go, node])
async def test_example_gets_the_answer_when_the_person_replies(prepare: Prepare, tmp_path: Path) -> None:
    command = await prepare(tmp_path)
    async with serving(tmp_path) as server:
        env = {"TEXTBACK_SERVER": server.address}
        pinged = await run(*command, "ping", cwd=tmp_path, env=env)
        assert json.loads(pinged.stdout)["emulator"] is True, pinged.stderr

        sent = await run(*command, "send", "+14155550199", "Backup finished.", cwd=tmp_path, env=env)
        assert sent.stdout.startswith("msg_"), sent.stderr

        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(
                run(*command, "ask", PHONE, "Isolate host web-03?", "yes", "no", cwd=tmp_path, env=env)
            )
            await server.answer(PHONE, "Yes.")
    assert (asked.result().code, asked.result().stdout) == (0, "yes\n"), asked.result().stderr
    events = [json.loads(line) for line in asked.result().stderr.splitlines()]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert "created" in events[0]
    assert "replyReceived" in events[-1]


@pytest.mark.parametrize("prepare", [go, node])
async def test_example_fails_with_the_servers_sentence_when_the_recipient_is_wrong(
    prepare: Prepare, tmp_path: Path
) -> None:
    command = await prepare(tmp_path)
    async with serving(tmp_path) as server:
        asked = await run(
            *command,
            "ask",
            "(415) 555-0123",
            "Isolate host web-03?",
            cwd=tmp_path,
            env={"TEXTBACK_SERVER": server.address},
        )
    assert asked.code == 1
    assert "+14155550123" in asked.stderr
