"""Twilio's list of messages: its rows, and which of them are SMS of ours that nobody could confirm."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from textback_server.domain.messages import Failure, Message, MessageId, MessageState
from textback_server.domain.polling import MARGIN
from textback_server.domain.segments import TRIAL_PREFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One SMS in Twilio's list. `time` is when it was sent or, before that, made, by Twilio's clock, in whole seconds.

    `service` is the Messaging Service that sends it; its `sender` is then empty until one is chosen. `state` is None
    for an inbound SMS. `by_api`: an API call made it, and not an answer to a webhook.
    """

    twilio_sid: str
    sender: str
    recipient: str
    service: str = ""
    body: str = field(repr=False)
    inbound: bool
    by_api: bool = True
    time: datetime
    state: MessageState | None = None
    twilio_status: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a list showed, in so many pages. `reached` is how far back it was read; `whole`: as far as was asked for."""

    rows: tuple[Listed, ...]
    reached: datetime
    whole: bool
    pages: int = 1

    def covers(self, moment: datetime) -> bool:
        """Whether all is known that is not older than that moment."""
        return self.whole or self.reached < moment


def identified(unproven: Sequence[Message], strangers: Sequence[Listed]) -> Mapping[MessageId, Listed]:
    """Which of our unproven messages stand in the list, among the rows whose SID no message of ours has.

    A text with a code is like no other. Without one it is told only where exactly one row and exactly one of ours have
    this recipient and this text.
    """
    found: dict[MessageId, Listed] = {}
    twins = Counter(map(_likeness, unproven))
    for message in unproven:
        rows = [row for row in strangers if _fits(message, row)]
        if rows and (message.wait is not None or (len(rows) == 1 and twins[_likeness(message)] == 1)):
            found[message.id] = min(rows, key=lambda row: row.time)
    return found


def _fits(message: Message, row: Listed) -> bool:
    """`by_api`: a notice carries the code too, and may be Twilio's own doing on our word."""
    ours = row.by_api and not row.inbound and row.recipient == message.sms.recipient
    return ours and row.time >= message.create_time - MARGIN and _plain(row.body) == _plain(message.text)


def _likeness(message: Message) -> tuple[str, str]:
    return message.sms.recipient, _plain(message.text)


def _plain(text: str) -> str:
    """Letters and digits alone: Twilio may put words before a text, and its SmartEncoding changes signs in it."""
    bare = text.removeprefix(TRIAL_PREFIX)
    return "".join(filter(str.isalnum, bare)) or bare
