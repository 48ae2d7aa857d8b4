"""What is written, as SQL inside the writer's transaction. Whatever raises has its writes undone."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from textback_server.domain.changes import Change, PersonChange, Write
from textback_server.domain.codes import QUARANTINE, fragments
from textback_server.domain.drafts import Draft
from textback_server.domain.events import Event
from textback_server.domain.limits import HOUR, Limits, day_of
from textback_server.domain.messages import Code, Inbound, Message, MessageId
from textback_server.domain.people import BLOCK, NOTICE_WINDOW
from textback_server.store.codec import dump_event, dump_inbound, dump_message, microseconds
from textback_server.store.protocol import Blocked, CodesTaken, Conflict, Duplicate, Limit, LimitReached
from textback_server.store.sqlite import bulk
from textback_server.store.sqlite.bulk import Row
from textback_server.store.sqlite.reads import recall
from textback_server.store.sqlite.writer import OneByOne, Part

INSERT_MESSAGE = """
INSERT INTO messages
  (number, id, account, request_id, request_hash, recipient, sender, case_id, create_time, twilio_sid, state,
   wait_state, due, revision, content)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
# Where it begins with WITH, Python counts no rows of an UPDATE.
UPDATE_MESSAGE = """
UPDATE messages SET twilio_sid = new.twilio_sid, state = new.state, wait_state = new.wait_state, due = new.due,
  revision = new.revision, content = new.content, end_time = coalesce(messages.end_time, new.end_time)
FROM (
  WITH new (id, old_revision, twilio_sid, state, wait_state, due, revision, content, end_time)
  AS (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)) SELECT * FROM new
) AS new
WHERE messages.id = new.id AND messages.revision = new.old_revision"""
INSERT_LABEL = "INSERT INTO labels (account, name, value, message) VALUES (?, ?, ?, ?)"
INSERT_EVENT = """
WITH new (id, sequence, time, kind, content, result) AS (VALUES (?, ?, ?, ?, ?, ?))
INSERT INTO events (message, sequence, time, kind, content, result)
SELECT messages.number, new.sequence, new.time, new.kind, new.content, new.result
FROM new CROSS JOIN messages ON messages.id = new.id"""
INSERT_INBOUND = """
INSERT INTO inbound (account, twilio_sid, sender, disposition, receive_time, content)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
INSERT_SPOKEN_TO = "INSERT INTO spoken_to (account, message_id, twilio_sid) VALUES (?, ?, ?)"
INSERT_CODE = "INSERT INTO codes (account, recipient, code, message) VALUES (?, ?, ?, ?)"
FREE_CODE = """
UPDATE codes SET free_time = closed.free_time FROM (
  WITH closed (account, recipient, code, free_time) AS (VALUES (?, ?, ?, ?)) SELECT * FROM closed
) AS closed
WHERE codes.account = closed.account AND codes.recipient = closed.recipient AND codes.code = closed.code"""
DROP_FREE_CODES = "DELETE FROM codes WHERE account = ? AND recipient = ? AND free_time <= ?"
LONGEST = "SELECT max(length) FROM code_lengths WHERE account = ? AND recipient = ?"
# For all that are stored together at once; the last is the highest number so far.
OBSTACLES = """
WITH new (account, request_id, recipient, sender, blocked_since, hour_ago, per_recipient, pending)
AS (VALUES (?, ?, ?, ?, ?, ?, ?, ?))
SELECT
  max(EXISTS (
    SELECT 1 FROM messages
    WHERE account = new.account AND request_id = new.request_id AND request_id <> ''
  )),
  max(EXISTS (
    SELECT 1 FROM opt_outs
    WHERE account = new.account AND person = new.recipient AND sender = new.sender AND time > new.blocked_since
  )),
  max(CASE WHEN per_recipient IS NOT NULL THEN per_recipient <= (
    SELECT count(*) FROM messages
    WHERE account = new.account AND recipient = new.recipient AND create_time > new.hour_ago
  ) ELSE 0 END),
  max(CASE WHEN pending IS NOT NULL THEN pending <= (
    SELECT count(*) FROM messages WHERE account = new.account AND state = 'PENDING'
  ) ELSE 0 END),
  max(EXISTS (SELECT 1 FROM code_lengths WHERE account = new.account AND recipient = new.recipient)),
  (SELECT coalesce(max(number), 0) FROM messages)
