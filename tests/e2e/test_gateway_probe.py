"""Ping against the emulator and a scripted Twilio: what it tells, warns of, and refuses."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.emulators import emulator
from tests.support.gateways import ACCOUNT, SENDER, SERVICE_SID, gateway_to
from tests.support.stub_twilio import Answer, StubTwilio, refuses, reset, says, silence, stub_twilio
from textback_server.domain.errors import Refusal
from textback_server.domain.reasons import Reason
from textback_server.gateway.accounts import Account, ApiKey, Secret
from textback_server.gateway.protocol import Pong
from twilio_emulator import Emulator

INBOUND = "https://textback.example.com/twilio/inbound"
KEYED = replace(ACCOUNT, api_key=ApiKey(sid="SK" + "0" * 32, secret=Secret("hush-hush")))
TOLD_TOKEN = "token-in-the-answer"


def account_of(
    running: Emulator, *, key: bool = False, token: str = "", senders: tuple[str, ...] = (SENDER,)
) -> Account:
    """The emulator's account as we would configure it."""
    settings = running.settings
    return Account(
        name="default",
        account_sid=settings.account_sid,
        auth_token=Secret(token or settings.auth_token),
        api_key=ApiKey(sid=settings.api_key, secret=Secret(token or settings.api_secret)) if key else None,
        senders=senders,
    )


async def ping(running: Emulator, account: Account, inbound_url: str | None = INBOUND) -> Pong:
    """Ping the emulator."""
    async with gateway_to(running.url, account) as gateway:
        return await gateway.probe("", inbound_url)


def reasons(pong: Pong) -> list[str]:
    """What a Ping warns of."""
    return [warning.reason for warning in pong.warnings]


async def test_probe_tells_all_when_everything_is_well() -> None:
    async with emulator(sms_url=INBOUND) as running:
        pong = await ping(running, account_of(running))
    assert (pong.account_sid, pong.account_status, pong.account_type) == (running.account_sid, "active", "Full")
    assert (pong.sender, pong.sender_can_sms, pong.webhook_points_here) == (SENDER, True, True)
    assert pong.emulator
    assert timedelta(0) < pong.round_trip < timedelta(seconds=5)
    assert pong.warnings == ()


async def test_probe_asks_otherwise_when_the_key_may_not_read_the_account() -> None:
    async with emulator(sms_url=INBOUND + "#rc=5&rp=all") as running:
        pong = await ping(running, account_of(running, key=True))
    assert (pong.sender_can_sms, pong.webhook_points_here, pong.warnings) == (True, True, ())


@pytest.mark.parametrize("key", [False, True])
async def test_probe_refuses_when_the_credentials_are_wrong(*, key: bool) -> None:
    async with emulator() as running:
        with pytest.raises(Refusal) as caught:
            await ping(running, account_of(running, key=key, token="another-token"))
    assert caught.value.reason is Reason.TWILIO_AUTH_FAILED
    assert caught.value.twilio_code == 20003


@pytest.mark.parametrize(
    ("sms_url", "inbound_url", "warned", "points_here"),
    [
        (None, INBOUND, ["WEBHOOK_UNSET"], False),
        ("https://other.example.com/", INBOUND, ["WEBHOOK_ELSEWHERE"], False),
        (None, None, ["NO_PUBLIC_URL"], False),
    ],
)
async def test_probe_warns_when_replies_go_elsewhere(
    sms_url: str | None, inbound_url: str | None, warned: list[str], *, points_here: bool
) -> None:
    async with emulator(sms_url=sms_url) as running:
        pong = await ping(running, account_of(running), inbound_url)
    assert (reasons(pong), pong.webhook_points_here) == (warned, points_here)


async def test_probe_warns_when_the_sender_is_not_the_accounts() -> None:
    async with emulator() as running:
        pong = await ping(running, account_of(running, senders=("+14155550199",)))
    assert (reasons(pong), pong.sender_can_sms, pong.webhook_points_here) == (["SENDER_NOT_OURS"], None, None)


async def test_probe_leaves_it_to_the_numbers_when_the_service_defers_to_them() -> None:
    async with emulator() as running:
        pong = await ping(running, account_of(running, senders=(running.settings.service_sid,)))
    assert (pong.webhook_points_here, pong.warnings) == (None, ())


ABOUT = says(200, {"status": "active", "type": "Full", "auth_token": TOLD_TOKEN})


def number(**changes: object) -> Answer:
    """A page with our one number."""
    row = {"phone_number": SENDER, "capabilities": {"sms": True}, "sms_url": INBOUND, "sms_method": "POST"} | changes
    return says(200, {"incoming_phone_numbers": [row], "next_page_uri": None})


def service(**changes: object) -> Answer:
    """A Messaging Service."""
    return says(
        200,
        {"sid": SERVICE_SID, "inbound_request_url": INBOUND, "inbound_method": "POST"}
        | {"use_inbound_webhook_on_number": False}
        | changes,
    )


async def asked(*answers: Answer, account: Account = ACCOUNT) -> tuple[Pong, StubTwilio]:
    """What Ping makes of these answers, and what it asked."""
    async with stub_twilio(*answers) as stub, gateway_to(stub.url, account) as gateway:
        return await gateway.probe("", INBOUND), stub


