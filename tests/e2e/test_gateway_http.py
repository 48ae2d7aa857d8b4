"""The gateway against a scripted Twilio over real HTTP: what each answer means, and that a POST is never repeated."""

import asyncio
import base64
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from tests.support.gateways import ACCOUNT, ACCOUNT_SID, MESSAGE_SID, SERVICE_SID, an_outbound, created, gateway_to
from tests.support.stub_twilio import Answer, Arrival, refuses, reset, reset_unread, says, silence, stub_twilio
from textback_server.domain.facts import PostAccepted, PostHeld, PostRefused, PostUnclear
from textback_server.domain.messages import MessageState
from textback_server.domain.reasons import Reason
from textback_server.gateway.accounts import Account, ApiKey, Secret
from textback_server.gateway.protocol import NotListable, Outbound, PostOutcome

SHORT = timedelta(milliseconds=300)


async def send_to(answer: Answer, *, deadline: timedelta = timedelta(seconds=5)) -> PostOutcome:
    """Send one SMS to a Twilio that answers so; fails unless exactly one POST arrived."""
    async with stub_twilio(answer) as stub, gateway_to(stub.url, deadline=deadline) as gateway:
        outcome = await gateway.create("", an_outbound())
        assert stub.posts == len(stub.arrivals) == 1
    assert "+14155550123" not in repr(outcome)
    return outcome


async def sent(outbound: Outbound, account: Account = ACCOUNT) -> Arrival:
    """What arrives at Twilio for one SMS."""
    async with stub_twilio(says(201, created())) as stub, gateway_to(stub.url, account) as gateway:
        await gateway.create("", outbound)
    return stub.arrivals[0]


def login(arrival: Arrival) -> str:
    """User name and password of a request."""
    return base64.b64decode(arrival.authorization.removeprefix("Basic ")).decode()


async def test_create_posts_the_message_once_when_twilio_is_well() -> None:
    arrival = await sent(an_outbound())
    assert arrival.path == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    assert arrival.form == {
        "To": "+14155550123",
        "From": "+15005550006",
        "Body": "Isolate host web-03?",
        "ValidityPeriod": "600",
        "StatusCallback": "https://textback.example.com/status?m=1",
    }
    assert (
        base64.b64decode(arrival.authorization.removeprefix("Basic ")) == f"{ACCOUNT_SID}:token-of-the-tests".encode()
    )


async def test_create_names_the_service_when_the_sender_is_a_messaging_service() -> None:
    form = (await sent(an_outbound(sender=SERVICE_SID))).form
    assert form["MessagingServiceSid"] == SERVICE_SID
    assert "From" not in form


async def test_create_logs_in_with_the_key_when_the_account_has_one() -> None:
    account = replace(ACCOUNT, api_key=ApiKey(sid="SK" + "0" * 32, secret=Secret("shh")))
    arrival = await sent(an_outbound(), account)
    assert login(arrival) == "SK" + "0" * 32 + ":shh"
    assert arrival.path == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"


async def test_create_keeps_every_character_when_the_text_is_not_ascii() -> None:
    text = "Grüße & 100 % = 👍\n+1"
    assert (await sent(an_outbound(text=text))).form["Body"] == text


@pytest.mark.parametrize(
    ("word", "state"),
    [("queued", MessageState.QUEUED), ("accepted", MessageState.ACCEPTED), ("teleported", MessageState.ACCEPTED)],
)
async def test_create_is_accepted_when_twilio_names_a_sid(word: str, state: MessageState) -> None:
    assert await send_to(says(201, created(status=word))) == PostAccepted(
        twilio_sid=MESSAGE_SID, twilio_status=word, state=state
    )


async def test_create_is_refused_when_the_201_says_failed() -> None:
    outcome = await send_to(says(201, created(status="failed", error_code=30006)))
    assert isinstance(outcome, PostRefused)
    assert (outcome.twilio_sid, outcome.failure.reason, outcome.failure.twilio_code) == (
        MESSAGE_SID,
        Reason.UNDELIVERABLE,
        30006,
    )
    assert outcome.failure.refused


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, 21211, Reason.INVALID_RECIPIENT),
        (400, 21610, Reason.RECIPIENT_OPTED_OUT),
        (400, 29999, Reason.TWILIO_REFUSED),
        (401, 20003, Reason.TWILIO_AUTH_FAILED),
        (403, 20403, Reason.TWILIO_ACCOUNT_SUSPENDED),
        (404, 20404, Reason.TWILIO_AUTH_FAILED),
    ],
)
async def test_create_is_refused_when_twilio_answers_4xx(status: int, code: int, reason: Reason) -> None:
    outcome = await send_to(refuses(status, code))
    assert isinstance(outcome, PostRefused)
    assert (outcome.failure.reason, outcome.failure.twilio_code, outcome.failure.refused) == (reason, code, True)


async def test_create_is_refused_when_the_error_is_problem_json() -> None:
    problem = {"type": "about:blank", "title": "Invalid", "status": 400, "code": 21211, "detail": "+14155550123"}
    outcome = await send_to(says(400, problem))
    assert isinstance(outcome, PostRefused)
    assert outcome.failure.reason is Reason.INVALID_RECIPIENT


