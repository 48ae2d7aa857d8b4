"""What is content is erased, wherever it stands; all else stays."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.strategies import whole
from textback_server.domain.erasing import erased, erased_event, erased_inbound
from textback_server.domain.events import Event, Happening
from textback_server.domain.messages import Inbound, Message, Result


def contents(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """The texts in a value that are never shown in logs, each with its place: exactly those are content."""
    if isinstance(value, tuple):
        for each in value:
            yield from contents(each, path)
    elif is_dataclass(value):
        for field in fields(value):
            inner, place = getattr(value, field.name), f"{path}.{field.name}"
            if isinstance(inner, str) and not field.repr:
                yield place, inner
            yield from contents(inner, place)


@given(message=whole(Message))
def test_message_keeps_no_text_and_all_else(message: Message) -> None:
    after = erased(message)
    assert not [place for place, text in contents(after) if text]
    assert after.content_erased
    assert after.revision == message.revision + 1
    assert after.wait is None or after.wait.terms.prompt == ""
    prompted = replace(
        message, wait=message.wait and replace(message.wait, terms=replace(message.wait.terms, prompt=""))
    )
    assert repr(replace(after, content_erased=prompted.content_erased, revision=prompted.revision)) == repr(prompted)


@pytest.mark.parametrize("happening", get_args(Happening), ids=lambda happening: happening.__name__)
@given(data=st.data())
def test_event_keeps_no_text_and_all_else(happening: type[Any], data: st.DataObject) -> None:
    event = data.draw(whole(Event, what=whole(happening), result=st.none() | whole(Result)))
    after = erased_event(event)
    assert not [place for place, text in contents(after) if text]
    assert repr(after) == repr(event)
    assert erased_event(after) is after


@given(inbound=whole(Inbound))
def test_inbound_keeps_no_text_and_all_else(inbound: Inbound) -> None:
    after = erased_inbound(inbound)
    assert not [place for place, text in contents(after) if text]
    assert repr(replace(after, content_erased=inbound.content_erased)) == repr(inbound)
