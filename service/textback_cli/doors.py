"""`textback mcp` and `textback limacharlie`: other systems' doors to a service, run until they are told to stop."""

from __future__ import annotations

import asyncio
import importlib.util
import signal
import tomllib
from datetime import timedelta
from pathlib import Path

import typer
from aiohttp import web

from textback_adapters.limacharlie.extension import Extension
from textback_adapters.mcp_server.tools import DEFAULT_WAIT, Bench, Set, offered
from textback_cli import options
from textback_cli.connection import Connection
from textback_cli.exits import ExitCode
from textback_client import Textback
from textback_client.channel import is_local
from textback_server import __version__

_SHORTEST_SECRET = 16
_LARGEST_FILE = 1_000_000
_SILENCE = 60.0
"""Seconds without a word from the service before a call gives up."""


def mcp(
    connection: Connection,
    *,
    tools: options.Tools,
    http: str,
    allow_hosts: list[str],
    wait: timedelta | None,
    block: timedelta | None,
) -> int:
    """Serve MCP. Returns the exit code."""
    if importlib.util.find_spec("mcp") is None:
        typer.echo("textback: the MCP SDK is not installed; install textback[mcp]", err=True)
        return ExitCode.OTHER
    where = options.address(http) if http else None
    if http and not is_local(http) and not allow_hosts:
        raise typer.BadParameter(
            f"--http: {http} is not loopback, and whoever reaches it may text people; put what authenticates in front "
            "of it, and say by --allow-host how it is called"
        )

    async def run() -> None:
        from textback_adapters.mcp_server.server import over_http, over_stdio, server  # noqa: PLC0415 - takes 0.7 s

        async with _textback(connection) as textback:
            bench = Bench(textback=textback, wait=wait or DEFAULT_WAIT, block=block)
            made = server(offered(Set(tools)), bench, __version__)
            if where is None:
                await over_stdio(made)
            else:
                typer.echo(f"MCP at http://{http}/mcp", err=True)
                await over_http(made, *where, allow_hosts)

    asyncio.run(run())
    return ExitCode.OK


def limacharlie(connection: Connection, *, organizations: Path, secret_file: Path, listen: str) -> int:
    """Serve the extension. Returns the exit code."""
    host, port = options.address(listen)
    accounts, secret = _organizations(organizations), _secret(secret_file)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with _textback(connection) as textback:
            extension = Extension(textback=textback, secret=secret, organizations=accounts)
            runner = extension.runner()
            await runner.setup()
            try:
                await web.TCPSite(runner, host, port).start()
                shown = ":".join(map(str, runner.addresses[0][:2]))
                typer.echo(f"LimaCharlie extension at http://{shown}/   {len(accounts)} organizations")
                await stop.wait()
            finally:
                await runner.cleanup()

    try:
        asyncio.run(run())
    except OSError as error:
        typer.echo(f"textback: cannot listen on {listen}: {error.strerror}", err=True)
        return ExitCode.OTHER
    return ExitCode.OK


def _textback(connection: Connection) -> Textback:
    return Textback(
        connection.server,
        account=connection.account,
        token=connection.token or None,
        plaintext=connection.plaintext or None,
        patience=_SILENCE,
    )


def _organizations(file: Path) -> dict[str, str]:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise typer.BadParameter(f"--organizations: {file} is larger than any such file")
        found = tomllib.loads(file.read_text(encoding="utf-8")).get("organizations")
    except OSError as error:
        raise typer.BadParameter(f"--organizations: {file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise typer.BadParameter(f"--organizations: {file} is no TOML: {error}") from None
    if not isinstance(found, dict) or not found or not all(isinstance(each, str) for each in found.values()):
        raise typer.BadParameter(
            f'--organizations: {file} names none; it may be [organizations] and lines of "ORGANIZATION ID" = "ACCOUNT"'
        )
    return found


def _secret(file: Path) -> bytes:
    try:
        secret = file.read_bytes()[:_LARGEST_FILE].strip()
    except OSError as error:
        raise typer.BadParameter(f"--secret-file: {file} cannot be read: {error.strerror}") from None
    if len(secret) < _SHORTEST_SECRET:
        raise typer.BadParameter(
            f"--secret-file: {file} has {len(secret)} characters; the secret may have {_SHORTEST_SECRET} or more"
        )
    return secret