async def test_create_is_held_when_twilio_is_busy() -> None:
    outcome = await send_to(refuses(429, 20429))
    assert isinstance(outcome, PostHeld)
    assert outcome.failure.reason is Reason.TWILIO_BUSY
    assert timedelta(seconds=0.9) <= outcome.retry_after <= timedelta(seconds=1.1)


@pytest.mark.parametrize(("text", "seconds"), [("7", 7), ("86400", 300)])
async def test_create_is_held_as_long_as_twilio_says_when_it_does(text: str, seconds: int) -> None:
    outcome = await send_to(says(429, "", headers=[("Retry-After", text)]))
    assert isinstance(outcome, PostHeld)
    assert outcome.retry_after == timedelta(seconds=seconds)


async def test_list_is_refused_for_as_long_as_twilio_says_when_it_does() -> None:
    busy = says(429, "", headers=[("Retry-After", "90")])
    async with stub_twilio(busy, refuses(429, 20429)) as stub, gateway_to(stub.url) as gateway:
        for asked in (timedelta(seconds=90), None):
            with pytest.raises(NotListable) as refused:
                await gateway.texts("", since=datetime.now(UTC))
            assert (refused.value.reason, refused.value.retry_after) == (Reason.TWILIO_BUSY, asked)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (says(201, ""), Reason.TWILIO_UNAVAILABLE),
        (says(201, "<html>hello</html>"), Reason.TWILIO_UNAVAILABLE),
        (says(201, [1]), Reason.TWILIO_UNAVAILABLE),
        (says(201, created(sid=None)), Reason.TWILIO_UNAVAILABLE),
        (says(201, created(sid="SM1")), Reason.TWILIO_UNAVAILABLE),
        (says(204, ""), Reason.TWILIO_UNAVAILABLE),
        (says(302, "", headers=[("Location", "/elsewhere")]), Reason.TWILIO_UNAVAILABLE),
        (says(403, "<html>proxy</html>"), Reason.TWILIO_UNAVAILABLE),
        (says(403, {"code": 403, "message": "Forbidden"}), Reason.TWILIO_UNAVAILABLE),
        (says(408, "", content_type="text/plain"), Reason.TWILIO_UNAVAILABLE),
        (refuses(500, 20500), Reason.TWILIO_UNAVAILABLE),
        (says(502, "<html>Bad gateway</html>"), Reason.TWILIO_UNAVAILABLE),
        (refuses(503, 20503), Reason.TWILIO_UNAVAILABLE),
        (says(201, created(body="x" * 4_500_000)), Reason.TWILIO_UNAVAILABLE),
        (reset, Reason.TWILIO_UNAVAILABLE),
        (reset_unread, Reason.TWILIO_UNAVAILABLE),
    ],
)
async def test_create_is_unclear_when_twilio_may_have_taken_it(answer: Answer, reason: Reason) -> None:
    outcome = await send_to(answer)
    assert isinstance(outcome, PostUnclear)
    assert outcome.failure.reason is reason


async def test_create_is_unclear_when_twilio_is_silent() -> None:
    outcome = await send_to(silence, deadline=SHORT)
    assert isinstance(outcome, PostUnclear)
    assert outcome.failure.reason is Reason.TWILIO_TIMEOUT


async def test_create_posts_once_when_a_kept_connection_breaks() -> None:
    async with stub_twilio(says(201, created()), reset) as stub, gateway_to(stub.url) as gateway:
        assert isinstance(await gateway.create("", an_outbound()), PostAccepted)
        assert isinstance(await gateway.create("", an_outbound()), PostUnclear)
        assert stub.posts == 2
        assert stub.arrivals[0].connection == stub.arrivals[1].connection


async def test_create_is_held_when_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with gateway_to(f"http://127.0.0.1:{unused.getsockname()[1]}") as gateway:
            outcome = await gateway.create("", an_outbound())
    assert isinstance(outcome, PostHeld)
    assert outcome.failure.reason is Reason.TWILIO_UNREACHABLE


async def test_create_is_held_when_tls_fails() -> None:
    async with stub_twilio(says(201, created())) as stub:
        async with gateway_to(stub.url.replace("http:", "https:")) as gateway:
            outcome = await gateway.create("", an_outbound())
        assert isinstance(outcome, PostHeld)
        assert stub.arrivals == []


async def test_create_is_held_when_tls_never_begins() -> None:
    connections: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _reader, writer: connections.append(writer), "127.0.0.1", 0)
    async with server, gateway_to(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", deadline=SHORT) as gateway:
        outcome = await gateway.create("", an_outbound())
        for writer in connections:
            writer.close()
    assert isinstance(outcome, PostHeld)
    assert len(connections) == 1


async def test_creates_get_their_own_answers_when_many_run_at_once() -> None:
    async with stub_twilio(echo_body_as_sid) as stub, gateway_to(stub.url) as gateway:
        texts = [f"{number:032x}" for number in range(100)]
        outcomes = await asyncio.gather(*(gateway.create("", an_outbound(text=text)) for text in texts))
    assert [isinstance(outcome, PostAccepted) and outcome.twilio_sid for outcome in outcomes] == [
        f"SM{text}" for text in texts
    ]


async def echo_body_as_sid(request: web.Request) -> web.StreamResponse:
    """An answer whose SID says which request it belongs to."""
    form = await request.post()
    return await says(201, created(sid="SM" + str(form["Body"])))(request)
