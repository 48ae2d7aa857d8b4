"""The options that every command with a server takes, and how failures of its calls end the command."""

from __future__ import annotations

import inspect
import io
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    # At run time gRPC is imported by the commands that call.
    from textback_client import BlockingTextback, Textback

DEFAULT_SERVER = "127.0.0.1:50051"
PATIENCE = 3.0
"""Seconds without a word from the server before a command gives up; an open question is waited for to its end."""

_OPTIONS: dict[str, tuple[object, object]] = {
    "server": (
        Annotated[
            str, typer.Option(envvar="TEXTBACK_SERVER", help='Address of the service: "host:port" or "unix:path".')
        ],
        DEFAULT_SERVER,
    ),
    "account": (Annotated[str, typer.Option(envvar="TEXTBACK_ACCOUNT", help="The account to use.")], ""),
    "token": (
        Annotated[
            str,
            typer.Option(
                envvar="TEXTBACK_TOKEN",
                help="Bearer token; TEXTBACK_TOKEN_FILE names a file that holds it.",
                show_default=False,
            ),
        ],
        "",
    ),
    "plaintext": (
        Annotated[bool, typer.Option("--plaintext", help="No TLS, although the address is not this machine's.")],
        False,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where the service is, and as whom to call it.

    Its methods import gRPC when they are called.
    """

    server: str
    account: str
    token: str = field(repr=False)
    plaintext: bool

    def blocking(self) -> BlockingTextback:
        """Make a blocking client."""
        from textback_client import BlockingTextback  # noqa: PLC0415  see the class

        return BlockingTextback(
            self.server,
            account=self.account,
            token=self.token or None,
            plaintext=self.plaintext or None,
            patience=PATIENCE,
        )

    def asyncio(self) -> Textback:
        """Make an asyncio client."""
        from textback_client import Textback  # noqa: PLC0415  see the class

        return Textback(
            self.server,
            account=self.account,
            token=self.token or None,
            plaintext=self.plaintext or None,
            patience=PATIENCE,
        )

    def again(self, command: str, message_id: str) -> str:
        """Write a command line that goes on with a message; what the environment says already is left out."""
        words = ["textback", command, message_id]
        if self.server != os.environ.get("TEXTBACK_SERVER", DEFAULT_SERVER):
            words += ["--server", self.server]
        if self.account != os.environ.get("TEXTBACK_ACCOUNT", ""):
            words += ["--account", self.account]
        if self.plaintext:
            words += ["--plaintext"]
        return shlex.join(words)


def connected(command: Callable[..., int | None]) -> Callable[..., None]:
    """Give a command the connection options as one `Connection`, its first parameter, and end it with its exit code.

    The decorated function declares only its own options: typer sees both.
    """

    def run(**options: Any) -> None:  # noqa: ANN401  typer's own values, checked by their declarations
        taken = {name: options.pop(name) for name in _OPTIONS}
        code = _guarded(lambda: command(_connection(**taken), **options), taken["server"])
        raise typer.Exit(code)

    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for name, (annotation, default) in _OPTIONS.items()
    ]
    keyword = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
    run.__signature__ = inspect.Signature([*keyword, *shared])  # type: ignore[attr-defined]  # read by inspect
    run.__annotations__ = {each.name: each.annotation for each in [*keyword, *shared]}
    run.__name__ = command.__name__
    run.__doc__ = command.__doc__
    return run


def _connection(*, server: str, account: str, token: str, plaintext: bool) -> Connection:
    path = os.environ.get("TEXTBACK_TOKEN_FILE", "")
    if not token and path:
        try:
            token = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise typer.BadParameter(f"TEXTBACK_TOKEN_FILE: cannot read {path}: {error.strerror}") from None
    return Connection(server=server, account=account, token=token, plaintext=plaintext)


def _guarded(command: Callable[[], int | None], server: str) -> int:
    from textback_cli import exits, faults  # noqa: PLC0415  gRPC takes longer to import than --help may
    from textback_client import TextbackError  # noqa: PLC0415  as above

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # An answer that the terminal's encoding lacks must not be lost.
            stream.reconfigure(errors="backslashreplace")
    try:
        return command() or 0
    except TextbackError as error:
        for sentence in faults.sentences(error, server):
            typer.echo(f"textback: {sentence}", err=True)
        return exits.of_error(error)
    except KeyboardInterrupt:
        return exits.ExitCode.INTERRUPTED
    except ValueError as error:
        # The client refuses a token in plaintext.
        raise typer.BadParameter(str(error)) from None
