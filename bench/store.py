"""The store beside the usual library: a message and its two events made durable, many at once."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import aiosqlite

from bench import load, twilio
from bench.figures import Effort, Place, Sides
from bench.report import Row
from textback_server.domain.changes import Write
from textback_server.domain.codes import new_codes
from textback_server.domain.drafts import Draft
from textback_server.domain.facts import PostAccepted
from textback_server.domain.ids import new_id
from textback_server.domain.limits import NO_LIMITS
from textback_server.domain.messages import MessageState, Sms, Terms
from textback_server.domain.transitions import apply
from textback_server.engine.clock import system_clock
from textback_server.store.codec import dump_event, dump_message, microseconds
from textback_server.store.sqlite import SqliteStore, files

LEAST = 5.0
ADD_MESSAGE = """
INSERT INTO messages
  (number, id, account, request_id, request_hash, recipient, sender, case_id, create_time, twilio_sid, state,
   wait_state, due, revision, content)
VALUES ((SELECT coalesce(max(number), 0) + 1 FROM messages), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
RETURNING number"""
ADD_EVENT = "INSERT INTO events (message, sequence, time, kind, content, result) VALUES (?, ?, ?, ?, ?, ?)"
MOVE_ON = "UPDATE messages SET content = ?, revision = 2 WHERE id = ? AND revision = 1"
_RNG = random.Random(1)


async def stores(place: Place, effort: Effort) -> list[Row]:
    """Messages a second, each stored, then moved on once: two transactions, since the SMS goes out between them."""
    sides = Sides()
    for number in range(effort.rounds):
        sides.floor.append(effort.sends / await _plain(place.folder / f"plain-{number}.db", effort.sends))
        sides.ours.append(effort.sends / await _ours(place.folder / f"store-{number}.db", effort.sends))
    floor, ours = median(sides.floor), median(sides.ours)
    name = f"store, message and 2 events, {load.IN_FLIGHT} at once"
    return [
        Row(name=name, unit="1/s", floor=floor, ours=ours, target=f"ratio >= {LEAST:.0f}", met=ours >= LEAST * floor)
    ]


def a_question(number: int) -> Draft:
    """A question to one of many phones."""
    now = system_clock()
    return Draft(
        id=new_id(now, _RNG),
        account="default",
        request_id=f"bench-{number}",
        request_hash=b"\0" * 32,
        sms=Sms(recipient=twilio.phone(number), sender=twilio.SENDER, body="Isolate host web-03?"),
        context=None,
        terms=Terms(reply_timeout=timedelta(days=3)),
        create_time=now,
    )


async def _ours(path: Path, times: int) -> float:
    async with SqliteStore.open(path) as store:

        async def one(number: int) -> None:
            draft = a_question(number)
            message, _ = await store.create(draft, new_codes(_RNG, 4, 4), draft.create_time, NO_LIMITS)
            fact = PostAccepted(twilio_sid=twilio.sid(number), twilio_status="queued", state=MessageState.QUEUED)
            change = apply(message, fact, draft.create_time)
            assert change is not None
            await store.commit(Write(changes=(change,)))

        begun = perf_counter()
        await load.spread(times, one)
        return perf_counter() - begun


async def _plain(path: Path, times: int) -> float:
    """The same rows into the same tables by way of aiosqlite, with the same promise; codes are left out."""
    files.prepare(path)
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await connection.execute("PRAGMA synchronous = FULL")
        turn = asyncio.Lock()

        async def one(number: int) -> None:
            draft = a_question(number)
            message, event = draft.accept(new_codes(_RNG, 4, 4)[0])
            row = (
                message.id, "default", message.request_id, message.request_hash, message.sms.recipient,
                message.sms.sender, "", microseconds(message.create_time), twilio.sid(number), message.state, "OPEN",
                microseconds(message.create_time), 1, dump_message(message),
            )  # fmt: skip
            first = dump_event(event)
            second = (2, *first[1:])
            async with turn:
                await connection.execute("BEGIN IMMEDIATE")
                ((place,),) = await connection.execute_fetchall(ADD_MESSAGE, row)
                await connection.execute(ADD_EVENT, (place, *first))
                await connection.execute("COMMIT")
            async with turn:
                await connection.execute("BEGIN IMMEDIATE")
                await connection.execute(MOVE_ON, (dump_message(message), message.id))
                await connection.execute(ADD_EVENT, (place, *second))
                await connection.execute("COMMIT")

        begun = perf_counter()
        await load.spread(times, one)
        return perf_counter() - begun