SERVED = replace(ACCOUNT, senders=(SERVICE_SID,))
NUMBERS = "/IncomingPhoneNumbers.json"


async def test_probe_keeps_no_token_when_twilio_tells_it() -> None:
    pong, stub = await asked(ABOUT, number())
    assert TOLD_TOKEN not in repr(pong)
    assert not pong.emulator
    assert [arrival.path.endswith(NUMBERS) for arrival in stub.arrivals] == [False, True]
    assert stub.arrivals[1].query["PhoneNumber"] == SENDER


@pytest.mark.parametrize(
    ("answers", "account", "warned"),
    [
        ((says(200, {"status": "active", "type": "Trial"}), number()), ACCOUNT, ["TRIAL_ACCOUNT"]),
        ((refuses(403, 20008),), ACCOUNT, ["TEST_CREDENTIALS"]),
        ((ABOUT, number(sms_method="GET")), ACCOUNT, ["WEBHOOK_METHOD"]),
        ((ABOUT, number(sms_application_sid="AP" + "0" * 32)), ACCOUNT, ["WEBHOOK_ELSEWHERE"]),
        ((ABOUT, service()), SERVED, []),
        ((ABOUT, service(inbound_request_url=None)), SERVED, ["INBOUND_DROPPED"]),
        ((ABOUT, service(inbound_request_url="https://x.example.com")), SERVED, ["WEBHOOK_ELSEWHERE"]),
        ((ABOUT, refuses(401, 20003)), ACCOUNT, ["SENDER_NOT_READABLE"]),
        ((refuses(401, 20003), refuses(403, 70051)), KEYED, ["SENDER_NOT_READABLE"]),
        ((ABOUT,), replace(ACCOUNT, senders=("ACME",)), ["ONE_WAY_SENDER"]),
        ((ABOUT,), replace(ACCOUNT, senders=()), []),
        ((refuses(401, 20003), number()), replace(KEYED, senders=()), []),
    ],
)
async def test_probe_warns_when_something_will_surprise(
    answers: tuple[Answer, ...], account: Account, warned: list[str]
) -> None:
    pong, stub = await asked(*answers, account=account)
    assert reasons(pong) == warned
    assert len(stub.arrivals) == len(answers)


@pytest.mark.parametrize(
    ("answers", "account", "reason"),
    [
        ((refuses(401, 20003),), ACCOUNT, Reason.TWILIO_AUTH_FAILED),
        ((refuses(401, 20003), refuses(401, 20003)), KEYED, Reason.TWILIO_AUTH_FAILED),
        ((refuses(404, 20404),), ACCOUNT, Reason.TWILIO_AUTH_FAILED),
        ((refuses(403, 20403),), ACCOUNT, Reason.TWILIO_ACCOUNT_SUSPENDED),
        ((says(200, {"status": "suspended"}),), ACCOUNT, Reason.TWILIO_ACCOUNT_SUSPENDED),
        ((says(200, {"status": "closed"}),), ACCOUNT, Reason.TWILIO_ACCOUNT_SUSPENDED),
        ((refuses(429, 20429),), ACCOUNT, Reason.TWILIO_BUSY),
        ((refuses(500, 20500),), ACCOUNT, Reason.TWILIO_UNAVAILABLE),
        ((says(502, "<html>"),), ACCOUNT, Reason.TWILIO_UNAVAILABLE),
        ((says(200, "<html>"),), ACCOUNT, Reason.TWILIO_UNAVAILABLE),
        ((says(403, "<html>"),), ACCOUNT, Reason.TWILIO_UNAVAILABLE),
        ((reset,), ACCOUNT, Reason.TWILIO_UNAVAILABLE),
        ((ABOUT, says(502, "<html>")), ACCOUNT, Reason.TWILIO_UNAVAILABLE),
        ((ABOUT, number(capabilities={"sms": False})), ACCOUNT, Reason.INVALID_SENDER),
        ((ABOUT, refuses(404, 20404)), SERVED, Reason.INVALID_SENDER),
    ],
)
async def test_probe_refuses_when_nothing_can_be_sent(
    answers: tuple[Answer, ...], account: Account, reason: Reason
) -> None:
    with pytest.raises(Refusal) as caught:
        await asked(*answers, account=account)
    assert caught.value.reason is reason
    assert caught.value.message.endswith(".")
    assert "+1415" not in caught.value.message


async def test_probe_refuses_with_timeout_when_twilio_is_silent() -> None:
    async with stub_twilio(silence) as stub, gateway_to(stub.url, deadline=timedelta(milliseconds=300)) as gateway:
        with pytest.raises(Refusal) as caught:
            await gateway.probe("", INBOUND)
    assert caught.value.reason is Reason.TWILIO_TIMEOUT


async def test_probe_refuses_as_unreachable_when_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with gateway_to(f"http://127.0.0.1:{unused.getsockname()[1]}") as gateway:
            with pytest.raises(Refusal) as caught:
                await gateway.probe("", INBOUND)
    assert caught.value.reason is Reason.TWILIO_UNREACHABLE
