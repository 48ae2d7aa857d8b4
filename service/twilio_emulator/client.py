"""The commands that speak to a running emulator over its control API."""

import json
import urllib.error
import urllib.request
from typing import TypedDict, cast
from urllib.parse import urlencode

import typer

SECONDS = 30
MAX_ERROR = 4096
EXIT_FAILED = 1
EXIT_WEBHOOK_FAILED = 4


class _Webhook(TypedDict):
    ok: bool
    status: int | None
    error: str | None
    milliseconds: int


class _Reply(TypedDict):
    sid: str
    delivered: _Webhook | None


class _Message(TypedDict):
    created: str
    direction: str
    phone: str
    status: str
    error_code: int | None
    body: str


class _RefusedError(Exception):
    """What a person should read when there is no answer to work with."""


def reply(url: str, *, phone: str, text: str, to: str) -> int:
    """Text from a phone and return the exit status."""
    body = {"from": phone, "text": text, **({"to": to} if to else {})}
    try:
        token = cast("dict[str, str]", _call(url, "/_emulator/token", {"X-Emulator-Client": "cli"}))["token"]
        answer = cast("_Reply", _call(url, "/_emulator/reply", {"X-Emulator-Token": token}, body))
    except _RefusedError as refused:
        typer.echo(str(refused), err=True)
        return EXIT_FAILED
    webhook = answer["delivered"]
    if webhook is None:
        typer.echo(f"{answer['sid']}   stored; the number has no webhook")
    elif webhook["ok"]:
        typer.echo(f"{answer['sid']}   webhook answered {webhook['status']} in {webhook['milliseconds']} ms")
    else:
        typer.echo(f"{answer['sid']}   {webhook['error']}", err=True)
        return EXIT_WEBHOOK_FAILED
    return 0


def messages(url: str, *, phone: str, as_json: bool) -> int:
    """Print the messages, oldest first, and return the exit status."""
    query = f"?{urlencode({'phone': phone})}" if phone else ""
    try:
        found = cast("dict[str, list[_Message]]", _call(url, f"/_emulator/messages{query}", {}))["messages"]
    except _RefusedError as refused:
        typer.echo(str(refused), err=True)
        return EXIT_FAILED
    for message in found:
        typer.echo(json.dumps(message) if as_json else _line(message))
    return 0


def _line(message: _Message) -> str:
    arrow = "<-" if message["direction"] == "inbound" else "->"
    status = f"{message['status']} {message['error_code'] or ''}"
    text = " ".join(message["body"].split())
    return f"{message['created'][11:19]}  {arrow} {message['phone']:<15}  {status:<17}  {text}"


def _call(url: str, path: str, headers: dict[str, str], body: dict[str, str] | None = None) -> object:
    if not url.startswith(("http://", "https://")):
        raise _RefusedError(f"--url: {url!r} is not an address; write e.g. http://127.0.0.1:8080")
    data = None if body is None else json.dumps(body).encode()
    # No proxies: the emulator is on this machine or its network.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url + path, data=data, headers=headers)  # noqa: S310 - checked above
    try:
        with opener.open(request, timeout=SECONDS) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            raise _RefusedError(_sentence(error.read(MAX_ERROR)) or f"{url} answered {error.code}") from error
    except (OSError, ValueError) as error:
        raise _RefusedError(f"no emulator answers at {url}; start one with: twilio-emulator serve") from error


def _sentence(body: bytes) -> str | None:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return None
