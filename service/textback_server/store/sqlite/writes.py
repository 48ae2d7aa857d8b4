"""What is written: rows of `batch`, and the few statements beside it. Whatever raises has its writes undone."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from types import MappingProxyType

from textback_server.domain.changes import Change, PersonChange, Write
from textback_server.domain.codes import QUARANTINE, fragments
from textback_server.domain.drafts import Draft
from textback_server.domain.events import Event
from textback_server.domain.limits import HOUR, Limits, day_of
from textback_server.domain.messages import Code, Inbound, Message
from textback_server.domain.people import BLOCK, NOTICE_WINDOW
from textback_server.store.codec import dump_event, dump_inbound, dump_message, microseconds
from textback_server.store.protocol import Blocked, CodesTaken, Conflict, Duplicate, Limit, LimitReached, StoreError
from textback_server.store.sqlite import batch
from textback_server.store.sqlite.batch import Row
from textback_server.store.sqlite.reads import recall
from textback_server.store.sqlite.writer import Operation, Rows

BLOCK_SENDER = """
INSERT INTO opt_outs (account, person, sender, time) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET time = max(time, excluded.time)"""
UNBLOCK_SENDER = "DELETE FROM opt_outs WHERE account = ? AND person = ? AND sender = ?"
DROP_OLD_NOTICES = "DELETE FROM notices WHERE account = ? AND person = ? AND start <= ?"
FIRST_NOTICE = "INSERT INTO notices (account, person, start, notices) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING"
FURTHER_NOTICE = "UPDATE notices SET notices = ? WHERE account = ? AND person = ? AND notices = ? - 1"

CODE_TAKEN = "code taken"

_REFUSALS: Mapping[str, Callable[[], StoreError]] = MappingProxyType(
    {
        "blocked": lambda: Blocked("The person opted out of this sender."),
        "per recipient": lambda: LimitReached(Limit.PER_RECIPIENT),
        "pending": lambda: LimitReached(Limit.PENDING),
        "per day": lambda: LimitReached(Limit.PER_DAY),
        "changed": lambda: Conflict("The message was changed meanwhile."),
        "received": lambda: Duplicate("This inbound SMS is stored already."),
        "UNIQUE constraint failed: messages.account, messages.twilio_sid": lambda: Conflict(
            "Another message has this Twilio SID."
        ),
    }
)
"""What SQLite says where a row may not be written, by itself or by a trigger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """What Store.create is given."""

    draft: Draft
    codes: Sequence[Code]
    now: datetime
    limits: Limits


def create(new: New) -> Operation[tuple[Message, bool]]:
    """See Store.create. Its cost does not grow with the codes in use."""
    draft, by_itself = new.draft, partial(_create, new=new)
    if draft.terms is not None and not new.codes:
        return by_itself
    message, rows = _made(new, new.codes[0] if draft.terms is not None else None)
    request = {(draft.account, "request", draft.request_id)} if draft.request_id else set()
    touches = frozenset({(draft.account, "person", draft.sms.recipient), *request})
    return Rows(rows, (message, True), by_itself, touches)


def commit(write: Write) -> Operation[None]:
    """See Store.commit."""
    steps = [_inbound(write.inbound), *map(_change, write.changes)]
    by_itself = partial(_commit, steps=steps, person=write.person)
    if write.person is not None:
        return by_itself
    inbound = [("inbound", write.inbound.account, write.inbound.twilio_sid)] if write.inbound else []
    touches = frozenset((*(change.before.id for change in write.changes), *inbound))
    return Rows([*chain.from_iterable(steps)], None, by_itself, touches)


def touch(connection: sqlite3.Connection) -> None:
    """Writes a page as it is."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version = {version}")


def _create(connection: sqlite3.Connection, new: New) -> tuple[Message, bool]:
    if existing := recall(connection, new.draft.account, new.draft.request_id):
        return existing, False
    for code in new.codes if new.draft.terms is not None else [None]:
        message, rows = _made(new, code)
        try:
            _put(connection, rows)
        except sqlite3.IntegrityError as error:
            if str(error) != CODE_TAKEN:
                raise
        else:
            return message, True
    raise CodesTaken("None of the offered codes is free for this recipient.")


def _commit(connection: sqlite3.Connection, steps: Sequence[Sequence[Row]], person: PersonChange | None) -> None:
    for rows in steps:
        _put(connection, rows)
    if person is not None:
        _update_person(connection, person)


def _put(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Raises what a refusal means, if it means anything by itself."""
    try:
        batch.put(connection, rows)
    except sqlite3.IntegrityError as error:
        if refusal := _REFUSALS.get(str(error)):
            raise refusal() from error
        raise


