"""What the service says of its accounts when it starts, and that Twilio's silence keeps nobody from starting."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from tests.support.emulators import SENDER, emulator
from tests.support.service import QUICK, account_at, eventually, serving, settings_for
from tests.support.stub_twilio import refuses, silence, stub_twilio
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceStub
from textback_server.app import running
from textback_server.config import Settings
from textback_server.domain.events import Warning
from textback_server.gateway import ping_warnings as warnings
from textback_server.gateway.accounts import Accounts
from twilio_emulator import AccountType, Emulator

ELSEWHERE = "https://other.example.com/sms"


def dropping(twilio: Emulator) -> tuple[str, ...]:
    """A Messaging Service as sender that has no inbound address and does not defer to its numbers."""
    sid = twilio.settings.service_sid
    now = twilio.world.services[sid]
    twilio.world.set_service(replace(now, inbound_request_url=None, use_inbound_webhook_on_number=False))
    return (sid,)


async def said(settings: Settings, lines: int) -> list[dict[str, Any]]:
    """The first lines that a service logs about its accounts; it serves calls meanwhile."""
    with capture_logs() as logs:

        def found() -> list[dict[str, Any]]:
            return [dict(line) for line in logs if line["event"].startswith("account.")]

        async with running(settings, **QUICK) as app, grpc.aio.insecure_channel(app.grpc) as channel:
            await SmsServiceStub(channel).ListMessages(pb.ListMessagesRequest(account="default"), timeout=5)
            await eventually(lambda: len(found()) >= lines)
    return found()


def line(warning: Warning) -> dict[str, Any]:
    return {
        "event": "account.warning",
        "log_level": "warning",
        "account": "default",
        "reason": warning.reason,
        "message": warning.message,
        "fix": warning.fix,
    }


async def test_trial_prefix_is_counted_from_the_start_and_until_ping_sees_a_full_account(tmp_path: Path) -> None:
    async with emulator() as twilio:
        twilio.world.set_account(type=AccountType.TRIAL)
        with capture_logs() as logs:
            async with serving(twilio, settings_for(twilio, tmp_path / "t.db")) as textback:
                await eventually(lambda: line(warnings.TRIAL_ACCOUNT) in logs)
                assert (await textback.send("x" * 150)).segments == 2
                twilio.world.set_account(type=AccountType.FULL)
                await textback.stub.Ping(pb.PingRequest())
                assert (await textback.send("x" * 150)).segments == 1


@pytest.mark.parametrize("polling", [True, False])
async def test_start_warns_when_the_messaging_service_drops_replies(tmp_path: Path, *, polling: bool) -> None:
    async with emulator() as twilio:
        account = account_at(twilio, senders=dropping(twilio))
        settings = settings_for(twilio, tmp_path / "t.db", accounts=Accounts((account,)), polling=polling)
        assert await said(settings, 1) == [line(warnings.INBOUND_DROPPED)]


async def test_start_warns_once_of_each_thing_when_several_are_wrong(tmp_path: Path) -> None:
    async with emulator(sms_url=ELSEWHERE) as twilio:
        settings = settings_for(twilio, tmp_path / "t.db")
        assert await said(settings, 1) == [line(warnings.WEBHOOK_ELSEWHERE)]
        account = account_at(twilio, senders=dropping(twilio))
        silent = settings_for(
            twilio,
            tmp_path / "t.db",
            accounts=Accounts((account,)),
            public_url=None,
            public_url_follows_listener=False,
        )
        assert await said(silent, 2) == [line(warnings.INBOUND_DROPPED), line(warnings.NO_PUBLIC_URL)]


async def test_start_says_of_each_account_why_it_cannot_send(tmp_path: Path) -> None:
    async with emulator() as twilio, stub_twilio(refuses(401, 20003)) as stub:
        others = [
            account_at(twilio, name="default", account_sid="AC" + "1" * 32, api_url="http://127.0.0.1:9"),
            account_at(twilio, name="second", account_sid="AC" + "2" * 32, api_url=stub.url),
        ]
        settings = settings_for(twilio, tmp_path / "t.db", accounts=Accounts(tuple(others)))
        lines = await said(settings, 2)
        assert {(each["event"], each["log_level"], each["account"], each["reason"]) for each in lines} == {
            ("account.trouble", "warning", "default", "TWILIO_UNREACHABLE"),
            ("account.trouble", "warning", "second", "TWILIO_AUTH_FAILED"),
        }
        assert all(SENDER not in str(each) and each["message"] and each["fix"] for each in lines)
        assert len(stub.arrivals) == 1


async def test_service_starts_serves_and_stops_at_once_when_twilio_is_silent(tmp_path: Path) -> None:
    async with emulator() as twilio, stub_twilio(silence) as stub:
        account = account_at(twilio, api_url=stub.url)
        settings = settings_for(twilio, tmp_path / "t.db", accounts=Accounts((account,)))
        async with asyncio.timeout(4):
            async with running(settings, **QUICK) as app, grpc.aio.insecure_channel(app.grpc) as channel:
                await eventually(lambda: len(stub.arrivals) == 1)
                await SmsServiceStub(channel).ListMessages(pb.ListMessagesRequest(), timeout=1)
