"""The commands that speak to a running emulator over its control API."""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, cast
from urllib.parse import quote, urlencode

import typer

SECONDS = 30
MAX_ERROR = 4096
MAX_INPUT = 65_536
EXIT_FAILED = 1
EXIT_WEBHOOK_FAILED = 4


class _Webhook(TypedDict):
    ok: bool
    status: int | None
    error: str | None
    milliseconds: int


class _Reply(TypedDict):
    sid: str | None
    delivered: _Webhook | None


class _Message(TypedDict):
    created: str
    direction: str
    phone: str
    status: str
    error_code: int | None
    body: str


class _Faults(TypedDict):
    rules: dict[str, list[dict[str, Any]]]  # as the emulator says them
    fired: dict[str, list[int]]


class RefusedError(Exception):
    """What a person should read when there is no answer to work with."""


def guarded(work: Callable[[], int]) -> int:
    """Do the work of a command and return its exit status; a refusal is one sentence and 1."""
    try:
        return work()
    except RefusedError as refused:
        typer.echo(str(refused), err=True)
        return EXIT_FAILED


def reply(url: str, *, phone: str, text: str, to: str, as_json: bool) -> int:
    """Text from a phone and return the exit status."""
    body = {"from": phone, "text": text, **({"to": to} if to else {})}
    answer = cast("_Reply", _change(url, "POST", "/_emulator/reply", body))
    webhook = answer["delivered"]
    failed = webhook is not None and not webhook["ok"]
    if as_json:
        typer.echo(json.dumps(answer))
    elif answer["sid"] is None:
        typer.echo("dropped: the number's Messaging Service has no inbound webhook")
    elif webhook is None:
        typer.echo(f"{answer['sid']}   stored; the number has no webhook")
    elif failed:
        typer.echo(f"{answer['sid']}   {webhook['error']}", err=True)
    else:
        typer.echo(f"{answer['sid']}   webhook answered {webhook['status']} in {webhook['milliseconds']} ms")
    return EXIT_WEBHOOK_FAILED if failed else 0


def messages(url: str, *, filters: dict[str, str], as_json: bool) -> int:
    """Print the messages, oldest first, and return the exit status."""
    query = urlencode({name: value for name, value in filters.items() if value})
    found = cast("dict[str, list[_Message]]", _call(url, "GET", f"/_emulator/messages?{query}", {}))["messages"]
    for message in found:
        typer.echo(json.dumps(message) if as_json else _line(message))
    return 0


def status(url: str, *, sid: str, value: str, code: int | None, as_json: bool) -> int:
    """Move a message on, and return the exit status."""
    path = f"/_emulator/messages/{quote(sid, safe='')}/status"
    body = {"status": value, **({} if code is None else {"error_code": code})}
    message = cast("_Message", _change(url, "POST", path, body))
    typer.echo(json.dumps(message) if as_json else _line(message))
    return 0


def faults(url: str, *, file: Path | None, clear: bool, as_json: bool) -> int:
    """Print the fault rules, after replacing them by those of `file` (- is standard input) or by none."""
    if clear or file is not None:
        rules = b"{}" if file is None else _content(file)
        answer = _change(url, "PUT", "/_emulator/faults", rules)
    else:
        answer = _call(url, "GET", "/_emulator/faults", {})
    found = cast("_Faults", answer)
    if as_json:
        typer.echo(json.dumps(found))
        return 0
    lines = [
        f"{stage:<16} struck {found['fired'][stage][index]}   {json.dumps(rule)}"
        for stage, rules_of_stage in found["rules"].items()
        for index, rule in enumerate(rules_of_stage)
    ]
    typer.echo("\n".join(lines) or "no faults: everything goes well")
    return 0


def seed(url: str, *, file: Path, as_json: bool) -> int:
    """Put the contents of a seed file into the emulator, and return the exit status."""
    answer = _change(url, "POST", "/_emulator/seed", _content(file))
    typer.echo(json.dumps(answer) if as_json else "seeded")
    return 0


def reset(url: str, *, as_json: bool) -> int:
    """Send the emulator back to its start, and return the exit status."""
    answer = _change(url, "POST", "/_emulator/reset", {})
    typer.echo(json.dumps(answer) if as_json else "as at the start: no messages")
    return 0


def _line(message: _Message) -> str:
    arrow = "<-" if message["direction"] == "inbound" else "->"
    shown = f"{message['status']} {message['error_code'] or ''}"
    text = " ".join(message["body"].split())
    return f"{message['created'][11:19]}  {arrow} {message['phone']:<15}  {shown:<17}  {text}"


def _content(file: Path) -> bytes:
    try:
        content = sys.stdin.buffer.read(MAX_INPUT + 1) if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise RefusedError(f"{file}: {error.strerror}") from error
    if len(content) > MAX_INPUT:
        raise RefusedError(f"{file}: a running emulator takes at most {MAX_INPUT} bytes; start it with the file")
    return content


def _change(url: str, method: str, path: str, body: object) -> object:
    token = cast("dict[str, str]", _call(url, "GET", "/_emulator/token", {"X-Emulator-Client": "cli"}))["token"]
    return _call(url, method, path, {"X-Emulator-Token": token}, body)


def _call(url: str, method: str, path: str, headers: dict[str, str], body: object = None) -> object:
    if not url.startswith(("http://", "https://")):
        raise RefusedError(f"--url: {url!r} is not an address; write e.g. http://127.0.0.1:8080")
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    # No proxies: the emulator is on this machine or its network.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url.rstrip("/") + path, data=data, headers=headers, method=method)  # noqa: S310 - checked above
    try:
        with opener.open(request, timeout=SECONDS) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            raise RefusedError(_sentence(error.read(MAX_ERROR)) or f"{url} answered {error.code}") from error
    except (OSError, ValueError) as error:
        raise RefusedError(f"no emulator answers at {url}; start one with: twilio-emulator serve") from error


def _sentence(body: bytes) -> str | None:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return None
