"""`textback`: ask a person by text message from the command line, and look after what was asked.

Commands import what they need when they run, so that `--help` is quick.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from textback_cli import options
from textback_cli.connection import Connection, connected

if TYPE_CHECKING:
    # At run time gRPC is imported by the commands that call.
    from textback_client import AskOptions, SendOptions

# The C core writes to stderr what is not for people; it reads this when gRPC is first imported.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

app = typer.Typer(
    help="Ask a person by text message, watch the message travel, and get the answer back.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

PAGE = 1000
"""The server's longest page."""

Recipient = Annotated[str, typer.Argument(help="Phone number, E.164: +14155550123.")]
Body = Annotated[str, typer.Argument(metavar="TEXT", help="The text; with --template a template.")]
MessageId = Annotated[str, typer.Argument(help="The message: msg_….")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Sender = Annotated[str, typer.Option(help="Who the SMS is from; default: the account's sender.")]
Labels = Annotated[
    list[options.Label] | None,
    typer.Option("--label", parser=options.label, metavar="K=V", help="Your own word about it; repeatable."),
]
Case = Annotated[str, typer.Option(help="The case it belongs to.")]
RequestId = Annotated[str, typer.Option(help="Idempotency key: the same one sends once, and picks up what was sent.")]
Expect = Annotated[
    str, typer.Option(metavar="CHOICE", help="Exit 0 only if a person chose this; 6 for another answer.")
]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]
Template = Annotated[bool, typer.Option("--template", help="TEXT is a template, e.g. 'Login by {{ .user }}'.")]
Data = Annotated[
    options.Document | None,
    typer.Option(parser=options.document, metavar="JSON|@FILE", help="What the template is about."),
]
Truncate = Annotated[bool, typer.Option("--truncate", help="Cut a text that is too long.")]
MaxSegments = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="The most segments that the text may take, prompt included.")
]
Resend = Annotated[
    bool,
    typer.Option("--resend", help="Once more if nobody knows whether Twilio took it; they may get it twice."),
]

Choices = Annotated[
    list[options.Answer] | None,
    typer.Option(
        "--choice", parser=options.answer, metavar="VALUE[=ALIAS,…]", help="An answer that counts; repeatable."
    ),
]
Timeout = Annotated[
    timedelta | None,
    typer.Option(parser=options.length, metavar="LENGTH", help="How long to wait: 30s, 10m, 2h, 1h30m. Default: 1h."),
]
Prompt = Annotated[
    str, typer.Option(metavar="LINE", help="What to text back, in your words, with {code} or {choices}.")
]
Match = Annotated[
    options.Match | None,
    typer.Option(help="What a reply must carry: its code, or nothing while only one question is open."),
]
Notices = Annotated[options.Notices | None, typer.Option(help="What they may be texted back. Default: hints.")]
MaxInvalid = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Give up after so many replies that were no answer.")
]


@app.command()
@connected
def ask(
    connection: Connection,
    recipient: Recipient,
    body: Body,
    *,
    choice: Choices = None,
    timeout: Timeout = None,
    timeout_choice: Annotated[str, typer.Option(metavar="CHOICE", help="What a timeout stands for.")] = "",
    expect: Expect = "",
    prompt: Prompt = "",
    match: Match = None,
    notices: Notices = None,
    max_invalid: MaxInvalid = None,
    template: Template = False,
    data: Data = None,
    truncate: Truncate = False,
    max_segments: MaxSegments = None,
    resend: Resend = False,
    sender: Sender = "",
    label: Labels = None,
    case: Case = "",
    request_id: RequestId = "",
    as_json: Json = False,
) -> int:
    """Ask a person and wait for the answer. With output piped, stdout is the answer alone.

    Exit codes: 0 answered, 1 other, 2 usage, 3 timed out, 4 failed or opted out, 5 cancelled, 6 another answer than
    --expect, 130 interrupted (the question stays open).
    """
    answers = choice or []
    options.check_choice("--expect", expect, answers)
    from textback.v1.sms_message_pb2 import Choice  # noqa: PLC0415  see the module
    from textback_cli.question import Question  # noqa: PLC0415  see the module

    wanted = cast("AskOptions", _send_options(sender, label, case, request_id))
    wanted |= cast("AskOptions", _text_options(body, template, data, truncate, max_segments))
    wanted |= {
        "resend_if_unconfirmed": resend,
        "choices": [Choice(value=each.value, aliases=each.aliases) for each in answers],
        "timeout_choice": timeout_choice,
        "prompt": prompt,
        "max_invalid_replies": max_invalid or 0,
    }
    if timeout is not None:
        wanted["reply_timeout"] = timeout
    if match is not None:
        wanted["reply_match"] = match
    if notices is not None:
        wanted["notices"] = notices
    text = "" if template else body
    return Question(
        connection, lambda textback: textback.ask(recipient, text, **wanted), expect=expect, as_json=as_json
    ).run()


