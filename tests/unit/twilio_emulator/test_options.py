"""The optional parameters of a create."""

from datetime import UTC, datetime, timedelta

import pytest

from twilio_emulator import options
from twilio_emulator.refusals import TwilioError
from twilio_emulator.segments import GSM_7, measure
from twilio_emulator.smart_encoding import smart

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def in_(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, None),
        ({"MaxPrice": "cheap"}, None),
        ({"Attempt": "2", "ProvideFeedback": "true", "RiskCheck": "disable", "MessageIntent": "otp"}, None),
        ({"Attempt": "two"}, 20001),
        ({"Attempt": "-1"}, 20001),
        ({"ProvideFeedback": "yes"}, 20001),
        ({"ForceDelivery": "1"}, 20001),
        ({"SmartEncoded": "on"}, 20001),
        ({"ShortenUrls": "2"}, 20001),
        ({"SendAsMms": "no"}, 20001),
        ({"RiskCheck": "true"}, 20001),
        ({"ContentRetention": "delete"}, 20001),
        ({"AddressRetention": "discard"}, 20001),
        ({"TrafficType": "paid"}, 20001),
        ({"MessageIntent": "greetings"}, 20001),
        ({"ApplicationSid": "AP1"}, 20001),
        ({"ApplicationSid": "AP" + "0" * 32}, None),
        ({"ContentSid": "HX" + "0" * 32}, 21655),
        ({"ContentVariables": "{}"}, 21654),
        ({"ContentVariables": "[1"}, 21656),
        ({"ContentVariables": "[" * 20_000}, 21656),
        ({"SendAt": in_(600)}, None),
        ({"ScheduleType": "later"}, 20001),
        ({"ScheduleType": "fixed"}, 35111),
        ({"ScheduleType": "fixed", "SendAt": "soon"}, 20001),
        ({"ScheduleType": "fixed", "SendAt": in_(298)}, 35114),
        ({"ScheduleType": "fixed", "SendAt": in_(300)}, None),
        ({"ScheduleType": "fixed", "SendAt": in_(35 * 86_400)}, None),
        ({"ScheduleType": "fixed", "SendAt": in_(35 * 86_400 + 1)}, 35114),
    ],
)
def test_option_is_judged_by_its_form(given: dict[str, str], code: int | None) -> None:
    if code is None:
        options.read(given, by_service=True, now=NOW)
    else:
        with pytest.raises(TwilioError) as refused:
            options.read(given, by_service=True, now=NOW)
        assert refused.value.code == code


def test_schedule_is_refused_when_a_number_sends() -> None:
    with pytest.raises(TwilioError) as refused:
        options.read({"ScheduleType": "fixed", "SendAt": in_(600)}, by_service=False, now=NOW)

    assert refused.value.code == 35118


def test_smart_encoding_keeps_a_text_in_gsm_7_when_only_its_punctuation_is_not() -> None:
    text = smart("\u201cIt\u2019s\u00a0done\u201d \u2013 really\u2026")

    assert text == '"It\'s done" - really...'
    assert measure(text).encoding == GSM_7
    assert smart("日本") == "日本"
