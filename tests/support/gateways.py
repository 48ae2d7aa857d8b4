"""A Twilio gateway as it runs, pointed at a loopback address."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from textback_server.gateway.accounts import Account, Accounts, Secret
from textback_server.gateway.http import TwilioHttp
from textback_server.gateway.protocol import Outbound
from textback_server.gateway.twilio import TwilioGateway

ACCOUNT_SID = "AC" + "0" * 31 + "1"
MESSAGE_SID = "SM" + "0123456789abcdef" * 2
SERVICE_SID = "MG" + "0" * 31 + "1"
SENDER = "+15005550006"
RECIPIENT = "+14155550123"

ACCOUNT = Account(name="default", account_sid=ACCOUNT_SID, auth_token=Secret("token-of-the-tests"), senders=(SENDER,))


@asynccontextmanager
async def gateway_to(
    url: str, account: Account = ACCOUNT, *, deadline: timedelta = timedelta(seconds=5)
) -> AsyncIterator[TwilioGateway]:
    """The real gateway, its account's API at `url`."""
    async with TwilioHttp(connect_timeout=deadline, total_timeout=deadline) as http:
        yield TwilioGateway(Accounts((replace(account, api_url=url),)), http, random.Random(1))


def an_outbound(*, sender: str = SENDER, text: str = "Isolate host web-03?") -> Outbound:
    """An SMS as the engine hands it over."""
    return Outbound(
        recipient=RECIPIENT,
        sender=sender,
        text=text,
        validity_period=timedelta(seconds=600),
        status_callback="https://textback.example.com/status?m=1",
    )


def created(**changes: object) -> dict[str, object]:
    """Twilio's 201 body."""
    return {"sid": MESSAGE_SID, "status": "queued", "error_code": None, "date_created": None} | changes
