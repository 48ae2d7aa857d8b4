"""What the extension tells LimaCharlie about itself: its actions and their parameters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "body": "The text, e.g. {{ .event }}.",
        "from": "The Twilio number that sends it, e.g. +10123456789.",
        "to": "The phone that gets it, e.g. +10123456789.",
    }
)


def _fields(extra: Mapping[str, tuple[str, str]], required: tuple[str, ...]) -> dict[str, Any]:
    known = {name: ("string", says) for name, says in _TEXTS.items()} | dict(extra)
    fields = {
        name: {"data_type": kind, "description": says, "display_index": place, "is_list": name == "choices"}
        for place, (name, (kind, says)) in enumerate(known.items(), 1)
    }
    return {"fields": fields, "requirements": [[name] for name in required]}


def schema() -> dict[str, Any]:
    """The answer to a schema request."""
    ask = {
        "choices": ("string", "The answers that count, e.g. yes and no; none: any text does."),
        "timeout_seconds": ("integer", "How long the question stays open; 10 to 2990, 1800 by default."),
        "timeout_choice": ("string", "The choice that silence stands for."),
    }
    return {
        "config_schema": {"fields": {}, "requirements": []},
        "request_schema": {
            "run": _action("Send an SMS", "Sends one SMS.", _fields({}, ("body", "from", "to")), shown=True),
            "ask": _action(
                "Ask by SMS",
                "Sends a question by SMS, whole or not at all; the answer comes as the response of a continuation.",
                _fields(ask, ("body", "to")),
                shown=True,
            ),
            "check": _action(
                "Look for an answer",
                "Used by `ask` itself.",
                {"fields": {"message_id": {"data_type": "string"}}, "requirements": [["message_id"]]},
                shown=False,
            ),
        },
        "required_events": ["subscribe", "unsubscribe", "update"],
    }


def _action(label: str, says: str, parameters: dict[str, Any], *, shown: bool) -> dict[str, Any]:
    return {
        "label": label,
        "is_user_facing": shown,
        "is_impersonated": False,
        "short_description": label,
        "long_description": says,
        "parameters": parameters,
        "response": None,
    }
