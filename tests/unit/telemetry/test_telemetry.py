"""Log lines: structured, from both logging worlds, and without phone numbers."""

import errno
import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from textback_server import telemetry


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to +14155550123 now", "to +1415…0123 now"),
        ("?To=%2B14155550123&x", "?To=+1415…0123&x"),
        ("+4912345", "+49…45"),
        ("2026-11-21T13:02:07+00:00", "2026-11-21T13:02:07+00:00"),
        ("code 4821", "code 4821"),
        ("+14155550123,+14155550124", "+1415…0123,+1415…0124"),
    ],
)
def test_mask_all_hides_numbers_when_they_are_in_a_text(text: str, masked: str) -> None:
    assert telemetry.mask_all(text) == masked


def test_line_shows_no_number_when_one_is_logged_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure(json=True)
    log = structlog.get_logger("test")
    log.warning(
        "sent to +14155550123", values=["+14155550123", {"to": "+14155550123"}], what=ValueError("+14155550123")
    )
    logging.getLogger("library").warning("calling %s", "+14155550123")
    try:
        int("+14155550123 ?")
    except ValueError:
        log.exception("broken")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["sent to +1415…0123", "calling +1415…0123", "broken"]
    assert [line["level"] for line in lines] == ["warning", "warning", "error"]
    assert "ValueError: invalid literal for int() with base 10: '+1415…0123 ?'" in lines[2]["exception"]
    assert "+14155550123" not in json.dumps(lines)


def test_text_line_shows_no_local_variable_when_an_exception_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure(json=False)

    def fail(secret_word: str) -> None:
        del secret_word
        raise ValueError("no")

    try:
        fail("hush-hush")
    except ValueError:
        structlog.get_logger("test").exception("broken")
    shown = capsys.readouterr().err
    assert "broken" in shown
    assert "ValueError: no" in shown


def test_line_is_dropped_when_its_level_is_too_low(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure(json=True, level="WARNING")
    structlog.get_logger("test").info("quiet")
    logging.getLogger("library").info("quiet")
    assert capsys.readouterr().err == ""


def test_both_worlds_write_the_same_fields(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure(json=True)
    structlog.get_logger("test").warning("said")
    logging.getLogger("test").warning("said")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert list(ours) == list(theirs)
    assert {**ours, "timestamp": ""} == {**theirs, "timestamp": ""}


class _Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, text)


def test_line_that_cannot_be_written_is_lost_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    telemetry.configure(json=True)
    closed = io.StringIO()
    closed.close()
    for stream in (_Full(), closed, None):
        monkeypatch.setattr(sys, "stderr", stream)
        structlog.get_logger("test").warning("said")


class _Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no words for it")


@pytest.mark.parametrize("value", [_Unprintable(), {(1, 2): "a key that JSON has not"}])
def test_line_is_written_without_its_values_when_one_cannot_be(
    capsys: pytest.CaptureFixture[str], value: object
) -> None:
    telemetry.configure(json=True)
    structlog.get_logger("test").warning("asked +14155550123", value=value)
    line = json.loads(capsys.readouterr().err)
    assert line == {"event": "asked +1415…0123", "level": "warning", "unprintable": True}
