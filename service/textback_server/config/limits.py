"""Limits: the service's from the environment, an account's own from its table."""

from collections.abc import Callable
from dataclasses import replace

from textback_server.config import shapes
from textback_server.config.table import SETTINGS
from textback_server.config.texts import Texts
from textback_server.domain.limits import DEFAULT_LIMITS, Limits
from textback_server.gateway.http import MAX_CONCURRENCY

_MOST = {
    "recipient": 1_000_000,
    "day": 100_000_000,
    "pending": 1_000_000,
    "segments": 10_000,
    "concurrency": MAX_CONCURRENCY,
}
WORDS = tuple(sorted(_MOST))
"""What an account's `limits` table may hold; its texts are under these words after `limits.`."""


def service_limits(env: Texts) -> Limits:
    """Those of every account that has none of its own."""
    countries = env.take("TEXTBACK_COUNTRIES", shapes.countries) or frozenset()
    return replace(_read(env, lambda word: f"TEXTBACK_LIMIT_{word.upper()}", DEFAULT_LIMITS), countries=countries)


def account_limits(texts: Texts, common: Limits) -> Limits | None:
    """An account's own, the others from the service; None: it has none."""
    given = any(texts.has(f"limits.{word}") for word in WORDS)
    return _read(texts, "limits.{}".format, common) if given else None


def _read(texts: Texts, key_of: Callable[[str], str], base: Limits) -> Limits:
    """What is not set stays as it is in `base`. 0 is off."""

    def number(word: str, otherwise: int) -> int:
        key = key_of(word)
        if not texts.has(key) and key not in SETTINGS:
            return otherwise
        default = SETTINGS[key].default if key in SETTINGS else ""
        found = texts.take(key, shapes.limit(_MOST[word]), default=default)
        return otherwise if found is None else found

    return replace(
        base,
        per_recipient=number("recipient", base.per_recipient),
        per_day=number("day", base.per_day),
        pending=number("pending", base.pending),
        segments_per_second=number("segments", base.segments_per_second),
        concurrency=number("concurrency", base.concurrency) or MAX_CONCURRENCY,
    )
