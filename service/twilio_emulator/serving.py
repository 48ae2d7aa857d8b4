"""Running one emulator in the foreground: the banner, the signals, the exit status."""

import asyncio
import json
import os
import signal

import typer

from twilio_emulator.server import Emulator

# What Twilio's own tools read; here they would suggest a real account.
TWILIO_VARIABLES = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET")


def run(emulator: Emulator, *, as_json: bool) -> int:
    """Serve until SIGINT or SIGTERM and return the exit status: 0, or 1 when it cannot listen."""
    try:
        asyncio.run(_serve(emulator, as_json=as_json))
    except OSError as error:
        settings = emulator.settings
        typer.echo(f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}", err=True)
        return 1
    return 0


async def _serve(emulator: Emulator, *, as_json: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with emulator:
        ignored = [name for name in TWILIO_VARIABLES if os.environ.get(name)]
        typer.echo(_json_line(emulator, ignored) if as_json else _banner(emulator, ignored))
        await stop.wait()


def _banner(emulator: Emulator, ignored: list[str]) -> str:
    settings = emulator.settings
    inbound = settings.sms_url or "no webhook, replies are only stored (--sms-url sets one)"
    lines = [
        "twilio-emulator   EMULATOR: no SMS leaves this machine",
        f"  phone     {emulator.url}/",
        f"  API       {emulator.url}   (base URL for Twilio SDKs)",
        f"  account   {settings.account_sid} / {settings.auth_token}",
        f"  API key   {settings.api_key} / {settings.api_secret}",
        f"  number    {settings.numbers[0]} -> {inbound}",
    ]
    if settings.port not in {0, emulator.port}:
        lines.append(f"  port {settings.port} is busy, so this is {emulator.port}")
    if ignored:
        lines.append(f"  ignored from the environment: {', '.join(ignored)}")
    return "\n".join(lines)


def _json_line(emulator: Emulator, ignored: list[str]) -> str:
    settings = emulator.settings
    return json.dumps(
        {
            "emulator": True,
            "url": emulator.url,
            "control_token": emulator.control_token,
            "account_sid": settings.account_sid,
            "auth_token": settings.auth_token,
            "api_key": settings.api_key,
            "api_secret": settings.api_secret,
            "numbers": settings.numbers,
            "sms_url": settings.sms_url,
            "ignored_environment": ignored,
        }
    )
