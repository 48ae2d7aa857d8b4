"""What an SMS can be sent from: the four kinds of sender that Twilio knows, told apart by their looks."""

import re
from enum import auto

from textback_server.domain.words import Word


class SenderKind(Word):
    """The kind of a sender (Twilio, Message resource, From and MessagingServiceSid)."""

    NUMBER = auto()
    SHORT_CODE = auto()
    ALPHANUMERIC = auto()
    MESSAGING_SERVICE = auto()


SENDER_FORMS = (
    "an E.164 number such as +14155550100, a short code of 3 to 8 digits, a Messaging Service SID (MG, 32 hex digits), "
    "or a name of 1 to 11 letters, digits and spaces with at least one letter"
)
"""What a sender may be, as the end of a sentence."""

_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_SHORT_CODE = re.compile(r"\d{3,8}", re.ASCII)
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_NAME = re.compile(r"(?=.*[A-Za-z])(?! )[A-Za-z0-9 +_&-]{1,11}(?<! )")


def sender_kind(sender: str) -> SenderKind | None:
    """The kind of `sender`; None: it is none of them."""
    if _NUMBER.fullmatch(sender):
        return SenderKind.NUMBER
    if _SHORT_CODE.fullmatch(sender):
        return SenderKind.SHORT_CODE
    if _SERVICE.fullmatch(sender):
        return SenderKind.MESSAGING_SERVICE
    return SenderKind.ALPHANUMERIC if _NAME.fullmatch(sender) else None


def can_be_answered(sender: str) -> bool:
    """Whether a person can text back to it: an alphanumeric sender is one-way (Twilio, Alphanumeric Sender ID)."""
    return sender_kind(sender) not in (SenderKind.ALPHANUMERIC, None)
