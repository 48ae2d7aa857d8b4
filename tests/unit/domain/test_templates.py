"""Templates: what is printed, what is refused and where, and how much work the worst of them may make."""

import json
import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textback_server.domain.templating import TemplateError, parse_data, render
from textback_server.domain.templating.functions import FUNCTIONS, MAX_TEXT, MAX_WORK
from textback_server.domain.templating.rendering import MAX_OUTPUT

DATA = parse_data(
    r"""{"event": {
        "USER": "sam", "PATH": "C:\\Windows\\System32\\cmd.exe", "host-name": "web-1", "n": 12345678,
        "f": 0.25, "whole": 3.0, "thousands": 1e6, "big": 123456789012345678901234567890, "on": true, "none": null,
        "empty": "", "list": ["a", "b", 3, null], "rows": [{"id": 7}], "csv": "a,b,,c", "names": ["Zoë"], "ünï": "ß",
        "html": "<a> & b",
        "ts": "2023-05-10 22:35:48", "ms": 1657925305984, "o": {"k": "v", "a": [1, {"b": false}]}}}"""
)

PRINTED = [
    ("", ""),
    ("no actions, {one} brace, }} and } too", "no actions, {one} brace, }} and } too"),
    ('{{ "+14155550100" }}', "+14155550100"),
    ("{{.event.USER}} logged in", "sam logged in"),
    ("{{ .event.o }}", '{"k":"v","a":[1,{"b":false}]}'),
    ("{{ .event.list }}", '["a","b",3,null]'),
    ("{{ .event.n }} {{ .event.f }} {{ .event.whole }} {{ .event.thousands }}", "12345678 0.25 3 1000000"),
    ("{{ .event.big }}", "123456789012345678901234567890"),
    ("{{ .event.on }} {{ .event.none }} [{{ .event.empty }}]", "true null []"),
    ("{{ .event.ünï }} {{ .event.names }}", 'ß ["Zoë"]'),
    ("{{ (index .event.rows 0).id }}", "7"),
    ('{{ index .event "host-name" }}', "web-1"),
    ('{{ index . "event" "rows" 0 "id" }}', "7"),
    ("a {{- .event.USER -}} \n b", "asamb"),
    ("a {{- /* said to nobody: }} */ -}} b{{/* nor this */}}", "ab"),
    ("{{ -3 }}{{- 3 }} {{ 1.50 }} {{ true }} {{ `raw \\n` }}", "-33 1.5 true raw \\n"),
    (r'{{ "\"q\" \\ \u00e9 \U0001f600" }}', '"q" \\ é 😀'),
    ("{{\n  .event.csv\n  | split `,`\n  | join `+`\n}}", "a+b++c"),
    ("{{ json .event.USER }} {{ json .event.html }}", '"sam" "<a> & b"'),
    ("{{ .event.o | json }}", '{"k":"v","a":[1,{"b":false}]}'),
    ("{{ .event.rows | prettyjson }}", '[\n  {\n    "id": 7\n  }\n]'),
    ('{{join "," .event.list}}', "a,b,3,null"),
    ('{{ split "," .event.csv }}', '["a","b","","c"]'),
    ('{{ split "" "ab" }}', '["a","b"]'),
    ('{{ replace "a" "x" .event.csv }}{{ .event.csv | replace "," "" }}', "x,b,,cabc"),
    ("{{ base .event.PATH }} in {{ dir .event.PATH }}", r"cmd.exe in C:\Windows\System32"),
    ("{{ token .event.USER }}", "332532dcfaa1cbf61e2a266bd723612c"),
    ("{{ token .event.n }}", "25d55ad283aa400af464c76d713c07ad"),
    ("{{ anon .event.USER }}", "b495f3e6050bab35447470bb4582f7ec"),
    (
        r'{{parsetime "{\"from\":\"2006-01-02 15:04:05\", \"to\":\"Mon, 02 Jan 2006 15:04:05 MST\"}" .event.ts}}',
        "Wed, 10 May 2023 22:35:48 UTC",
    ),
    ('{{ .event.ms | parsetime `{"from": "epoch_ms", "to": "RFC3339"}` }}', "2022-07-15T22:48:25Z"),
]


@pytest.mark.parametrize(("template", "text"), PRINTED)
def test_template_prints_what_go_or_its_page_says(template: str, text: str) -> None:
    assert render(template, DATA, anon_seed="a seed ") == text


