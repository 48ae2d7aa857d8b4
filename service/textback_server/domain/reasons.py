"""The one list of error reasons: what each means, which gRPC status it travels with, and what helps.

`docs/errors.md` is printed from it. A reason is for ever; its sentence may improve.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import auto
from types import MappingProxyType

from textback_server.domain.words import Word


class Reason(Word):
    """`ErrorInfo.reason` and `Failure.reason`."""

    INVALID_FIELD = auto()
    REQUEST_ID_REUSED = auto()
    REQUEST_ID_REQUIRED = auto()
    ACCOUNT_UNKNOWN = auto()
    MESSAGE_UNKNOWN = auto()
    SEQUENCE_BEYOND_END = auto()
    NO_WAIT = auto()
    NO_INBOUND_PATH = auto()
    CODES_EXHAUSTED = auto()
    RECIPIENT_LIMIT = auto()
    DAILY_LIMIT = auto()
    STORE_UNAVAILABLE = auto()
    OVERLOADED = auto()
    STREAM_RECYCLED = auto()
    SHUTTING_DOWN = auto()
    INTERNAL = auto()
    TWILIO_AUTH_FAILED = auto()
    TWILIO_ACCOUNT_SUSPENDED = auto()
    TWILIO_UNREACHABLE = auto()
    TWILIO_TIMEOUT = auto()
    TWILIO_UNAVAILABLE = auto()
    TWILIO_BUSY = auto()
    TWILIO_REFUSED = auto()
    INVALID_RECIPIENT = auto()
    INVALID_BODY = auto()
    INVALID_SENDER = auto()
    RECIPIENT_OPTED_OUT = auto()
    RECIPIENT_NOT_VERIFIED = auto()
    COUNTRY_NOT_ALLOWED = auto()
    NO_ROUTE = auto()
    SENDER_QUEUE_FULL = auto()
    NOT_SENT_IN_TIME = auto()
    UNDELIVERABLE = auto()
    CARRIER_FILTERED = auto()
    SENDER_NOT_REGISTERED = auto()
    TWILIO_CANCELLED = auto()
    TOO_MANY_INVALID_REPLIES = auto()


class Status(Word):
    """The gRPC status codes that we use, by their names."""

    INVALID_ARGUMENT = auto()
    NOT_FOUND = auto()
    ALREADY_EXISTS = auto()
    FAILED_PRECONDITION = auto()
    OUT_OF_RANGE = auto()
    RESOURCE_EXHAUSTED = auto()
    UNAVAILABLE = auto()
    INTERNAL = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reason means: the status it travels with, when it happens, what helps."""

    status: Status
    when: str
    fix: str


