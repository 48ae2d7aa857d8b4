"""Failed calls as sentences for people."""

from __future__ import annotations

import grpc

from textback_client import TextbackError

_NO_CONNECTION = "failed to connect"
"""How gRPC words a connection that never was: nothing can have been sent."""
_UNSURE = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
}


def sentences(error: TextbackError, server: str) -> list[str]:
    """Write a failure, one line for each thing to put right."""
    if error.violations:
        return [
            each.description if each.description.startswith(each.field) else f"{each.field}: {each.description}"
            for each in error.violations
        ]
    key = error.metadata.get("request_id", "")
    unsure = key and error.code in _UNSURE and _NO_CONNECTION not in error.message
    repeat = [f"it may have been sent; the same command with --request-id {key} does not send it twice"]
    return [_what(error, server), *(repeat if unsure else [])]


def trying_again(error: TextbackError, server: str) -> str:
    """Write why a call is being repeated right now."""
    return f"trying again: {error.message}" if error.reason else f"no connection to {server}, trying again"


def _what(error: TextbackError, server: str) -> str:
    if error.code is grpc.StatusCode.UNAVAILABLE and not error.reason:
        return _unreachable(error, server)
    reason = f" ({error.reason})" if error.reason else ""
    link = f"   {error.help_url}" if error.help_url else ""
    return f"{error.message or error.code.name}{reason}{link}"


def _unreachable(error: TextbackError, server: str) -> str:
    why = error.message.rpartition(": ")[2].strip()
    return (
        f"no textback server answers at {server}{f' ({why})' if why else ''}; "
        "TEXTBACK_SERVER or --server names another, `textback serve --emulator` starts one"
    )
