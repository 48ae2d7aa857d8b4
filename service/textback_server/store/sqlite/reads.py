"""What is read, as SQL. Each function runs on any connection; all but the two lists are look-ups by index."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from textback_server.domain.codes import QUARANTINE
from textback_server.domain.events import Event
from textback_server.domain.limits import day_of
from textback_server.domain.messages import Code, Inbound, Message, MessageState
from textback_server.domain.people import BLOCK, NOTICE_WINDOW
from textback_server.domain.polling import Agenda
from textback_server.domain.reading import RECENT
from textback_server.store.codec import (
    EventRow,
    MessageRow,
    load_event,
    load_inbound,
    load_message,
    microseconds,
    time_of,
    whole,
)
from textback_server.store.protocol import (
    CodesInUse,
    InboundFilter,
    Key,
    MessageFilter,
    Page,
    Standing,
    StoreUnavailable,
)

_log = structlog.get_logger(__name__)

# One step for each sender, and state, not for each message: SQLite has no skip-scan for DISTINCT.
ASKING = """
WITH RECURSIVE senders (sender) AS (
  SELECT min(sender) FROM messages INDEXED BY messages_asking WHERE account = ?1 AND wait_state = 'OPEN'
  UNION ALL
  SELECT (
    SELECT min(sender) FROM messages INDEXED BY messages_asking
    WHERE account = ?1 AND sender > senders.sender AND wait_state = 'OPEN'
  ) FROM senders WHERE sender IS NOT NULL
)
SELECT sender,
  (SELECT min(create_time) FROM messages AS m INDEXED BY messages_asking
   WHERE m.account = ?1 AND m.sender = senders.sender AND wait_state = 'OPEN'),
  (SELECT max(create_time) FROM messages AS m INDEXED BY messages_asking
   WHERE m.account = ?1 AND m.sender = senders.sender AND wait_state = 'OPEN')
FROM senders WHERE sender IS NOT NULL"""
_MOVES = "due IS NOT NULL AND state IN ('SENDING', 'UNCONFIRMED', 'OUTCOME_UNKNOWN', 'ACCEPTED', 'QUEUED', 'SENT')"
MOVING = """
WITH RECURSIVE senders (sender) AS (
  SELECT min(sender) FROM messages INDEXED BY messages_moving WHERE account = ?1 AND {moves}
  UNION ALL
  SELECT (
    SELECT min(sender) FROM messages INDEXED BY messages_moving
    WHERE account = ?1 AND sender > senders.sender AND {moves}
  ) FROM senders WHERE sender IS NOT NULL
), states (name) AS (VALUES ('SENDING'), ('UNCONFIRMED'), ('ACCEPTED'), ('QUEUED'), ('SENT'))
SELECT sender, name,
  (SELECT min(create_time) FROM messages AS m INDEXED BY messages_moving
   WHERE m.account = ?1 AND m.sender = senders.sender AND m.state = name AND {moves}) AS oldest,
  (SELECT max(create_time) FROM messages AS m INDEXED BY messages_moving
   WHERE m.account = ?1 AND m.sender = senders.sender AND m.state = name AND {moves})
FROM senders, states WHERE sender IS NOT NULL AND oldest IS NOT NULL""".replace("{moves}", _MOVES)

LOAD = whole("SELECT * FROM messages WHERE id = ?")
GET = whole("SELECT * FROM messages WHERE id = ? AND account = ?")
FIND = whole("SELECT * FROM messages WHERE account = ? AND twilio_sid = ? AND twilio_sid <> ''")
RECALL = whole("SELECT * FROM messages WHERE account = ? AND request_id = ? AND request_id <> ''")
EVENTS = """
SELECT sequence, time, kind, content, result FROM events
WHERE message = (SELECT number FROM messages WHERE id = ?) AND sequence > ? ORDER BY sequence LIMIT ?"""
DUE = whole("SELECT * FROM messages WHERE due <= ? ORDER BY due LIMIT ?")
URGENT = whole("""
SELECT * FROM messages
WHERE due > ? AND due <= ? AND state IN ('PENDING', 'SENDING', 'UNCONFIRMED') ORDER BY due LIMIT ?""")
EXPIRED = "SELECT 1 FROM messages WHERE due > ? AND due <= ? AND wait_state = 'OPEN' LIMIT 1"
OPEN_WAITS = whole("""
SELECT * FROM messages WHERE account = ? AND recipient = ? AND wait_state = 'OPEN' AND create_time <= ?
ORDER BY create_time DESC, id DESC LIMIT ?""")
# With the row the notices that the person had: a reply is one look at the store, where it is to a question.
MATCHES = whole("""
SELECT *, (SELECT notices FROM notices WHERE account = ? AND person = ? AND start > ?)
FROM codes CROSS JOIN messages ON messages.number = codes.message
WHERE codes.account = ? AND codes.recipient = ? AND codes.code = ?
  AND (codes.free_time IS NULL OR codes.free_time > ?)""")
FOREIGN = whole("""
SELECT * FROM json_each(?) AS asked
CROSS JOIN codes INDEXED BY codes_open
  ON codes.account = ? AND codes.code = asked.value AND codes.free_time IS NULL
