"""Two accounts of one service: what limits the one leaves the other alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
import pytest

from tests.support.emulators import SENDER, emulator
from tests.support.service import Service, failing, serving
from textback.v1 import sms_message_pb2 as message_pb
from textback_server.config import load
from textback_server.gateway.accounts import Accounts
from twilio_emulator import Effect, Emulator, Rule, Rules

TIGHT_SID = "AC" + "7" * 32


@dataclass(frozen=True, slots=True)
class Two:
    """A running service with the accounts `wide` and `tight`, and the Twilio of each."""

    textback: Service
    wide: Emulator
    tight: Emulator

    async def send(self, account: str, recipient: str = "+14155550123") -> message_pb.SmsMessage:
        """SendSms for an account."""
        return await self.textback.send(recipient=recipient, account=account)


@asynccontextmanager
async def two(folder: Path, limits: str, **environ: str) -> AsyncIterator[Two]:
    """Run them from an accounts file in which `tight` has these limits."""
    async with emulator() as wide, emulator(account_sid=TIGHT_SID) as tight:
        file = folder / "accounts.toml"
        file.write_text(
            f'[accounts.wide]\ncredentials = "{wide.account_sid}/{wide.auth_token}"\nsenders = ["{SENDER}"]\n'
            f'[accounts.tight]\ncredentials = "{TIGHT_SID}/{tight.auth_token}"\nsenders = ["{SENDER}"]\n'
            f"limits = {limits}\n"
        )
        given = {
            "TEXTBACK_CONFIG": str(file),
            "TEXTBACK_STORE": str(folder / "textback.db"),
            "TEXTBACK_LISTEN": "127.0.0.1:0",
            "TEXTBACK_HTTP_LISTEN": "127.0.0.1:0",
            "TEXTBACK_TWILIO_API_URL": wide.url,
        }
        settings = load(given | environ).settings
        first, second = settings.accounts.all
        there = replace(settings, accounts=Accounts((first, replace(second, api_url=tight.url))))
        async with serving(wide, there) as textback:
            yield Two(textback, wide, tight)


@pytest.mark.parametrize(
    ("limits", "reason", "setting"),
    [
        ("{ recipient = 1 }", "RECIPIENT_LIMIT", "got 1 messages within an hour"),
        ("{ day = 1 }", "DAILY_LIMIT", "took 1 messages today"),
        ('{ recipient = "off", day = 1 }', "DAILY_LIMIT", "the account's limits.day"),
    ],
)
async def test_account_is_held_to_its_own_limit_when_the_others_is_wider(
    tmp_path: Path, limits: str, reason: str, setting: str
) -> None:
    async with two(tmp_path, limits) as accounts:
        await accounts.send("tight")
        failure = await failing(accounts.send("tight"))
        assert (failure.code, failure.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, reason)
        assert setting in failure.message
        for _ in range(3):
            await accounts.send("wide")
        assert len(accounts.tight.world.messages) == 1


async def test_account_is_allowed_more_when_the_services_limit_is_tighter(tmp_path: Path) -> None:
    async with two(tmp_path, "{ recipient = 3 }", TEXTBACK_LIMIT_RECIPIENT="1", TEXTBACK_LIMIT_DAY="2") as accounts:
        await accounts.send("wide")
        assert (await failing(accounts.send("wide"))).reason == "RECIPIENT_LIMIT"
        for _ in range(2):
            await accounts.send("tight")
        assert (await failing(accounts.send("tight"))).reason == "DAILY_LIMIT"


async def test_account_has_its_own_pace_and_its_own_queue(tmp_path: Path) -> None:
    async with two(tmp_path, "{ segments = 1, pending = 1 }") as accounts:
        sent = [await accounts.send("tight") for _ in range(2)]
        assert [each.state == message_pb.MESSAGE_STATE_PENDING for each in sent] == [False, True]
        failure = await failing(accounts.send("tight"))
        assert (failure.reason, "1 messages wait" in failure.message) == ("OVERLOADED", True)
        assert (failure.retry_after, failure.pushback) == (5.0, "5000")
        sent = [await accounts.send("wide") for _ in range(5)]
        assert all(each.state != message_pb.MESSAGE_STATE_PENDING for each in sent)


async def test_account_hands_over_no_more_at_once_than_its_own_limit(tmp_path: Path) -> None:
    async with two(tmp_path, "{ concurrency = 1 }") as accounts:
        slow = Rules(create=(Rule(effect=Effect(latency=0.5)),))
        for twilio in (accounts.wide, accounts.tight):
            twilio.set_faults(slow)
        ended: list[str] = []

        async def send(account: str) -> None:
            await accounts.send(account)
            ended.append(account)

        await asyncio.gather(*(send(account) for account in ("tight", "tight", "wide", "wide")))
        assert ended[-1] == "tight"
        assert ended.count("wide") == 2