REFUSED = [
    ("{{ .event.USR }}", 3, 'the data have no field "USR" here'),
    ("{{ .routing }}", 3, 'no field "routing"'),
    ("{{ .event.USER.name }}", 3, '"name" is asked of a text'),
    ("{{ .event.none.x }}", 3, '"x" is asked of null'),
    ("{{ .event.list.x }}", 3, "of a list"),
    ('{{ index .event "x" }}', 3, 'no field "x"'),
    ("{{ index .event.list 4 }}", 3, "outside a list of 4"),
    ("{{ index .event.list -1 }}", 3, "outside"),
    ("{{ index .event.list true }}", 3, "not a boolean"),
    ('{{ index .event.list "a" }}', 3, "cannot take a text of a list"),
    ("{{ .event.list.0 }}", 14, "(index .list 0)"),
    ("{{ .event.host-name }}", 14, '(index .object "any-key")'),
    ("{{ .event.USER | upper }}", 17, '"upper" is not a function; there are: json, prettyjson, join'),
    ("{{ printf .event.USER }}", 3, '"printf" is not a function'),
    ("{{ if .event.on }}x{{ end }}", 3, "if: conditionals"),
    ("{{ else }}", 3, "conditionals"),
    ("{{ with .event }}", 3, "conditionals"),
    ("{{ range .event.list }}", 3, "loops"),
    ('{{ define "x" }}', 3, "named templates"),
    ('{{ template "x" }}', 3, "named templates"),
    ("{{ block }}", 3, "named templates"),
    ("{{ $x := .event }}", 3, "variables"),
    ("{{ .event = 1 }}", 10, "variables"),
    ("a {{ .event", 2, "no closing }}"),
    ("{{ .event.USER }", 15, "'}' has no meaning"),
    ('{{ "abc }}', 3, "no closing quote"),
    ("{{ `abc }}", 3, "no closing `"),
    ("{{ 'a' }}", 3, "double quotes"),
    ("{{ +14155550100 }}", 3, "phone number stands in double quotes"),
    ("{{ 011 }}", 3, "'0' has no meaning"),
    (r'{{ "ab\q" }}', 6, "this escape has no meaning"),
    (r'{{ "\ud800" }}', 4, "this escape has no meaning"),
    (r'{{ "\U00110000" }}', 4, "this escape has no meaning"),
    ("{{ 1e400 }}", 3, "too large"),
    ("{{}}", 2, "is missing here"),
    ("{{ | json }}", 3, "is missing here"),
    ("{{ .event | }}", 12, "after | stands a function"),
    ("{{ .event | .event }}", 12, "after | stands a function"),
    ("{{ .event .event }}", 10, "takes no arguments"),
    ("{{ json json .event }}", 8, "in parentheses"),
    ("{{ json.event }}", 7, "a space is missing"),
    ("{{ json }}", 3, "write json value"),
    ("{{ join .event.list }}", 3, "write join separator list"),
    ("{{ index .event }}", 3, "write index value key ..."),
    ("{{ (json .event }}", 3, "no closing )"),
    ("{{ json .event) }}", 14, "closes nothing"),
    ("{{ /* c */ }}", 3, "a comment begins right after"),
    ("{{/* c }}", 0, "no closing */"),
    ("{{/* c */ }}", 9, "a comment begins right after"),
    ("{{ join 1 .event.list }}", 3, "the separator of join is a text, not a number"),
    ('{{ join "," .event.csv }}', 3, "join joins a list, not a text"),
    ('{{ split "," .event.none }}', 3, "the text of split is a text, not null"),
    ('{{ replace "a" true "b" }}', 3, "the new text of replace is a text, not a boolean"),
    ("{{ base .event.list }}", 3, "the path of base is a text, not a list"),
    ("{{ dir 5 }}", 3, "the path of dir is a text, not a number"),
    ('{{ parsetime "2006" .event.ts }}', 3, "needs its layouts as JSON text"),
    ('{{ parsetime `{"from": "2006", "to": "06", "x": "y"}` "2020" }}', 3, "needs its layouts as JSON text"),
    ('{{ parsetime `{"from": "2006", "to": "06"}` .event.on }}', 3, "not a boolean"),
]


@pytest.mark.parametrize(("template", "position", "sentence"), REFUSED)
def test_template_is_refused_with_its_place(template: str, position: int, sentence: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template, DATA)

    assert caught.value.position == position
    assert sentence in caught.value.sentence