@app.command()
@connected
def watch(
    connection: Connection,
    message_id: MessageId,
    after: Annotated[int, typer.Option(min=0, help="Only events after this sequence number.")] = 0,
    expect: Expect = "",
    as_json: Json = False,
) -> int:
    """Follow a message from its first event to its end; exit codes as with ask."""
    from textback_cli.question import Question  # noqa: PLC0415  see the module

    return Question(
        connection, lambda textback: textback.watch(message_id, after_sequence=after), expect=expect, as_json=as_json
    ).run()


@app.command()
@connected
def send(
    connection: Connection,
    recipient: Recipient,
    body: Body,
    *,
    template: Template = False,
    data: Data = None,
    truncate: Truncate = False,
    max_segments: MaxSegments = None,
    resend: Resend = False,
    sender: Sender = "",
    label: Labels = None,
    case: Case = "",
    request_id: RequestId = "",
    as_json: Json = False,
) -> int:
    """Send an SMS that expects no answer. With output piped, stdout is the message's id."""
    from textback_cli import errands  # noqa: PLC0415  see the module

    wanted = _send_options(sender, label, case, request_id)
    wanted |= _text_options(body, template, data, truncate, max_segments)
    wanted["resend_if_unconfirmed"] = resend
    return errands.send(connection, recipient, "" if template else body, wanted, as_json=as_json)


@app.command()
@connected
def get(connection: Connection, message_id: MessageId, as_json: Json = False) -> None:
    """Show one message."""
    from textback_cli import errands  # noqa: PLC0415  see the module

    errands.get(connection, message_id, as_json=as_json)


@app.command(name="list")
@connected
def list_messages(
    connection: Connection,
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Only questions that are still open.")] = False,
    recipient: Annotated[str, typer.Option(help="Only messages to this number.")] = "",
    label: Labels = None,
    case: Case = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List messages, newest first."""
    from textback.v1.sms_message_pb2 import WAIT_STATE_OPEN  # noqa: PLC0415  see the module
    from textback_cli import errands  # noqa: PLC0415  see the module
    from textback_client import MessageFilter  # noqa: PLC0415  see the module

    where: MessageFilter = {
        "recipient": recipient,
        "labels": {each.key: each.value for each in label or []},
        "case_id": case,
        "wait_states": [WAIT_STATE_OPEN] if open_only else [],
        "page_size": min(limit, PAGE),
    }
    errands.list_messages(connection, where, limit=limit, as_json=as_json)


@app.command()
@connected
def inbound(
    connection: Connection,
    sender: Annotated[str, typer.Option(help="Only SMS from this number.")] = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List inbound SMS, matched to a question or not, newest first."""
    from textback_cli import errands  # noqa: PLC0415  see the module

    errands.list_inbound(connection, {"sender": sender, "page_size": min(limit, PAGE)}, limit=limit, as_json=as_json)


@app.command()
@connected
def cancel(connection: Connection, message_id: MessageId, as_json: Json = False) -> None:
    """Stop waiting for an answer. Nothing unsends an SMS."""
    from textback_cli import errands  # noqa: PLC0415  see the module

    errands.cancel(connection, message_id, as_json=as_json)


@app.command()
@connected
def ping(connection: Connection, as_json: Json = False) -> None:
    """Prove that the service can send through Twilio, right now. Sends nothing."""
    from textback_cli import errands  # noqa: PLC0415  see the module

    errands.ping(connection, as_json=as_json)


@app.command()
@connected
def health(
    connection: Connection,
    service: Annotated[str, typer.Option(help="The gRPC service to ask about; default: the server as a whole.")] = "",
) -> int:
    """Check that the service is serving, for containers: exit code 0 or 1."""
    from textback_cli import errands  # noqa: PLC0415  see the module

    return errands.health(connection, service)


@app.command()
def serve(
    emulator: Annotated[bool, typer.Option("--emulator", help="With a Twilio in the box: no SMS leaves.")] = False,
    json_logs: Annotated[
        bool | None, typer.Option("--json-logs/--plain-logs", help="Default: JSON unless stderr is a terminal.")
    ] = None,
) -> None:
    """Run the service."""
    from textback_cli.serving import serve as run  # noqa: PLC0415  see the module

    as_json = not sys.stderr.isatty() if json_logs is None else json_logs
    raise typer.Exit(run(emulator=emulator, json_logs=as_json))


@app.command()
@connected
def mcp(
    connection: Connection,
    *,
    tools: Annotated[options.Tools, typer.Option(help="The SOAR's tools, those for any agent, or all.")] = "soar",
    http: Annotated[
        str,
        typer.Option(metavar="HOST:PORT", help="Serve streamable HTTP at /mcp; without it standard input and output."),
    ] = "",
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A Host header that is taken besides loopback names; repeatable.")
    ] = None,
    wait: Annotated[
        timedelta | None,
        typer.Option(
            parser=options.length, metavar="LENGTH", help="How long a SOAR's question stays open. Default: 24h."
        ),
    ] = None,
    block: Annotated[
        timedelta | None,
        typer.Option(
            parser=options.length, metavar="LENGTH", help="After how long a call answers IN_PROGRESS. Default: never."
        ),
    ] = None,
) -> int:
    """Serve the service's abilities as MCP tools, for a SecOps SOAR or any agent. Needs the extra `mcp`."""
    from textback_cli.doors import mcp as run  # noqa: PLC0415  see the module

    return run(connection, tools=tools, http=http, allow_hosts=allow_host or [], wait=wait, block=block)


