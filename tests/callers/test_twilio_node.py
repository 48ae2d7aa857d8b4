"""The official Twilio SDK for Node cannot tell the emulator from Twilio."""

import json
from pathlib import Path

import pytest

from tests.support.emulators import PHONE, SENDER, emulator
from tests.support.processes import npm_install, run
from tests.support.toolchains import require

pytestmark = [pytest.mark.callers, pytest.mark.timeout(180)]
CALLER = Path(__file__).with_name("twilio_node")


async def test_node_sdk_does_all_it_can_when_pointed_at_the_emulator() -> None:
    await npm_install(require("node"), CALLER)
    async with emulator(numbers=(SENDER, "+15005550099")) as running:
        settings = running.settings
        finished = await run(
            "node", "caller.js", running.url, settings.account_sid, settings.auth_token, SENDER, PHONE, cwd=CALLER
        )
    assert finished.code == 0, finished.stderr
    seen = json.loads(finished.stdout)

    sids = [message["sid"] for message in seen["created"]]
    assert [message["status"] for message in seen["created"]] == ["queued"] * 3
    assert all(message["dated"] and message["numSegments"] == "1" for message in seen["created"])
    assert seen["fetched"] == {
        "sid": sids[0], "body": "Backup 1 finished.", "from": SENDER, "to": PHONE, "direction": "outbound-api"
    }  # fmt: skip
    assert seen["listed"] == sids[::-1]
    assert seen["refusal"] == {"status": 400, "code": 21211, "moreInfo": "https://www.twilio.com/docs/errors/21211"}
    assert (seen["media"], seen["redacted"], seen["removed"]) == (["image/png"], "", True)
    assert seen["gone"] == {"status": 404, "code": 20404}
    assert seen["scheduled"] == {"status": "scheduled", "from": None, "canceled": "canceled"}
