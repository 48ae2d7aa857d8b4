"""A person texts back: keeping the message, the opt-out words, the signed webhook, and what its answer sends."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from urllib.parse import urljoin

from twilio_emulator import twiml
from twilio_emulator.account import Hook, MessagingService
from twilio_emulator.lifecycle import Lifecycle
from twilio_emulator.rules import MAX_BODY, MAX_MEDIA, barrier, is_url, normalise
from twilio_emulator.webhooks import Answer, Purpose, Webhooks, inbound_parameters
from twilio_emulator.world import Delivery, Direction, Draft, Message, Status, World

# Whole-message words in any case (Twilio help page "Support for opt-out keywords").
OPT_OUT_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
OPT_IN_WORDS = frozenset({"START", "YES", "UNSTOP"})


# Twilio stops what answers itself (error 14107): more replies than this between two numbers within this time.
MAX_REPLIES = 15
REPLY_WINDOW = timedelta(seconds=30)
LOOP = 14107
MAX_REDIRECTS = 10
_CODE = slice(0, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text from a person: its SID, and how the webhook went. `delivery` is None when the number has no webhook.

    `sid` is None when a Messaging Service without inbound webhook dropped it: Twilio keeps no record of that either.
    """

    sid: str | None
    delivery: Delivery | None


class Inbound:
    """Brings texts from phones into the account. `media_root` is the emulator's own address, for media."""

    def __init__(self, world: World, webhooks: Webhooks, lifecycle: Lifecycle) -> None:
        """Work on `world`; answers of the application are sent through `lifecycle`."""
        self.media_root = ""
        self._world = world
        self._webhooks = webhooks
        self._lifecycle = lifecycle

    async def reply(self, phone: str, text: str, *, to: str | None = None, media: Sequence[str] = ()) -> Reply:
        """Text `text`, and what is at the URLs `media`, from `phone` to our number `to`.

        By default that is the number that last texted the phone. Raises ValueError, naming the field, for what no
        phone could send.
        """
        sender, recipient = self._check(phone, text, to, media)
        self._consent(text, sender, recipient)
        service = self._world.pools.of(recipient)
        hook = self._hook(recipient, service)
        if hook is None:
            return Reply(sid=None, delivery=None)
        draft = Draft(
            direction=Direction.INBOUND,
            sender=sender,
            recipient=recipient,
            body=text,
            status=Status.RECEIVED,
            service_sid=service.sid if service else None,
            media_urls=tuple(media),
        )
        message = self._world.add(draft)
        delivery = await self._deliver(message, hook) if hook.url else None
        return Reply(sid=message.sid, delivery=delivery)

    def _hook(self, number: str, service: MessagingService | None) -> Hook | None:
        if service is None or service.use_inbound_webhook_on_number:
            return self._world.numbers[number].hook
        return service.hook if service.inbound_request_url else None

    def _check(self, phone: str, text: str, to: str | None, media: Sequence[str]) -> tuple[str, str]:
        sender = normalise(phone)
        if sender is None:
            raise ValueError(f"from: {phone!r} is not a phone number; write + and the country code, e.g. +14155550123")
        recipient = (normalise(to) or to) if to else self._world.number_for(sender)
        if recipient not in self._world.numbers:
            raise ValueError(f"to: {to!r} is not a number of the account; it may be {', '.join(self._world.numbers)}")
        if not text.strip() and not media:
            raise ValueError("text: it is empty; write what the person texts")
        if len(text) > MAX_BODY:
            raise ValueError(f"text: {len(text)} characters; it may be at most {MAX_BODY}")
        if len(media) > MAX_MEDIA or not all(is_url(url) for url in media):
            raise ValueError(f"media: it may be up to {MAX_MEDIA} http or https addresses")
        return sender, recipient

    def _consent(self, text: str, phone: str, number: str) -> None:
        word = text.strip().upper()
        if word in OPT_OUT_WORDS:
            self._world.pools.opt_out(number, phone)
        elif word in OPT_IN_WORDS:
            self._world.pools.opt_in(number, phone)

    async def _deliver(self, message: Message, hook: Hook) -> Delivery:
        """Call the webhook, and the fallback if that goes wrong; return the last call."""
        delivery = await self._follow(message, hook.url or "", hook.method, {})
        if not delivery.ok and hook.fallback_url:
            self._world.record(delivery, inbound=True)
            code = (delivery.error or "")[_CODE]
            why = {"ErrorCode": code if code.isdecimal() else "11200", "ErrorUrl": hook.url or ""}
            delivery = await self._follow(message, hook.fallback_url, hook.fallback_method, why)
        self._world.record(delivery, inbound=True)
        return delivery

    async def _follow(self, message: Message, url: str, method: str, extra: Mapping[str, str]) -> Delivery:
        """Call `url` and every address that the answers redirect to; send the texts on the way."""
        account = self._world.account
        parameters = {**inbound_parameters(message, account.sid, self.media_root), **extra}
        for _ in range(MAX_REDIRECTS + 1):
            delivery, answer = await self._webhooks.post(
                url,
                parameters,
                auth_token=account.auth_token,
                message=message,
                purpose=Purpose.INBOUND,
                method=method,
            )
            if not delivery.ok or answer is None:
                return delivery
            try:
                redirect = self._act_on(message, answer)
                following = _join(url, redirect.url) if redirect else None
            except ValueError as error:
                return dataclasses.replace(delivery, error=str(error))
            if redirect is None or following is None:
                return delivery
            self._world.record(delivery, inbound=False)
            url, method = following, redirect.method
        return dataclasses.replace(delivery, error=f"11200 HTTP retrieval failure: over {MAX_REDIRECTS} redirects")

    def _act_on(self, message: Message, answer: Answer) -> twiml.Redirect | None:
        for verb in twiml.verbs(answer.content_type, answer.body):
            if isinstance(verb, twiml.Redirect):
                return verb
            self._send(message, verb)
        return None

    def _send(self, message: Message, text: twiml.Text) -> None:
        number = text.sender if text.sender in self._world.numbers else message.recipient
        phone = normalise(text.to or "") or message.phone
        code = LOOP if self._loops(number, phone) else barrier(self._world, number, phone)
        draft = Draft(
            direction=Direction.OUTBOUND_REPLY,
            sender=number,
            recipient=phone,
            body=text.body[:MAX_BODY],
            status=Status.FAILED if code else Status.QUEUED,
            error_code=code,
            media_urls=tuple(url for url in text.media_urls if is_url(url))[:MAX_MEDIA],
            status_callback=text.status_callback if is_url(text.status_callback or "") else None,
        )
        self._lifecycle.begin(self._world.add(draft))

    def _loops(self, number: str, phone: str) -> bool:
        since = self._world.now() - REPLY_WINDOW
        recent = takewhile(lambda message: message.created >= since, reversed(self._world.conversation(phone)))
        replies = (m for m in recent if m.direction is Direction.OUTBOUND_REPLY and m.sender == number)
        return sum(1 for _ in replies) >= MAX_REPLIES


def _join(url: str, other: str) -> str:
    try:
        return urljoin(url, other)
    except ValueError as error:
        raise ValueError("11100 Invalid URL format") from error
