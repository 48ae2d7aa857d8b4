"""What the engine asks of Twilio."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from textback_server.domain.events import Warning
from textback_server.domain.facts import PostAccepted, PostHeld, PostRefused, PostUnclear
from textback_server.domain.listing import Listing
from textback_server.domain.reasons import Reason

PostOutcome = PostAccepted | PostRefused | PostHeld | PostUnclear


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One SMS as Twilio gets it. `validity_period` is whole seconds, 1 to 36,000 (Twilio, Message resource)."""

    recipient: str
    sender: str
    text: str = field(repr=False)
    validity_period: timedelta
    smart_encoded: bool = False
    status_callback: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong:
    """What Twilio says of an account now. None and "" mean: the credentials may not read it.

    `sender` is the account's only one, else the first that it lists.
    """

    account_sid: str
    account_status: str
    account_type: str
    emulator: bool
    round_trip: timedelta
    sender: str
    sender_can_sms: bool | None
    webhook_points_here: bool | None
    warnings: tuple[Warning, ...] = ()


class NotListable(Exception):  # noqa: N818 - an answer, not a defect
    """Twilio did not show its list. `str()` holds classes and codes only."""

    def __init__(self, reason: Reason, why: str, *, retry_after: timedelta | None = None) -> None:
        """`retry_after` is how long Twilio asks to be left alone."""
        super().__init__(why)
        self.reason = reason
        self.retry_after = retry_after


class NotThere(NotListable):
    """Twilio knows no such list, or does not show it to these credentials."""


class Gateway(Protocol):
    """The one way to Twilio."""

    async def create(self, account: str, outbound: Outbound) -> PostOutcome:
        """POST one message, once. Never raises for what Twilio or the network does; leaves no doubt undeclared."""

    async def texts(self, account: str, *, sender: str = "", recipient: str = "", since: datetime) -> Listing:
        """What Twilio lists from this sender or to this recipient, back to `since`. Raises NotListable."""

    async def pool(self, account: str, service: str) -> tuple[str, ...]:
        """The numbers that a Messaging Service sends from, as far as Twilio shows them. Raises NotListable."""

    def prefix(self, account: str) -> str:
        """What Twilio puts before this account's texts, as far as its answers have shown; "" for a full account."""

    async def probe(self, account: str, inbound_url: str | None) -> Pong:
        """Ask Twilio about the account and its default sender. Raises Refusal if it cannot send."""
