"""What may be sent, how much of it and how fast: bounds against loops, floods and bills."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an operator allows each account. 0 is no limit; no `countries` are all of them.

    `per_recipient` messages in an hour, `per_day` messages in a day of UTC, `pending` messages that wait to be handed
    to Twilio, `segments_per_second` of one sender, `concurrency` requests to Twilio at once. `countries` are ISO 3166
    codes of two letters.
    """

    per_recipient: int = 60
    per_day: int = 10_000
    pending: int = 1_000
    segments_per_second: int = 100
    concurrency: int = 50
    countries: frozenset[str] = frozenset()


DEFAULT_LIMITS = Limits()
NO_LIMITS = Limits(per_recipient=0, per_day=0, pending=0, segments_per_second=0, concurrency=0)


@dataclass(frozen=True, slots=True)
class Allowances:
    """The limits of each account: its `own`, or those that are `common`."""

    common: Limits = NO_LIMITS
    own: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, account: str) -> Limits:
        """What that account is allowed."""
        return self.own.get(account, self.common)


UNLIMITED = Allowances()


def day_of(now: datetime) -> int:
    """The day of UTC that a moment belongs to, as a number that grows by one."""
    return now.astimezone(UTC).toordinal()


def until_tomorrow(now: datetime) -> timedelta:
    """How long the day of UTC still is."""
    return datetime.combine(now.astimezone(UTC) + DAY, time(), UTC) - now


@dataclass(slots=True)
class Pace:
    """Spreads segments over time, a second's worth at once at most (the generic cell rate algorithm, ITU-T I.371).

    Keeps one moment a sender: when all that it was given will have gone.
    """

    rate: int
    _last: datetime | None = None
    _done: dict[str, datetime] = field(default_factory=dict)

    def slot(self, sender: str, segments: int, now: datetime) -> datetime:
        """When that many segments may go; not before now. They count as gone then."""
        if not self.rate:
            return now
        if self._last is not None and now < self._last:  # the clock was set back: what it said is worth nothing
            self._done.clear()
        self._last = now
        burst = timedelta(seconds=1)
        done = max(self._done.get(sender, now), now)
        self._done[sender] = done + timedelta(seconds=segments / self.rate)
        self._forget(now)
        return max(now, done - burst + timedelta(seconds=1 / self.rate))

    def give_back(self, sender: str, segments: int) -> None:
        """They do not go after all."""
        if self.rate and sender in self._done:
            self._done[sender] -= timedelta(seconds=segments / self.rate)

    def _forget(self, now: datetime) -> None:
        if len(self._done) > _MANY:
            self._done = {sender: done for sender, done in self._done.items() if done > now}


_MANY = 10_000
