"""The `twilio-emulator` command: what may be said on the command line. The work is imported when it is asked for."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_URL = "http://127.0.0.1:8080"

app = typer.Typer(
    help="A Twilio in the box. EMULATOR: no SMS leaves this machine.", no_args_is_help=True, add_completion=False
)

Url = Annotated[str, typer.Option(help="Address of the running emulator.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of lines for people.")]


class Lifecycle(StrEnum):
    """The choices of --lifecycle."""

    INSTANT = "instant"
    TIMED = "timed"
    MANUAL = "manual"


class Clock(StrEnum):
    """The choices of --clock."""

    REAL = "real"
    MANUAL = "manual"


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; a busy one gives way to the next free one, 0 is any.")] = 8080,
    account_sid: Annotated[str, typer.Option(help="Account SID to pretend to be.")] = "",
    auth_token: Annotated[str, typer.Option(help="Auth token: credential and signing key.")] = "",
    sms_url: Annotated[str, typer.Option(help="Inbound webhook of the account's number.")] = "",
    lifecycle: Annotated[Lifecycle, typer.Option(help="Statuses at once, by time, or by hand.")] = Lifecycle.TIMED,
    clock: Annotated[Clock, typer.Option(help="Real time, or only what the control API advances.")] = Clock.REAL,
    step_delay: Annotated[float, typer.Option(help="Seconds between two statuses when timed.")] = 0.4,
    allow_host: Annotated[list[str] | None, typer.Option(help="Another Host name to answer to.")] = None,
    faults: Annotated[Path | None, typer.Option(help="JSON file of the faults to start with.")] = None,
    seed: Annotated[Path | None, typer.Option(help="JSON file of account, numbers and contacts to start with.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line instead of the banner.")] = False,
) -> None:
    """Run the emulator until it is interrupted."""
    from twilio_emulator import inputs, seeds, serving  # noqa: PLC0415 - help must be quick
    from twilio_emulator.faults import Rules  # noqa: PLC0415 - as above
    from twilio_emulator.server import Emulator  # noqa: PLC0415 - as above
    from twilio_emulator.settings import DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN, EmulatorSettings  # noqa: PLC0415

    try:
        rules = inputs.read_file(Rules, faults) if faults else None
        planted = inputs.read_file(seeds.Seed, seed) if seed else None
        settings = EmulatorSettings(
            host=host,
            port=port,
            find_free_port=True,
            account_sid=account_sid or DEFAULT_ACCOUNT_SID,
            auth_token=auth_token or DEFAULT_AUTH_TOKEN,
            sms_url=sms_url or None,
            lifecycle=lifecycle.value,
            step_delay=step_delay,
            clock=clock.value,
            allowed_hosts=tuple(allow_host or ()),
        )
        emulator = Emulator(settings, faults=rules, seed=planted)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    raise typer.Exit(serving.run(emulator, as_json=json))


@app.command()
def reply(
    text: Annotated[str, typer.Argument(help="What the person texts.")],
    *,
    from_: Annotated[str, typer.Option("--from", help="The person's phone, e.g. +14155550123.")],
    to: Annotated[str, typer.Option(help="Our number; by default the one that last texted the phone.")] = "",
    json: Json = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Text from a phone, as a person would. Exit 4: the webhook did not take it."""
    from twilio_emulator import client  # noqa: PLC0415 - help must be quick

    _run(lambda: client.reply(url, phone=from_, text=text, to=to, as_json=json))


@app.command()
def messages(
    *,
    phone: Annotated[str, typer.Option(help="Only this phone's messages.")] = "",
    to: Annotated[str, typer.Option(help="Only messages to this number.")] = "",
    status: Annotated[str, typer.Option(help="Only messages in this status.")] = "",
    q: Annotated[str, typer.Option("-q", help="Only messages with this in their text.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    url: Url = DEFAULT_URL,
) -> None:
    """List messages, oldest first."""
    from twilio_emulator import client  # noqa: PLC0415 - help must be quick

    filters = {"phone": phone, "to": to, "status": status, "q": q}
    _run(lambda: client.messages(url, filters=filters, as_json=json))


@app.command()
def status(
    sid: Annotated[str, typer.Argument(help="The message.")],
    value: Annotated[str, typer.Argument(metavar="STATUS", help="E.g. sent, delivered, undelivered, failed.")],
    *,
    code: Annotated[int | None, typer.Option(help="Twilio's error code, e.g. 30003.")] = None,
    json: Json = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Move a message to a status by hand."""
    from twilio_emulator import client  # noqa: PLC0415 - help must be quick

    _run(lambda: client.status(url, sid=sid, value=value, code=code, as_json=json))


@app.command()
def faults(
    file: Annotated[Path | None, typer.Argument(help="JSON file of the new rules; - is standard input.")] = None,
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Remove all rules.")] = False,
    json: Json = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Show what goes wrong on purpose, or replace it."""
    from twilio_emulator import client  # noqa: PLC0415 - help must be quick

    if clear and file:
        typer.echo("--clear: it goes without a file", err=True)
        raise typer.Exit(2)
    _run(lambda: client.faults(url, file=file, clear=clear, as_json=json))


@app.command()
def reset(*, json: Json = False, url: Url = DEFAULT_URL) -> None:
    """Go back to the start: no messages, the faults and contacts that it started with."""
    from twilio_emulator import client  # noqa: PLC0415 - help must be quick

    _run(lambda: client.reset(url, as_json=json))


@app.command()
def seed(
    file: Annotated[Path, typer.Argument(help="JSON file of numbers and contacts; - is standard input.")],
    *,
    json: Json = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Add numbers and contacts."""
    from twilio_emulator import client  # noqa: PLC0415 - help must be quick

    _run(lambda: client.seed(url, file=file, as_json=json))


def _run(work: Callable[[], int]) -> None:
    from twilio_emulator.client import guarded  # noqa: PLC0415 - help must be quick

    raise typer.Exit(guarded(work))


if __name__ == "__main__":
    app()
