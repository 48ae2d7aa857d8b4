"""The `twilio-emulator` command as a person starts it."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.support.application import application
from tests.support.emulators import PHONE

COMMAND = (sys.executable, "-m", "twilio_emulator.main")


@asynccontextmanager
async def serving(*arguments: str, **environment: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "serve", *arguments, stdout=PIPE, stderr=PIPE, env=os.environ | environment
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = await asyncio.wait_for(process.communicate(), 10)
        assert (process.returncode, errors) == (0, b"")


async def read_line(process: Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 10)).decode().rstrip()


async def run(*arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(*COMMAND, *arguments, stdout=PIPE, stderr=PIPE)
    out, err = await asyncio.wait_for(process.communicate(), 10)
    return process.returncode, out.decode(), err.decode()


async def test_serve_prints_a_short_banner_and_takes_the_next_port_when_its_own_is_busy() -> None:
    async with serving("--port", "0", "--json") as first:
        port = json.loads(await read_line(first))["url"].rpartition(":")[2]
        async with serving("--port", port, TWILIO_AUTH_TOKEN="real") as second:
            banner = [await read_line(second) for _ in range(8)]

    assert banner[0] == "twilio-emulator   EMULATOR: no SMS leaves this machine"
    assert f"  port {port} is busy, so this is" in banner[6]
    assert banner[7] == "  ignored from the environment: TWILIO_AUTH_TOKEN"
    assert "real" not in "".join(banner)


async def test_reply_and_messages_work_from_the_shell() -> None:
    async with application() as app, serving("--port", "0", "--json", "--sms-url", app.url + "/in") as emulator:
        url = json.loads(await read_line(emulator))["url"]

        status, out, _ = await run("reply", "--url", url, "--from", PHONE, "4821 yes")
        assert (status, "webhook answered 200 in" in out) == (0, True)
        app.status = 500
        status, _, err = await run("reply", "--url", url, "--from", PHONE, "again")
        assert (status, "answered 500" in err) == (4, True)

        _, listed, _ = await run("messages", "--url", f"{url}/", "--phone", PHONE)
        assert [line.split()[-1] for line in listed.splitlines()] == ["yes", "again"]
        status, _, err = await run("reply", "--url", url, "--from", "4155550123", "hi")
        assert (status, err.startswith("from: '4155550123' is not a phone number")) == (1, True)


async def test_reply_says_how_to_start_one_when_no_emulator_answers() -> None:
    status, _, err = await run("reply", "--url", "http://127.0.0.1:9", "--from", PHONE, "hi")

    assert (status, err) == (1, "no emulator answers at http://127.0.0.1:9; start one with: twilio-emulator serve\n")


async def test_commands_change_a_running_emulator_from_the_shell(tmp_path: Path) -> None:
    rules, seed = tmp_path / "faults.json", tmp_path / "seed.json"
    rules.write_text('{"inbound_webhook": [{"count": 1, "effect": {"drop": true}}]}')
    seed.write_text('{"numbers": [{"phone_number": "+15005550099"}], "contacts": [{"phone": "+14155550123"}]}')
    started = ("--port", "0", "--json", "--lifecycle", "manual", "--faults", str(rules), "--seed", str(seed))
    async with application() as app, serving(*started) as emulator:
        about = json.loads(await read_line(emulator))
        at = ("--url", about["url"])
        assert about["numbers"] == ["+15005550099"]

        status, out, _ = await run("faults", *at)
        assert (status, out) == (0, 'inbound_webhook  struck 0   {"count": 1, "effect": {"drop": true}}\n')
        status, out, _ = await run("faults", *at, "--clear")
        assert (status, out) == (0, "no faults: everything goes well\n")
        status, out, _ = await run("faults", *at, "--json", str(rules))
        assert (status, json.loads(out)["fired"]["inbound_webhook"]) == (0, [0])
        status, _, err = await run("faults", *at, str(seed))
        assert (status, err) == (1, "numbers: unknown field\n")
        status, _, err = await run("faults", *at, str(tmp_path / "none.json"))
        assert (status, "none.json: No such file" in err) == (1, True)

        seed.write_text(f'{{"numbers": [{{"phone_number": "+15005550099", "sms_url": "{app.url}/in"}}]}}')
        assert await run("seed", *at, str(seed)) == (0, "seeded\n", "")
        status, out, _ = await run("reply", *at, "--json", "--from", PHONE, "dropped")
        assert (status, json.loads(out)["delivered"]["error"]) == (4, "dropped by a fault")
        status, out, _ = await run("reply", *at, "--json", "--from", PHONE, "arrives")
        assert (status, json.loads(out)["delivered"]["status"]) == (0, 200)

        sid = await send(about)
        status, out, _ = await run("status", *at, sid, "undelivered", "--code", "30003")
        assert (status, "undelivered 30003" in out) == (0, True)
        status, _, err = await run("status", *at, sid, "delivered")
        assert (status, err.startswith("status: delivered cannot follow undelivered")) == (1, True)
        _, out, _ = await run("messages", *at, "--json", "--to", PHONE, "--status", "undelivered", "-q", "HI")
        assert [json.loads(line)["sid"] for line in out.splitlines()] == [sid]

        assert (await run("reset", *at))[0] == 0
        assert (await run("messages", *at))[1] == ""


async def send(about: dict[str, str]) -> str:
    path = f"{about['url']}/2010-04-01/Accounts/{about['account_sid']}/Messages.json"
    login = aiohttp.encode_basic_auth(about["account_sid"], about["auth_token"])
    async with (
        aiohttp.ClientSession(headers={"Authorization": login}) as http,
        http.post(path, data={"To": PHONE, "From": about["numbers"][0], "Body": "Hi"}) as answer,
    ):
        return str((await answer.json())["sid"])


@pytest.mark.parametrize("option", ["--faults", "--seed"])
async def test_serve_is_refused_with_status_2_when_a_file_is_wrong(option: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    file.write_text('{"sends": []}')

    status, _, err = await run("serve", option, str(file))

    assert (status, err) == (2, f"{file}: sends: unknown field\n")


async def test_serve_is_refused_with_status_2_when_an_option_is_wrong() -> None:
    status, _, err = await run("serve", "--account-sid", "AC1")

    assert (status, err.startswith("account_sid: 'AC1' is not a SID")) == (2, True)


async def test_help_loads_no_web_server() -> None:
    program = "import sys, twilio_emulator.main; sys.exit('aiohttp' in sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)

    assert await process.wait() == 0
