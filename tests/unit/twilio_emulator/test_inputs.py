"""Everything that comes from outside and is not HTTP: settings, scripted answers, TwiML."""

import pytest

from twilio_emulator import twiml
from twilio_emulator.responses import Drop, ScriptedResponse, parse
from twilio_emulator.settings import EmulatorSettings


@pytest.mark.parametrize(
    ("content_type", "body", "texts"),
    [
        ("text/xml", "<Response/>", []),
        ("text/xml", "", []),
        ("application/xml", "<Response><Message>Thanks</Message></Response>", ["Thanks"]),
        ("text/html", "<Response><Message><Body>A</Body></Message><Message>B</Message></Response>", ["A", "B"]),
        ("text/xml", "<Response><Message><![CDATA[a < b]]></Message></Response>", ["a < b"]),
        ("text/plain", "OK", ["OK"]),
    ],
)
def test_answer_sends_the_texts_that_it_holds(content_type: str, body: str, texts: list[str]) -> None:
    assert twiml.texts(content_type, body) == texts


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", "{}", "12300"),
        ("", "OK", "12300"),
        ("text/xml", "<Response>", "12100"),
        ("text/xml", "<Reply/>", "12100"),
        ("text/xml", '<!DOCTYPE r [<!ENTITY a "b">]><Response><Message>&a;</Message></Response>', "12100"),
    ],
)
def test_answer_is_refused_with_twilios_debugger_code_when_it_is_not_twiml(
    content_type: str, body: str, code: str
) -> None:
    with pytest.raises(ValueError, match=code):
        twiml.texts(content_type, body)


def test_scripted_response_is_read_from_json() -> None:
    assert parse({"status": 201, "body": "", "delay": 1, "store": True}) == ScriptedResponse(
        status=201, body="", delay=1, store=True
    )
    assert parse({"drop": "after"}) == ScriptedResponse(drop=Drop.AFTER)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "response: "),
        ({"code": 1}, "code: unknown field"),
        ({"status": "500"}, "status: '500' is not of type int"),
        ({"status": True}, "status: True is not of type int"),
        ({"status": 99}, "status: 99 is not an HTTP status"),
        ({"delay": -1}, "delay: -1 s"),
        ({"drop": "now"}, "drop: 'now' is unknown; it may be before or after"),
        ({"store": 1}, "store: 1 is not of type bool"),
        ({"body": "x"}, "body: it needs a status"),
    ],
)
def test_scripted_response_is_refused_in_a_sentence_that_names_the_field(data: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(")):
        parse(data)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"account_sid": "AC1"}, "account_sid"),
        ({"api_key": "AC" + "0" * 32}, "api_key"),
        ({"port": 70000}, "port"),
        ({"numbers": ()}, "numbers"),
        ({"step_delay": -1}, "step_delay"),
        ({"lifecycle": "slow"}, "lifecycle"),
    ],
)
def test_settings_are_refused_in_a_sentence_that_names_the_field(settings: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        EmulatorSettings(**settings)  # type: ignore[arg-type]  # wrong on purpose