CROSS JOIN messages ON messages.number = codes.message LIMIT 2""")
CLOSED_SINCE = "SELECT 1 FROM codes WHERE account = ? AND recipient = ? AND free_time > ? LIMIT 1"
NOTICES = "SELECT notices FROM notices WHERE account = ? AND person = ? AND start > ?"
BLOCKED = "SELECT 1 FROM opt_outs WHERE account = ? AND person = ? AND sender = ? AND time > ?"
BLOCKS = "SELECT sender FROM opt_outs WHERE account = ? AND person = ? ORDER BY sender"
# Codes whose quarantine is over stay until the next create: they are few, and count no more.
IN_USE = """
SELECT coalesce(sum(live), 0), coalesce(max(length), 0) FROM (
  SELECT length, codes - (
    SELECT count(*) FROM codes INDEXED BY codes_to_free
    WHERE codes.account = code_lengths.account AND codes.recipient = code_lengths.recipient
      AND free_time <= ? AND length(code) = length
  ) AS live FROM code_lengths WHERE account = ? AND recipient = ?
) WHERE live > 0"""
UNPROVEN = whole("""
SELECT * FROM messages INDEXED BY messages_moving
WHERE account = ? AND sender = ? AND state IN ('SENDING', 'UNCONFIRMED', 'OUTCOME_UNKNOWN')
  AND due IS NOT NULL AND state IN ('SENDING', 'UNCONFIRMED', 'OUTCOME_UNKNOWN', 'ACCEPTED', 'QUEUED', 'SENT')
