"""Twilio's official SDKs for Node, Go and Java cannot tell the emulator from Twilio. Python's has tests of its own."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.application import application
from tests.support.emulators import PHONE, SENDER, emulator
from tests.support.processes import npm_install, run
from tests.support.toolchains import require

pytestmark = [pytest.mark.callers, pytest.mark.timeout(300)]
HERE = Path(__file__).parent


async def node(arguments: list[str], folder: Path) -> list[str]:  # noqa: ARG001 - its modules lie beside it
    await npm_install(require("node"), HERE / "twilio_node")
    return ["node", str(HERE / "twilio_node/caller.js"), *arguments]


async def go(arguments: list[str], folder: Path) -> list[str]:
    built = await run(require("go"), "build", "-mod=readonly", "-o", folder / "caller", ".", cwd=HERE / "twilio_go")
    assert built.code == 0, built.stderr
    return [str(folder / "caller"), *arguments]


async def java(arguments: list[str], folder: Path) -> list[str]:
    maven = require("java")
    module = shutil.copytree(HERE / "twilio_java", folder / "java", ignore=shutil.ignore_patterns("target"))
    classpath = folder / "classpath"
    build = (
        "-q",
        "-B",
        "--strict-checksums",
        "compile",
        "dependency:build-classpath",
        f"-Dmdep.outputFile={classpath}",
    )
    built = await run(maven, *build, cwd=module)
    assert built.code == 0, built.stdout[-4000:]
    return ["java", "-cp", f"{module / 'target/classes'}:{classpath.read_text()}", "Caller", *arguments]


@pytest.mark.parametrize("prepared", [node, go, java], ids=lambda each: each.__name__)
async def test_sdk_does_all_it_can_when_pointed_at_the_emulator(prepared: Any, tmp_path: Path) -> None:
    hosts = ("api.twilio.com", "messaging.twilio.com")  # Java's SDK goes on naming them
    async with application() as app, emulator(numbers=(SENDER, "+15005550099"), allowed_hosts=hosts) as running:
        running.set_sms_url(f"{app.url}/inbound")
        await running.reply("+14155550177", "Is that you, café?")
        (call,) = await app.take(1)
        webhook = {"url": app.url + call.path, "form": call.form, "signature": call.signature}
        who = [running.account_sid, running.auth_token, SENDER, PHONE]
        finished = await run(*await prepared([running.url, *who, json.dumps(webhook)], tmp_path), cwd=tmp_path)
    assert finished.code == 0, finished.stderr
    seen = json.loads(finished.stdout)

    sids = seen["created"]["sids"]
    assert seen["created"] == {"sids": sids, "statuses": ["queued"] * 3, "dated": True}
    assert seen["fetched"] == {
        "sid": sids[0], "body": "Backup finished.", "from": SENDER, "direction": "outbound-api"
    }  # fmt: skip
    assert seen["listed"] == sids[::-1]
    assert seen["refusal"] == {"status": 400, "code": 21211, "moreInfo": "https://www.twilio.com/docs/errors/21211"}
    assert (seen["redacted"], seen["removed"]) == ("", True)
    assert (seen["gone"]["status"], seen["gone"]["code"]) == (404, 20404)
    assert seen["scheduled"] == {"status": "scheduled", "from": None, "canceled": "canceled"}
    assert seen.get("media", ["image/png"]) == ["image/png"]
    assert (seen["genuine"], seen["forged"]) == (True, False)