@app.command()
@connected
def limacharlie(
    connection: Connection,
    *,
    organizations: Annotated[
        Path, typer.Option(metavar="FILE", help="TOML: [organizations] with account names by organization id, or *.")
    ],
    secret_file: Annotated[
        Path, typer.Option(metavar="FILE", help="The secret that the extension shares with LimaCharlie.")
    ],
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where LimaCharlie calls.")] = "127.0.0.1:8081",
) -> int:
    """Serve a LimaCharlie extension: D&R rules that send an SMS, or ask by one."""
    from textback_cli.doors import limacharlie as run  # noqa: PLC0415  see the module

    return run(connection, organizations=organizations, secret_file=secret_file, listen=listen)


@app.command()
def config() -> None:
    """Show the settings of the service and where each comes from; secrets are masked."""
    from textback_cli.cards import table  # noqa: PLC0415  see the module
    from textback_cli.exits import ExitCode  # noqa: PLC0415  see the module
    from textback_server.config import ConfigError, load  # noqa: PLC0415  see the module

    try:
        rows = load(os.environ).rows
    except ConfigError as error:
        for line in error.lines:
            typer.echo(f"textback: {line}", err=True)
        raise typer.Exit(ExitCode.USAGE) from error
    for line in table((row.name, row.value, row.source) for row in rows):
        typer.echo(line)


@app.command()
def version() -> None:
    """Print the version."""
    from textback_server import __version__  # noqa: PLC0415  see the module

    typer.echo(f"textback {__version__}")


def _send_options(sender: str, labels: list[options.Label] | None, case: str, request_id: str) -> SendOptions:
    from textback.v1.sms_message_pb2 import Context  # noqa: PLC0415  see the module

    wanted: SendOptions = {
        "sender": sender,
        "labels": {each.key: each.value for each in labels or []},
        "request_id": request_id,
    }
    if case:
        wanted["context"] = Context(case_id=case)
    return wanted


def _text_options(
    text: str,
    template: bool,
    data: options.Document | None,
    truncate: bool,
    max_segments: int | None,
) -> SendOptions:
    if data is not None and not template:
        raise typer.BadParameter("--data: is for a template; add --template")
    wanted: SendOptions = {"truncate": truncate, "max_segments": max_segments or 0}
    if template:
        wanted["template"] = text
    if data is not None:
        wanted["data"] = data.value
    return wanted