LIMIT ?""")
UNSEEN = """
SELECT value FROM json_each(?) AS asked
WHERE NOT EXISTS (SELECT 1 FROM inbound WHERE account = ? AND twilio_sid = asked.value)"""
SENT_TODAY = "SELECT messages FROM days WHERE account = ? AND day = ?"
RECEIVED = "SELECT content FROM inbound WHERE account = ? AND twilio_sid = ?"
UNFINISHED = """
SELECT content FROM inbound INDEXED BY inbound_opt_outs
WHERE disposition = 'OPT_OUT' AND EXISTS (
  SELECT 1 FROM messages
  WHERE messages.account = inbound.account AND recipient = inbound.sender AND wait_state = 'OPEN'
    AND create_time <= receive_time
) ORDER BY receive_time LIMIT ?"""
SECRET = "SELECT value FROM secret"  # noqa: S105 - the statement, not the secret

MESSAGES = (whole("SELECT * FROM messages WHERE account = ?"), " ORDER BY create_time DESC, id DESC LIMIT ?")
INBOUND = ("SELECT content FROM inbound WHERE account = ?", " ORDER BY receive_time DESC, twilio_sid DESC LIMIT ?")
STATES = "state IN (SELECT value FROM json_each(?))"
WAIT_STATES = "wait_state IN (SELECT value FROM json_each(?))"
RECIPIENT = "recipient = ?"
CASE = "case_id = ? AND case_id <> ''"
LABEL = "number IN (SELECT message FROM labels WHERE account = ? AND name = ? AND value = ?)"
MESSAGES_BEFORE = "(create_time, id) < (?, ?)"
SENDER = "sender = ?"
MESSAGE = "twilio_sid IN (SELECT twilio_sid FROM spoken_to WHERE account = ? AND message_id = ?)"
DISPOSITIONS = "disposition IN (SELECT value FROM json_each(?))"
INBOUND_BEFORE = "(receive_time, twilio_sid) < (?, ?)"

_ALWAYS = 2**63 - 1

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
    rows: list[EventRow] = connection.execute(EVENTS, (message_id, after, limit)).fetchall()
    return [load_event(message_id, row) for row in rows]


def due(connection: sqlite3.Connection, now: datetime, limit: int) -> Sequence[Message]:
    """See Store.due. A row that cannot be read is passed over: it must not keep the others from their time."""
    return _readable(connection.execute(DUE, (microseconds(now), limit)).fetchall())


def urgent(connection: sqlite3.Connection, after: datetime, now: datetime, limit: int) -> Sequence[Message]:
    """See Store.urgent. A row that cannot be read is passed over."""
    return _readable(connection.execute(URGENT, (microseconds(after), microseconds(now), limit)).fetchall())


def _readable(rows: Sequence[MessageRow]) -> Sequence[Message]:
    found = []
    for row in rows:
        try:
            found.append(load_message(row))
        except StoreUnavailable:
            _log.error("store.unreadable", message_id=row[0])
    return found


def expired(connection: sqlite3.Connection, after: datetime, now: datetime) -> bool:
    """See Store.expired."""
    return connection.execute(EXPIRED, (microseconds(after), microseconds(now))).fetchone() is not None


def agenda(connection: sqlite3.Connection, account: str) -> Sequence[Agenda]:
    """See Store.agenda."""
    waits = {sender: span for sender, *span in connection.execute(ASKING, (account,))}
    moving: dict[str, list[tuple[str, int, int]]] = {}
    for sender, state, oldest, youngest in connection.execute(MOVING, (account,)):
        moving.setdefault(sender, []).append((state, oldest, youngest))
    return [_agenda(sender, waits.get(sender), moving.get(sender, [])) for sender in sorted({*waits, *moving})]


def _agenda(sender: str, waits: Sequence[int] | None, moving: Sequence[tuple[str, int, int]]) -> Agenda:
    return Agenda(
        sender=sender,
        oldest_wait=time_of(waits[0]) if waits else None,
        youngest_wait=time_of(waits[1]) if waits else None,
        oldest_moving=min((time_of(oldest) for _, oldest, _ in moving), default=None),
        youngest_moving=max((time_of(youngest) for _, _, youngest in moving), default=None),
        unproven=any(state == MessageState.UNCONFIRMED for state, _, _ in moving),
    )


def unproven(connection: sqlite3.Connection, account: str, sender: str, limit: int) -> Sequence[Message]:
    """See Store.unproven."""
    return _all(connection, UNPROVEN, (account, sender, limit))


def unseen(connection: sqlite3.Connection, account: str, twilio_sids: Sequence[str]) -> frozenset[str]:
    """See Store.unseen."""
    return frozenset(sid for (sid,) in connection.execute(UNSEEN, (json.dumps(list(twilio_sids)), account)))


def sent_today(connection: sqlite3.Connection, account: str, now: datetime) -> int:
    """See Store.sent_today."""
    row = connection.execute(SENT_TODAY, (account, day_of(now))).fetchone()
    return 0 if row is None else int(row[0])


def open_waits(
    connection: sqlite3.Connection, account: str, person: str, limit: int, until: datetime | None
) -> Sequence[Message]:
    """See Store.open_waits."""
    latest = _ALWAYS if until is None else microseconds(until)
    return _all(connection, OPEN_WAITS, (account, person, latest, limit))


def standing(
    connection: sqlite3.Connection, account: str, person: str, codes: Sequence[Code], now: datetime
) -> Standing:
    """See Store.standing."""
    asked = tuple(dict.fromkeys(codes))
    lately = (account, person, microseconds(now - NOTICE_WINDOW))
    rows = [
        row
        for code in asked
        for row in connection.execute(MATCHES, (*lately, account, person, code, microseconds(now)))
    ]
    matches = tuple(load_message(row[:-1]) for row in rows)
    told = (rows[0][-1],) if rows else connection.execute(NOTICES, lately).fetchone()
    notices = (told and told[0]) or 0
    if any(message.wait is not None and message.wait.open for message in matches):
        return Standing(matches=matches, newest_open=None, notices_this_hour=notices)
    # From here on an open code that was asked for is another phone's.
    newest = connection.execute(OPEN_WAITS, (account, person, _ALWAYS, 2)).fetchall()
    newest_open = load_message(newest[0]) if newest else None
    freed = microseconds(now - RECENT + QUARANTINE)
    closed = connection.execute(CLOSED_SINCE, (account, person, freed)).fetchone()
    return Standing(
        matches=matches,
        newest_open=newest_open,
        sole_open=newest_open if len(newest) == 1 else None,
        closed_recently=closed is not None,
        foreign=tuple(_all(connection, FOREIGN, (json.dumps(asked), account)) if codes else ()),
        notices_this_hour=notices,
    )


def codes_in_use(connection: sqlite3.Connection, account: str, person: str, now: datetime) -> CodesInUse:
    """See Store.codes_in_use."""
    count, longest = connection.execute(IN_USE, (microseconds(now), account, person)).fetchone()
    return CodesInUse(count=count, longest=longest)


def blocked(connection: sqlite3.Connection, account: str, sender: str, person: str, now: datetime) -> bool:
    """See Store.blocked."""
    values = (account, person, sender, microseconds(now - BLOCK))
    return connection.execute(BLOCKED, values).fetchone() is not None


def blocks(connection: sqlite3.Connection, account: str, person: str) -> tuple[str, ...]:
    """See Store.blocks."""
    return tuple(sender for (sender,) in connection.execute(BLOCKS, (account, person)))


def received(connection: sqlite3.Connection, account: str, twilio_sid: str) -> Inbound | None:
    """See Store.received."""
    row = connection.execute(RECEIVED, (account, twilio_sid)).fetchone()
    return None if row is None else load_inbound(row[0])


def unfinished_opt_outs(connection: sqlite3.Connection, limit: int) -> list[Inbound]:
    """See Store.unfinished_opt_outs."""
    return [load_inbound(row[0]) for row in connection.execute(UNFINISHED, (limit,))]


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
    rows = [load_message(row) for row in found]
    return Page(rows=tuple(rows[:limit]), next=_next([Key(time=row.create_time, id=row.id) for row in rows], limit))


def inbound(connection: sqlite3.Connection, where: InboundFilter, older_than: Key | None, limit: int) -> Page[Inbound]:
    """See Store.inbound. A scan where no index fits the filter."""
    wanted: list[Condition] = []
    if where.sender:
        wanted.append((SENDER, (where.sender,)))
    if where.message_id:
        wanted.append((MESSAGE, (where.account, where.message_id)))
    if where.dispositions:
        wanted.append((DISPOSITIONS, (json.dumps(where.dispositions),)))
    if older_than is not None:
        wanted.append((INBOUND_BEFORE, (microseconds(older_than.time), older_than.id)))
    found = _listed(connection, INBOUND, where.account, wanted, limit)
    rows = [load_inbound(content) for (content,) in found]
    keys = [Key(time=row.receive_time, id=row.twilio_sid) for row in rows]
    return Page(rows=tuple(rows[:limit]), next=_next(keys, limit))


def _listed(
    connection: sqlite3.Connection, frame: tuple[str, str], account: str, wanted: Sequence[Condition], limit: int
) -> list[Any]:
    """One row more than a page has, so that it is known whether there is another page."""
    start, order = frame
    sql = " AND ".join([start, *(condition for condition, _ in wanted)]) + order
    values = [value for _, values in wanted for value in values]
    return connection.execute(sql, (account, *values, limit + 1)).fetchall()


def _next(keys: Sequence[Key], limit: int) -> Key | None:
    """Where to go on: after the last row of the page, if one more was found."""
    return keys[limit - 1] if len(keys) > limit else None


def _one(connection: sqlite3.Connection, sql: str, values: tuple[str | int, ...]) -> Message | None:
    row = connection.execute(sql, values).fetchone()
    return None if row is None else load_message(row)


def _all(connection: sqlite3.Connection, sql: str, values: tuple[str | int, ...]) -> list[Message]:
    return [load_message(row) for row in connection.execute(sql, values).fetchall()]