FROM new"""
ANY_TAKEN = """
SELECT 1 FROM codes WHERE account = ? AND recipient = ? AND code IN (SELECT value FROM json_each(?)) LIMIT 1"""
COUNT_DAY = """
INSERT INTO days (account, day, messages) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET messages = messages + excluded.messages RETURNING messages"""
BLOCK_SENDER = """
INSERT INTO opt_outs (account, person, sender, time) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET time = max(time, excluded.time)"""
UNBLOCK_SENDER = "DELETE FROM opt_outs WHERE account = ? AND person = ? AND sender = ?"
DROP_OLD_NOTICES = "DELETE FROM notices WHERE account = ? AND person = ? AND start <= ?"
FIRST_NOTICE = "INSERT INTO notices (account, person, start, notices) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING"
FURTHER_NOTICE = "UPDATE notices SET notices = ? WHERE account = ? AND person = ? AND notices = ? - 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """What Store.create is given."""

    draft: Draft
    codes: Sequence[Code]
    now: datetime
    limits: Limits


def create(new: New) -> Part[New, tuple[Message, bool]]:
    """See Store.create. Its cost does not grow with the codes in use."""
    draft = new.draft
    request = {(draft.account, "request", draft.request_id)} if draft.request_id else set()
    return Part(_create, new, frozenset({(draft.account, "person", draft.sms.recipient), *request}))


def commit(write: Write) -> Part[Write, None]:
    """See Store.commit."""
    inbound, person = write.inbound, write.person
    told = [("inbound", inbound.account, inbound.twilio_sid)] if inbound else []
    whose = [("person", person.account, person.number)] if person else []
    return Part(_commit, write, frozenset((*(change.before.id for change in write.changes), *told, *whose)))


def touch(connection: sqlite3.Connection) -> None:
    """Writes a page as it is."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version = {version}")


@dataclass(frozen=True, slots=True)
class _Obstacles:
    """What may stand in the way of some of them: 1 if it does, else 0.

    `made`: a request_id made a message. `recent`, `pending`: a limit is reached. `codes`: a person has some.
    `numbers` have been given so far.
    """

    made: int
    blocked: int
    recent: int
    pending: int
    codes: int
    numbers: int


def _create(connection: sqlite3.Connection, news: Sequence[New]) -> list[tuple[Message, bool]]:
    """All of them, or nothing and an error that is only certain to mean each if it is one."""
    obstacles = _obstacles(connection, news)
    if obstacles.made:
        return [(_existing(connection, news), False)]
    _keep(connection, news, obstacles)
    made = [new.draft.accept(_code(connection, new, obstacles)) for new in news]
    numbered = list(enumerate((message for message, _ in made), obstacles.numbers + 1))
    bulk.run(connection, INSERT_MESSAGE, [_columns(number, message) for number, message in numbered])
    bulk.run(connection, INSERT_LABEL, [row for number, message in numbered for row in _labels(number, message)])
    bulk.run(connection, INSERT_CODE, [row for number, message in numbered for row in _codes(number, message)])
    _insert_events(connection, [event for _, event in made])
    return [(message, True) for message, _ in made]


def _commit(connection: sqlite3.Connection, writes: Sequence[Write]) -> list[None]:
    """The same."""
    _insert_inbound(connection, [write.inbound for write in writes if write.inbound is not None])
    changes = [change for write in writes for change in write.changes]
    _update_messages(connection, changes)
    _insert_events(connection, [event for change in changes for event in change.events])
    for write in writes:
        if write.person is not None:
            _update_person(connection, write.person)
    return [None] * len(writes)


def _obstacles(connection: sqlite3.Connection, news: Sequence[New]) -> _Obstacles:
    rows = [
        (
            new.draft.account,
            new.draft.request_id,
            new.draft.sms.recipient,
            new.draft.sms.sender,
            microseconds(new.draft.create_time - BLOCK),
            microseconds(new.now - HOUR),
            new.limits.per_recipient or None,
            new.limits.pending - (len(news) - 1) if new.limits.pending else None,  # the others may be held back
        )
        for new in news
    ]
    return _Obstacles(*bulk.greatest(connection, OBSTACLES, rows))


def _existing(connection: sqlite3.Connection, news: Sequence[New]) -> Message:
    """What one request_id made. Raises OneByOne, StoreUnavailable."""
    if len(news) > 1:
        raise OneByOne
    existing = recall(connection, news[0].draft.account, news[0].draft.request_id)
    if existing is None:
        raise AssertionError("found in the same transaction")
    return existing


def _keep(connection: sqlite3.Connection, news: Sequence[New], obstacles: _Obstacles) -> None:
    """Keeps to the limits, inside the messages' own transaction: however many come at once, a limit is one."""
    if obstacles.blocked:
        raise Blocked("The person opted out of this sender.")
    if obstacles.recent:
        raise LimitReached(Limit.PER_RECIPIENT)
    if obstacles.pending:
        raise LimitReached(Limit.PENDING)
    days = Counter((new.draft.account, day_of(new.now), new.limits.per_day) for new in news if new.limits.per_day)
    for (account, day, limit), messages in days.items():
        if connection.execute(COUNT_DAY, (account, day, messages)).fetchone()[0] > limit:
            raise LimitReached(Limit.PER_DAY)


