"""Twilio's lists, read page by page: how far back, where they are cut, and what a Messaging Service sends from."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.support.emulators import PHONE, SENDER, emulator
from tests.support.gateways import gateway_to
from tests.support.service import account_at
from textback_server.gateway import listings
from textback_server.gateway.twilio import TwilioGateway
from twilio_emulator import Emulator

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TEXTS = 5


@pytest.fixture
async def twilio() -> AsyncIterator[Emulator]:
    """An emulator to which a person texted five times, a minute apart."""
    async with emulator() as running:
        for minutes in range(TEXTS):
            running.world.now = partial(datetime, 2026, 11, 16, 10, minutes, tzinfo=UTC)
            await running.reply(PHONE, str(minutes), to=SENDER)
        yield running


@pytest.fixture
async def gateway(twilio: Emulator, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TwilioGateway]:
    """A gateway that asks for two rows a page."""
    monkeypatch.setattr(listings, "PAGE_SIZE", 2)
    async with gateway_to(twilio.url, account_at(twilio)) as running:
        yield running


async def test_list_is_read_to_its_end_over_several_pages(gateway: TwilioGateway) -> None:
    listing = await gateway.texts("default", recipient=SENDER, since=LONG_AGO)
    assert [row.body for row in listing.rows] == ["4", "3", "2", "1", "0"]
    assert (listing.whole, listing.pages) == (True, 3)


async def test_list_is_read_no_further_than_the_page_on_which_all_is_too_old(gateway: TwilioGateway) -> None:
    since = datetime(2026, 11, 16, 10, 3, 30, tzinfo=UTC)
    listing = await gateway.texts("default", recipient=SENDER, since=since)
    assert [row.body for row in listing.rows] == ["4"]
    assert (listing.whole, listing.pages) == (True, 2), "a page with one old row may be followed by others"


async def test_list_says_how_far_it_reached_when_it_is_cut(
    gateway: TwilioGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "MAX_PAGES", 2)
    listing = await gateway.texts("default", recipient=SENDER, since=LONG_AGO)
    reached = datetime(2026, 11, 16, 10, 2, tzinfo=UTC)
    assert (len(listing.rows), listing.whole, listing.pages, listing.reached) == (4, False, 2, reached)
    assert listing.covers(reached + timedelta(seconds=1))
    assert not listing.covers(reached), "others of that time may be on the next page"


async def test_pool_has_the_numbers_of_a_service_and_none_of_one_that_is_gone(
    gateway: TwilioGateway, twilio: Emulator
) -> None:
    assert SENDER in await gateway.pool("default", twilio.settings.service_sid)
    assert await gateway.pool("default", "MG" + "f" * 32) == ()
