"""What is written, as SQL. Each function runs inside the writer's transaction; its error undoes all it did."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from textback_server.domain.changes import Change, PersonChange, Write
from textback_server.domain.codes import QUARANTINE, fragments
from textback_server.domain.drafts import Draft
from textback_server.domain.events import Event
from textback_server.domain.limits import HOUR, Limits, day_of
from textback_server.domain.messages import Code, Inbound, Message
from textback_server.domain.people import BLOCK, NOTICE_WINDOW
from textback_server.store.codec import dump_event, dump_inbound, dump_message, microseconds
from textback_server.store.protocol import Blocked, CodesTaken, Conflict, Duplicate, Limit, LimitReached
from textback_server.store.sqlite.reads import recall

INSERT_MESSAGE = """
INSERT INTO messages
  (number, id, account, request_id, request_hash, recipient, sender, case_id, create_time, twilio_sid, state,
   wait_state, due, revision, content)
VALUES ((SELECT coalesce(max(number), 0) + 1 FROM messages), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
RETURNING number"""
UPDATE_MESSAGE = """
UPDATE messages SET twilio_sid = ?, state = ?, wait_state = ?, due = ?, revision = ?, content = ?,
  end_time = coalesce(end_time, ?)
WHERE id = ? AND revision = ?
RETURNING number"""
INSERT_LABEL = "INSERT INTO labels (account, name, value, message) VALUES (?, ?, ?, ?)"
INSERT_EVENT = "INSERT INTO events (message, sequence, time, kind, content, result) VALUES (?, ?, ?, ?, ?, ?)"
INSERT_INBOUND = """
INSERT INTO inbound (account, twilio_sid, sender, disposition, receive_time, content)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
INSERT_SPOKEN_TO = "INSERT INTO spoken_to (account, message_id, twilio_sid) VALUES (?, ?, ?)"
INSERT_CODE = "INSERT INTO codes (account, recipient, code, message) VALUES (?, ?, ?, ?)"
FREE_CODE = "UPDATE codes SET free_time = ? WHERE account = ? AND recipient = ? AND code = ? AND message = ?"
DROP_FREE_CODES = "DELETE FROM codes WHERE account = ? AND recipient = ? AND free_time <= ?"
LONGEST = "SELECT max(length) FROM code_lengths WHERE account = ? AND recipient = ?"
# One statement: a thread gives Python's lock away at each, and waits for it.
OBSTACLES = """
SELECT
  EXISTS (SELECT 1 FROM messages WHERE account = :account AND request_id = :request_id AND request_id <> ''),
  EXISTS (
    SELECT 1 FROM opt_outs
    WHERE account = :account AND person = :recipient AND sender = :sender AND time > :blocked_since
  ),
  (SELECT count(*) FROM (
    SELECT 1 FROM messages WHERE account = :account AND recipient = :recipient AND create_time > :hour_ago
    LIMIT :per_recipient
  )),
  (SELECT count(*) FROM (SELECT 1 FROM messages WHERE account = :account AND state = 'PENDING' LIMIT :pending)),
  EXISTS (SELECT 1 FROM code_lengths WHERE account = :account AND recipient = :recipient)"""
ANY_TAKEN = """
SELECT 1 FROM codes WHERE account = ? AND recipient = ? AND code IN (SELECT value FROM json_each(?)) LIMIT 1"""
COUNT_DAY = """
INSERT INTO days (account, day, messages) VALUES (?, ?, 1)
ON CONFLICT DO UPDATE SET messages = messages + 1 RETURNING messages"""
BLOCK_SENDER = """
INSERT INTO opt_outs (account, person, sender, time) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET time = max(time, excluded.time)"""
UNBLOCK_SENDER = "DELETE FROM opt_outs WHERE account = ? AND person = ? AND sender = ?"
DROP_OLD_NOTICES = "DELETE FROM notices WHERE account = ? AND person = ? AND start <= ?"
FIRST_NOTICE = "INSERT INTO notices (account, person, start, notices) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING"
FURTHER_NOTICE = "UPDATE notices SET notices = ? WHERE account = ? AND person = ? AND notices = ? - 1"


def create(
    connection: sqlite3.Connection, draft: Draft, codes: Sequence[Code], now: datetime, limits: Limits
) -> tuple[Message, bool]:
    """See Store.create. Its cost does not grow with the codes in use."""
    obstacles = _obstacles(connection, draft, now, limits)
    existing = recall(connection, draft.account, draft.request_id) if obstacles.made else None
    if existing is not None:
        return existing, False
    _keep(connection, draft, now, limits, obstacles)
    code = None
    if draft.terms is not None:
        code = _free_code(connection, draft, codes, now) if obstacles.codes or not codes else codes[0]
    message, event = draft.accept(code)
    number = _insert_message(connection, message)
    if code is not None:
        connection.execute(INSERT_CODE, (message.account, message.sms.recipient, code, number))
    _insert_events(connection, number, (event,))
    return message, True


def commit(connection: sqlite3.Connection, write: Write) -> None:
    """See Store.commit."""
    if write.inbound is not None:
        _insert_inbound(connection, write.inbound)
    for change in write.changes:
        number = _update_message(connection, change)
        _insert_events(connection, number, change.events)
    if write.person is not None:
        _update_person(connection, write.person)


def touch(connection: sqlite3.Connection) -> None:
    """Writes a page as it is."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version = {version}")


@dataclass(frozen=True, slots=True)
class _Obstacles:
    """What may stand in a message's way.

    `made`: its request_id made one. `recent` and `pending` count up to their limits. `codes`: the person has some.
    """

    made: bool
    blocked: bool
    recent: int
    pending: int
    codes: bool


def _obstacles(connection: sqlite3.Connection, draft: Draft, now: datetime, limits: Limits) -> _Obstacles:
    values = {
        "account": draft.account,
        "request_id": draft.request_id,
        "recipient": draft.sms.recipient,
        "sender": draft.sms.sender,
        "blocked_since": microseconds(draft.create_time - BLOCK),
        "hour_ago": microseconds(now - HOUR),
        "per_recipient": limits.per_recipient,
        "pending": limits.pending,
    }
    return _Obstacles(*connection.execute(OBSTACLES, values).fetchone())


def _keep(connection: sqlite3.Connection, draft: Draft, now: datetime, limits: Limits, obstacles: _Obstacles) -> None:
    """Keeps to the limits, inside the message's own transaction: however many come at once, a limit is one."""
    if obstacles.blocked:
        raise Blocked("The person opted out of this sender.")
    if limits.per_recipient and obstacles.recent >= limits.per_recipient:
        raise LimitReached(Limit.PER_RECIPIENT)
    if limits.pending and obstacles.pending >= limits.pending:
        raise LimitReached(Limit.PENDING)
    if limits.per_day:
        today = connection.execute(COUNT_DAY, (draft.account, day_of(now))).fetchone()[0]
        if today > limits.per_day:
            raise LimitReached(Limit.PER_DAY)


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


def _insert_message(connection: sqlite3.Connection, message: Message) -> int:
    """Returns its number."""
    sms, case_id = message.sms, message.context.case_id if message.context else ""
    whose = (message.id, message.account, message.request_id, message.request_hash, sms.recipient, sms.sender, case_id)
    values = (*whose, microseconds(message.create_time), *_moving(message))
    number: int = connection.execute(INSERT_MESSAGE, values).fetchone()[0]
    for name, value in sms.labels.items():
        connection.execute(INSERT_LABEL, (message.account, name, value, number))
    return number


def _update_message(connection: sqlite3.Connection, change: Change) -> int:
    """Returns its number."""
    before, after = change.before, change.after
    closes = after.wait is not None and not after.wait.open and before.wait is not None and before.wait.open
    end_time = microseconds(after.update_time) if after.result is not None else None
    try:
        found = connection.execute(UPDATE_MESSAGE, (*_moving(after), end_time, before.id, before.revision)).fetchone()
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            raise
        raise Conflict("Another message has this Twilio SID.") from error
    if found is None:
        raise Conflict("The message was changed meanwhile.")
    number: int = found[0]
    if after.wait is not None and closes:
        free_time = microseconds(after.update_time + QUARANTINE)
        connection.execute(FREE_CODE, (free_time, after.account, after.sms.recipient, after.wait.code, number))
    return number


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


def _insert_events(connection: sqlite3.Connection, number: int, events: Sequence[Event]) -> None:
    for event in events:
        connection.execute(INSERT_EVENT, (number, *dump_event(event)))


def _insert_inbound(connection: sqlite3.Connection, inbound: Inbound) -> None:
    found = connection.execute(
        INSERT_INBOUND,
        (
            inbound.account,
            inbound.twilio_sid,
            inbound.sender,
            inbound.disposition,
            microseconds(inbound.receive_time),
            dump_inbound(inbound),
        ),
    )
    if found.rowcount == 0:
        raise Duplicate("This inbound SMS is stored already.")
    messages = dict.fromkeys((*([inbound.message_id] if inbound.message_id else []), *inbound.also))
    connection.executemany(INSERT_SPOKEN_TO, [(inbound.account, each, inbound.twilio_sid) for each in messages])
