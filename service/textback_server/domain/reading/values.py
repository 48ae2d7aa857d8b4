"""What a reading starts from, and what it comes to."""

from dataclasses import dataclass
from datetime import timedelta

from textback_server.domain.facts import Replied, ReplyRefused
from textback_server.domain.messages import Disposition, Message
from textback_server.domain.notices import Notice
from textback_server.domain.rejections import RejectReason

RECENT = timedelta(minutes=10)
"""How long after one of a person's waits closed a text without a code may still be meant for that one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of one person in one account, at a cost that does not grow with their open waits.

    `matches` are their waits, open or in quarantine, that own one of the codes asked for; `foreign` are some open waits
    of other phones that do. `newest_open` is their newest open wait, `sole_open` the same if it is their only one.
    `closed_recently`: a wait of theirs closed within `RECENT`. All but `matches` are looked up only where none of those
    is open: else the text speaks to a wait by its code. `notices_this_hour` is how many notices they got since the
    present hour's first.
    """

    matches: tuple[Message, ...]
    newest_open: Message | None
    sole_open: Message | None = None
    closed_recently: bool = False
    foreign: tuple[Message, ...] = ()
    notices_this_hour: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a text is to one wait. Without a fact it tells the wait nothing: it has closed."""

    message: Message
    fact: Replied | ReplyRefused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text means: what became of it, why it answered nothing, and what it is to each wait that it speaks to.

    `notice` is what to tell the person about the first wait, if anything.
    """

    disposition: Disposition
    reason: RejectReason | None = None
    findings: tuple[Finding, ...] = ()
    notice: Notice | None = None

    @property
    def message(self) -> Message | None:
        """The wait that it speaks to first."""
        return self.findings[0].message if self.findings else None

    @property
    def fact(self) -> Replied | ReplyRefused | None:
        """What it tells that wait."""
        return self.findings[0].fact if self.findings else None
