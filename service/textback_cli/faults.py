"""Failed calls as sentences for people."""

from __future__ import annotations

import grpc

from textback_client import TextbackError


def sentences(error: TextbackError, server: str) -> list[str]:
    """Write a failure, one line for each thing to put right."""
    if error.code is grpc.StatusCode.UNAVAILABLE and not error.reason:
        return [_unreachable(error, server)]
    if error.violations:
        return [
            each.description if each.description.startswith(each.field) else f"{each.field}: {each.description}"
            for each in error.violations
        ]
    reason = f" ({error.reason})" if error.reason else ""
    link = f"   {error.help_url}" if error.help_url else ""
    return [f"{error.message or error.code.name}{reason}{link}"]


def _unreachable(error: TextbackError, server: str) -> str:
    why = error.message.rpartition(": ")[2].strip()
    return (
        f"no textback server answers at {server}{f' ({why})' if why else ''}; "
        "TEXTBACK_SERVER or --server names another, `textback serve --emulator` starts one"
    )
