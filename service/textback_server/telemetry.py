"""Logging: structured lines in which no phone number can be read."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

_NUMBER = re.compile(r"(?:\+|%2[Bb])\d{7,}", re.ASCII)
_LONG = 12


def mask(number: str) -> str:
    """A phone number with its middle left out, such as +1415…0123; a short one keeps even less."""
    return f"{number[:5]}…{number[-4:]}" if len(number) >= _LONG else f"{number[:3]}…{number[-2:]}"


def mask_all(text: str) -> str:
    """`text` with every phone number in it masked: a plus, or an encoded one, and at least 7 digits."""
    return _NUMBER.sub(lambda found: mask("+" + found[0].lstrip("+%2Bb")), text)


def mask_numbers(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: masks phone numbers in every string of the line, however deep."""
    for key, value in event.items():
        event[key] = _masked(value)
    return event


def configure(*, json: bool, level: str = "INFO") -> None:
    """Send all logging, the standard library's too, to stderr: as JSON, or as text for people.

    `level` is the lowest shown: DEBUG, INFO, WARNING or ERROR.
    """
    start: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Plain tracebacks: the pretty ones print local variables, message texts among them.
    render: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    end: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, _masked_line(render)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=start,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[*start, *end],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=partial(_Lines, handler),
        cache_logger_on_first_use=True,
    )


def _masked_line(render: structlog.typing.Processor) -> structlog.typing.Processor:
    """The end of a line; where a value cannot be shown, the line without its values."""

    def line(logger: object, method: str, event: MutableMapping[str, Any]) -> structlog.typing.ProcessorReturnValue:
        try:
            return render(logger, method, mask_numbers(logger, method, event))
        except Exception:  # noqa: BLE001 - what happens to the log happens to nothing else
            bare = {"event": str(event.get("event")), "level": str(event.get("level")), "unprintable": True}
            return render(logger, method, mask_numbers(logger, method, bare))

    return line


class _Lines:
    """Where our own lines end, under a logger's name. Through the standard library they would take twice as long."""

    def __init__(self, handler: logging.Handler, name: str) -> None:
        self.name = name
        self._handler = handler

    def write(self, line: str) -> None:
        """Write a line, or lose it: what happens to the log happens to nothing else."""
        if (stream := sys.stderr) is None:
            return
        self._handler.acquire()  # no line of another thread comes in between
        try:
            with suppress(OSError, ValueError):
                stream.write(f"{line}\n")
                stream.flush()
        finally:
            self._handler.release()

    debug = info = warning = error = critical = write


def _masked(value: object) -> object:
    match value:
        case str():
            return mask_all(value)
        case Mapping():
            return {key: _masked(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked(inner) for inner in value]
        case None | bool() | int() | float():
            return value
        case _:
            return mask_all(repr(value))
