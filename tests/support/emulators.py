"""Running emulators and official SDK clients that talk to them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from twilio_emulator import Emulator, EmulatorSettings

PHONE = "+14155550123"
SENDER = "+15005550006"


@asynccontextmanager
async def emulator(**settings: Any) -> AsyncIterator[Emulator]:
    """Run an emulator on a free port, instant and with repeatable SIDs unless told otherwise."""
    chosen: dict[str, Any] = {"port": 0, "lifecycle": "instant", "seed": 1, "control_token": "control"}
    async with Emulator(EmulatorSettings(**chosen | settings)) as running:
        yield running


async def until(running: Emulator, condition: Callable[[], bool]) -> None:
    """Wait until something that the journal tells has come true, 5 s at most."""
    bell = asyncio.Event()
    running.world.journal.listeners.add(bell.set)
    async with asyncio.timeout(5):
        while not condition():
            bell.clear()
            await bell.wait()
    running.world.journal.listeners.discard(bell.set)


def sync_client(running: Emulator, *, api_key: bool = False) -> Client:
    """Make the SDK's blocking client; call it in a thread."""
    return _client(running, None, api_key=api_key)


@asynccontextmanager
async def async_client(running: Emulator, *, api_key: bool = False) -> AsyncIterator[Client]:
    """Open the SDK's async client."""
    async with AsyncTwilioHttpClient() as http:
        yield _client(running, http, api_key=api_key)


def _client(running: Emulator, http: AsyncTwilioHttpClient | None, *, api_key: bool) -> Client:
    settings = running.settings
    if api_key:
        client = Client(settings.api_key, settings.api_secret, settings.account_sid, http_client=http)
    else:
        client = Client(settings.account_sid, settings.auth_token, http_client=http)
    client.api.base_url = running.url
    client.messaging.base_url = running.url
    return client
