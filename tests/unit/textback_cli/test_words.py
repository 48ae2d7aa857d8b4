"""Times, lengths and texts as people read and write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from textback_cli.words import clock, countdown, date, parse_length, quote, span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("10m", 600), ("2h", 7200), ("1h30m", 5400), ("7d", 604_800), (" 1H ", 3600), ("1m5s", 65)],
)
def test_length_is_read(text: str, seconds: int) -> None:
    assert parse_length(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "10 min", "5m1h", "-5m", "1.5h", "١٠m", "99999999999s"])
def test_length_is_refused_when_it_is_anything_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a length of time; write e\.g\. 30s, 10m, 2h, 1h30m or 7d"):
        parse_length(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.1, "0.1 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (31.2, "31 s"),
        (59.6, "1 min"),
        (600, "10 min"),
        (5400, "1 h 30 min"),
        (3605, "1 h 5 s"),
        (604_800, "7 d"),
        (90_061, "1 d 1 h"),
    ],
)
def test_span_is_written(seconds: float, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0:00"), (59.9, "0:59"), (578, "9:38"), (4178, "1:09:38"), (604_000, "6 d 23 h")]
)
def test_countdown_is_written(seconds: float, text: str) -> None:
    assert countdown(timedelta(seconds=seconds)) == text


def test_times_are_written_with_their_zone() -> None:
    cet = timezone(timedelta(hours=1), "CET")
    when = datetime(2026, 11, 21, 13, 2, 7, tzinfo=UTC)
    assert clock(when, cet) == "14:02:07 CET"
    assert clock(when, cet, seconds=False) == "14:02 CET"
    assert date(when, cet) == "2026-11-21 14:02:07 CET"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("4821 Yes.", '"4821 Yes."'),
        ("a\nb\tc", '"a\\nb\\tc"'),
        ("\x1b[2Jgone", '"\\x1b[2Jgone"'),
        ("\u202eabc", '"\\u202eabc"'),
        ("oui 👩\u200d💻", '"oui 👩\u200d💻"'),
    ],
)
def test_quoted_text_cannot_move_the_cursor(text: str, quoted: str) -> None:
    assert quote(text) == quoted
