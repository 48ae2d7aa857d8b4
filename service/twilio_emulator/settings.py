"""What a caller may choose about an emulator before it starts."""

from dataclasses import dataclass, field
from typing import Literal, get_args

DEFAULT_ACCOUNT_SID = "AC" + "1".zfill(32)
DEFAULT_AUTH_TOKEN = "emulator-token"  # noqa: S105 - the documented credential of a machine that sends nothing
DEFAULT_API_SECRET = "emulator-secret"  # noqa: S105 - as above
DEFAULT_API_KEY = "SK" + "1".zfill(32)
DEFAULT_SERVICE_SID = "MG" + "1".zfill(32)
DEFAULT_NUMBER = "+15005550006"


_SID_DIGITS = 32
_MAX_PORT = 65_535

# How a message moves on after its create: at once, or one step every `step_delay` seconds.
LifecycleMode = Literal["instant", "timed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorSettings:
    """Settings of one emulator. Every default works alone: no account, no network, no configuration.

    `port` 0 asks the system for a free one; with `find_free_port` a busy port gives way to the next free one.
    `allowed_hosts` are Host header names accepted besides loopback names and `host` (against DNS rebinding).
    `numbers` are the account's own senders, `sms_url` the inbound webhook of each of them.
    `demo_url` is the address behind the page's "Send me a question" button; without one the button is hidden.
    A `seed` makes every SID repeatable; `control_token` fixes the token of the control API for tests.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    find_free_port: bool = False
    allowed_hosts: tuple[str, ...] = ()
    account_sid: str = DEFAULT_ACCOUNT_SID
    auth_token: str = field(default=DEFAULT_AUTH_TOKEN, repr=False)
    api_key: str = DEFAULT_API_KEY
    api_secret: str = field(default=DEFAULT_API_SECRET, repr=False)
    numbers: tuple[str, ...] = (DEFAULT_NUMBER,)
    service_sid: str = DEFAULT_SERVICE_SID
    sms_url: str | None = None
    lifecycle: LifecycleMode = "timed"
    step_delay: float = 0.4
    demo_url: str | None = None
    seed: int | None = None
    control_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raise ValueError with one sentence that names the wrong field."""
        _check_sid("account_sid", self.account_sid, "AC")
        _check_sid("api_key", self.api_key, "SK")
        _check_sid("service_sid", self.service_sid, "MG")
        if not 0 <= self.port <= _MAX_PORT:
            raise ValueError(f"port: {self.port} is not a port; it may be 0 (any free one) to 65535")
        if not self.numbers:
            raise ValueError("numbers: empty; the account needs at least one sender")
        if self.step_delay < 0:
            raise ValueError(f"step_delay: {self.step_delay} is negative; it may be 0 seconds or more")
        if self.lifecycle not in get_args(LifecycleMode):
            choices = " or ".join(get_args(LifecycleMode))
            raise ValueError(f"lifecycle: {self.lifecycle!r} is unknown; it may be {choices}")


def _check_sid(name: str, value: str, prefix: str) -> None:
    digits = value[2:]
    if (
        not value.startswith(prefix)
        or len(digits) != _SID_DIGITS
        or not all(c in "0123456789abcdefABCDEF" for c in digits)
    ):
        raise ValueError(f"{name}: {value!r} is not a SID; it must be {prefix} and 32 hexadecimal digits")
