"""When to ask Twilio for its list of messages: often while something is young, seldom later, never for nothing.

What is asked costs the same however many waits are open: one list of a sender's inbound and one of its outbound SMS.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

OVERLAP = timedelta(minutes=30)
"""How far a pass looks back behind the newest SMS that it knows: Twilio's list shows some later than others."""
DEEP = timedelta(minutes=10)
"""How often a pass looks back to the oldest open wait."""
MARGIN = timedelta(minutes=5)
"""How far Twilio's clock and ours may be apart."""
PATIENCE = timedelta(seconds=30)
"""How long a wait that has expired is kept open for a Twilio that does not answer, or lists more than is read."""
GAP = timedelta(seconds=2)
"""The shortest time between two passes of one kind over one sender, for each page of its list."""
_WORST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What is under way from one sender. Times of creation: of open waits, and of SMS whose fate is not settled.

    `unproven`: of some of them nobody knows whether Twilio has them.
    """

    sender: str
    oldest_wait: datetime | None = None
    youngest_wait: datetime | None = None
    oldest_moving: datetime | None = None
    youngest_moving: datetime | None = None
    unproven: bool = False


Steps = Sequence[tuple[timedelta, timedelta]]
"""(up to this age, so long a pause), the youngest first."""


def _steps(*pairs: tuple[float, float]) -> Steps:
    """Minutes of age, seconds of pause; the last pair is for every greater age."""
    bounded = [(timedelta(minutes=age), timedelta(seconds=pause)) for age, pause in pairs]
    return (*bounded[:-1], (timedelta.max, bounded[-1][1]))


_REPLIES_ALONE = _steps((2, 2), (10, 5), (60, 15), (0, 60))
_REPLIES_BESIDE_WEBHOOKS = _steps((10, 15), (60, 30), (0, 60))
_STATUSES_ALONE = _steps((1, 2), (10, 10), (60, 60), (0, 600))
_STATUSES_BESIDE_WEBHOOKS = _steps((60, 60), (0, 600))
_EVIDENCE = timedelta(seconds=5)


def replies_pause(agenda: Agenda, now: datetime, *, webhooks: bool) -> timedelta | None:
    """How long after one look for replies comes the next; None: nobody is expected to reply."""
    if agenda.youngest_wait is None:
        return None
    return _pause(now - agenda.youngest_wait, _REPLIES_BESIDE_WEBHOOKS if webhooks else _REPLIES_ALONE)


def statuses_pause(agenda: Agenda, now: datetime, *, webhooks: bool) -> timedelta | None:
    """How long after one look for delivery news comes the next; None: none is expected."""
    if agenda.unproven:
        return _EVIDENCE
    if agenda.youngest_moving is None:
        return None
    return _pause(now - agenda.youngest_moving, _STATUSES_BESIDE_WEBHOOKS if webhooks else _STATUSES_ALONE)


def back_off(failures: int, asked: timedelta | None) -> timedelta:
    """How long to leave a Twilio alone that turned us away so many times in a row, or for as long as it asked."""
    return max(asked or timedelta(0), min(_WORST, GAP * (1 << min(failures, 10))))


def floor(oldest: datetime, watermark: datetime | None, *, deep: bool) -> datetime:
    """How far back a pass must look. `watermark`: the newest SMS that an earlier pass saw."""
    far = oldest - MARGIN
    return far if deep or watermark is None else max(far, watermark - OVERLAP)


def _pause(age: timedelta, steps: Steps) -> timedelta:
    return next(pause for bound, pause in steps if age <= bound)
