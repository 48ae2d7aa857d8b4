"""What a caller may choose about an emulator before it starts."""

from dataclasses import dataclass, field
from typing import Literal, get_args

DEFAULT_ACCOUNT_SID = "AC" + "1".zfill(32)
# Letters and digits alone, as Twilio's are: its Go SDK refuses anything else.
DEFAULT_AUTH_TOKEN = "emulatortoken"  # noqa: S105 - the documented credential of a machine that sends nothing
DEFAULT_API_SECRET = "emulatorsecret"  # noqa: S105 - as above
DEFAULT_API_KEY = "SK" + "1".zfill(32)
DEFAULT_TEST_ACCOUNT_SID = "AC" + "2".zfill(32)
DEFAULT_TEST_AUTH_TOKEN = "emulatortesttoken"  # noqa: S105 - as above
DEFAULT_SERVICE_SID = "MG" + "1".zfill(32)
DEFAULT_NUMBER = "+15005550006"


_SID_DIGITS = 32
_MAX_PORT = 65_535

# How a message moves on after its create: at once, or one step every `step_delay` seconds.
# Manual: only when somebody says so.
LifecycleMode = Literal["instant", "timed", "manual"]
# Manual: time stands still until it is advanced.
ClockMode = Literal["real", "manual"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorSettings:
    """Settings of one emulator. Every default works alone: no account, no network, no configuration.

    `port` 0 asks the system for a free one; with `find_free_port` a busy port gives way to the next free one.
    `allowed_hosts` are Host header names accepted besides loopback names and `host` (against DNS rebinding).
    `numbers` are the account's own senders, `sms_url` the inbound webhook of each of them.
    `service_numbers` are the pool of the Messaging Service `service_sid`, by default the first of `numbers`.
    `test_account_sid` and `test_auth_token` are the test credentials: they validate and send nothing.
    `segments_per_second` is what each sender hands over; what is more waits in its queue. None: no limit.
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
    test_account_sid: str = DEFAULT_TEST_ACCOUNT_SID
    test_auth_token: str = field(default=DEFAULT_TEST_AUTH_TOKEN, repr=False)
    service_sid: str = DEFAULT_SERVICE_SID
    service_numbers: tuple[str, ...] = ()
    sms_url: str | None = None
    lifecycle: LifecycleMode = "timed"
    step_delay: float = 0.4
    clock: ClockMode = "real"
    segments_per_second: float | None = None
    demo_url: str | None = None
    seed: int | None = None
    control_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raise ValueError with one sentence that names the wrong field."""
        _check_sid("account_sid", self.account_sid, "AC")
        _check_sid("test_account_sid", self.test_account_sid, "AC")
        _check_sid("api_key", self.api_key, "SK")
        _check_sid("service_sid", self.service_sid, "MG")
        if not 0 <= self.port <= _MAX_PORT:
            raise ValueError(f"port: {self.port} is not a port; it may be 0 (any free one) to 65535")
        if not self.numbers:
            raise ValueError("numbers: empty; the account needs at least one sender")
        if self.step_delay < 0:
            raise ValueError(f"step_delay: {self.step_delay} is negative; it may be 0 seconds or more")
        if self.segments_per_second is not None and self.segments_per_second <= 0:
            raise ValueError(f"segments_per_second: {self.segments_per_second}; it may be more than 0, or None")
        if unknown := set(self.service_numbers) - set(self.numbers):
            raise ValueError(f"service_numbers: {min(unknown)} is not one of numbers")
        _check_choice("lifecycle", self.lifecycle, get_args(LifecycleMode))
        _check_choice("clock", self.clock, get_args(ClockMode))


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name}: {value!r} is unknown; it may be {' or '.join(choices)}")


def _check_sid(name: str, value: str, prefix: str) -> None:
    digits = value[2:]
    if (
        not value.startswith(prefix)
        or len(digits) != _SID_DIGITS
        or not all(c in "0123456789abcdefABCDEF" for c in digits)
    ):
        raise ValueError(f"{name}: {value!r} is not a SID; it must be {prefix} and 32 hexadecimal digits")
