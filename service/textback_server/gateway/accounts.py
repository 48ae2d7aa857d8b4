"""The configured Twilio accounts: who they are, what they may send from, which one a request means."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from textback_server.domain.errors import Refusal, Violation
from textback_server.domain.limits import Limits
from textback_server.domain.manners import DEFAULT_MANNERS, Manners
from textback_server.domain.reasons import Reason
from textback_server.domain.senders import SENDER_FORMS, sender_kind

DEFAULT_NAME = "default"
"""The account that an empty name means when there are several."""

_LONGEST_ECHO = 40
_LISTED = 10


class Secret:
    """A string that shows itself only when asked."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keep `value` out of every repr."""
        self._value = value

    def reveal(self) -> str:
        """The secret itself. Never log it."""
        return self._value

    def __repr__(self) -> str:
        """Nothing of the value, not even its length."""
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        """Equal secrets are equal."""
        return isinstance(other, Secret) and other.reveal() == self._value

    def __hash__(self) -> int:
        """Consistent with `==`."""
        return hash(self._value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A Twilio API key: it calls Twilio in place of the auth token, but never signs webhooks."""

    sid: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One Twilio account and what it takes to use it.

    `secondary_token` is accepted on webhooks during a rotation and never used to call Twilio. `api_url` replaces
    Twilio's hosts (an emulator). `region` without `edge` would name a host that Twilio switched off on 2026-04-28.
    `limits` None: the service's.
    """

    name: str
    account_sid: str
    auth_token: Secret
    secondary_token: Secret | None = None
    api_key: ApiKey | None = None
    senders: tuple[str, ...] = ()
    api_url: str = ""
    edge: str = ""
    region: str = ""
    manners: Manners = DEFAULT_MANNERS
    limits: Limits | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a region without an edge."""
        if self.region and not self.edge:
            raise ValueError(f"account {self.name}: a region needs an edge")

    @property
    def default_sender(self) -> str:
        """The sender of a request that names none; "" if there is no sole one."""
        return self.senders[0] if len(self.senders) == 1 else ""

    @property
    def login(self) -> tuple[str, str]:
        """User name and password of HTTP basic authentication."""
        if self.api_key is not None:
            return self.api_key.sid, self.api_key.secret.reveal()
        return self.account_sid, self.auth_token.reveal()

    @property
    def webhook_tokens(self) -> tuple[str, ...]:
        """What may have signed a webhook, the likelier first."""
        tokens = (self.auth_token, self.secondary_token)
        return tuple(token.reveal() for token in tokens if token is not None)


@dataclass(frozen=True, slots=True)
class Accounts:
    """All configured accounts, at least one, names and Account SIDs unique."""

    all: tuple[Account, ...]
    _by_name: dict[str, Account] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError if an account would answer and confuse another one's people, or none is there."""
        if not self.all:
            raise ValueError("no account")
        by_name = {account.name: account for account in self.all}
        if len(by_name) < len(self.all):
            raise ValueError("two accounts have one name")
        if len({account.account_sid for account in self.all}) < len(self.all):
            raise ValueError("two accounts have one Account SID")
        object.__setattr__(self, "_by_name", by_name)

    def pick(self, name: str) -> Account:
        """The account of that name; "" means the only one, else the one called "default".

        Raises Refusal ACCOUNT_UNKNOWN.
        """
        if not name and len(self.all) == 1:
            return self.all[0]
        found = self._by_name.get(name or DEFAULT_NAME)
        if found is not None:
            return found
        names = _several([account.name for account in self.all])
        if name:
            message = f'account: "{_short(name)}" is not configured; it may be {names}'
        else:
            message = f"account: must be set, since none is called {DEFAULT_NAME}; it may be {names}"
        raise Refusal(Reason.ACCOUNT_UNKNOWN, message)


def sender_for(account: Account, requested: str) -> str | Violation:
    """The sender of a request: what it names, or the account's sole one; else what is wrong with it."""
    if not requested:
        if account.default_sender:
            return account.default_sender
        choice = _several(account.senders) if account.senders else SENDER_FORMS
        return Violation(
            "sms.sender", f'must be set, since account "{account.name}" has no sole one; it may be {choice}'
        )
    if sender_kind(requested) is None:
        return Violation("sms.sender", f'"{_short(requested)}" is no sender; it may be {SENDER_FORMS}')
    if account.senders and requested not in account.senders:
        return Violation(
            "sms.sender",
            f'"{_short(requested)}" is not a sender of account "{account.name}"; it may be {_several(account.senders)}',
        )
    return requested


def _several(words: Sequence[str]) -> str:
    listed, more = ", ".join(words[:_LISTED]), len(words) - _LISTED
    return f"{listed} and {more} more" if more > 0 else listed


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "…"
