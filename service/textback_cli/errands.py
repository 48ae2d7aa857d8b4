"""The commands that make one call and print what came."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import typer
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc

from textback.v1.sms_message_pb2 import WAIT_STATE_CANCELLED, SmsMessage
from textback_cli import cards, exits, story
from textback_cli.connection import Connection
from textback_cli.story import Mark
from textback_client import BlockingTextback, InboundFilter, MessageFilter, SendOptions, TextbackError
from textback_client.errors import decoded

_Row = TypeVar("_Row", bound=Message)

PING_TIMEOUT = 0.5
"""Seconds to learn whether the far end is an emulator."""
HEALTH_TIMEOUT = 5.0
"""Seconds for a health check."""


def send(connection: Connection, recipient: str, body: str, wanted: SendOptions, *, as_json: bool) -> int:
    """Send one SMS; return the exit code."""
    with connection.blocking() as textback:
        message = textback.send(recipient, body, **wanted)
        if as_json:
            _json(message)
        elif sys.stdout.isatty():
            _lines(cards.sent(message, emulator=_is_emulator(textback)))
        else:
            _lines([message.message_id])
        if wanted.get("truncate") and not as_json:
            _warn(textback, message.message_id)
    return exits.of_result(message.result) if message.HasField("result") else exits.ExitCode.OK


def get(connection: Connection, message_id: str, *, as_json: bool) -> None:
    """Show one message."""
    with connection.blocking() as textback:
        message = textback.get(message_id)
    _json(message) if as_json else _lines(cards.card(message))


def list_messages(connection: Connection, where: MessageFilter, *, limit: int, as_json: bool) -> None:
    """List messages."""
    with connection.blocking() as textback:
        found = textback.list(**where)
        _rows(found, cards.message_row, limit=limit, as_json=as_json)


def list_inbound(connection: Connection, where: InboundFilter, *, limit: int, as_json: bool) -> None:
    """List inbound SMS."""
    with connection.blocking() as textback:
        found = textback.list_inbound(**where)
        _rows(found, cards.inbound_row, limit=limit, as_json=as_json)


def cancel(connection: Connection, message_id: str, *, as_json: bool) -> None:
    """Stop waiting for an answer."""
    with connection.blocking() as textback:
        message = textback.cancel(message_id)
    _json(message) if as_json else _lines([_cancelled(message)])


def ping(connection: Connection, *, as_json: bool) -> None:
    """Show what Twilio says of the account."""
    with connection.blocking() as textback:
        answer = textback.ping()
    _json(answer) if as_json else _lines(cards.ping(answer))


def health(connection: Connection, service: str) -> int:
    """Print the serving status; return the exit code."""
    with connection.blocking() as textback, decoded():
        check = health_pb2_grpc.HealthStub(textback.channel).Check  # type: ignore[attr-defined]  # its stubs omit the calls
        status = check(health_pb2.HealthCheckRequest(service=service), timeout=HEALTH_TIMEOUT).status
    _lines([health_pb2.HealthCheckResponse.ServingStatus.Name(status)])
    serving = status == health_pb2.HealthCheckResponse.SERVING
    return exits.ExitCode.OK if serving else exits.ExitCode.OTHER


def _cancelled(message: SmsMessage) -> str:
    if message.wait.state == WAIT_STATE_CANCELLED:
        return f"{Mark.GOOD} {'cancelled':<11}{message.message_id}"
    return f"{Mark.NOTE} closed before: {cards.standing(message)}"


def _warn(textback: BlockingTextback, message_id: str) -> None:
    """Say on stderr what event 1 warns of; the answer to a send does not carry it."""
    with contextlib.suppress(TextbackError):  # the SMS is sent whether or not this can be read
        for line in story.warnings(next(iter(textback.watch(message_id))).created):
            typer.echo(str(line), err=True)


def _is_emulator(textback: BlockingTextback) -> bool:
    with contextlib.suppress(TextbackError):
        return textback.ping(timeout=PING_TIMEOUT).emulator
    return False


def _rows(found: Iterable[_Row], row: Callable[[_Row], Sequence[str]], *, limit: int, as_json: bool) -> None:
    some = itertools.islice(found, limit)
    if as_json:
        for each in some:
            _json(each)
    else:
        _lines(cards.table(row(each) for each in some))


def _json(message: Message) -> None:
    typer.echo(MessageToJson(message, indent=None))


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
