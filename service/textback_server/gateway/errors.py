"""Twilio's error codes as our reasons, each with our own sentence.

Twilio's texts are never passed on: they echo phone numbers. One table serves answers to a POST and later reports.
Sources: Twilio, Error and Warning Dictionary; Message resource.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from textback_server.domain.messages import Failure
from textback_server.domain.reasons import Reason

_QUEUE_FULL = "The sender's queue at Twilio is full; retry later, or spread the load over more senders."
_NOT_ACTIVE = "The Twilio account is suspended or closed; look into the Twilio console."
_NO_SERVICE = "Twilio cannot use this Messaging Service; check its SID and that its pool holds a sender."
_NOT_OURS = "Twilio does not let this account send from this sender; use a number or service of the account."
_CAP = "The sender's rate or daily cap for US numbers is reached; retry later."
_UNREGISTERED = "The sender is not registered for this country; register it in the Twilio console."


def _table() -> dict[int, tuple[Reason, str]]:
    return {
        10001: (Reason.TWILIO_ACCOUNT_SUSPENDED, _NOT_ACTIVE),
        20003: (
            Reason.TWILIO_AUTH_FAILED,
            "Twilio refused our credentials; check the account's SID and auth token or API key, and their region.",
        ),
        20005: (Reason.TWILIO_ACCOUNT_SUSPENDED, _NOT_ACTIVE),
        20008: (Reason.TWILIO_AUTH_FAILED, "These are Twilio test credentials, which may not do this."),
        20403: (Reason.TWILIO_ACCOUNT_SUSPENDED, _NOT_ACTIVE),
        20404: (Reason.TWILIO_AUTH_FAILED, "Twilio knows no such account; check its Account SID."),
        20429: (Reason.TWILIO_BUSY, "Twilio takes no more requests from this account right now; retry later."),
        90010: (Reason.TWILIO_ACCOUNT_SUSPENDED, _NOT_ACTIVE),
        21211: (
            Reason.INVALID_RECIPIENT,
            "The recipient is not a valid phone number, or is the sender itself.",
        ),
        21212: (Reason.INVALID_SENDER, "Twilio says that the sender is not a valid one."),
        21214: (Reason.INVALID_RECIPIENT, "Twilio cannot reach this recipient."),
        21217: (Reason.INVALID_RECIPIENT, "Twilio says that the recipient is not a valid phone number."),
        21408: (
            Reason.COUNTRY_NOT_ALLOWED,
            "The account may not text the recipient's country; allow it in Twilio's geo permissions.",
        ),
        21601: (Reason.INVALID_SENDER, "The sender cannot send SMS."),
        21602: (Reason.INVALID_BODY, "Twilio found the text empty."),
        21603: (Reason.INVALID_SENDER, "Twilio found no sender."),
        21604: (Reason.INVALID_RECIPIENT, "Twilio found no recipient."),
        21606: (Reason.INVALID_SENDER, "The sender is not this account's, or cannot text this recipient."),
        21608: (
            Reason.RECIPIENT_NOT_VERIFIED,
            "A trial account may only text numbers that are verified at Twilio; verify it, or upgrade the account.",
        ),
        21609: (
            Reason.TWILIO_REFUSED,
            "Twilio does not take our status callback address; correct TEXTBACK_PUBLIC_URL.",
        ),
        21610: (Reason.RECIPIENT_OPTED_OUT, "The person texted STOP to this sender; they must text START first."),
        21611: (Reason.SENDER_QUEUE_FULL, _QUEUE_FULL),
        21612: (Reason.NO_ROUTE, "Twilio has no route from this sender to this recipient; use another sender."),
        21614: (Reason.INVALID_RECIPIENT, "The recipient is not a mobile number."),
        21617: (Reason.INVALID_BODY, "The text is longer than the 1,600 characters that Twilio takes."),
        21659: (Reason.INVALID_SENDER, _NOT_OURS),
        21660: (Reason.INVALID_SENDER, "The sender belongs to another Twilio account than the credentials."),
        21701: (Reason.INVALID_SENDER, _NO_SERVICE),
        21702: (Reason.INVALID_SENDER, _NO_SERVICE),
        21703: (Reason.INVALID_SENDER, _NO_SERVICE),
        21704: (Reason.INVALID_SENDER, _NO_SERVICE),
        21705: (Reason.INVALID_SENDER, _NO_SERVICE),
        30001: (Reason.SENDER_QUEUE_FULL, _QUEUE_FULL),
        30002: (Reason.TWILIO_ACCOUNT_SUSPENDED, "The Twilio account was suspended before the SMS was sent."),
        30003: (Reason.UNDELIVERABLE, "The phone is switched off or out of reach."),
        30004: (Reason.UNDELIVERABLE, "The recipient or their carrier blocks this sender."),
        30005: (Reason.UNDELIVERABLE, "The carrier knows no such phone."),
        30006: (Reason.UNDELIVERABLE, "The recipient is a landline, or its carrier cannot be reached."),
        30007: (Reason.CARRIER_FILTERED, "The carrier filtered the SMS as unwanted; change the text or the sender."),
        30008: (Reason.UNDELIVERABLE, "The carrier could not deliver the SMS and does not say why."),
        30017: (Reason.UNDELIVERABLE, "The carrier's network is congested; send it again later."),
        30018: (Reason.SENDER_NOT_REGISTERED, _UNREGISTERED),
        30022: (Reason.SENDER_QUEUE_FULL, _CAP),
        30023: (Reason.SENDER_QUEUE_FULL, _CAP),
        30024: (Reason.SENDER_NOT_REGISTERED, _UNREGISTERED),
        30027: (Reason.SENDER_QUEUE_FULL, _CAP),
        30032: (Reason.SENDER_NOT_REGISTERED, "The toll-free sender is not verified; verify it in the Twilio console."),
        30033: (Reason.SENDER_NOT_REGISTERED, "The sender's US campaign is suspended; look into the Twilio console."),
        30034: (Reason.SENDER_NOT_REGISTERED, _UNREGISTERED),
        30035: (Reason.SENDER_NOT_REGISTERED, "The sender's US registration is still being set up; retry later."),
        30036: (Reason.NOT_SENT_IN_TIME, "The SMS waited in Twilio's queue for longer than its validity period."),
        30410: (Reason.UNDELIVERABLE, "The carrier did not answer in time; Twilio does not try again."),
        30450: (Reason.TWILIO_REFUSED, "Twilio's SMS pumping protection blocked the SMS."),
        30610: (Reason.CARRIER_FILTERED, "The recipient's quiet hours forbid texts now."),
        30640: (Reason.TWILIO_REFUSED, "Twilio blocks texts to this recipient."),
        63017: (Reason.SENDER_QUEUE_FULL, "The account sends more messages a second than Twilio takes; retry later."),
    }


CODES: Mapping[int, tuple[Reason, str]] = MappingProxyType(_table())

BY_REASON: Mapping[Reason, Sequence[tuple[int, str]]] = MappingProxyType(
    {each: [(code, said) for code, (reason, said) in CODES.items() if reason is each] for each in Reason}
)

_BY_STATUS: Mapping[int, int] = MappingProxyType({401: 20003, 429: 20429})
_SERVER_ERROR = 500


def failure(code: int, http_status: int = 0, *, refused: bool = False) -> Failure:
    """Our failure for a Twilio code, or for the HTTP status where the code says nothing to us (0: there is none)."""
    reason, message = CODES.get(code) or _by_status(code, http_status)
    return Failure(reason=reason, message=message, twilio_code=code, refused=refused)


def help_url(code: int) -> str:
    """Twilio's page about a code."""
    return f"https://www.twilio.com/docs/api/errors/{code}"


def _by_status(code: int, http_status: int) -> tuple[Reason, str]:
    if http_status in _BY_STATUS:
        return CODES[_BY_STATUS[http_status]]
    if http_status >= _SERVER_ERROR:
        return Reason.TWILIO_UNAVAILABLE, f"Twilio answered with an error of its own (HTTP {http_status})."
    if code:
        return Reason.TWILIO_REFUSED, f"Twilio refused or dropped the SMS with code {code}; see {help_url(code)}."
    return Reason.TWILIO_REFUSED, "Twilio refused or dropped the SMS and gave no code."
