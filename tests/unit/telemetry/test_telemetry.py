"""Log lines: structured, from both logging worlds, and without phone numbers."""

import json
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def logged(path: Path, *, json: bool = True, level: str = "INFO") -> Iterator[None]:
    """All logging into a file."""
    with path.open("wb") as file, telemetry.logging_to(file.fileno(), json=json, level=level):
        yield


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


def test_line_shows_no_number_when_one_is_logged_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with logged(path):
        log = structlog.get_logger("test")
        log.warning(
            "sent to +14155550123", values=["+14155550123", {"to": "+14155550123"}], what=ValueError("+14155550123")
        )
        logging.getLogger("library").warning("calling %s", "+14155550123")
        try:
            int("+14155550123 ?")
        except ValueError:
            log.exception("broken")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["sent to +1415…0123", "calling +1415…0123", "broken"]
    assert [line["level"] for line in lines] == ["warning", "warning", "error"]
    assert "ValueError: invalid literal for int() with base 10: '+1415…0123 ?'" in lines[2]["exception"]
    assert "+14155550123" not in json.dumps(lines)


def test_text_line_shows_no_local_variable_when_an_exception_is_logged(tmp_path: Path) -> None:
    def fail(secret_word: str) -> None:
        del secret_word
        raise ValueError("no")

    path = tmp_path / "log"
    with logged(path, json=False):
        try:
            fail("-".join(("hush", "hush")))
        except ValueError:
            structlog.get_logger("test").exception("broken")
    shown = path.read_text()
    assert "broken" in shown
    assert "ValueError: no" in shown
    assert "hush-hush" not in shown


def test_text_line_has_no_colour_when_it_goes_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with logged(path, json=False):
        structlog.get_logger("test").warning("said", to="nobody")
    assert "to=nobody" in path.read_text()
    assert "\x1b" not in path.read_text()


def test_line_is_dropped_when_its_level_is_too_low(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with logged(path, level="WARNING"):
        structlog.get_logger("test").info("quiet")
        logging.getLogger("library").info("quiet")
    assert path.read_text() == ""


def test_both_worlds_write_the_same_fields(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with logged(path):
        structlog.get_logger("test").warning("said")
        logging.getLogger("test").warning("said")
    ours, theirs = (json.loads(line) for line in path.read_text().splitlines())
    assert list(ours) == list(theirs)
    assert {**ours, "timestamp": ""} == {**theirs, "timestamp": ""}


def test_line_that_cannot_be_written_is_lost_and_nothing_else() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with telemetry.logging_to(writing, json=True):
        structlog.get_logger("test").warning("said")
        logging.getLogger("test").warning("said")
    os.close(writing)


def test_number_stays_hidden_when_a_record_cannot_be_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log"
    with logged(path):
        logging.getLogger("library").warning("%d digits", "+14155550123")
    line = json.loads(path.read_text())
    assert (line["event"], line["logger"]) == ("log.unprintable", "library")
    assert "4155550123" not in path.read_text()
    assert capfd.readouterr().err == ""


def test_lines_stay_whole_when_their_reader_is_slow_and_writes_do_not_wait() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    read: list[bytes] = []

    def reader() -> None:
        while content := os.read(reading, 100):
            read.append(content)

    slow = threading.Thread(target=reader)
    slow.start()
    with telemetry.logging_to(writing, json=True):
        for number in range(1_000):  # more than the pipe takes
            structlog.get_logger("test").warning("said", number=number, text="x" * 200)
    os.close(writing)
    slow.join()
    os.close(reading)
    assert [json.loads(line)["number"] for line in b"".join(read).splitlines()] == list(range(1_000))


def test_lines_are_counted_when_nobody_reads_them_and_whoever_logs_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "CAPACITY", 1_000)
    read: list[bytes] = []
    reading, writing = os.pipe()

    def reader() -> None:
        while content := os.read(reading, 65_536):
            read.append(content)

    count = 20_000
    late = threading.Thread(target=reader)
    with telemetry.logging_to(writing, json=True):
        log = structlog.get_logger("test")
        for number in range(count):  # more than the pipe and the queue take: a log that waited would wait for ever
            log.warning("said", number=number)
        late.start()
    os.close(writing)
    late.join()
    os.close(reading)

    lines = [json.loads(line) for line in b"".join(read).splitlines()]
    said = [line["number"] for line in lines if line["event"] == "said"]
    lost = sum(line["count"] for line in lines if line["event"] == "log.lost")
    assert lost > 0
    assert len(said) + lost == count
    assert said == sorted(said)


class _Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no words for it")


@pytest.mark.parametrize("value", [_Unprintable(), {(1, 2): "a key that JSON has not"}])
def test_line_is_written_without_its_values_when_one_cannot_be(tmp_path: Path, value: object) -> None:
    path = tmp_path / "log"
    with logged(path):
        structlog.get_logger("test").warning("asked +14155550123", value=value)
    line = json.loads(path.read_text())
    assert line == {"event": "asked +1415…0123", "level": "warning", "unprintable": True}
