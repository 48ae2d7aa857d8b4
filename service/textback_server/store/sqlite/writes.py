"""What is written: rows of `batch`, and the few statements beside it. Whatever raises has its writes undone."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
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
    rows = [*_inbound(write.inbound), *(row for change in write.changes for row in _change(change))]
    by_itself = partial(_commit, rows=rows, person=write.person)
    if write.person is not None:
        return by_itself
    inbound = [("inbound", write.inbound.account, write.inbound.twilio_sid)] if write.inbound else []
    return Rows(rows, None, by_itself, frozenset((*(change.before.id for change in write.changes), *inbound)))


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


def _commit(connection: sqlite3.Connection, rows: Sequence[Row], person: PersonChange | None) -> None:
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
    account, sms = message.account, message.sms
    sequence, time, kind, content, result = dump_event(event)
    row = Row(
        what="message",
        account=account,
        id=message.id,
        request_id=message.request_id,
        request_hash=message.request_hash,
        recipient=sms.recipient,
        sender=sms.sender,
        case_id=message.context.case_id if message.context else "",
        create_time=microseconds(message.create_time),
        twilio_sid=message.twilio_sid,
        revision=message.revision,
        state=message.state,
        wait_state=None if message.wait is None else message.wait.state,
        due=None if message.due is None else microseconds(message.due),
        content=dump_message(message),
        now=microseconds(new.now),
        blocked_since=microseconds(new.draft.create_time - BLOCK),
        hour_ago=microseconds(new.now - HOUR),
        day=day_of(new.now),
        per_recipient=new.limits.per_recipient or None,
        pending=new.limits.pending or None,
        per_day=new.limits.per_day or None,
        code=code,
        excluded=None if code is None else json.dumps([code, *fragments(code)]),
        sequence=sequence,
        time=time,
        kind=kind,
        event=content,
        result=result,
    )
    return message, [row, *(Row("label", account, message.id, name=n, value=v) for n, v in sms.labels.items())]


def _change(change: Change) -> Iterator[Row]:
    after = change.after
    sequence, time, kind, content, result = dump_event(change.events[0]) if change.events else [None] * 5
    yield Row(
        what="change",
        account=after.account,
        id=after.id,
        recipient=after.sms.recipient,
        twilio_sid=after.twilio_sid,
        old_revision=change.before.revision,
        revision=after.revision,
        state=after.state,
        wait_state=None if after.wait is None else after.wait.state,
        due=None if after.due is None else microseconds(after.due),
        end_time=None if after.result is None else microseconds(after.update_time),
        content=dump_message(after),
        code=None if after.wait is None else after.wait.code,
        free_time=_free_time(change),
        sequence=sequence,
        time=time,
        kind=kind,
        event=content,
        result=result,
    )
    yield from map(_event, change.events[1:])


def _event(event: Event) -> Row:
    sequence, time, kind, content, result = dump_event(event)
    return Row("event", id=event.message_id, sequence=sequence, time=time, kind=kind, event=content, result=result)


def _free_time(change: Change) -> int | None:
    """Until when the code of a wait that closes stays taken."""
    before, after = change.before.wait, change.after.wait
    if before is None or after is None or after.open or not before.open:
        return None
    return microseconds(change.after.update_time + QUARANTINE)


def _inbound(inbound: Inbound | None) -> Iterator[Row]:
    if inbound is None:
        return
    account, twilio_sid = inbound.account, inbound.twilio_sid
    yield Row(
        what="inbound",
        account=account,
        twilio_sid=twilio_sid,
        sender=inbound.sender,
        disposition=inbound.disposition,
        time=microseconds(inbound.receive_time),
        content=dump_inbound(inbound),
    )
    for message_id in dict.fromkeys((*([inbound.message_id] if inbound.message_id else []), *inbound.also)):
        yield Row("spoken to", account, message_id, twilio_sid=twilio_sid)


def _update_person(connection: sqlite3.Connection, person: PersonChange) -> None:
    whose, time = (person.account, person.number), microseconds(person.time)
    connection.executemany(UNBLOCK_SENDER, [(*whose, sender) for sender in person.unblock])
    connection.executemany(BLOCK_SENDER, [(*whose, sender, time) for sender in person.block])
    if person.told:
        connection.execute(DROP_OLD_NOTICES, (*whose, microseconds(person.time - NOTICE_WINDOW)))
        first, further = (FIRST_NOTICE, (*whose, time)), (FURTHER_NOTICE, (person.told, *whose, person.told))
        if connection.execute(*(first if person.told == 1 else further)).rowcount == 0:
            raise Conflict("The person was told something else meanwhile.")