def _made(new: New, code: Code | None) -> tuple[Message, list[Row]]:
    """The message that the draft becomes with this code, and its rows."""
    message, event = new.draft.accept(code)
    row = _message("message", message)
    row.request_id = message.request_id
    row.request_hash = message.request_hash
    row.sender = message.sms.sender
    row.case_id = message.context.case_id if message.context else ""
    row.create_time = microseconds(message.create_time)
    row.now = microseconds(new.now)
    row.blocked_since = microseconds(message.create_time - BLOCK)
    row.hour_ago = microseconds(new.now - HOUR)
    row.day = day_of(new.now)
    row.per_recipient = new.limits.per_recipient
    row.pending = new.limits.pending
    row.per_day = new.limits.per_day
    row.excluded = json.dumps([code, *fragments(code)]) if code else ""
    labels = message.sms.labels.items()
    return message, [
        _told(row, event),
        *(Row("label", message.account, message.id, name=n, value=v) for n, v in labels),
    ]


def _change(change: Change) -> list[Row]:
    after = change.after
    row = _message("change", after)
    row.old_revision = change.before.revision
    row.end_time = microseconds(after.update_time) if after.result else 0
    row.free_time = _free_time(change)
    if not change.events:
        return [row]
    first, *further = change.events
    return [_told(row, first), *(_told(Row("event", id=event.message_id), event) for event in further)]


def _message(what: str, message: Message) -> Row:
    """What is to be known of a message whenever it is written."""
    wait = message.wait
    return Row(
        what=what,
        account=message.account,
        id=message.id,
        recipient=message.sms.recipient,
        twilio_sid=message.twilio_sid,
        revision=message.revision,
        state=str(message.state),
        wait_state=str(wait.state) if wait else "",
        due=microseconds(message.due) if message.due else 0,
        content=dump_message(message),
        code=wait.code if wait else "",
    )


def _told(row: Row, event: Event) -> Row:
    """The row with an event of its message."""
    row.sequence, row.time, row.kind, row.event, result = dump_event(event)
    row.result = result or ""
    return row


def _free_time(change: Change) -> int:
    """Until when the code of a wait that closes stays taken; 0: none does."""
    before, after = change.before.wait, change.after.wait
    if before is None or after is None or after.open or not before.open:
        return 0
    return microseconds(change.after.update_time + QUARANTINE)


def _inbound(inbound: Inbound | None) -> list[Row]:
    if inbound is None:
        return []
    account, twilio_sid = inbound.account, inbound.twilio_sid
    row = Row(
        what="inbound",
        account=account,
        twilio_sid=twilio_sid,
        sender=inbound.sender,
        disposition=str(inbound.disposition),
        time=microseconds(inbound.receive_time),
        content=dump_inbound(inbound),
    )
    spoken_to = dict.fromkeys((*([inbound.message_id] if inbound.message_id else []), *inbound.also))
    return [row, *(Row("spoken to", account, message_id, twilio_sid=twilio_sid) for message_id in spoken_to)]


def _update_person(connection: sqlite3.Connection, person: PersonChange) -> None:
    whose, time = (person.account, person.number), microseconds(person.time)
    connection.executemany(UNBLOCK_SENDER, [(*whose, sender) for sender in person.unblock])
    connection.executemany(BLOCK_SENDER, [(*whose, sender, time) for sender in person.block])
    if person.told:
        connection.execute(DROP_OLD_NOTICES, (*whose, microseconds(person.time - NOTICE_WINDOW)))
        first, further = (FIRST_NOTICE, (*whose, time)), (FURTHER_NOTICE, (person.told, *whose, person.told))
        if connection.execute(*(first if person.told == 1 else further)).rowcount == 0:
            raise Conflict("The person was told something else meanwhile.")
