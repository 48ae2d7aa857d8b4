"""Stored text outlives the code that wrote it."""

import traceback
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from tests.support.builders import a_message, an_inbound
from textback_server.domain.events import Event, Happening
from textback_server.domain.messages import Message, MessageId
from textback_server.store import codec
from textback_server.store.protocol import StoreUnavailable

LATER = datetime(2026, 3, 1, 12, 0, 0, 123_457, tzinfo=UTC)


def test_event_kinds_keep_their_stored_names() -> None:
    assert {kind.__name__ for kind in get_args(Happening)} >= {
        "Created", "StatusChanged", "ReplyRejected", "ReplyReceived", "TimedOut", "Failed", "OptedOut", "Cancelled",
        "Settled",
    }  # fmt: skip


def test_event_is_read_when_fields_were_added_or_dropped_since() -> None:
    row = (2, codec.microseconds(LATER), "StatusChanged", '{"state": "QUEUED", "dropped": 1}', None)
    event = codec.load_event("msg_1", row)
    assert (event.what.state, event.what.twilio_status) == ("QUEUED", "")  # type: ignore[union-attr]  # is StatusChanged


@pytest.mark.parametrize("kind", ["Unheard", "TimedOut "])
def test_event_of_unknown_kind_is_a_store_error(kind: str) -> None:
    with pytest.raises(StoreUnavailable, match="another version"):
        codec.load_event("msg_1", (2, 0, kind, "{}", None))


@pytest.mark.parametrize("stamp", [LATER, LATER + timedelta(microseconds=1), datetime(1969, 12, 31, tzinfo=UTC)])
def test_times_are_kept_to_the_microsecond(stamp: datetime) -> None:
    assert codec.time_of(codec.microseconds(stamp)) == stamp


def a_row(message: Message, content: str | None = None) -> codec.MessageRow:
    """The row of a message, with other content if that is given."""
    return (
        message.id, message.account, message.request_id, message.request_hash, message.sms.recipient,
        message.sms.sender, message.twilio_sid, message.state, message.wait.state if message.wait else None,
        codec.microseconds(message.create_time), message.revision, content or codec.dump_message(message),
    )  # fmt: skip


def test_content_says_nothing_that_a_column_says() -> None:
    message = a_message()
    content = codec.dump_message(message)
    assert codec.load_message(a_row(message)) == message
    said = [message.id, message.account, message.sms.recipient, message.sms.sender, message.state, "OPEN"]
    assert [each for each in said if each in content] == []


@pytest.mark.parametrize(
    "content",
    ['{"private', "[]", "{}", '{"sms": {}}', codec.dump_message(a_message()).replace('"GSM7"', '"private"')],
)
def test_damaged_row_is_told_without_its_content(content: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        codec.load_message(a_row(a_message(), content))
    assert "private" not in "".join(traceback.format_exception(caught.value, limit=0))
    with pytest.raises(StoreUnavailable):
        codec.load_inbound(codec.dump_inbound(an_inbound())[:-1])


def test_row_whose_numbers_or_nesting_nobody_writes_is_told_as_damaged() -> None:
    message = a_message()
    *first, _, revision, content = a_row(message)
    for row in ((*first, 2**62, revision, content), a_row(message, "[" * 100_000)):
        with pytest.raises(StoreUnavailable):
            codec.load_message(row)  # type: ignore[arg-type] # a row, put together
    with pytest.raises(StoreUnavailable):
        codec.load_event(message.id, (1, 2**62, "TimedOut", "{}", None))


def test_event_row_says_kind_and_time_in_columns() -> None:
    message = a_message()
    what = next(kind for kind in get_args(Happening) if kind.__name__ == "TimedOut")()
    row = codec.dump_event(Event(message_id=MessageId(message.id), sequence=3, time=LATER, what=what))
    assert row == (3, codec.microseconds(LATER), "TimedOut", "{}", None)