def _code(connection: sqlite3.Connection, new: New, obstacles: _Obstacles) -> Code | None:
    if new.draft.terms is None:
        return None
    return _free_code(connection, new.draft, new.codes, new.now) if obstacles.codes or not new.codes else new.codes[0]


def _free_code(connection: sqlite3.Connection, draft: Draft, codes: Sequence[Code], now: datetime) -> Code:
    whose = (draft.account, draft.sms.recipient)
    connection.execute(DROP_FREE_CODES, (*whose, microseconds(now)))
    longest = connection.execute(LONGEST, whose).fetchone()[0] or 0
    for code in codes:
        if len(code) < longest:  # it may begin or end a longer one
            continue
        if connection.execute(ANY_TAKEN, (*whose, json.dumps([code, *fragments(code)]))).fetchone() is None:
            return code
    raise CodesTaken("None of the offered codes is free for this recipient.")


def _columns(number: int, message: Message) -> Row:
    sms, case_id = message.sms, message.context.case_id if message.context else ""
    whose = (message.id, message.account, message.request_id, message.request_hash, sms.recipient, sms.sender, case_id)
    return (number, *whose, microseconds(message.create_time), *_moving(message))


def _labels(number: int, message: Message) -> list[Row]:
    return [(message.account, name, value, number) for name, value in message.sms.labels.items()]


def _codes(number: int, message: Message) -> list[Row]:
    return [(message.account, message.sms.recipient, message.wait.code, number)] if message.wait else []


def _update_messages(connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
    chains: dict[MessageId, list[Change]] = {}
    for change in changes:
        chain = chains.setdefault(change.before.id, [])
        if chain and chain[-1].after.revision != change.before.revision:
            raise Conflict("The changes do not follow each other.")
        chain.append(change)
    try:
        updated = bulk.run(connection, UPDATE_MESSAGE, [_moved(chain) for chain in chains.values()])
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            raise
        raise Conflict("Another message has this Twilio SID.") from error
    if updated < len(chains):
        raise Conflict("The message was changed meanwhile.")
    bulk.run(connection, FREE_CODE, [row for change in changes for row in _freed(change)])


def _moved(chain: Sequence[Change]) -> Row:
    """From before the first of one message's changes to after the last."""
    before, after = chain[0].before, chain[-1].after
    ends = (microseconds(change.after.update_time) for change in chain if change.after.result is not None)
    return (before.id, before.revision, *_moving(after), next(ends, None))


def _freed(change: Change) -> list[Row]:
    """The code of a wait that closes."""
    before, after = change.before.wait, change.after.wait
    if before is None or after is None or after.open or not before.open:
        return []
    free_time = microseconds(change.after.update_time + QUARANTINE)
    return [(change.after.account, change.after.sms.recipient, after.code, free_time)]


def _moving(message: Message) -> tuple[str | int | None, ...]:
    """What changes during a message's life: twilio_sid, state, wait_state, due, revision, content."""
    wait_state = None if message.wait is None else message.wait.state
    due = None if message.due is None else microseconds(message.due)
    return message.twilio_sid, message.state, wait_state, due, message.revision, dump_message(message)


def _update_person(connection: sqlite3.Connection, person: PersonChange) -> None:
    whose, time = (person.account, person.number), microseconds(person.time)
    connection.executemany(UNBLOCK_SENDER, [(*whose, sender) for sender in person.unblock])
    connection.executemany(BLOCK_SENDER, [(*whose, sender, time) for sender in person.block])
    if person.told:
        connection.execute(DROP_OLD_NOTICES, (*whose, microseconds(person.time - NOTICE_WINDOW)))
        first, further = (FIRST_NOTICE, (*whose, time)), (FURTHER_NOTICE, (person.told, *whose, person.told))
        if connection.execute(*(first if person.told == 1 else further)).rowcount == 0:
            raise Conflict("The person was told something else meanwhile.")


def _insert_events(connection: sqlite3.Connection, events: Sequence[Event]) -> None:
    bulk.run(connection, INSERT_EVENT, [(event.message_id, *dump_event(event)) for event in events])


def _insert_inbound(connection: sqlite3.Connection, received: Sequence[Inbound]) -> None:
    rows: list[Row] = [
        (
            inbound.account,
            inbound.twilio_sid,
            inbound.sender,
            inbound.disposition,
            microseconds(inbound.receive_time),
            dump_inbound(inbound),
        )
        for inbound in received
    ]
    if bulk.run(connection, INSERT_INBOUND, rows) < len(rows):
        raise Duplicate("This inbound SMS is stored already.")
    bulk.run(connection, INSERT_SPOKEN_TO, [row for inbound in received for row in _spoken_to(inbound)])


def _spoken_to(inbound: Inbound) -> list[Row]:
    messages = dict.fromkeys((*([inbound.message_id] if inbound.message_id else []), *inbound.also))
    return [(inbound.account, message_id, inbound.twilio_sid) for message_id in messages]
