"""What is read, as SQL. Each function runs on any connection; all but the two lists are look-ups by index."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

import structlog

from textback_server.domain.events import Event
from textback_server.domain.messages import Code, Inbound, Message
from textback_server.store.codec import load_event, load_inbound, load_message, microseconds
from textback_server.store.protocol import InboundFilter, Key, MessageFilter, Page, Standing, StoreUnavailable

_log = structlog.get_logger(__name__)

LOAD = "SELECT content FROM messages WHERE id = ?"
GET = "SELECT content FROM messages WHERE id = ? AND account = ?"
FIND = "SELECT content FROM messages WHERE account = ? AND twilio_sid = ? AND twilio_sid <> ''"
RECALL = "SELECT content FROM messages WHERE account = ? AND request_id = ? AND request_id <> ''"
EVENTS = """
SELECT message_id, sequence, time, kind, content, result FROM events
WHERE message_id = ? AND sequence > ? ORDER BY sequence LIMIT ?"""
DUE = "SELECT id, content FROM messages WHERE due <= ? ORDER BY due LIMIT ?"
OPEN_WAITS = """
SELECT content FROM messages WHERE account = ? AND recipient = ? AND wait_state = 'OPEN'
ORDER BY create_time DESC, id DESC LIMIT ?"""
MATCHES = """
SELECT content FROM json_each(?) AS asked
CROSS JOIN codes ON codes.account = ? AND codes.recipient = ? AND codes.code = asked.value
CROSS JOIN messages ON messages.id = codes.message_id
WHERE codes.free_time IS NULL OR codes.free_time > ? ORDER BY asked.key"""
IN_USE = """
SELECT count(*), coalesce(max(length(code)), 0) FROM codes
WHERE account = ? AND recipient = ? AND (free_time IS NULL OR free_time > ?)"""
SEEN = "SELECT 1 FROM inbound WHERE account = ? AND twilio_sid = ?"
SECRET = "SELECT value FROM secret"  # noqa: S105 - the statement, not the secret

MESSAGES = ("SELECT content FROM messages WHERE account = ?", " ORDER BY create_time DESC, id DESC LIMIT ?")
INBOUND = ("SELECT content FROM inbound WHERE account = ?", " ORDER BY receive_time DESC, twilio_sid DESC LIMIT ?")
STATES = "state IN (SELECT value FROM json_each(?))"
WAIT_STATES = "wait_state IN (SELECT value FROM json_each(?))"
RECIPIENT = "recipient = ?"
CASE = "case_id = ? AND case_id <> ''"
LABEL = "id IN (SELECT message_id FROM labels WHERE account = ? AND name = ? AND value = ?)"
MESSAGES_BEFORE = "(create_time, id) < (?, ?)"
SENDER = "sender = ?"
DISPOSITIONS = "disposition IN (SELECT value FROM json_each(?))"
INBOUND_BEFORE = "(receive_time, twilio_sid) < (?, ?)"

Condition = tuple[str, tuple[str | int, ...]]


def load(connection: sqlite3.Connection, message_id: str) -> Message | None:
    """See Store.load."""
    return _one(connection, LOAD, (message_id,))


def get(connection: sqlite3.Connection, account: str, message_id: str) -> Message | None:
    """See Store.get."""
    return _one(connection, GET, (message_id, account))


def find(connection: sqlite3.Connection, account: str, twilio_sid: str) -> Message | None:
    """See Store.find."""
    return _one(connection, FIND, (account, twilio_sid))


def recall(connection: sqlite3.Connection, account: str, request_id: str) -> Message | None:
    """See Store.recall."""
    return _one(connection, RECALL, (account, request_id))


def events(connection: sqlite3.Connection, message_id: str, after: int, limit: int) -> Sequence[Event]:
    """See Store.events."""
    return [load_event(row) for row in connection.execute(EVENTS, (message_id, after, limit)).fetchall()]


def due(connection: sqlite3.Connection, now: datetime, limit: int) -> Sequence[Message]:
    """See Store.due. A row that cannot be read is passed over: it must not keep the others from their time."""
    found = []
    for message_id, content in connection.execute(DUE, (microseconds(now), limit)).fetchall():
        try:
            found.append(load_message(content))
        except StoreUnavailable:
            _log.error("store.unreadable", message_id=message_id)
    return found


def open_waits(connection: sqlite3.Connection, account: str, person: str, limit: int) -> Sequence[Message]:
    """See Store.open_waits."""
    return _all(connection, OPEN_WAITS, (account, person, limit))


def standing(
    connection: sqlite3.Connection, account: str, person: str, codes: Sequence[Code], now: datetime
) -> Standing:
    """See Store.standing. Counts the person's codes in their index: about 0.1 ms per thousand."""
    stamp = microseconds(now)
    asked = json.dumps(list(dict.fromkeys(codes)))
    matches = _all(connection, MATCHES, (asked, account, person, stamp)) if codes else ()
    in_use, longest = connection.execute(IN_USE, (account, person, stamp)).fetchone()
    return Standing(
        matches=tuple(matches),
        newest_open=next(iter(open_waits(connection, account, person, 1)), None),
        codes_in_use=in_use,
        longest_code=longest,
    )


