"""What Twilio refuses, in its own codes and sentences, and the numbers with a documented fate.

Magic numbers (Twilio page "Test credentials", and below the line the emulator's own, so that every ending can be
seen):

====================  ==================================================
From                  what happens
====================  ==================================================
``+15005550006``      accepted: the account's own number by default
``+15005550001``      refused with 21212, invalid
``+15005550007``      refused with 21606, not a sender of the account
``+15005550008``      refused with 21611, its queue is full
any other             refused with 21606 unless the account owns it
====================  ==================================================

====================  ==================================================
To                    what happens
====================  ==================================================
``+15005550001``      refused with 21211, invalid
``+15005550002``      refused with 21612, no route
``+15005550003``      refused with 21408, no permission for the region
``+15005550004``      refused with 21610, opted out
``+15005550009``      refused with 21614, not a mobile number
--------------------  --------------------------------------------------
``+15005550010``      sent, then undelivered with 30003
``+15005550011``      sent, then undelivered with 30005
``+15005550012``      failed with 30008, never sent
``+15005550013``      sent and never delivered: no receipt
any other             sent, then delivered
====================  ==================================================
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from twilio_emulator.world import AccountType, Direction, Draft, Status, World

MAX_BODY: Final = 1600
MAX_MEDIA: Final = 10
MAX_VALIDITY: Final = 36_000
TRIAL_PREFIX: Final = "Sent from your Twilio trial account - "

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_FORMATTING = re.compile(r"[\s().-]")
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")

SENTENCES: Final = {
    21211: "The 'To' number {to} is not a valid phone number.",
    21212: "The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric sender ID.",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The From phone number {sender} is not a valid, SMS-capable inbound phone number or short code "
    "for your account.",
    21609: "The 'StatusCallback' URL {url} is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number: {to}, is not currently reachable using the 'From' phone number: {sender} via SMS.",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21620: "Invalid media URL(s)",
    21623: "Number of media files exceeds allowed limit",
    21624: "The validity period provided is invalid: it must be an integer from 1 to 36000 seconds",
    21701: "The Messaging Service does not exist",
    21705: "The Messaging Service Sid {service} is invalid.",
}
# What the carrier errors of the table above mean (Twilio error dictionary), shown on the page and in error_message.
MEANINGS: Final = {
    21610: "Attempt to send to unsubscribed recipient",
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30008: "Unknown error",
}
REFUSED_SENDERS: Final = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
REFUSED_RECIPIENTS: Final = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A status that a message reaches, with Twilio's code if it is a bad one."""

    status: Status
    error_code: int | None = None


_SENT = Step(Status.SENT)
DELIVERED: Final = (_SENT, Step(Status.DELIVERED))
OUTCOMES: Final = {
    "+15005550010": (_SENT, Step(Status.UNDELIVERED, 30003)),
    "+15005550011": (_SENT, Step(Status.UNDELIVERED, 30005)),
    "+15005550012": (Step(Status.FAILED, 30008),),
    "+15005550013": (_SENT,),
}


class TwilioError(Exception):
    """A refusal: Twilio's code, its sentence, and the HTTP status it travels with."""

    def __init__(self, code: int, message: str, *, status: int = 400) -> None:
        """Keep the parts of the error body."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """The parameters of a message create, as they came. None: absent."""

    to: str | None
    sender: str | None
    service_sid: str | None
    body: str | None
    status_callback: str | None
    validity_period: str | None
    media_urls: tuple[str, ...]


def check_create(world: World, request: CreateRequest) -> Draft:
    """Turn a create into a message to store; raise TwilioError with what Twilio would answer."""
    to = check_recipient(request)
    sender = _check_sender(world, request)
    if sender is not None and to == sender:
        raise _refusal(21211, request)
    if code := REFUSED_RECIPIENTS.get(to):
        raise _refusal(code, request)
    _check_content(request)
    _check_options(request)
    sender_in_effect = sender or next(iter(world.numbers))
    if world.is_opted_out(sender_in_effect, to):
        raise _refusal(21610, request)
    body = request.body or ""
    return Draft(
        direction=Direction.OUTBOUND_API,
        sender=sender,
        recipient=to,
        body=TRIAL_PREFIX + body if world.account.type is AccountType.TRIAL else body,
        # A Messaging Service first chooses a sender; a number queues at once.
        status=Status.QUEUED if sender else Status.ACCEPTED,
        service_sid=request.service_sid,
        status_callback=request.status_callback or None,
        media=len(request.media_urls),
    )


def steps(message_recipient: str, *, by_service: bool) -> tuple[Step, ...]:
    """Say which statuses a message to this recipient goes through after its first."""
    fate = OUTCOMES.get(message_recipient, DELIVERED)
    return (Step(Status.QUEUED), *fate) if by_service else fate


def normalise(number: str) -> str | None:
    """Strip spaces and punctuation and return the E.164 number, or None if it is none."""
    bare = _FORMATTING.sub("", number)
    return bare if _E164.fullmatch(bare) else None


def check_recipient(request: CreateRequest) -> str:
    """Return the recipient in E.164; raise 21604 or 21211."""
    if not request.to:
        raise _refusal(21604, request)
    to = normalise(request.to)
    if to is None:
        raise _refusal(21211, request)
    return to


def _check_sender(world: World, request: CreateRequest) -> str | None:
    if request.service_sid:
        if not _SERVICE_SID.fullmatch(request.service_sid):
            raise _refusal(21705, request)
        if request.service_sid not in world.services:
            raise _refusal(21701, request, status=404)
    if not request.sender:
        if not request.service_sid:
            raise _refusal(21603, request)
        return None
    sender = normalise(request.sender) or request.sender
    if sender in world.numbers:
        return sender
    if code := REFUSED_SENDERS.get(sender):
        raise _refusal(code, request)
    well_formed = _E164.fullmatch(sender) or _ALPHANUMERIC.fullmatch(sender) or re.fullmatch(r"\d{3,8}", sender)
    raise _refusal(21606 if well_formed else 21212, request)


def _check_content(request: CreateRequest) -> None:
    if not request.body and not request.media_urls:
        raise _refusal(21602, request)
    if len(request.body or "") > MAX_BODY:
        raise _refusal(21617, request)
    if len(request.media_urls) > MAX_MEDIA:
        raise _refusal(21623, request)
    if not all(_is_url(url) for url in request.media_urls):
        raise _refusal(21620, request)


def _check_options(request: CreateRequest) -> None:
    if request.status_callback and not _is_url(request.status_callback):
        raise _refusal(21609, request)
    period = request.validity_period
    if period and not (period.isascii() and period.isdecimal() and 1 <= int(period[:9]) <= MAX_VALIDITY):
        raise _refusal(21624, request)


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    # Twilio refuses host names with an underscore, as container networks like to make them.
    return parts.scheme in {"http", "https"} and bool(host) and "_" not in host


def _refusal(code: int, request: CreateRequest, *, status: int = 400) -> TwilioError:
    sentence = SENTENCES[code].format(
        to=request.to, sender=request.sender, url=request.status_callback, service=request.service_sid
    )
    return TwilioError(code, sentence, status=status)
