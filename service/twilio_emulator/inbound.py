"""A person texts back: keeping the message, the opt-out words, the signed webhook, and what its answer sends."""

import dataclasses
from dataclasses import dataclass

from twilio_emulator import twiml
from twilio_emulator.lifecycle import Lifecycle
from twilio_emulator.rules import MAX_BODY, normalise
from twilio_emulator.webhooks import Answer, Purpose, Webhooks, inbound_parameters
from twilio_emulator.world import Delivery, Direction, Draft, Message, Status, World

# Whole-message words in any case (Twilio help page "Support for opt-out keywords").
OPT_OUT_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
OPT_IN_WORDS = frozenset({"START", "YES", "UNSTOP"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text from a person: its SID, and how the webhook went. `delivery` is None when the number has no webhook."""

    sid: str
    delivery: Delivery | None


class Inbound:
    """Brings texts from phones into the account."""

    def __init__(self, world: World, webhooks: Webhooks, lifecycle: Lifecycle) -> None:
        """Work on `world`; answers of the application are sent through `lifecycle`."""
        self._world = world
        self._webhooks = webhooks
        self._lifecycle = lifecycle

    async def reply(self, phone: str, text: str, *, to: str | None = None) -> Reply:
        """Text `text` from `phone` to our number `to`, by default the one that last texted it.

        Raises ValueError, naming the field, for what no phone could send.
        """
        sender, recipient = self._check(phone, text, to)
        self._consent(text, sender, recipient)
        draft = Draft(
            direction=Direction.INBOUND, sender=sender, recipient=recipient, body=text, status=Status.RECEIVED
        )
        message = self._world.add(draft)
        url = self._world.numbers[recipient].sms_url
        delivery = await self._deliver(message, url) if url else None
        return Reply(sid=message.sid, delivery=delivery)

    def _check(self, phone: str, text: str, to: str | None) -> tuple[str, str]:
        sender = normalise(phone)
        if sender is None:
            raise ValueError(f"from: {phone!r} is not a phone number; write + and the country code, e.g. +14155550123")
        recipient = (normalise(to) or to) if to else self._world.number_for(sender)
        if recipient not in self._world.numbers:
            raise ValueError(f"to: {to!r} is not a number of the account; it may be {', '.join(self._world.numbers)}")
        if not text.strip():
            raise ValueError("text: it is empty; write what the person texts")
        if len(text) > MAX_BODY:
            raise ValueError(f"text: {len(text)} characters; it may be at most {MAX_BODY}")
        return sender, recipient

    def _consent(self, text: str, phone: str, number: str) -> None:
        word = text.strip().upper()
        if word in OPT_OUT_WORDS:
            self._world.opt_out(number, phone)
        elif word in OPT_IN_WORDS:
            self._world.opt_in(number, phone)

    async def _deliver(self, message: Message, url: str) -> Delivery:
        account = self._world.account
        delivery, answer = await self._webhooks.post(
            url,
            inbound_parameters(message, account.sid),
            auth_token=account.auth_token,
            message=message,
            purpose=Purpose.INBOUND,
        )
        if delivery.ok and answer is not None:
            delivery = self._act_on(message, delivery, answer)
        self._world.record(delivery, inbound=True)
        return delivery

    def _act_on(self, message: Message, delivery: Delivery, answer: Answer) -> Delivery:
        try:
            texts = twiml.texts(answer.content_type, answer.body)
        except ValueError as error:
            return dataclasses.replace(delivery, error=str(error))
        for text in texts:
            self._send(message, text)
        return delivery

    def _send(self, message: Message, text: str) -> None:
        number, phone = message.recipient, message.phone
        refused = self._world.is_opted_out(number, phone)
        draft = Draft(
            direction=Direction.OUTBOUND_REPLY,
            sender=number,
            recipient=phone,
            body=text[:MAX_BODY],
            status=Status.FAILED if refused else Status.QUEUED,
            error_code=21610 if refused else None,
        )
        self._lifecycle.begin(self._world.add(draft))
