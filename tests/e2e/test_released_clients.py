"""Clients of every released contract go on working with today's server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from tests.support.released import RELEASED, ReleasedClient, contract, released_client, without
from tests.support.service import PHONE, Service, service, waiting

QUESTION: dict[str, Any] = {
    "sms": {"recipient": PHONE, "body": "Isolate host web-03?", "labels": {"team": "blue"}},
    "wait": waiting("yes", "no"),
}
UNKNOWN = ("SmsEvent.status_changed", "SmsMessage.segments", "SmsMessage.sequence", "Wait.expire_time", "Result.text")
"""What a client does not know that is older than any released contract."""


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running:
        yield running


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def client(request: pytest.FixtureRequest, textback: Service) -> ReleasedClient:
    return released_client(contract(request.param), textback.channel)


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def older(request: pytest.FixtureRequest, textback: Service) -> ReleasedClient:
    return released_client(without(contract(request.param), *UNKNOWN), textback.channel)


async def answered(client: ReleasedClient, textback: Service) -> list[Any]:
    """Asks, answers, and returns all events."""
    events = []
    async for said in client.stream("SendSmsAndWait", request_id="asked-1", **QUESTION):
        events.append(said.event)
        if said.event.WhichOneof("kind") == "created":
            await textback.answer(f"{said.event.created.message.wait.code} yes")
    return [event for event in events if event.WhichOneof("kind") != "heartbeat"]


def test_there_is_a_released_contract() -> None:
    assert RELEASED


async def test_released_client_pings_and_sends(client: ReleasedClient) -> None:
    assert (await client.call("Ping")).emulator
    first = await client.call("SendSms", request_id="sent-1", sms={"recipient": PHONE, "body": "Backup finished."})
    again = await client.call("SendSms", request_id="sent-1", sms={"recipient": PHONE, "body": "Backup finished."})
    assert first.message.twilio_sid
    assert again.message.message_id == first.message.message_id


async def test_released_client_asks_watches_and_reads(client: ReleasedClient, textback: Service) -> None:
    events = await answered(client, textback)
    last = events[-1]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [event.terminal for event in events] == [False] * (len(events) - 1) + [True]
    assert (last.WhichOneof("kind"), last.result.choice) == ("reply_received", "yes")

    watched = [said.event async for said in client.stream("WatchMessage", message_id=last.message_id, after_sequence=1)]
    assert watched == events[1:]
    got = await client.call("GetMessage", message_id=last.message_id)
    assert (got.message.result, got.inbound[0].message_id) == (last.result, last.message_id)
    listed = await client.call("ListMessages", labels={"team": "blue"}, wait_states=["WAIT_STATE_REPLIED"])
    assert [message.message_id for message in listed.messages] == [last.message_id]
    inbound = await client.call("ListInbound", dispositions=["INBOUND_DISPOSITION_REPLY"])
    assert [each.twilio_sid for each in inbound.inbound] == [last.reply_received.reply.twilio_sid]


async def test_released_client_cancels(client: ReleasedClient) -> None:
    kinds = []
    async for said in client.stream("SendSmsAndWait", **QUESTION):
        kinds.append(said.event.WhichOneof("kind"))
        if kinds == ["created"]:
            cancelled = await client.call("CancelWait", message_id=said.event.message_id)
            assert MessageToDict(cancelled.message.wait)["state"] == "WAIT_STATE_CANCELLED"
    assert kinds[-1] == "cancelled"


async def test_client_passes_over_fields_and_kinds_that_it_does_not_know(
    older: ReleasedClient, textback: Service
) -> None:
    events = await answered(older, textback)
    assert None in {event.WhichOneof("kind") for event in events}, "a kind of event that it does not know"
    assert (events[-1].terminal, events[-1].result.choice) == (True, "yes")
    got = await older.call("GetMessage", message_id=events[-1].message_id)
    assert got.message.text.startswith("Isolate host web-03?")
    (listed,) = (await older.call("ListMessages")).messages
    assert (listed.message_id, listed.result) == (got.message.message_id, events[-1].result)