def _table() -> dict[Reason, Meaning]:
    bad, missing, exists = Status.INVALID_ARGUMENT, Status.NOT_FOUND, Status.ALREADY_EXISTS
    state, busy, away = Status.FAILED_PRECONDITION, Status.RESOURCE_EXHAUSTED, Status.UNAVAILABLE
    return {
        Reason.INVALID_FIELD: Meaning(bad, "A field of the request is missing or wrong.", "See the field violations."),
        Reason.REQUEST_ID_REUSED: Meaning(
            exists, "The request_id stands for another request or method.", "Use a new request_id for a new request."
        ),
        Reason.REQUEST_ID_REQUIRED: Meaning(
            state, "gRPC itself repeated a send that carries no request_id.", "Set request_id, or switch retries off."
        ),
        Reason.ACCOUNT_UNKNOWN: Meaning(missing, "No account of that name is configured.", "Name a configured one."),
        Reason.MESSAGE_UNKNOWN: Meaning(missing, "The account has no such message.", "Check message_id and account."),
        Reason.SEQUENCE_BEYOND_END: Meaning(
            Status.OUT_OF_RANGE, "after_sequence is beyond the newest event.", "Resume after the last event you got."
        ),
        Reason.NO_WAIT: Meaning(state, "The message asks nothing.", "Cancel only messages of SendSmsAndWait."),
        Reason.NO_INBOUND_PATH: Meaning(
            state,
            "No reply could ever reach this service: it has no webhooks, and polling is off.",
            "Set TEXTBACK_PUBLIC_URL to where Twilio reaches it, or TEXTBACK_POLLING to on.",
        ),
        Reason.CODES_EXHAUSTED: Meaning(busy, "No code is free for this recipient.", "Wait until some waits closed."),
        Reason.RECIPIENT_LIMIT: Meaning(
            busy, "The recipient got as many messages within an hour as this server allows.", "Retry later."
        ),
        Reason.DAILY_LIMIT: Meaning(
            busy, "The account took as many messages today as this server allows.", "Retry after 00:00 UTC."
        ),
        Reason.STORE_UNAVAILABLE: Meaning(away, "The store cannot be written or read.", "Retry; see the server's log."),
        Reason.OVERLOADED: Meaning(busy, "More is under way than the server takes.", "Retry after the given delay."),
        Reason.STREAM_RECYCLED: Meaning(
            away,
            "The stream reached its greatest age, or its client did not read for a minute.",
            "Call WatchMessage after the last sequence.",
        ),
        Reason.SHUTTING_DOWN: Meaning(away, "The server is going away.", "Retry; streams: WatchMessage."),
        Reason.INTERNAL: Meaning(Status.INTERNAL, "A defect of this service.", "See the server's log."),
        Reason.TWILIO_AUTH_FAILED: Meaning(
            state, "Twilio refused our credentials.", "Check the account's SID and token or key."
        ),
        Reason.TWILIO_ACCOUNT_SUSPENDED: Meaning(
            state, "The Twilio account is suspended or closed.", "Look into the Twilio console."
        ),
        Reason.TWILIO_UNREACHABLE: Meaning(away, "No connection to Twilio.", "Check DNS, egress and proxies; retry."),
        Reason.TWILIO_TIMEOUT: Meaning(away, "Twilio did not answer in time.", "Retry with the same request_id."),
        Reason.TWILIO_UNAVAILABLE: Meaning(
            away, "Twilio answered with an error of its own.", "Retry with the same request_id."
        ),
        Reason.TWILIO_BUSY: Meaning(busy, "Twilio takes no more requests now (429).", "Retry after the given delay."),
        Reason.TWILIO_REFUSED: Meaning(state, "Twilio refused the message.", "See Twilio's page about the code."),
        Reason.INVALID_RECIPIENT: Meaning(bad, "Twilio cannot text this recipient.", "Correct sms.recipient."),
        Reason.INVALID_BODY: Meaning(bad, "Twilio does not take this text.", "Correct sms.body."),
        Reason.INVALID_SENDER: Meaning(state, "Twilio does not take this sender.", "Use a sender of this account."),
        Reason.RECIPIENT_OPTED_OUT: Meaning(
            state, "The person texted STOP to this sender.", "They must text START first."
        ),
        Reason.RECIPIENT_NOT_VERIFIED: Meaning(
            state, "A trial account may only text verified numbers.", "Verify the number or upgrade the account."
        ),
        Reason.COUNTRY_NOT_ALLOWED: Meaning(
            state,
            "The account, or this server's TEXTBACK_COUNTRIES, may not text this country.",
            "Allow it in Twilio's geo permissions, or in TEXTBACK_COUNTRIES.",
        ),
        Reason.NO_ROUTE: Meaning(state, "No route from this sender to this recipient.", "Use another sender."),
        Reason.SENDER_QUEUE_FULL: Meaning(busy, "The sender's queue at Twilio is full.", "Retry later."),
        Reason.NOT_SENT_IN_TIME: Meaning(away, "Twilio could not be handed the message in time.", "Send it again."),
        Reason.UNDELIVERABLE: Meaning(state, "The carrier cannot deliver the SMS.", "Check the number and the phone."),
        Reason.CARRIER_FILTERED: Meaning(state, "The carrier filtered the SMS as unwanted.", "Change text or sender."),
        Reason.SENDER_NOT_REGISTERED: Meaning(
            state, "The sender is not registered for this country.", "Register it with Twilio."
        ),
        Reason.TOO_MANY_INVALID_REPLIES: Meaning(
            state, "The person sent max_invalid_replies that were no answer.", "Ask again, or in other words."
        ),
        Reason.TWILIO_CANCELLED: Meaning(state, "The SMS was cancelled at Twilio.", "Send it again if it is wanted."),
    }


MEANINGS: Mapping[Reason, Meaning] = MappingProxyType(_table())
