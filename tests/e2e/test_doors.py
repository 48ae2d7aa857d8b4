"""The commands of the doors as an operator meets them: what they refuse, where they listen, how they end."""

import asyncio
import json
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner

from tests.support.processes import run
from tests.support.readme import ROOT
from textback_cli import options
from textback_cli.main import app

TEXTBACK = str(Path(sys.executable).with_name("textback"))
ACCEPTED = {"Accept": "application/json, text/event-stream"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
}


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(TEXTBACK, *arguments, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def http_door(*arguments: str) -> AsyncIterator[str]:
    """`textback mcp --http` on a free port; its address as it says it."""
    async with running("mcp", "--http", "127.0.0.1:0", *arguments) as door:
        assert door.stderr is not None
        async with asyncio.timeout(20):
            said = (await door.stderr.readline()).decode()
        found = re.fullmatch(r"MCP at (http://127\.0\.0\.1:(\d+)/mcp)\n", said)
        assert found, said
        assert found[2] != "0"
        yield found[1]


async def test_address_is_announced_as_it_was_bound_and_answers_at_once() -> None:
    async with (
        http_door() as url,
        aiohttp.ClientSession() as session,
        session.post(url, json=INITIALIZE, headers=ACCEPTED) as answer,
    ):
        assert answer.status == 200


HOSTS = [
    ("localhost", "", 200),
    ("127.0.0.1", "", 200),
    ("LocalHost:8082", "", 200),
    ("mcp.example.com", "https://mcp.example.com", 200),
    ("mcp.example.com:8443", "https://mcp.example.com:8443", 200),
    ("MCP.Example.com", "", 200),
    ("other.example.com", "", 200),
    ("other.example.com:1234", "", 200),
    ("[::1]", "http://[::1]", 200),
    ("127.0.0.1", "http://localhost", 200),
    ("evil.example", "", 421),
    ("mcp.example.com.evil.example", "", 421),
    ("evil.mcp.example.com", "", 421),
    ("127.0.0.1", "http://evil.example", 403),
]


async def test_host_is_known_with_and_without_a_port_in_any_case() -> None:
    allowed = ("--allow-host", "MCP.example.com", "--allow-host", "other.example.com:8443")
    async with http_door(*allowed) as url, aiohttp.ClientSession() as session:
        for host, origin, status in HOSTS:
            headers = ACCEPTED | {"Host": host} | ({"Origin": origin} if origin else {})
            async with session.post(url, json=INITIALIZE, headers=headers) as answer:
                assert answer.status == status, (host, origin)


@pytest.mark.parametrize("command", ["mcp", "limacharlie"])
async def test_busy_port_is_said_and_nothing_is_announced(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        arguments = ["--http", address] if command == "mcp" else [*_files(tmp_path), "--listen", address]
        ran = await run(TEXTBACK, command, *arguments, cwd=ROOT, limit=30)
    said = f"textback: cannot listen on {address}: Address already in use\n"
    assert (ran.code, ran.stdout, ran.stderr) == (1, "", said)


async def test_interrupt_ends_a_door_at_standard_input() -> None:
    async with running("mcp") as door:
        assert door.stdin is not None
        assert door.stdout is not None
        door.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        async with asyncio.timeout(20):
            assert b"protocolVersion" in await door.stdout.readline()
            door.send_signal(signal.SIGINT)
            assert await door.wait() in (-signal.SIGINT, 130)
        assert door.stderr is not None
        assert b"Traceback" not in await door.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--wait", "0s"], "--wait: is 0.0 s; it may be 1s to 30d"),
        (["--wait", "9000d"], "--wait: is 9000 d; it may be 1s to 30d"),
        (["--block", "0s"], "--block: is 0.0 s; it may be 1s to 30d"),
        (["--block", "31d"], "--block: is 31 d; it may be 1s to 30d"),
        (["--allow-host", "https://mcp.example.com"], '--allow-host: "https://mcp.example.com" is no host'),
        (["--allow-host", "*"], '--allow-host: "*" is no host'),
        (["--server", "nowhere"], '--server: "nowhere" is not an address; write e.g. 127.0.0.1:50051'),
        (["--server", "http://127.0.0.1:50051"], '--server: "http://127.0.0.1:50051" is not an address'),
        (["--server", "my host:50051"], '--server: "my host:50051" is not an address'),
        (["--server", "127.0.0.1:500510"], '--server: "127.0.0.1:500510" is not an address'),
        (["--server", "unix:"], '--server: "unix:" is not an address'),
    ],
)
def test_option_that_means_nothing_is_refused_at_start(arguments: list[str], said: str) -> None:
    ran = CliRunner().invoke(app, ["mcp", "--tools", "soar", *arguments], env={"TERMINAL_WIDTH": "400"})
    assert (ran.exit_code, said in _line(ran.output)) == (2, True), ran.output


def test_address_of_the_service_is_checked_before_limacharlie_is_let_in(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["limacharlie", *_files(tmp_path), "--server", "nowhere"])
    assert (ran.exit_code, '--server: "nowhere" is not an address' in _line(ran.output)) == (2, True), ran.output


@pytest.mark.parametrize(
    "text", ["[organizations]\nx = " + "[" * 50_000, "x = " + "{a=" * 20_000], ids=["lists", "tables"]
)
def test_organizations_nested_too_deeply_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    arguments = _files(tmp_path)
    Path(arguments[1]).write_text(text)
    ran = CliRunner().invoke(app, ["limacharlie", *arguments])
    assert (ran.exit_code, "is no TOML: it is nested too deeply" in _line(ran.output)) == (2, True), ran.output


@pytest.mark.parametrize(
    "server", ["127.0.0.1:50051", "[::1]:50051", "unix:/run/t.sock", "unix:t.sock", "dns:///textback:50051", "a-b.c:1"]
)
def test_address_of_a_service_is_taken(server: str) -> None:
    assert options.server(server) == server


def _files(folder: Path) -> list[str]:
    organizations, secret = folder / "organizations.toml", folder / "secret"
    organizations.write_text('[organizations]\n"*" = "default"\n')
    secret.write_text("0123456789abcdef")
    return ["--organizations", str(organizations), "--secret-file", str(secret)]


def _line(output: str) -> str:
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", output).split())