def seen(connection: sqlite3.Connection, account: str, twilio_sid: str) -> bool:
    """See Store.seen."""
    return connection.execute(SEEN, (account, twilio_sid)).fetchone() is not None


def secret(connection: sqlite3.Connection) -> bytes:
    """See Store.secret."""
    return bytes(connection.execute(SECRET).fetchone()[0])


def messages(connection: sqlite3.Connection, where: MessageFilter, older_than: Key | None, limit: int) -> Page[Message]:
    """See Store.messages. A scan where no index fits the filter."""
    wanted: list[Condition] = []
    if where.states:
        wanted.append((STATES, (json.dumps(where.states),)))
    if where.wait_states:
        wanted.append((WAIT_STATES, (json.dumps(where.wait_states),)))
    if where.recipient:
        wanted.append((RECIPIENT, (where.recipient,)))
    if where.case_id:
        wanted.append((CASE, (where.case_id,)))
    wanted += [(LABEL, (where.account, name, value)) for name, value in where.labels.items()]
    if older_than is not None:
        wanted.append((MESSAGES_BEFORE, (microseconds(older_than.time), older_than.id)))
    found = _listed(connection, MESSAGES, where.account, wanted, limit)
    rows = [load_message(content) for content in found]
    return Page(rows=tuple(rows[:limit]), next=_next([Key(time=row.create_time, id=row.id) for row in rows], limit))


def inbound(connection: sqlite3.Connection, where: InboundFilter, older_than: Key | None, limit: int) -> Page[Inbound]:
    """See Store.inbound. A scan where no index fits the filter."""
    wanted: list[Condition] = []
    if where.sender:
        wanted.append((SENDER, (where.sender,)))
    if where.dispositions:
        wanted.append((DISPOSITIONS, (json.dumps(where.dispositions),)))
    if older_than is not None:
        wanted.append((INBOUND_BEFORE, (microseconds(older_than.time), older_than.id)))
    found = _listed(connection, INBOUND, where.account, wanted, limit)
    rows = [load_inbound(content) for content in found]
    keys = [Key(time=row.receive_time, id=row.twilio_sid) for row in rows]
    return Page(rows=tuple(rows[:limit]), next=_next(keys, limit))


def _listed(
    connection: sqlite3.Connection, frame: tuple[str, str], account: str, wanted: Sequence[Condition], limit: int
) -> list[str]:
    """The contents of one row more than a page has, so that it is known whether there is another page."""
    start, order = frame
    sql = " AND ".join([start, *(condition for condition, _ in wanted)]) + order
    values = [value for _, values in wanted for value in values]
    return [content for (content,) in connection.execute(sql, (account, *values, limit + 1))]


def _next(keys: Sequence[Key], limit: int) -> Key | None:
    """Where to go on: after the last row of the page, if one more was found."""
    return keys[limit - 1] if len(keys) > limit else None


def _one(connection: sqlite3.Connection, sql: str, values: tuple[str | int, ...]) -> Message | None:
    row = connection.execute(sql, values).fetchone()
    return None if row is None else load_message(row[0])


def _all(connection: sqlite3.Connection, sql: str, values: tuple[str | int, ...]) -> list[Message]:
    return [load_message(row[0]) for row in connection.execute(sql, values).fetchall()]
