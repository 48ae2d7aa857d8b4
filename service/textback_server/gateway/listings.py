"""Twilio's list of messages, page by page, as far back as is asked; and the numbers of a Messaging Service."""

from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeAlias

from twilio.base import values

from textback_server.domain.listing import Listed, Listing
from textback_server.gateway import outcomes
from textback_server.gateway.errors import failure
from textback_server.gateway.http import CallFailed, ErrorAnswer
from textback_server.gateway.protocol import NotListable, NotThere
from textback_server.gateway.statuses import state_of

PAGE_SIZE = 200
MAX_PAGES = 100
"""Where there is more the listing is cut."""
MAX_NUMBERS = 400
"""Numbers of a Messaging Service's pool (Twilio's own default limit)."""
_NOT_THERE = frozenset({403, 404})

Sdk: TypeAlias = Any
"""An object of the SDK, which ships no types."""


async def texts(client: Sdk, *, sender: str = "", recipient: str = "", since: datetime) -> Listing:
    """What Twilio lists, newest first, back to `since`. Raises NotListable."""
    rows: list[Listed] = []
    reached = since
    page = await _asked(
        client.messages.page_async(from_=sender or values.unset, to=recipient or values.unset, page_size=PAGE_SIZE)
    )
    for pages in range(1, MAX_PAGES + 1):
        found = [row for each in page if (row := _row(each)) is not None]
        rows += [row for row in found if row.time >= since]
        # The page's newest, not its oldest: a single row may be out of its order.
        reached = max((row.time for row in found), default=reached)
        whole = not page.next_page_url or (bool(found) and all(row.time < since for row in found))
        if whole or pages == MAX_PAGES:
            break
        page = await _asked(client.messages.get_page_async(page.next_page_url))
    return Listing(rows=tuple(rows), reached=reached, whole=whole, pages=pages)


async def pool(client: Sdk, service: str) -> tuple[str, ...]:
    """The numbers and short codes of a Messaging Service, as far as Twilio shows them. Raises NotListable."""
    known = client.messaging.v1.services(service)
    found: list[str] = []
    with suppress(NotThere):
        found += [each.phone_number for each in await _senders(known.phone_numbers)]
    with suppress(NotThere):
        found += [each.short_code for each in await _senders(known.short_codes)]
    return tuple(found[:MAX_NUMBERS])


async def _senders(pool_of: Sdk) -> list[Sdk]:
    page = await _asked(pool_of.page_async(page_size=100))
    found = list(page)
    while page.next_page_url and len(found) < MAX_NUMBERS:
        page = await _asked(pool_of.get_page_async(page.next_page_url))
        found += page
    return found


async def _asked(request: Awaitable[Sdk]) -> Sdk:
    try:
        return await request
    except ErrorAnswer as error:
        code = outcomes.twilio_code(error.answer) or 0
        kind = NotThere if error.answer.status in _NOT_THERE else NotListable
        raise kind(
            failure(code, error.answer.status).reason, str(error), retry_after=error.answer.retry_after
        ) from None
    except CallFailed as error:
        raise NotListable(outcomes.UNREACHABLE.reason, str(error)) from None
    except Exception as error:  # noqa: BLE001 - whatever the SDK trips over in a 2xx did not come from Twilio's API
        raise NotListable(outcomes.BROKEN.reason, type(error).__name__) from None


def _row(message: Sdk) -> Listed | None:
    """One row; None: not an SMS that concerns anybody here. What it holds comes from the wire and may be anything."""
    sid, status, direction = str(message.sid or ""), str(message.status or ""), str(message.direction or "")
    time = message.date_sent or message.date_created
    if not outcomes.is_sid(sid) or not isinstance(time, datetime):
        return None
    inbound = direction == "inbound"
    code = message.error_code if isinstance(message.error_code, int) and message.error_code > 0 else 0
    return Listed(
        twilio_sid=sid,
        sender=str(message.from_ or ""),
        recipient=str(message.to or ""),
        service=str(message.messaging_service_sid or ""),
        body=str(message.body or ""),
        inbound=inbound,
        by_api=direction == "outbound-api",
        time=time.astimezone(UTC),
        state=None if inbound else state_of(status),
        twilio_status=status if outcomes.is_word(status) else "",
        failure=failure(code) if code else None,
    )
