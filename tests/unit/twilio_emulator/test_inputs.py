"""Everything that comes from outside and is not HTTP: settings, scripted answers, TwiML."""

import pytest

from twilio_emulator import twiml
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
    assert [verb.body for verb in twiml.verbs(content_type, body) if isinstance(verb, twiml.Text)] == texts


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
        twiml.verbs(content_type, body)


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
