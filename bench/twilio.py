"""The Twilio side that all processes agree on: accounts, numbers, forms, signatures."""

from collections.abc import Mapping
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

QUIET = "quiet"
CALLED = "called"
ACCOUNTS: Mapping[str, str] = {QUIET: "AC" + "0" * 31 + "1", CALLED: "AC" + "0" * 31 + "2"}
"""Account SIDs by account name. Only messages of CALLED are reported on by status callbacks."""
TOKEN = "0" * 32
SENDER = "+15005550006"
INBOUND = f"/twilio/inbound/{QUIET}"
"""Where a server takes what people text to the quiet account."""

_PHONES = 10_000


def phone(number: int) -> str:
    """One of ten thousand phones."""
    return f"+1415555{number % _PHONES:04d}"


def sid(number: int) -> str:
    """A Message SID."""
    return f"SM{number:032x}"


def signed(url: str, form: Mapping[str, str]) -> tuple[bytes, str]:
    """A form as Twilio posts it to `url`: its body, and the value of X-Twilio-Signature."""
    return urlencode(form).encode(), RequestValidator(TOKEN).compute_signature(url, form)


def genuine(url: str, form: Mapping[str, str], signature: str) -> bool:
    """Whether `signed` made this signature."""
    return bool(RequestValidator(TOKEN).validate(url, form, signature))


def inbound_form(number: int, sender: str, body: str) -> dict[str, str]:
    """The fields of an inbound SMS (Twilio, TwiML for Programmable SMS, request parameters)."""
    message_sid = sid(number)
    return {
        "ToCountry": "US", "ToState": "", "SmsMessageSid": message_sid, "NumMedia": "0", "ToCity": "", "FromZip": "",
        "SmsSid": message_sid, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": body,
        "FromCountry": "US", "To": SENDER, "ToZip": "", "NumSegments": "1", "MessageSid": message_sid,
        "AccountSid": ACCOUNTS[QUIET], "From": sender, "ApiVersion": "2010-04-01",
    }  # fmt: skip


def status_form(message_sid: str, recipient: str) -> dict[str, str]:
    """The fields of a status callback (Twilio, Track outbound message status)."""
    return {
        "SmsSid": message_sid, "SmsStatus": "delivered", "MessageStatus": "delivered", "To": recipient,
        "MessageSid": message_sid, "AccountSid": ACCOUNTS[CALLED], "From": SENDER, "ApiVersion": "2010-04-01",
    }  # fmt: skip
