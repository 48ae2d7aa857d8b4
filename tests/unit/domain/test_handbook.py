"""The printed pages say what the code does, and the contract knows every word."""

import enum
from pathlib import Path

import pytest

from textback.v1 import sms_message_pb2 as message_pb
from textback_server.domain import messages
from textback_server.domain.errors_page import errors_page
from textback_server.domain.handbook import states_page
from textback_server.domain.reasons import MEANINGS, Reason
from textback_server.domain.recipes import RECIPES
from textback_server.domain.rejections import RejectReason
from textback_server.gateway.errors import BY_REASON, CODES

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(("name", "page"), [("states.md", states_page()), ("errors.md", errors_page(BY_REASON))])
def test_page_is_fresh(name: str, page: str) -> None:
    assert (DOCS / name).read_text() == page, f"docs/{name} is stale: make docs"


def test_every_reason_has_a_meaning_and_a_recipe() -> None:
    assert set(MEANINGS) == set(RECIPES) == set(Reason)


def test_every_code_of_twilio_stands_below_its_reason() -> None:
    sections = dict(each.split("\n", 1) for each in errors_page(BY_REASON).split("\n## ")[1:])
    assert list(sections) == list(Reason)
    for code, (reason, said) in CODES.items():
        assert f"| [{code}](https://www.twilio.com/docs/api/errors/{code}) | {said} |" in sections[reason]


@pytest.mark.parametrize(
    ("ours", "names", "prefix"),
    [
        (messages.MessageState, message_pb.MessageState.keys(), "MESSAGE_STATE_"),
        (messages.WaitState, message_pb.WaitState.keys(), "WAIT_STATE_"),
        (messages.Outcome, message_pb.Outcome.keys(), "OUTCOME_"),
        (messages.DecidedBy, message_pb.DecidedBy.keys(), "DECIDED_BY_"),
        (messages.ReplyVia, message_pb.ReplyVia.keys(), "REPLY_VIA_"),
        (messages.Disposition, message_pb.InboundDisposition.keys(), "INBOUND_DISPOSITION_"),
        (messages.Encoding, message_pb.SmsEncoding.keys(), "SMS_ENCODING_"),
        (RejectReason, message_pb.RejectReason.keys(), "REJECT_REASON_"),
        (messages.ReplyMatch, message_pb.ReplyMatch.keys(), "REPLY_MATCH_"),
        (messages.Notices, message_pb.Notices.keys(), "NOTICES_"),
    ],
)
def test_contract_and_domain_have_the_same_words(ours: type[enum.Enum], names: list[str], prefix: str) -> None:
    assert {f"{prefix}{member.name}" for member in ours} | {f"{prefix}UNSPECIFIED"} == set(names)
