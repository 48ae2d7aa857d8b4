"""What the emulator saw, what the store holds, and what people do with their phones."""

import asyncio
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.lives import Caller, Lives
from tests.support.history import History, Sms, Text, violations
from tests.support.retelling import stored_inbound, stored_messages
from textback_server.store.sqlite import SqliteStore
from twilio_emulator import Direction, Emulator, Message, Status

ACCOUNT = "default"
_KEY = re.compile(r"\[([\w.-]+)\]")
_PROMPTED = re.compile(r'Text back "(\d+) ')
_DIGITS = re.compile(r"\d+")


@contextmanager
def _bell(twilio: Emulator) -> Iterator[asyncio.Event]:
    bell = asyncio.Event()
    twilio.world.journal.listeners.add(bell.set)
    try:
        yield bell
    finally:
        twilio.world.journal.listeners.discard(bell.set)


async def answer_all(twilio: Emulator, phone: str, texts: Sequence[str]) -> None:
    """Text these, one after the other, to every question that arrives, until cancelled. `{code}` is its code."""
    answered: set[str] = set()
    with _bell(twilio) as bell:
        while True:
            bell.clear()
            for message in twilio.world.conversation(phone):
                code = _PROMPTED.search(message.body)
                if not code or message.sid in answered or message.status is not Status.DELIVERED:
                    continue
                answered.add(message.sid)
                for text in texts:
                    await twilio.reply(phone, text.format(code=code[1]), to=message.sender)
            await bell.wait()


async def judged(service: Lives, callers: Sequence[Caller], *, owed: Collection[str] = ()) -> tuple[str, ...]:
    """What is wrong with the story of a service that has stopped. `owed`: phones all of whose texts it must have."""
    world, number = service.twilio.world, service.sender
    messages = [message for message in world.messages.values() if message.number == number]
    async with SqliteStore.open(service.orders.settings.store) as store:
        history = History(
            acknowledged={caller.key: caller.acknowledged for caller in callers},
            streams=[seen for caller in callers for seen in caller.streams],
            stored=await stored_messages(store, ACCOUNT),
            inbound=await stored_inbound(store, ACCOUNT),
            sent=[Sms(sid=each.sid, key=_key(each)) for each in messages if _asked_for(each)],
            texts=[_text(each, owed) for each in messages if each.direction is Direction.INBOUND],
        )
    return (*violations(history), *_defects(Path(service.orders.defects)))


def _defects(log: Path) -> list[str]:
    """What the service should never have had to log."""
    return [log.read_text("utf-8")] if log.exists() else []


def _asked_for(message: Message) -> bool:
    """Whether it is a message, and not a notice."""
    return message.direction is Direction.OUTBOUND_API and bool(message.status_callback)


def _key(message: Message) -> str:
    found = _KEY.search(message.body)
    return found[1] if found else ""


def _text(message: Message, owed: Collection[str]) -> Text:
    taken = message.delivery is not None and message.delivery.ok
    return Text(
        sid=message.sid,
        person=message.sender or "",
        codes=frozenset(_DIGITS.findall(message.body)),
        owed=taken or (message.sender or "") in owed,
    )
