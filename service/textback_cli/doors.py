"""`textback mcp` and `textback limacharlie`: other systems' doors to a service, run until they are told to stop."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import socket
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
from textback_server.config.shapes import Address

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
    options.server(connection.server)
    options.check_length("--wait", wait)
    options.check_length("--block", block)
    hosts = [options.host_name(each) for each in allow_hosts]
    where = options.address(http) if http else None
    if http and not is_local(http) and not hosts:
        raise typer.BadParameter(
            f"--http: {http} is not loopback, and whoever reaches it may text people; put what authenticates in front "
            "of it, and say by --allow-host how it is called"
        )

    try:
        listener = None if where is None else _listening(*where)
    except OSError as error:
        return _not_listening(http, error)
    if listener is None:
        # Reading standard input cannot be broken off, and there is nothing to put away.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    async def run() -> None:
        from textback_adapters.mcp_server.server import over_http, over_stdio, server  # noqa: PLC0415 - takes 0.7 s

        async with _textback(connection) as textback:
            bench = Bench(textback=textback, wait=wait or DEFAULT_WAIT, block=block)
            made = server(offered(Set(tools)), bench, __version__)
            if listener is None:
                await over_stdio(made)
            else:
                typer.echo(f"MCP at http://{Address(*listener.getsockname()[:2])}/mcp", err=True)
                await over_http(made, listener, hosts)

    asyncio.run(run())
    return ExitCode.OK


def limacharlie(connection: Connection, *, organizations: Path, secret_file: Path, listen: str) -> int:
    """Serve the extension. Returns the exit code."""
    options.server(connection.server)
    host, port = options.address(listen)
    accounts, secret = _organizations(organizations), _secret(secret_file)
    try:
        listener = _listening(host, port)
    except OSError as error:
        return _not_listening(listen, error)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with _textback(connection) as textback:
            extension = Extension(textback=textback, secret=secret, organizations=accounts)
            runner = extension.runner()
            await runner.setup()
            try:
                await web.SockSite(runner, listener).start()
                shown = Address(*listener.getsockname()[:2])
                typer.echo(f"LimaCharlie extension at http://{shown}/   {len(accounts)} organizations")
                await stop.wait()
            finally:
                await runner.cleanup()

    asyncio.run(run())
    return ExitCode.OK


def _listening(host: str, port: int) -> socket.socket:
    """Take the port before anything is said of it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1_024)


def _not_listening(address: str, error: OSError) -> int:
    # A busy port's error has the address in its text; a name that is not known has no number of the system's.
    why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    typer.echo(f"textback: cannot listen on {address}: {why}", err=True)
    return ExitCode.OTHER


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
    except RecursionError:
        raise typer.BadParameter(f"--organizations: {file} is no TOML: it is nested too deeply") from None
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
