"""Plain Python values become requests."""

import json
from typing import Any

import pytest

from textback.v1 import sms_message_pb2 as pb
from textback_client import requests

PHONE = "+14155550123"


def sms(**options: Any) -> pb.Sms:
    built: pb.Sms = requests.send_request(PHONE, "", "", options).sms  # type: ignore[arg-type]  # a table's row
    return built


def wait(**options: Any) -> pb.WaitOptions:
    built: pb.WaitOptions = requests.ask_request(PHONE, "Well?", "", options).wait  # type: ignore[arg-type]  # as above
    return built


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, {}),
        ({"template": "{{ .a }}", "data": {"a": ["é", 1]}}, {"template": "{{ .a }}", "data": '{"a":["é",1]}'}),
        ({"data": None}, {"data": "null"}),
        ({"resend_if_unconfirmed": True}, {"resend_if_unconfirmed": True}),
        ({"truncate": True, "max_segments": 2}, {"on_too_long": pb.ON_TOO_LONG_TRUNCATE, "max_segments": 2}),
        ({"truncate": False}, {}),
        ({"smart_encoded": True}, {"smart_encoded": True}),
    ],
)
def test_sms_carries_what_the_options_say(options: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert sms(**options) == pb.Sms(recipient=PHONE, **wanted)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, {}),
        ({"reply_match": "code"}, {"reply_match": pb.REPLY_MATCH_CODE}),
        ({"reply_match": "sender"}, {"reply_match": pb.REPLY_MATCH_SENDER}),
        ({"notices": "none"}, {"notices": pb.NOTICES_NONE}),
        ({"notices": "hints"}, {"notices": pb.NOTICES_HINTS}),
        ({"notices": "all"}, {"notices": pb.NOTICES_ALL}),
        ({"prompt": "SiemplifyID: {code}"}, {"prompt": "SiemplifyID: {code}"}),
        ({"allow_empty_reply": False}, {"allow_empty_reply": False}),
        ({"allow_empty_reply": True, "max_invalid_replies": 3}, {"allow_empty_reply": True, "max_invalid_replies": 3}),
    ],
)
def test_wait_carries_what_the_options_say(options: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert wait(**options) == pb.WaitOptions(**wanted)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"reply_match": "phone"}, 'reply_match: "phone" is unknown; it may be code, sender'),
        ({"notices": "some"}, 'notices: "some" is unknown; it may be none, hints, all'),
        ({"data": float("nan")}, "JSON compliant"),
    ],
)
def test_option_is_refused_when_it_means_nothing(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        wait(**options)


def test_data_keep_the_order_of_their_keys_when_they_are_sent() -> None:
    assert list(json.loads(sms(template="{{ . }}", data={"b": 1, "a": 2}).data)) == ["b", "a"]
