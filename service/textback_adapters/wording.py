"""What the service refused, in the words of the caller: a door's arguments have names of their own."""

import re
from collections.abc import Mapping

import grpc

from textback_client import TextbackError

_FIELD = re.compile(r"\b(?:sms|wait|context)\.[a-z_]+")


def refusal(error: TextbackError, names: Mapping[str, str]) -> str:
    """All that is wrong, as sentences. `names` are the door's own, by the service's fields."""
    if error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and not error.reason:
        return "the call is larger than the service takes; send less."  # gRPC's own, which says it in bytes
    said = " ".join(_sentence(each.field, each.description) for each in error.violations)
    return _FIELD.sub(lambda found: names.get(found[0], found[0]), said or error.message or error.code.name)


def _sentence(field: str, description: str) -> str:
    said = description if description.startswith(field) else f"{field}: {description}"
    return said if said.endswith(".") else f"{said}."
