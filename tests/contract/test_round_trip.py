"""What is read is what was written: every field of every value, every kind of event."""

from dataclasses import fields, replace
from datetime import UTC
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.builders import NOW, a_change, a_draft, a_sid, an_id
from tests.support.strategies import whole
from textback_server.domain.changes import Change, Write
from textback_server.domain.drafts import Draft
from textback_server.domain.events import Event, Happening
from textback_server.domain.messages import Code, Inbound, Message, Result
from textback_server.store.protocol import InboundFilter, Store

SHARED = [HealthCheck.function_scoped_fixture]
"""All examples of a test go into one store; their keys differ."""
FIXED = ("id", "account", "request_id", "request_hash", "sequence", "revision", "create_time")
BRIEF = settings(max_examples=25, deadline=None, suppress_health_check=SHARED)


@given(any_message=whole(Message), draft=st.builds(a_draft, request_id=st.sampled_from(["", "r"])))
@BRIEF
async def test_message_is_read_as_written(store: Store, any_message: Message, draft: Draft) -> None:
    draft = replace(draft, id=an_id(), account=str(an_id()))
    before, _ = await store.create(draft, [Code("4821")], NOW)
    news = {field.name: getattr(any_message, field.name) for field in fields(Message) if field.name not in FIXED}
    news["sms"] = replace(any_message.sms, recipient=before.sms.recipient, sender=before.sms.sender)
    after = a_change(before, **news).after
    await store.commit(Write(changes=(Change(before=before, after=after),)))
    found = await store.get(before.account, before.id)
    assert found == after
    assert found.create_time.utcoffset() == UTC.utcoffset(None)


@given(any_message=whole(Message))
@BRIEF
async def test_message_is_found_as_created_whatever_was_asked(store: Store, any_message: Message) -> None:
    draft = a_draft(wait=any_message.wait.terms if any_message.wait else None, create_time=any_message.create_time)
    draft = replace(draft, sms=any_message.sms, context=any_message.context, request_hash=any_message.request_hash)
    message, _ = await store.create(replace(draft, account=str(an_id())), [Code("4821")], draft.create_time)
    assert await store.load(message.id) == message


@pytest.mark.parametrize("happening", get_args(Happening), ids=lambda happening: happening.__name__)
@given(data=st.data())
@settings(BRIEF, max_examples=10)
async def test_event_is_read_as_written(store: Store, happening: type[Any], data: st.DataObject) -> None:
    before, _ = await store.create(a_draft(wait=None), (), NOW)
    event = data.draw(whole(Event, what=whole(happening), result=st.none() | whole(Result)))
    event = replace(event, message_id=before.id, sequence=2)
    await store.commit(Write(changes=(replace(a_change(before), events=(event,)),)))
    found = (await store.events(before.id, 1))[0]
    assert found == event
    assert type(found.what) is happening


@given(inbound=whole(Inbound))
@BRIEF
async def test_inbound_is_read_as_written(store: Store, inbound: Inbound) -> None:
    inbound = replace(inbound, account=str(an_id()), twilio_sid=a_sid())
    await store.commit(Write(inbound=inbound))
    page = await store.inbound(InboundFilter(account=inbound.account), None, 2)
    assert page.rows == (inbound,)
