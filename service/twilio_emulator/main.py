"""The `twilio-emulator` command: what may be said on the command line. The work is imported when it is asked for."""

from enum import StrEnum
from typing import Annotated

import typer

DEFAULT_URL = "http://127.0.0.1:8080"

app = typer.Typer(
    help="A Twilio in the box. EMULATOR: no SMS leaves this machine.", no_args_is_help=True, add_completion=False
)

Url = Annotated[str, typer.Option(help="Address of the running emulator.")]


class Lifecycle(StrEnum):
    """The choices of --lifecycle."""

    INSTANT = "instant"
    TIMED = "timed"


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; a busy one gives way to the next free one, 0 is any.")] = 8080,
    account_sid: Annotated[str, typer.Option(help="Account SID to pretend to be.")] = "",
    auth_token: Annotated[str, typer.Option(help="Auth token: credential and signing key.")] = "",
    sms_url: Annotated[str, typer.Option(help="Inbound webhook of the account's number.")] = "",
    lifecycle: Annotated[Lifecycle, typer.Option(help="Statuses at once, or one after another.")] = Lifecycle.TIMED,
    step_delay: Annotated[float, typer.Option(help="Seconds between two statuses when timed.")] = 0.4,
    allow_host: Annotated[list[str] | None, typer.Option(help="Another Host name to answer to.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line instead of the banner.")] = False,
) -> None:
    """Run the emulator until it is interrupted."""
    from twilio_emulator import serving  # noqa: PLC0415 - help must be quick
    from twilio_emulator.settings import DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN, EmulatorSettings  # noqa: PLC0415

    try:
        settings = EmulatorSettings(
            host=host,
            port=port,
            find_free_port=True,
            account_sid=account_sid or DEFAULT_ACCOUNT_SID,
            auth_token=auth_token or DEFAULT_AUTH_TOKEN,
            sms_url=sms_url or None,
            lifecycle=lifecycle.value,
            step_delay=step_delay,
            allowed_hosts=tuple(allow_host or ()),
        )
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    raise typer.Exit(serving.run(settings, as_json=json))


@app.command()
def reply(
    text: Annotated[str, typer.Argument(help="What the person texts.")],
    *,
    from_: Annotated[str, typer.Option("--from", help="The person's phone, e.g. +14155550123.")],
    to: Annotated[str, typer.Option(help="Our number; by default the one that last texted the phone.")] = "",
    url: Url = DEFAULT_URL,
) -> None:
    """Text from a phone, as a person would. Exit 4: the webhook did not take it."""
    from twilio_emulator import client  # noqa: PLC0415 - help must be quick

    raise typer.Exit(client.reply(url, phone=from_, text=text, to=to))


@app.command()
def messages(
    *,
    phone: Annotated[str, typer.Option(help="Only this phone's messages.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    url: Url = DEFAULT_URL,
) -> None:
    """List messages, oldest first."""
    from twilio_emulator import client  # noqa: PLC0415 - help must be quick

    raise typer.Exit(client.messages(url, phone=phone, as_json=json))


if __name__ == "__main__":
    app()
