"""docs/replies.md says what the domain does."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from textback_server.domain.notices import DEFAULT_TEXTS, HOURLY_BUDGET, NoticeTexts
from textback_server.domain.reading.words import OPT_OUT_WORDS
from textback_server.domain.rejections import RejectReason
from textback_server.domain.templating import parse_data, render
from textback_server.domain.templating.functions import FUNCTIONS
from textback_server.domain.transitions import MAX_REJECTIONS

DOCUMENT = (Path(__file__).parents[3] / "docs/replies.md").read_text()
DATA = parse_data(DOCUMENT.split("Over the data\n`")[1].split("`")[0])
ROWS = [
    (template.replace(r"\|", "|"), made.replace(r"\n", "\n"))
    for template, made in re.findall(r"^\| ``?(\{\{.+?\}\})``? \| (.+) \|$", DOCUMENT, re.MULTILINE)
]


@pytest.mark.parametrize(("template", "made"), ROWS)
def test_template_makes_what_is_documented(template: str, made: str) -> None:
    text = render(template, DATA, anon_seed="s")
    assert made.startswith(f"`{text}`") or (" anon " in template and not made.startswith("`"))


def test_every_function_has_an_example_when_the_document_is_read() -> None:
    examples = " ".join(template for template, _ in ROWS)
    assert {name for name in FUNCTIONS if name not in re.findall(r"\w+", examples)} == set()


def test_notices_are_documented_with_their_default_texts() -> None:
    for each in fields(NoticeTexts):
        assert f"| `{each.name}` | `{getattr(DEFAULT_TEXTS, each.name)}` |" in DOCUMENT


def test_every_reason_and_word_is_named_when_the_document_is_read() -> None:
    words = {*RejectReason, *(word.upper() for word in OPT_OUT_WORDS)}
    assert {word for word in words if f"`{word}`" not in DOCUMENT} == set()


def test_limits_are_as_documented() -> None:
    assert f"at most {HOURLY_BUDGET} notices an hour" in DOCUMENT
    assert f"shows at most {MAX_REJECTIONS}." in DOCUMENT