def test_error_names_line_and_column_of_the_template() -> None:
    with pytest.raises(TemplateError) as caught:
        render("first\nsecond {{ .event.nope }}", DATA)

    assert (caught.value.line, caught.value.column) == (2, 11)
    assert str(caught.value) == 'line 2, column 11: the data have no field "nope" here'


def test_error_never_quotes_a_value_of_the_data() -> None:
    secret = parse_data('{"a": "+14155550100", "b": ["+14155550100"]}')
    templates = [
        "{{ .a.x }}",
        "{{ join .b .b }}",
        "{{ index .b .a }}",
        '{{ parsetime `{"from":"2006","to":"06"}` .a }}',
    ]
    for template in templates:
        with pytest.raises(TemplateError) as caught:
            render(template, secret)
        assert "4155550100" not in str(caught.value)


def test_anon_is_refused_when_there_is_no_seed() -> None:
    with pytest.raises(TemplateError, match="anon needs a secret seed"):
        render("{{ anon .event.USER }}", DATA)


@pytest.mark.parametrize(
    ("path", "last", "before"),
    [
        ("/usr/bin/env", "env", "/usr/bin"),
        ("/a/b/", "b", "/a/b"),
        ("/a", "a", "/"),
        ("/", "/", "/"),
        ("a", "a", "."),
        ("", ".", "."),
        ("a\\b/c", "c", "a\\b"),
        ("C:\\a", "a", "C:\\"),
        ("C:\\a\\b.exe", "b.exe", "C:\\a"),
        ("C:/a/b.exe", "b.exe", "C:/a"),
        ("\\\\server\\share\\x", "x", "\\\\server\\share"),
        ("a\\b", "b", "a"),
    ],
)
def test_base_and_dir_read_paths_of_both_kinds(path: str, last: str, before: str) -> None:
    assert render("{{ base . }}", path) == last
    assert render("{{ dir . }}", path) == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ('{"a": 1,}', "not JSON"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', 'the key "c" is there twice'),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ("[-Infinity]", "-Infinity is not a JSON number"),
        ("1e400", "too large"),
        ("9" * 1001, "more than 1,000 digits"),
        ("1." + "9" * 1000, "more than 1,000 digits"),
        ("[" * 51 + "]" * 51, "deeper than 50"),
        ("[" * 60_000, "deeper than 50"),
        ('"' + "a" * 65_535 + '"', "65,537 bytes"),
        ('"' + "é" * 32_768 + '"', "65,538 bytes"),
    ],
)
def test_data_are_refused_when_they_are_not_plain_json_within_bounds(text: str, sentence: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_data(text)
    assert sentence in caught.value.sentence


def test_data_are_taken_at_their_bounds() -> None:
    assert parse_data("[" * 50 + "]" * 50)
    assert parse_data('"' + "a" * 65_534 + '"')
    assert parse_data("9" * 1000) == int("9" * 1000)


def test_data_keep_no_half_of_a_surrogate_pair() -> None:
    assert parse_data(r'["\ud800x", {"\udc00": "\ud83d\ude00"}]') == ["\ufffdx", {"\ufffd": "😀"}]


def test_error_in_the_data_names_its_place() -> None:
    with pytest.raises(TemplateError) as caught:
        parse_data('{"a": 1,\n "b": x}')
    assert (caught.value.position, caught.value.line, caught.value.column) == (15, 2, 7)


@pytest.mark.parametrize(
    ("template", "data", "sentence"),
    [
        ("x" * 10_001, None, "10,001 characters; at most 10,000"),
        ("{{ 1 }}" * 201, None, "more than 200 actions"),
        ("{{" + "(" * 21 + "1" + ")" * 21 + "}}", None, "nested deeper than 20"),
        ("{{ 1" + "|json" * 21 + "}}", None, "nested deeper than 20"),
        ("{{ . }}{{ . }}", "x" * 5_001, "longer than 10,000 characters"),
        ("{{ . }}", "x" * 10_001, "longer than 10,000 characters"),
        ("x{{ . }}", "x" * 10_000, "longer than 10,000 characters"),
        ('{{ "aaaaaaaaaa"' + '| replace "a" "aaaaaaaaaa"' * 9 + "}}", None, f"longer than {MAX_TEXT:,}"),
        ("{{ . | json | json | json | json | token }}", '"' * 9_000, f"longer than {MAX_TEXT:,}"),
        ("{{ token . }}" * 200, "x" * 10_000, f"work on more than {MAX_WORK:,}"),
        ('{{ join "" . | token }}' * 200, [""] * 20_000, f"work on more than {MAX_WORK:,}"),
        ("{{ prettyjson . | token }}" * 200, [[[[]]]] * 2_000, f"work on more than {MAX_WORK:,}"),
    ],
)
def test_template_is_refused_when_it_is_too_much(template: str, data: object, sentence: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template, data)
    assert sentence in caught.value.sentence


def test_replace_is_refused_before_its_text_is_made() -> None:
    template = f'{{{{ replace "a" "{"b" * 9_000}" . }}}}'
    tracemalloc.start()
    try:
        with pytest.raises(TemplateError, match="longer than 65,536"):
            render(template, "a" * 10_000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_template_is_taken_at_its_bounds() -> None:
    assert render("x" * 10_000, None) == "x" * 10_000
    assert render("{{ 1 }}" * 200, None) == "1" * 200
    assert render("{{" + "(" * 20 + "1" + ")" * 20 + "}}", None) == "1"
    assert len(render("{{ . }}", "x" * 10_000)) == MAX_OUTPUT


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=8
)
MARKS = ["{{", "}}", "{{-", "-}}", "{{/*", "*/}}", " ", "\n", "|", "(", ")", ".", '"', '"\\', "`", "$"]
WORDS = [".a", ".b", "0", "-1", "1e3", '"x"', "if", "é", "😀", '`{"from":"2006","to":"06"}`', *FUNCTIONS]
SCRAPS = st.sampled_from(MARKS + WORDS)
TEMPLATES = st.text() | st.lists(SCRAPS, max_size=300).map("".join) | st.lists(SCRAPS, max_size=12).map(" ".join)
ACTIONS = st.lists(SCRAPS, max_size=8).map(lambda words: "{{ " + " ".join(words) + " }}")


T = TypeVar("T")


def _outcome(call: Callable[[], T]) -> tuple[T | None, TemplateError | None]:
    try:
        return call(), None
    except TemplateError as error:
        return None, error


def _within(source: str, error: TemplateError | None) -> bool:
    return error is not None and (error.position is None or 0 <= error.position <= len(source))


def _steps(call: Callable[[], object]) -> int:
    """Lines of Python that a call runs: the same on every machine, unlike time."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        _outcome(call)
    finally:
        sys.settrace(before)
    return count


@given(template=TEMPLATES | ACTIONS, data=st.fixed_dictionaries({"a": TREES, "b": TREES}) | TREES)
@settings(deadline=None, max_examples=400)
def test_rendering_ends_in_a_text_or_a_template_error_and_in_few_steps(template: str, data: object) -> None:
    sound = parse_data(json.dumps(data))

    text, error = _outcome(lambda: render(template, sound, anon_seed="s"))

    assert isinstance(text, str) or _within(template, error)
    assert len(text or "") <= MAX_OUTPUT
    assert _steps(lambda: render(template, sound, anon_seed="s")) <= 20_000 + 200 * len(template)


@given(text=st.text(alphabet='[]{},:"\\u d8e1.0-NaIfty') | st.text() | TREES.map(json.dumps))
@settings(deadline=None, max_examples=400)
def test_reading_data_ends_in_data_or_a_template_error(text: str) -> None:
    data, error = _outcome(lambda: parse_data(text))

    assert _within(text, error) if error else parse_data(json.dumps(data)) == data


@given(data=TREES)
def test_whole_data_print_as_json_that_reads_the_same(data: object) -> None:
    sound = parse_data(json.dumps(data))
    assert json.loads(render("{{ json . }}", sound)) == sound


@pytest.mark.parametrize(
    ("head", "again", "tail"),
    [
        ("", "{{ 1 }} ", ""),
        ("{{ ", " ", "}}"),
        ("{{", "(", ""),
        ('{{ "', "\\\\", ""),
        ('{{ "', '\\"', '" }}'),
        ("{{ `", "{{", "` }}"),
        ("{{/* ", "*/ ", "*/}}"),
        ("{{ ", "1", "x }}"),
        ("{{ ", ".a", " }}"),
        ("{{ ", '"" ', " }}"),
        ("", "}} {{/*x*/}}", ""),
        ("{{ 1", " -", "}}"),
    ],
)
def test_a_template_twice_as_long_takes_at_most_twice_the_steps(head: str, again: str, tail: str) -> None:
    def steps(count: int) -> int:
        return _steps(lambda: render(head + again * count + tail, {}))

    once, twice = steps(90), steps(180)

    assert twice <= 2 * once + 100
