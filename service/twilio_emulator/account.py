"""What an account owns and may change: its status, its numbers, its Messaging Services."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_VALIDITY = 36_000


class AccountStatus(StrEnum):
    """Whether the account may act."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class AccountType(StrEnum):
    """A trial account's texts carry a prefix."""

    FULL = "Full"
    TRIAL = "Trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The one account with both kinds of credentials, and its test credentials, which are an account of their own."""

    sid: str
    auth_token: str = dataclasses.field(repr=False)
    api_key: str
    api_secret: str = dataclasses.field(repr=False)
    test_sid: str
    test_auth_token: str = dataclasses.field(repr=False)
    created: datetime
    status: AccountStatus = AccountStatus.ACTIVE
    type: AccountType = AccountType.FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An inbound webhook: where, by which method, and who is called when that fails. `url` None: nobody is called."""

    url: str | None = None
    method: str = "POST"
    fallback_url: str | None = None
    fallback_method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A sender of the account. A hook without URL: inbound messages are stored and nobody is called."""

    sid: str
    phone_number: str
    friendly_name: str
    hook: Hook
    created: datetime
    updated: datetime

    @property
    def sms_url(self) -> str | None:
        """The inbound webhook."""
        return self.hook.url


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagingService:
    """A sender pool: `numbers` are its phone numbers.

    Its inbound messages go to `inbound_request_url`, and without one they are dropped, unless
    `use_inbound_webhook_on_number` sends them where the receiving number says. `validity_period` is in seconds.
    """

    sid: str
    created: datetime
    friendly_name: str = "Emulated Messaging Service"
    numbers: tuple[str, ...] = ()
    inbound_request_url: str | None = None
    inbound_method: str = "POST"
    fallback_url: str | None = None
    fallback_method: str = "POST"
    status_callback: str | None = None
    sticky_sender: bool = True
    validity_period: int = MAX_VALIDITY
    use_inbound_webhook_on_number: bool = True
    updated: datetime | None = None

    @property
    def hook(self) -> Hook:
        """The service's own inbound webhook."""
        return Hook(
            url=self.inbound_request_url,
            method=self.inbound_method,
            fallback_url=self.fallback_url,
            fallback_method=self.fallback_method,
        )
