"""The state of the pretended Twilio: one account, its numbers and services, and the messages to and from phones.

Pure: no network, no tasks. Time and randomness come in through the constructor. Every change that somebody could
see is also an entry in the journal.
"""

import dataclasses
import mimetypes
import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from twilio_emulator.account import MAX_VALIDITY, Account, AccountStatus, AccountType, Hook, MessagingService, Number
from twilio_emulator.journal import Entry, Journal, Kind, Note
from twilio_emulator.pools import Pools
from twilio_emulator.queues import Queues
from twilio_emulator.segments import measure
from twilio_emulator.settings import EmulatorSettings

MESSAGES_PER_PHONE = 500
MESSAGES_IN_ALL = 50_000


class Status(StrEnum):
    """The message states that the emulator shows, in Twilio's own words."""

    SCHEDULED = "scheduled"
    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVED = "received"


IN_PROGRESS = frozenset({Status.SCHEDULED, Status.ACCEPTED, Status.QUEUED, Status.SENDING})
_HANDED_OVER = frozenset({Status.SENT, Status.DELIVERED, Status.UNDELIVERED})


class Direction(StrEnum):
    """Where a message comes from, in Twilio's own words."""

    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_REPLY = "outbound-reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook that was called, or tried: `status` is what it answered, `error` why there is no 2xx answer."""

    message_sid: str
    purpose: str
    url: str
    status: int | None
    error: str | None
    milliseconds: int
    attempts: int

    @property
    def ok(self) -> bool:
        """Tell whether the application took it."""
        return self.error is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture or the like that belongs to a message. The emulator keeps its URL and never fetches it."""

    sid: str
    url: str
    content_type: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One SMS or MMS. `position` is the journal id of its creation; `delivery` is the inbound webhook it caused.

    It waits `validity` seconds for its sender at most, from `send_at` on if it is scheduled. `form` is what was posted
    to make it.
    """

    sid: str
    position: int
    direction: Direction
    sender: str | None
    recipient: str
    body: str = dataclasses.field(repr=False)
    status: Status
    created: datetime
    updated: datetime
    sent: datetime | None = None
    error_code: int | None = None
    service_sid: str | None = None
    status_callback: str | None = None
    media: tuple[Media, ...] = ()
    send_at: datetime | None = None
    validity: float = MAX_VALIDITY
    form: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    delivery: Delivery | None = None

    @property
    def phone(self) -> str:
        """The person's side of the message."""
        return self.sender or "" if self.direction is Direction.INBOUND else self.recipient

    @property
    def number(self) -> str | None:
        """Our side of the message; None while a service has not chosen a sender."""
        return self.recipient if self.direction is Direction.INBOUND else self.sender

    @property
    def expires(self) -> datetime:
        """When Twilio gives up if the message is still in a queue."""
        return (self.send_at or self.created) + timedelta(seconds=self.validity)

    @property
    def segments(self) -> int:
        """Segments of the body, by the emulator's own count; an MMS counts as one."""
        return 1 if self.media else measure(self.body).segments


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that passed the rules and is not stored yet."""

    direction: Direction
    sender: str | None
    recipient: str
    body: str = dataclasses.field(repr=False)
    status: Status
    service_sid: str | None = None
    status_callback: str | None = None
    media_urls: tuple[str, ...] = ()
    send_at: datetime | None = None
    validity: float = MAX_VALIDITY
    error_code: int | None = None
    form: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)


class World:
    """Everything the emulator knows."""

    def __init__(self, settings: EmulatorSettings, *, now: Callable[[], datetime]) -> None:
        """Make the account of `settings`; with a seed all SIDs repeat from run to run."""
        self.now = now
        self.journal = Journal()
        # A seed makes SIDs repeatable; without one they come from the system.
        self._random = random.SystemRandom() if settings.seed is None else random.Random(settings.seed)  # noqa: S311 - SIDs are no secrets
        started = now()
        self._rate = settings.segments_per_second
        self._fresh_account = Account(
            sid=settings.account_sid,
            auth_token=settings.auth_token,
            api_key=settings.api_key,
            api_secret=settings.api_secret,
            test_sid=settings.test_account_sid,
            test_auth_token=settings.test_auth_token,
            created=started,
        )
        pool = settings.service_numbers or settings.numbers[:1]
        self._fresh_service = MessagingService(sid=settings.service_sid, created=started, numbers=pool)
        self.numbers = {
            phone: Number(
                sid=self.new_sid("PN"),
                phone_number=phone,
                friendly_name=phone,
                hook=Hook(url=settings.sms_url),
                created=started,
                updated=started,
            )
            for phone in settings.numbers
        }
        self._start()

    def _start(self) -> None:
        self.account = self._fresh_account
        self.pools = Pools([self._fresh_service])
        self.queues = Queues(self._rate)
        self.messages: dict[str, Message] = {}
        self._by_phone: dict[str, deque[str]] = {}
        self._last_number: dict[str, str] = {}

    def reset(self) -> None:
        """Forget messages, opt-outs and changes of account and services.

        Numbers keep their webhooks, and no SID is ever given twice: whoever is under test may remember one.
        """
        self._start()
        self.journal.append(Kind.RESET)

    def new_sid(self, prefix: str) -> str:
        """Make a SID: `prefix` and 32 lower-case hexadecimal digits."""
        return f"{prefix}{self._random.getrandbits(128):032x}"

    def set_account(self, *, status: AccountStatus | None = None, type: AccountType | None = None) -> None:  # noqa: A002 - Twilio's field name
        """Change the account's status or type, as a test needs it."""
        self.account = dataclasses.replace(
            self.account, status=status or self.account.status, type=type or self.account.type
        )

    def set_sms_url(self, url: str | None, *, number: str | None = None) -> None:
        """Set the inbound webhook of `number`, or of all numbers. KeyError if the number is not ours."""
        for phone in (number,) if number is not None else tuple(self.numbers):
            now = self.numbers[phone]
            self.set_number(dataclasses.replace(now, hook=dataclasses.replace(now.hook, url=url)))

    def set_number(self, number: Number) -> None:
        """Replace one of our numbers; its `updated` is set."""
        self.numbers[number.phone_number] = dataclasses.replace(number, updated=self.now())

    @property
    def services(self) -> dict[str, MessagingService]:
        """The Messaging Services by their SIDs."""
        return self.pools.services

    def set_service(self, service: MessagingService) -> None:
        """Add a Messaging Service or replace the one with its SID; its `updated` is set."""
        self.services[service.sid] = dataclasses.replace(service, updated=self.now())

    def add(self, draft: Draft) -> Message:
        """Store a new message; the oldest of its phone (and of all) goes when the store is full."""
        message = self.imagine(draft)
        self.messages[message.sid] = message
        sids = self._by_phone.setdefault(message.phone, deque())
        sids.append(message.sid)
        if len(sids) > MESSAGES_PER_PHONE:
            self._drop(sids[0])
        if len(self.messages) > MESSAGES_IN_ALL:
            self._drop(next(iter(self.messages)))
        self._remember_number(message)
        self.journal.append(Kind.MESSAGE, message=message)
        return message

    def refuse(self, phone: str, text: str) -> None:
        """Record that a message to a phone was refused: there is no message, but people want to see why."""
        self.journal.append(Kind.REFUSAL, note=Note(source="twilio", text=text, phone=phone))

    def imagine(self, draft: Draft) -> Message:
        """Make the message of `draft` without storing it, as test credentials do."""
        now = self.now()
        fields = {field.name: getattr(draft, field.name) for field in dataclasses.fields(draft)}
        return Message(
            media=tuple(self._media(url) for url in fields.pop("media_urls")),
            sid=self.new_sid("MM" if draft.media_urls else "SM"),
            position=self.journal.last_id + 1,
            created=now,
            updated=now,
            # For an inbound message Twilio's date_sent is the time of the webhook.
            sent=now if draft.direction is Direction.INBOUND else None,
            **fields,
        )

    def _media(self, url: str) -> Media:
        kind, _ = mimetypes.guess_type(urlsplit(url).path)
        return Media(sid=self.new_sid("ME"), url=url, content_type=kind or "image/jpeg", created=self.now())

    def current(self, message: Message) -> Message:
        """Return the message as it is now; one that the full store has dropped, as it was."""
        return self.messages.get(message.sid, message)

    def advance(
        self, message: Message, status: Status, *, error_code: int | None = None, sender: str | None = None
    ) -> Message:
        """Move a message on and return it. A message that the full store has dropped still moves, unseen."""
        now = self.now()
        current = self.current(message)
        moved = dataclasses.replace(
            current,
            status=status,
            error_code=error_code,
            updated=now,
            sent=current.sent or (now if status in _HANDED_OVER else None),
            sender=current.sender or sender,
        )
        self._put(moved)
        self._remember_number(moved)
        self.journal.append(Kind.STATUS, message=moved)
        return moved

    def change(self, message: Message, *, body: str | None = None, media: tuple[Media, ...] | None = None) -> Message:
        """Replace the text or the media of a message, as a redaction does, and return it."""
        changed = dataclasses.replace(
            message,
            body=message.body if body is None else body,
            media=message.media if media is None else media,
            updated=self.now(),
        )
        self._put(changed)
        self.journal.append(Kind.STATUS, message=changed)
        return changed

    def delete(self, message: Message) -> None:
        """Forget a stored message."""
        self._drop(message.sid)
        self.journal.append(Kind.DELETED, message=dataclasses.replace(message, body="", media=()))

    def record(self, delivery: Delivery, *, inbound: bool) -> None:
        """Write down a called webhook; an inbound message also keeps it."""
        message = self.messages.get(delivery.message_sid)
        if message is not None and inbound:
            message = dataclasses.replace(message, delivery=delivery)
            self._put(message)
        self.journal.append(Kind.WEBHOOK, message=message, delivery=delivery)

    def phones(self) -> Iterable[str]:
        """The phones that have messages."""
        return self._by_phone.keys()

    def phone_of(self, entry: Entry) -> str | None:
        """The phone that an entry of the journal is about, if it is about one."""
        if entry.message is not None:
            return entry.message.phone
        note = entry.note
        if note is None:
            return None
        if note.message_sid in self.messages:
            return self.messages[note.message_sid].phone
        return note.wait.phone if note.wait else note.phone

    def conversation(self, phone: str) -> list[Message]:
        """All stored messages with `phone`, oldest first."""
        return [self.messages[sid] for sid in self._by_phone.get(phone, ())]

    def latest_to(self, phone: str) -> Message | None:
        """The newest message that was sent to `phone`."""
        sids = reversed(self._by_phone.get(phone, deque()))
        found = (self.messages[sid] for sid in sids)
        return next((message for message in found if message.direction is not Direction.INBOUND), None)

    def number_for(self, phone: str) -> str:
        """The number that last texted `phone`, else the account's first."""
        return self._last_number.get(phone) or next(iter(self.numbers))

    def blocked_numbers(self, phone: str) -> list[str]:
        """Our numbers that `phone` refuses."""
        return [number for number in self.numbers if self.pools.is_opted_out(number, phone)]

    def _put(self, message: Message) -> None:
        if message.sid in self.messages:
            self.messages[message.sid] = message

    def _remember_number(self, message: Message) -> None:
        if message.direction is not Direction.INBOUND and message.sender in self.numbers:
            self._last_number[message.phone] = message.sender

    def _drop(self, sid: str) -> None:
        message = self.messages.pop(sid)
        sids = self._by_phone[message.phone]
        sids.remove(sid)
        if not sids:
            del self._by_phone[message.phone]
