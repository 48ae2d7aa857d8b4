"""`textback serve`: runs the service until it is told to stop; with `--emulator` also a Twilio in the box beside it."""

import asyncio
import gc
import os
import shutil
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop

from textback_cli.annotating import annotating
from textback_cli.demo import demo, snippets
from textback_cli.exits import ExitCode
from textback_server import __version__, telemetry
from textback_server.api.server import ServerSettings
from textback_server.app import App, running
from textback_server.config import ConfigError, Loaded, load
from textback_server.gateway.accounts import Account, Secret
from textback_server.store.protocol import StoreError
from twilio_emulator import Emulator, EmulatorSettings

_PHONE = "+14155550123"
_DEFAULT_GRPC = "127.0.0.1:50051"
_GARBAGE = 5_000
"""Objects made between two looks for garbage; with Python's own 700 a send takes about a twentieth longer."""


def serve(*, emulator: bool, json_logs: bool) -> int:
    """Run until SIGINT or SIGTERM. Returns the exit code: 2 for settings that cannot be used."""
    gc.set_threshold(_GARBAGE)
    level = "WARNING" if emulator else "INFO"
    try:
        with telemetry.logging_to(telemetry.STDERR, json=json_logs, level=level):
            uvloop.run(_serve(emulator=emulator))
    except ConfigError as error:
        _complain(error.lines)
        return ExitCode.USAGE
    except (OSError, StoreError) as error:
        _complain([str(error)])
        return ExitCode.OTHER
    return ExitCode.OK


async def _serve(*, emulator: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        if emulator:
            await _beside_emulator(stack)
        else:
            loaded = _loaded(None)
            app = await stack.enter_async_context(running(loaded.settings))
            _print(_banner(app, loaded))
        await stop.wait()


async def _beside_emulator(stack: AsyncExitStack) -> None:
    """Start both, wired to each other; nobody watches the health of a demo, so it stops at once."""
    twilio = await stack.enter_async_context(Emulator(EmulatorSettings(find_free_port=True)))
    loaded = _loaded(_account(twilio))
    quick = ServerSettings(lame_duck=0.0, grace=1.0)
    app = await stack.enter_async_context(running(loaded.settings, server=quick, next_free_port=True))
    twilio.set_sms_url(app.inbound_url)
    twilio.set_demo_url(await stack.enter_async_context(demo(app.grpc)))
    twilio.set_snippets(snippets(app.grpc))
    await stack.enter_async_context(annotating(twilio, app.grpc))
    _print(_emulator_banner(app, twilio.url))


def _loaded(emulator: Account | None) -> Loaded:
    loaded = load(os.environ, emulator)
    for note in loaded.notes:
        print(f"note: {note}", file=sys.stderr)  # noqa: T201 - a command speaks
    return loaded


def _account(twilio: Emulator) -> Account:
    return Account(
        name="default",
        account_sid=twilio.account_sid,
        auth_token=Secret(twilio.auth_token),
        senders=(EmulatorSettings().numbers[0],),
        api_url=twilio.url,
    )


def _emulator_banner(app: App, phone_url: str) -> list[str]:
    command = f'{_own_name()} ask {_PHONE} "Isolate host web-03?" --choice yes --choice no'
    question = f'{{"sms":{{"recipient":"{_PHONE}","body":"Isolate host web-03?"}}}}'
    elsewhere = "" if app.grpc == _DEFAULT_GRPC else f"TEXTBACK_SERVER={app.grpc} "
    return [
        f"textback {__version__}   EMULATOR: no SMS leaves this machine",
        f"  gRPC    {app.grpc}      health, reflection on",
        f"  phone   {phone_url.rstrip('/')}/",
        "In a second terminal, then answer on the page:",
        f"  {elsewhere}{command}",
        f"  grpcurl -plaintext -d '{question}' {app.grpc} textback.v1.SmsService/SendSmsAndWait",
    ]


def _banner(app: App, loaded: Loaded) -> list[str]:
    public = loaded.settings.public_url
    alone = "replies come by polling" if loaded.settings.polling else "questions are refused"
    replies = f"Twilio reaches them at {public}" if public else f"no TEXTBACK_PUBLIC_URL: {alone}"
    return [
        f"textback {__version__}",
        f"  gRPC      {app.grpc}      no TLS; health, reflection on",
        f"  webhooks  {app.http}      {replies}",
        f"  store     {loaded.settings.store}",
    ]


def _own_name() -> str:
    """How this command is typed here: from the project's own environment, or from the PATH."""
    own = Path(sys.argv[0]).absolute()
    if own.is_relative_to(Path.cwd()):
        return str(own.relative_to(Path.cwd()))
    return own.name if shutil.which(own.name) else str(own)


def _print(lines: list[str]) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201 - a command speaks


def _complain(lines: tuple[str, ...] | list[str]) -> None:
    for line in lines:
        print(f"textback: {line}", file=sys.stderr)  # noqa: T201 - a command speaks
