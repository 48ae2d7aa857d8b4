"""From the environment to the server's settings, or to all that is wrong with them at once."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from textback_server.config import shapes
from textback_server.config.accounts import environment_texts, manners_of, named_by, read_accounts
from textback_server.config.limits import service_limits
from textback_server.config.shapes import Address
from textback_server.config.table import EMULATOR_STORE, SETTINGS
from textback_server.config.texts import Report, Row, Texts
from textback_server.domain.erasing import DEFAULT_RETENTION, Retention
from textback_server.domain.limits import DAY, DEFAULT_LIMITS, Allowances, Limits
from textback_server.gateway.accounts import Account, Accounts

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to recognise it, not to bind it
# Kubernetes sets these in every pod beside a Service called textback.
_KUBERNETES = re.compile(r"TEXTBACK_(SERVICE_(HOST|PORT)(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_.+)?)?)")
_TESTS = "TEXTBACK_TEST_REQUIRE"


class ConfigError(Exception):
    """The settings cannot be used. `lines` holds one sentence for each thing that is wrong."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Join the lines for people."""
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the server runs with. `public_url` None: Twilio cannot reach us, so there are no webhooks.

    `shared_senders`: that others send from our senders is meant to be. `limits` serve accounts without their own.
    """

    accounts: Accounts
    public_url: str | None
    public_url_follows_listener: bool
    listen: Address
    http_listen: Address
    store: str
    reply_timeout_min: timedelta
    reply_timeout_max: timedelta
    polling: bool = True
    shared_senders: bool = False
    limits: Limits = DEFAULT_LIMITS
    retention: Retention = DEFAULT_RETENTION

    @property
    def allowances(self) -> Allowances:
        """The limits of each account."""
        return Allowances(self.limits, {each.name: each.limits for each in self.accounts.all if each.limits})

    def on_http_port(self, port: int) -> "Settings":
        """The same with the HTTP server on another port, as when the first choice was busy or 0."""
        http_listen = Address(self.http_listen.host, port)
        public_url = _own_url(http_listen) if self.public_url_follows_listener else self.public_url
        return replace(self, http_listen=http_listen, public_url=public_url)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, what to say about them at start, and where each comes from."""

    settings: Settings
    notes: tuple[str, ...]
    rows: tuple[Row, ...]


def load(environ: Mapping[str, str], emulator: Account | None = None) -> Loaded:
    """Read all settings. With `emulator` it is the only account, and what the environment says of Twilio is ignored.

    Raises ConfigError.
    """
    report = Report()
    notes = _unknown(environ)
    if emulator is not None:
        names = [*named_by(environ), "TEXTBACK_TWILIO_API_URL", "TEXTBACK_PUBLIC_URL"]
        notes += [f"ignored {name}, because of the emulator" for name in names if environ.get(name)]
        environ = {name: value for name, value in environ.items() if name not in names}
    env = Texts(given=environ, label=str, suffix="_FILE", source="environment", folder=Path(), report=report)
    api_url = env.take("TEXTBACK_TWILIO_API_URL", shapes.url) or ""
    file = env.take("TEXTBACK_CONFIG", str) or ""
    limits = service_limits(env)
    if emulator is None:
        accounts = read_accounts(environ, file, api_url, limits, report)
        store = _default("TEXTBACK_STORE")
    else:
        accounts = (replace(emulator, manners=manners_of(environment_texts(environ, report))),)
        api_url, store = emulator.api_url, EMULATOR_STORE
    settings = _settings(env, accounts, limits, api_url, store)
    if settings is None:
        raise ConfigError(report.problems)
    return Loaded(settings, tuple(notes), tuple(report.rows))


def _settings(
    env: Texts, accounts: tuple[Account, ...], limits: Limits, api_url: str, default_store: str
) -> Settings | None:
    """None: something is wrong, and the report says what."""
    listen = env.take("TEXTBACK_LISTEN", shapes.address, default=_default("TEXTBACK_LISTEN"))
    http_listen = env.take("TEXTBACK_HTTP_LISTEN", shapes.address, default=_default("TEXTBACK_HTTP_LISTEN"))
    store = env.take("TEXTBACK_STORE", shapes.store, default=default_store)
    low_name, high_name = "TEXTBACK_REPLY_TIMEOUT_MIN", "TEXTBACK_REPLY_TIMEOUT_MAX"
    low = env.take(low_name, shapes.duration, default=_default(low_name))
    high = env.take(high_name, shapes.duration, default=_default(high_name))
    if low and high and low > high:
        env.problem(low_name, f"is longer than {high_name}; it may be at most as long")
    if listen and listen == http_listen and listen.port:
        env.problem("TEXTBACK_HTTP_LISTEN", f'"{listen}" is also TEXTBACK_LISTEN; they may not share an address')
    public_url = env.take("TEXTBACK_PUBLIC_URL", shapes.public_url)
    if public_url and shapes.is_loopback(public_url) and not api_url:
        env.problem(
            "TEXTBACK_PUBLIC_URL",
            f'"{public_url}" leads to this machine, where Twilio cannot reach it; it may be a public address',
        )
    polling = env.take("TEXTBACK_POLLING", shapes.choice("on", "off"), default=_default("TEXTBACK_POLLING"))
    name = "TEXTBACK_SHARED_SENDERS"
    shared = env.take(name, shapes.choice("warn", "accept"), default=_default(name))
    retention = _retention(env, high)
    follows = not env.has("TEXTBACK_PUBLIC_URL") and shapes.is_loopback(api_url)
    if env.report.problems or not (listen and http_listen and store and low and high):
        return None
    return Settings(
        accounts=Accounts(accounts),
        public_url=_own_url(http_listen) if follows else public_url,
        public_url_follows_listener=follows,
        listen=listen,
        http_listen=http_listen,
        store=store,
        reply_timeout_min=low,
        reply_timeout_max=high,
        polling=polling == "on",
        shared_senders=shared == "accept",
        limits=limits,
        retention=retention,
    )


def _retention(env: Texts, longest_wait: timedelta | None) -> Retention:
    """Rows outlast content, and every wait: what was read once would else be found in Twilio's list as new."""
    content_name, rows_name = "TEXTBACK_CONTENT_RETENTION", "TEXTBACK_ROW_RETENTION"
    content = env.take(content_name, shapes.retention, default=_default(content_name))
    rows = env.take(rows_name, shapes.retention, default=_default(rows_name))
    if rows and content and rows < content:
        env.problem(rows_name, f"is shorter than {content_name}; it may be at least as long")
    if rows and longest_wait and rows < longest_wait + DAY:
        env.problem(rows_name, "is too short; it may be TEXTBACK_REPLY_TIMEOUT_MAX and a day, or longer")
    return Retention(content=content, rows=rows) if content and rows else DEFAULT_RETENTION


def _default(name: str) -> str:
    return SETTINGS[name].default


def _own_url(http_listen: Address) -> str:
    return f"http://{replace(http_listen, host=_ANYWHERE.get(http_listen.host, http_listen.host))}"


def _unknown(environ: Mapping[str, str]) -> list[str]:
    """Variables of ours that are none: likely typing errors."""
    known = {*SETTINGS, _TESTS, *(f"{setting.name}_FILE" for setting in SETTINGS.values() if setting.secret)}
    notes = []
    for name in sorted(environ):
        if name.startswith("TEXTBACK_") and name not in known and not _KUBERNETES.fullmatch(name):
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
            notes.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
    return notes
