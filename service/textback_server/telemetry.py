"""Logging: structured lines in which no phone number can be read, and for which nobody waits."""

import logging
import os
import re
import select
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from typing import Any

import structlog

_NUMBER = re.compile(r"(?:\+|%2[Bb])\d{7,}", re.ASCII)
_LONG = 12

STDERR = 2
CAPACITY = 10_000
"""Lines that may wait to be written."""
LAST_WORDS = 1.0
"""Seconds that the end waits for a log that nobody reads."""


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


@contextmanager
def logging_to(descriptor: int, *, json: bool, level: str = "INFO") -> Iterator[None]:
    """Send all logging, the standard library's too, to an open file: as JSON, or as text for people.

    `level` is the lowest shown: DEBUG, INFO or WARNING. At the end what was logged is written, if it can be; what is
    logged later is lost.
    """
    lines = _Lines(descriptor)
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
        else structlog.dev.ConsoleRenderer(
            colors=os.isatty(descriptor), exception_formatter=structlog.dev.plain_traceback
        )
    )
    end: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, _masked_line(render)]
    handler = _Handler(lines)
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
        logger_factory=partial(_Logger, lines),
        cache_logger_on_first_use=True,
    )
    try:
        yield
    finally:
        lines.close()


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
    """Lines on their way into an open file, written by a thread: whoever logs never waits for whoever reads.

    Beyond `CAPACITY` they are lost and counted; one that cannot be written is lost, and nothing else.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queue: SimpleQueue[str] = SimpleQueue()
        self._lost = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Take a line, its end included."""
        if self._queue.qsize() < CAPACITY:
            self._queue.put(text)
        else:
            self._lost += 1

    def flush(self) -> None:
        """Nothing: whoever logs does not wait."""

    def close(self) -> None:
        """Write what is there, as far as that is possible within `LAST_WORDS`."""
        self._closing = True
        self._queue.put("")
        self._thread.join(LAST_WORDS)

    def _run(self) -> None:
        while not (self._closing and self._queue.empty()):
            line = self._queue.get()
            if self._lost and self._queue.qsize() <= CAPACITY / 2:  # the log is read again
                lost, self._lost = self._lost, 0
                structlog.get_logger(__name__).warning("log.lost", count=lost)
            with suppress(OSError):
                _write(self._descriptor, line.encode(errors="backslashreplace"))


class _Handler(logging.StreamHandler[_Lines]):
    """The standard library's way to them. Of a record that cannot be shown it prints nothing: it may hold anything."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name there
        """Say which logger's it was, and no more."""
        structlog.get_logger(record.name).error("log.unprintable")


class _Logger:
    """Where our own lines end, under a logger's name. Through the standard library they would take twice as long."""

    def __init__(self, lines: _Lines, name: str) -> None:
        self.name = name
        self._lines = lines

    def write(self, line: str) -> None:
        """Take a line."""
        self._lines.write(f"{line}\n")

    debug = info = warning = error = critical = write


def _write(descriptor: int, line: bytes) -> None:
    """Write all of it, at once where that is possible: so no other writer's line comes in between.

    Not by a file object: one that hangs would hold a lock that Python wants when it ends.
    """
    while line:
        try:
            line = line[os.write(descriptor, line) :]
        except BlockingIOError:
            poll = select.poll()
            poll.register(descriptor, select.POLLOUT)
            poll.poll()


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
