"""Wrong input in a sentence: which field, what is wrong with it, what it was."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

_LONGEST = 60
MAX_FILE = 1_048_576

M = TypeVar("M", bound=BaseModel)


def sentence(error: ValidationError) -> str:
    """Say the first thing that is wrong: ``create.0.effect.status: Input should be less than … (it is 999)``."""
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    if first["type"] == "json_invalid":
        return "body: it is not JSON"
    if first["type"] == "value_error":  # our own sentence; where it has no path of its own it gets one
        said = str(first["ctx"]["error"])
        return f"{path}: {said}" if path else said
    if first["type"] == "model_type":
        return f"{path or 'body'}: it must be a JSON object"
    if first["type"] == "extra_forbidden":
        return f"{path}: unknown field"
    if first["type"] == "missing":
        return f"{path}: it is missing"
    shown = repr(first["input"])
    return f"{path}: {first['msg']}; it is {shown if len(shown) <= _LONGEST else shown[:_LONGEST] + '…'}"


def read(model: type[M], text: str | bytes) -> M:
    """Read a JSON text as `model`; raise ValueError naming the wrong field."""
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(sentence(error)) from error


def read_file(model: type[M], path: Path) -> M:
    """Read a JSON file as `model`; raise ValueError naming the file and the wrong field."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    if len(content) > MAX_FILE:
        raise ValueError(f"{path}: it is larger than {MAX_FILE} bytes")
    try:
        return read(model, content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
