"""What is said where a limit leaves no room: which, what it is, when there will be room again."""

from datetime import datetime, timedelta

from textback_server.domain.errors import Refusal
from textback_server.domain.limits import HOUR, Limits, until_tomorrow
from textback_server.domain.reasons import Reason
from textback_server.store.protocol import Limit

_SOON = timedelta(seconds=5)


def too_many(limit: Limit, limits: Limits, now: datetime) -> Refusal:
    """A limit of the account is reached."""
    match limit:
        case Limit.PER_RECIPIENT:
            return Refusal(
                Reason.RECIPIENT_LIMIT,
                f"sms.recipient: got {limits.per_recipient} messages within an hour, and may get no more "
                "(TEXTBACK_LIMIT_RECIPIENT, or the account's limits.recipient); retry later, or raise the limit.",
                retry_after=HOUR / limits.per_recipient,
            )
        case Limit.PER_DAY:
            return Refusal(
                Reason.DAILY_LIMIT,
                f"account: took {limits.per_day:,} messages today, and may take no more until 00:00 UTC "
                "(TEXTBACK_LIMIT_DAY, or the account's limits.day); raise the limit if that is not a loop.",
                retry_after=until_tomorrow(now),
            )
        case Limit.PENDING:
            return Refusal(
                Reason.OVERLOADED,
                f"account: {limits.pending:,} messages wait to be handed to Twilio, and no more may "
                "(TEXTBACK_LIMIT_PENDING, or the account's limits.pending); retry in some seconds.",
                retry_after=_SOON,
            )


def too_slow(delay: timedelta) -> Refusal:
    """The sender's pace would let it go too late."""
    return Refusal(
        Reason.OVERLOADED,
        f"sms.sender: has messages for {delay.total_seconds():.0f} s before this one, longer than it may wait "
        "(TEXTBACK_LIMIT_SEGMENTS, or the account's limits.segments); retry later, or use another sender.",
        retry_after=max(_SOON, delay / 2),
    )
