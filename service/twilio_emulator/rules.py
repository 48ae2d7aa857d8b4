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
``+15005550014``      sent, then undelivered with 30006
``+15005550015``      sent, then undelivered with 30007
``+15005550016``      sent, then undelivered with 30004
any other             sent, then delivered
====================  ==================================================

With a Messaging Service Twilio finds out later: 21408, 21610, 21612 and 21614 are then no refusals, but the error
codes of a message that was accepted and failed.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from twilio_emulator import options
from twilio_emulator.account import MAX_VALIDITY, AccountType, MessagingService
from twilio_emulator.refusals import SENTENCES, TwilioError
from twilio_emulator.smart_encoding import smart
from twilio_emulator.world import Direction, Draft, Status, World

MAX_BODY: Final = 1600
MAX_MEDIA: Final = 10
TEST_SENDER: Final = "+15005550006"
TRIAL_PREFIX: Final = "Sent from your Twilio trial account - "

_NO_NUMBER = 21211
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_VALIDITY = re.compile(r"[0-9]{1,9}")
_FORMATTING = re.compile(r"[\s().-]")
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")

# What the carrier errors of the table above mean (Twilio error dictionary), shown on the page and in error_message.
MEANINGS: Final = {
    14107: "Message reply rate exceeded",
    21408: "Permission to send an SMS has not been enabled for the region",
    21610: "Attempt to send to unsubscribed recipient",
    21612: "The 'To' phone number is not currently reachable",
    21614: "'To' number is not a valid mobile number",
    21704: "The Messaging Service contains no phone numbers",
    30001: "Queue overflow",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30036: "Validity period expired",
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
    "+15005550014": (_SENT, Step(Status.UNDELIVERED, 30006)),
    "+15005550015": (_SENT, Step(Status.UNDELIVERED, 30007)),
    "+15005550016": (_SENT, Step(Status.UNDELIVERED, 30004)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """The parameters of a message create, as they came. None: absent. `options` are those of `options.read`."""

    to: str | None
    sender: str | None
    service_sid: str | None
    body: str | None
    status_callback: str | None
    validity_period: str | None
    media_urls: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)


def check_create(world: World, request: CreateRequest, *, test: bool = False) -> Draft:
    """Turn a create into a message to store; raise TwilioError with what Twilio would answer.

    With `test` credentials there are no services, and the magic number is the only sender.
    """
    to = check_recipient(request)
    service = _check_service({} if test else world.services, request)
    sender = _check_sender((TEST_SENDER,) if test else service.numbers if service else tuple(world.numbers), request)
    if sender is not None and to == sender:
        raise _refusal(21211, request)
    _check_content(request)
    _check_form(request)
    extra = options.read(request.options, by_service=service is not None, now=world.now())
    _check_way(world, request, sender, to, test=test)
    body = smart(request.body or "") if extra.smart_encoded else request.body or ""
    return Draft(
        direction=Direction.OUTBOUND_API,
        sender=sender,
        recipient=to,
        body=TRIAL_PREFIX + body if world.account.type is AccountType.TRIAL else body,
        status=_first_status(extra, by_service=service is not None),
        service_sid=service.sid if service else None,
        status_callback=request.status_callback or (service.status_callback if service else None),
        media_urls=request.media_urls,
        send_at=extra.send_at,
        validity=int(request.validity_period or (service.validity_period if service else MAX_VALIDITY)),
    )


def _check_way(world: World, request: CreateRequest, sender: str | None, to: str, *, test: bool) -> None:
    # With a service all but an impossible number is found out later.
    code = REFUSED_RECIPIENTS.get(to) if test or sender is None else barrier(world, sender, to)
    if code and (not request.service_sid or code == _NO_NUMBER):
        raise _refusal(code, request)
    if sender and not request.service_sid and not test and world.queues.wait(sender, world.now()) > MAX_VALIDITY:
        raise _refusal(21611, request)


def _first_status(extra: options.Options, *, by_service: bool) -> Status:
    if extra.send_at is not None:
        return Status.SCHEDULED
    # A Messaging Service first chooses a sender; a number queues at once.
    return Status.ACCEPTED if by_service else Status.QUEUED


def barrier(world: World, sender: str, to: str) -> int | None:
    """Return the code with which Twilio refuses a text from `sender`, a number or a service, to this phone."""
    if code := REFUSED_RECIPIENTS.get(to):
        return code
    return 21610 if world.pools.is_opted_out(sender, to) else None


def fate(recipient: str) -> tuple[Step, ...]:
    """Say which statuses a queued message to this recipient goes through."""
    return OUTCOMES.get(recipient, DELIVERED)


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


def _check_service(services: Mapping[str, MessagingService], request: CreateRequest) -> MessagingService | None:
    if not request.service_sid:
        return None
    if not _SERVICE_SID.fullmatch(request.service_sid):
        raise _refusal(21705, request)
    service = services.get(request.service_sid)
    if service is None:
        raise _refusal(21701, request, status=404)
    if not service.numbers:
        raise _refusal(21704, request)
    return service


def _check_sender(owned: Collection[str], request: CreateRequest) -> str | None:
    if not request.sender:
        if not request.service_sid:
            raise _refusal(21603, request)
        return None
    sender = normalise(request.sender) or request.sender
    if sender in owned:
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
    if not all(is_url(url) for url in request.media_urls):
        raise _refusal(21620, request)


def _check_form(request: CreateRequest) -> None:
    if request.status_callback and not is_url(request.status_callback):
        raise _refusal(21609, request)
    period = request.validity_period
    if period and not is_validity(period):
        raise _refusal(21624, request)


def is_validity(text: str) -> bool:
    """Tell whether this is a validity period: whole seconds from 1 to `MAX_VALIDITY`."""
    return bool(_VALIDITY.fullmatch(text)) and 1 <= int(text) <= MAX_VALIDITY


def is_url(url: str) -> bool:
    """Tell whether Twilio would call this address."""
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
