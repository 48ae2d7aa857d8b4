"""Times in templates: read by one layout of Go's, written by another."""

import json

import pytest

from textback_server.domain.templating import TemplateError, render

TIMES = [  # the right-hand sides are what Go 1.26 prints
    ("2006-01-02 15:04:05", "2023-05-10 22:35:48", "Mon, 2 Jan 06 3:04:05.000 pm", "Wed, 10 May 23 10:35:48.000 pm"),
    ("RFC3339", "2022-07-15T22:48:24.996361607Z", "15:04:05.000000000", "22:48:24.996361607"),
    ("RFC3339", "2022-07-15T22:48:24.5+02:30", "05.999 -0700 MST Z07:00", "24.5 +0230 +0230 +02:30"),
    ("2006-01-02T15:04:05-07:00", "2022-07-15T22:48:24-03:30", "-07:00:00 Z0700", "-03:30:00 -0330"),
    ("Mon, 02 Jan 2006 15:04:05 MST", "wed, 10 MAY 2023 22:35:48 EST", "Monday January _2 MST", "Wednesday May 10 EST"),
    ("02/01/06 03:04PM", "29/02/24 12:05AM", "2006 002 15:04 Jan", "2024 060 00:05 Feb"),
    ("2006 002", "2024 366", "DateOnly", "2024-12-31"),
    ("06", "69", "2006", "1969"),
    ("Stamp", "Feb 29 10:20:30", "Jan _2 3:4:5", "Feb 29 10:20:30"),
    ("20060102150405", "20230510223548", "Kitchen", "10:35PM"),
    ("epoch_s", "1657925305", "DateTime", "2022-07-15 22:48:25"),
    ("epoch_ms", "-1", "2006-01-02T15:04:05.000Z07:00", "1969-12-31T23:59:59.999Z"),
]


def _parsetime(read: str, value: str, write: str) -> str:
    layouts = json.dumps({"from": read, "to": write})
    return render(f"{{{{ parsetime {json.dumps(layouts)} . }}}}", value)


@pytest.mark.parametrize(("read", "value", "write", "text"), TIMES)
def test_parsetime_writes_a_time_as_go_does(read: str, value: str, write: str, text: str) -> None:
    assert _parsetime(read, value, write) == text


@pytest.mark.parametrize(
    ("read", "value", "write", "sentence"),
    [
        ("DateOnly", "2023-02-29", "DateOnly", "there is no such time"),
        ("DateOnly", "2023-2-9", "DateOnly", "does not read as"),
        ("DateOnly", "2023-02-09 ", "DateOnly", "does not read as"),
        ("DateOnly", "٢٠٢٣-02-09", "DateOnly", "does not read as"),
        ("RFC3339", "2022-07-15T22:48:24+99:00", "DateOnly", "there is no such time"),
        ("Stamp", "Feb 29 10:20:30", "Monday", "has no year"),
        ("epoch_s", "soon", "DateOnly", "does not read as epoch_s"),
        ("epoch_s", "nan", "DateOnly", "does not read as epoch_s"),
        ("epoch_s", "1657925305984", "DateOnly", "does not read as epoch_s"),
        ("yyyy", "2020", "2006", '"from" layout of parsetime, "yyyy", names no part of'),
        ("2006", "2020", "epoch_s", '"to" layout of parsetime, "epoch_s", names no part of'),
        ("2006" * 26, "2020", "2006", "longer than 100"),
    ],
)
def test_parsetime_is_refused_when_layout_or_time_does_not_fit(
    read: str, value: str, write: str, sentence: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        _parsetime(read, value, write)
    assert sentence in caught.value.sentence


def test_reading_does_not_go_back_when_many_digits_could_be_shared_out_differently() -> None:
    # With backtracking this would try 2 to the power of 100 ways.
    with pytest.raises(TemplateError, match="does not read as"):
        _parsetime("3" * 100, "1" * 199 + "x", "15")
