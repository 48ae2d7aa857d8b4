"""What is erased, and later removed, as SQL. Each function runs inside the writer's transaction.

Content goes first, rows later. An inbound SMS keeps its content and its row as long as a message that it spoke to does.
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime

import structlog

from textback_server.domain.erasing import erased, erased_event, erased_inbound
from textback_server.store.codec import (
    MessageRow,
    dump_event,
    dump_inbound,
    dump_message,
    load_event,
    load_inbound,
    load_message,
    microseconds,
    whole,
)
from textback_server.store.protocol import StoreUnavailable

_log = structlog.get_logger(__name__)

PAGES = 100
"""Pages that one call gives back to the file system, at most."""
RESERVE = 10
"""One page in so many may be free: new rows will need it."""

# `due` is NULL: nobody has to look at it any more, least of all to send it.
ENDED = whole("""
SELECT * FROM messages INDEXED BY messages_ended
WHERE content_erased = 0 AND end_time <= ? AND due IS NULL ORDER BY end_time LIMIT ?""")
EVENTS_OF = """
SELECT sequence, time, kind, content, result FROM events WHERE message = (SELECT number FROM messages WHERE id = ?)"""
# To the end of the table: SQLite wipes what it deletes, but not what it left behind where a row grew and its page was
# split. As the neighbours end too, the pages that they all were on become empty, and are wiped whole.
ERASE_MESSAGE = """
UPDATE messages SET rowid = (SELECT max(rowid) + 1 FROM messages), content = ?, revision = ?, content_erased = 1
WHERE id = ?"""
ERASE_EVENT = """
UPDATE events SET content = ?, result = ?
WHERE message = (SELECT number FROM messages WHERE id = ?) AND sequence = ?"""

# Of a content that is damaged json_extract makes an error, and nothing else would be forgotten either.
_MESSAGE, _INBOUND = (
    f"iif(json_valid({table}.content), {table}.content, json_object())" for table in ("messages", "inbound")
)

_SPEAKS_TO = """
EXISTS (SELECT 1 FROM messages WHERE id = json_extract({content}, '$.message_id') AND {which})
OR EXISTS (
  SELECT 1 FROM json_each({content}, '$.also') AS other
  CROSS JOIN messages ON messages.id = other.value AND {which}
)"""
_KEPT_INBOUND = """
SELECT content FROM inbound INDEXED BY inbound_kept
WHERE content_erased = 0 AND receive_time <= ? AND NOT ({speaks_to}) ORDER BY receive_time LIMIT ?"""
KEPT_INBOUND = _KEPT_INBOUND.format(speaks_to=_SPEAKS_TO.format(content=_INBOUND, which="NOT messages.content_erased"))
ERASE_INBOUND = "UPDATE inbound SET content = ?, content_erased = 1 WHERE account = ? AND twilio_sid = ?"

# What could not be read was not erased, and goes now.
_OLD = """
SELECT number, account, recipient, json_extract({content}, '$.wait.code'), json_extract({content}, '$.sms.labels')
FROM messages INDEXED BY messages_ended
WHERE content_erased IN (0, 1) AND end_time <= ? AND due IS NULL AND NOT EXISTS (
  SELECT 1 FROM codes
  WHERE codes.account = messages.account AND codes.recipient = messages.recipient
    AND codes.code = json_extract({content}, '$.wait.code')
    AND codes.message = messages.number AND (free_time IS NULL OR free_time > ?)
)
LIMIT ?"""
OLD = _OLD.format(content=_MESSAGE)
_OLD_INBOUND = """
SELECT account, twilio_sid, sender, json_extract({content}, '$.message_id'), json_extract({content}, '$.also')
FROM inbound INDEXED BY inbound_kept
WHERE content_erased IN (0, 1) AND receive_time <= ? AND NOT ({speaks_to}) LIMIT ?"""
OLD_INBOUND = _OLD_INBOUND.format(content=_INBOUND, speaks_to=_SPEAKS_TO.format(content=_INBOUND, which="TRUE"))

DROP_EVENTS = "DELETE FROM events WHERE message = :number"
DROP_CODE = (
    "DELETE FROM codes WHERE account = :account AND recipient = :recipient AND code = :code AND message = :number"
)
DROP_LABELS = """
DELETE FROM labels WHERE (account, name, value, message) IN
  (SELECT :account, key, value, :number FROM json_each(:labels))"""
DROP_MESSAGE = "DELETE FROM messages WHERE number = :number"
REMOVALS = (DROP_EVENTS, DROP_CODE, DROP_LABELS, DROP_MESSAGE)
"""A message goes last: its events refer to it."""

DROP_SPOKEN_TO = """
DELETE FROM spoken_to WHERE account = :account AND twilio_sid = :sid AND message_id IN
  (SELECT :message_id UNION SELECT value FROM json_each(:also))"""
DROP_NOTICES = "DELETE FROM notices WHERE account = :account AND person = :person AND start <= :before"
DROP_INBOUND = "DELETE FROM inbound WHERE account = :account AND twilio_sid = :sid"
INBOUND_REMOVALS = (DROP_SPOKEN_TO, DROP_NOTICES, DROP_INBOUND)


def forget(
    connection: sqlite3.Connection, now: datetime, bodies_before: datetime, rows_before: datetime, limit: int
) -> int:
    """See Store.forget."""
    bodies, rows = microseconds(bodies_before), microseconds(rows_before)
    steps: tuple[Callable[[int], int], ...] = (
        lambda most: _erase_messages(connection, bodies, most),
        lambda most: _erase_inbound(connection, bodies, most),
        lambda most: _remove_messages(connection, rows, microseconds(now), most),
        lambda most: _remove_inbound(connection, rows, most),
    )
    done = 0
    for step in steps:
        done += step(limit - done)
    _shrink(connection)
    return done


def _erase_messages(connection: sqlite3.Connection, before: int, limit: int) -> int:
    found = connection.execute(ENDED, (before, limit)).fetchall()
    return sum(_erase_message(connection, row) for row in found)


def _erase_message(connection: sqlite3.Connection, row: MessageRow) -> bool:
    """A row that cannot be read is passed over: nobody can say what of it is content. It is removed in its time."""
    try:
        message = erased(load_message(row))
        events = [load_event(message.id, each) for each in connection.execute(EVENTS_OF, (message.id,)).fetchall()]
    except StoreUnavailable:
        _log.error("store.unreadable", message_id=row[0])
        return False
    for event in events:
        after = erased_event(event)
        if after is not event:
            *_, what, result = dump_event(after)
            connection.execute(ERASE_EVENT, (what, result, message.id, event.sequence))
    connection.execute(ERASE_MESSAGE, (dump_message(message), message.revision, message.id))
    return True


def _erase_inbound(connection: sqlite3.Connection, before: int, limit: int) -> int:
    done = 0
    for (content,) in connection.execute(KEPT_INBOUND, (before, limit)).fetchall():
        try:
            inbound = erased_inbound(load_inbound(content))
        except StoreUnavailable:
            _log.error("store.unreadable_inbound")
            continue
        connection.execute(ERASE_INBOUND, (dump_inbound(inbound), inbound.account, inbound.twilio_sid))
        done += 1
    return done


def _remove_messages(connection: sqlite3.Connection, before: int, now: int, limit: int) -> int:
    found = connection.execute(OLD, (before, now, limit)).fetchall()
    rows = [dict(zip(("number", "account", "recipient", "code", "labels"), row, strict=True)) for row in found]
    for sql in REMOVALS:
        connection.executemany(sql, rows)
    return len(rows)


def _remove_inbound(connection: sqlite3.Connection, before: int, limit: int) -> int:
    found = connection.execute(OLD_INBOUND, (before, limit)).fetchall()
    names = ("account", "sid", "person", "message_id", "also")
    rows = [{**dict(zip(names, row, strict=True)), "before": before} for row in found]
    for sql in INBOUND_REMOVALS:
        connection.executemany(sql, rows)
    return len(rows)


def _shrink(connection: sqlite3.Connection) -> None:
    """Gives the file system some of the pages that are free, if many are."""
    free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    if free * RESERVE > connection.execute("PRAGMA page_count").fetchone()[0]:
        connection.execute(f"PRAGMA incremental_vacuum({min(free, PAGES)})").fetchall()
