"""Twilio's codes and words as ours, and its signatures."""

from collections.abc import Sequence

import pytest
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from textback_server.domain.messages import MessageState
from textback_server.domain.reasons import MEANINGS, Reason
from textback_server.gateway.errors import CODES, failure, help_url
from textback_server.gateway.signatures import verify
from textback_server.gateway.statuses import STATES, state_of


@pytest.mark.parametrize("code", CODES)
def test_failure_is_a_documented_reason_and_a_sentence_when_the_code_is_known(code: int) -> None:
    found = failure(code)
    assert found.reason in MEANINGS
    assert found.message.endswith(".")
    assert found.twilio_code == code
    assert not found.refused


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        (30003, 0, Reason.UNDELIVERABLE),
        (30007, 0, Reason.CARRIER_FILTERED),
        (30036, 0, Reason.NOT_SENT_IN_TIME),
        (21610, 400, Reason.RECIPIENT_OPTED_OUT),
        (99999, 401, Reason.TWILIO_AUTH_FAILED),
        (99999, 429, Reason.TWILIO_BUSY),
        (99999, 503, Reason.TWILIO_UNAVAILABLE),
        (99999, 400, Reason.TWILIO_REFUSED),
        (0, 0, Reason.TWILIO_REFUSED),
        (20005, 401, Reason.TWILIO_ACCOUNT_SUSPENDED),
    ],
)
def test_failure_falls_back_to_the_http_status_when_the_code_is_unknown(code: int, status: int, reason: Reason) -> None:
    assert failure(code, status).reason is reason


def test_failure_links_to_twilio_when_the_code_is_unknown() -> None:
    assert help_url(99999) in failure(99999, 400).message


@pytest.mark.parametrize("word", STATES)
def test_state_of_knows_a_word_when_twilio_documents_it(word: str) -> None:
    assert state_of(word) is state_of(word.upper()) is STATES[word]


@pytest.mark.parametrize("word", ["", "received", "receiving", "teleported"])
def test_state_of_is_none_when_the_word_is_not_an_outbound_status(word: str) -> None:
    assert state_of(word) is None


def test_state_of_keeps_accepted_and_scheduled_together_when_mapping() -> None:
    assert {state_of("accepted"), state_of("scheduled")} == {MessageState.ACCEPTED}


# Twilio, Webhooks security: the worked example.
TOKEN, URL, SIGNATURE = "12345", "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
PARAMS = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}


@pytest.mark.parametrize("tokens", [(TOKEN,), (TOKEN, "other"), ("other", TOKEN)])
def test_verify_is_true_when_one_of_the_tokens_signed(tokens: tuple[str, ...]) -> None:
    assert verify(tokens, URL, PARAMS, SIGNATURE)
    assert verify(tokens, URL, PARAMS, [SIGNATURE])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        [],
        [""],
        [SIGNATURE, SIGNATURE],
        f"{SIGNATURE}, {SIGNATURE}",
        "é",
        "\udc80",
        SIGNATURE[:-1],
        "RSOY" * 7,
    ],
)
def test_verify_is_false_when_the_header_is_not_the_one_signature(header: str | Sequence[str] | None) -> None:
    assert verify((TOKEN,), URL, PARAMS, header) is False


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("https", "http"),
        URL.replace(".com/", ".com:443/"),
        URL.replace(".com/", ".com:8443/"),
        URL + "&baz=3",
        URL.replace("myapp", "MyApp"),
    ],
)
def test_verify_is_false_when_the_url_is_not_exactly_the_configured_one(url: str) -> None:
    assert verify((TOKEN,), url, PARAMS, SIGNATURE) is False


@pytest.mark.parametrize(
    "params",
    [{}, PARAMS | {"Digits": "1235"}, PARAMS | {"Extra": "x"}, PARAMS | {"Body": "\udc80"}],
)
def test_verify_is_false_when_the_fields_are_not_exactly_the_signed_ones(params: dict[str, str]) -> None:
    assert verify((TOKEN,), URL, params, SIGNATURE) is False


@pytest.mark.parametrize("tokens", [(), ("other",)])
def test_verify_is_false_when_no_token_signed(tokens: tuple[str, ...]) -> None:
    assert verify(tokens, URL, PARAMS, SIGNATURE) is False


def test_verify_counts_blank_unknown_and_repeated_fields_when_they_were_signed() -> None:
    fields = MultiDict([("FromZip", ""), ("Body", "4821 yés 👍"), ("New", "b"), ("New", "a")])
    signature = RequestValidator(TOKEN).compute_signature(URL, fields)
    assert verify((TOKEN,), URL, fields, signature)
    del fields["FromZip"]
    assert not verify((TOKEN,), URL, fields, signature)
