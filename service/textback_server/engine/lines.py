"""What the poller knows of one sender: what it saw when, and when to look again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from textback_server.domain.listing import Listing
from textback_server.domain.polling import DEEP, GAP, PATIENCE, Agenda, floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One reading of the list: when it began and how far back it looks. `deep`: all the way.

    `least` is how far back it must see, or it is none: with what earlier ones saw, all is known then.
    """

    started: datetime
    since: datetime
    least: datetime
    deep: bool


@dataclass(slots=True)
class Look:
    """One kind of reading of a sender's list: what people text to it, or what became of its SMS.

    `reason` is since when there is something to look for, `asked` since when Twilio is asked and has not shown enough,
    `passed` when the newest pass began, `deep` when the newest deep one did, `watermark` the newest SMS seen.
    `tried` is when the newest pass began, or one that was cut, `pages` how many one reads that is not deep.
    """

    reason: datetime | None = None
    asked: datetime | None = None
    passed: datetime | None = None
    deep: datetime | None = None
    watermark: datetime | None = None
    tried: datetime | None = None
    pages: int = 1

    def due(self, pause: timedelta | None, wanted: datetime | None, now: datetime, *, most: timedelta) -> bool:
        """Whether to look now: `pause` after the last look or the first reason for one, or sooner if it is `wanted`.

        A list of many pages is looked at as much more seldom, but for what waits `most`.
        """
        if pause is None:
            self.reason = self.asked = None
            self.pages = 1
            return False
        self._doubt(now)
        self.reason = self.reason or now
        shortest = min(GAP * self.pages, most)
        asked = wanted is not None and (self.passed is None or self.passed < wanted)
        return now >= max(self.tried or self.reason, self.reason) + (shortest if asked else max(pause, shortest))

    def _doubt(self, now: datetime) -> None:
        """A clock that was set back makes what was seen later than now worthless: look again, all the way."""
        if any(time is not None and time > now for time in (self.asked, self.tried)):
            self.reason = self.asked = self.passed = self.deep = self.watermark = self.tried = None
            self.pages = 1

    def begin(self, oldest: datetime, now: datetime) -> Pass:
        """The next pass, over all that is not older than `oldest`."""
        self.owed(now)
        deep = self.deep is None or now >= self.deep + DEEP
        since, least = (floor(oldest, self.watermark, deep=each) for each in (deep, False))
        return Pass(started=now, since=since, least=least, deep=deep)

    def owed(self, now: datetime) -> None:
        """Twilio is asked, or would be if it had not turned us away."""
        self.asked = self.asked or now

    def shown(self) -> None:
        """Twilio has shown its list; what is in it is yet to be taken in."""
        self.asked = None

    def seen(self, now: datetime) -> datetime | None:
        """Up to when everything is known, or is not to be waited for: Twilio has kept silent for long."""
        if self.asked is None or now < self.asked + PATIENCE:
            return self.passed
        silent = now - PATIENCE
        return silent if self.passed is None else max(self.passed, silent)

    def end(self, done: Pass, listing: Listing) -> None:
        """A pass has ended well; it saw these SMS, and perhaps others."""
        self.passed = done.started
        self.cut(done, listing)

    def cut(self, done: Pass, listing: Listing) -> None:
        """The list was longer than what is read of one. What is further back was there before, or is lost."""
        self.tried = done.started
        if done.deep:
            self.deep = done.started
        else:
            self.pages = listing.pages
        times = [row.time for row in listing.rows]
        self.watermark = max([*times, *([self.watermark] if self.watermark else [])], default=None)


@dataclass(slots=True)
class Line:
    """A sender and what is under way from it."""

    agenda: Agenda
    replies: Look = field(default_factory=Look)
    statuses: Look = field(default_factory=Look)


@dataclass(slots=True)
class Book:
    """The lines of one account, and how Twilio treats us there.

    `able` False: Twilio refuses these credentials, so nobody waits for its word. `read`: when the store was last asked.
    """

    name: str
    lines: dict[str, Line] = field(default_factory=dict)
    read: datetime | None = None
    able: bool = True
    failures: int = 0
    resume: datetime | None = None
    pause: timedelta = timedelta(0)
    pools: dict[str, tuple[datetime, frozenset[str]]] = field(default_factory=dict)

    def turned_away(self, pause: timedelta, now: datetime) -> None:
        """Leave Twilio alone for a while."""
        self.resume, self.pause = now + pause, pause

    def rests(self, now: datetime) -> bool:
        """Whether that while lasts; also by a clock that was set back meanwhile."""
        return self.resume is not None and now < self.resume <= now + self.pause

    def update(self, agendas: Sequence[Agenda], now: datetime) -> None:
        """Take what is under way now; what a line has seen stays."""
        for line in self.lines.values():
            line.agenda = Agenda(sender=line.agenda.sender)
        for agenda in agendas:
            self.lines.setdefault(agenda.sender, Line(agenda)).agenda = agenda
        self.read = now
