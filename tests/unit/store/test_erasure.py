"""What was erased is in no file of the store: neither in the database, unused parts included, nor in its log."""

import asyncio
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from tests.support.builders import NOW, a_draft, a_receipt, a_rejection, an_answer, an_inbound
from textback_server.domain.changes import PersonChange, Write
from textback_server.domain.messages import Code, Disposition, Message
from textback_server.store.protocol import Store
from textback_server.store.sqlite import SqliteStore

SENT, WRITTEN, PERSON = b"SECRET-QUESTION", b"SECRET-ANSWER", "+141555"
DAY = timedelta(days=1)
MESSAGES = 400
"""Enough that SQLite splits pages and moves rows."""


async def lived(store: Store, number: int, chance: random.Random) -> Message:
    """A message with a whole life, and texts of any length."""
    draft = a_draft(recipient=f"{PERSON}{number:05d}", body=SENT.decode() + "x" * chance.randrange(600))
    message, _ = await store.create(draft, [Code("4821")], NOW)
    receipt = a_receipt(message)
    await store.commit(Write(changes=(receipt,)))
    message = receipt.after
    for change, disposition in ((a_rejection, Disposition.REJECTED), (an_answer, Disposition.REPLY)):
        body = WRITTEN.decode() + "y" * chance.randrange(300)
        inbound = an_inbound(body, sender=draft.sms.recipient, message_id=message.id, disposition=disposition)
        news = change(message, body)
        await store.commit(Write(changes=(news,), inbound=inbound))
        message = news.after
    return message


async def forget_all(store: Store, age: timedelta) -> None:
    now = NOW + age
    while await store.forget(now, now - 7 * DAY, now - 30 * DAY, 100):
        pass


def found(folder: Path, *texts: bytes) -> dict[str, int]:
    """How often the texts are in each file that has them."""
    counts = {file.name: sum(map(file.read_bytes().count, texts)) for file in folder.iterdir()}
    return {name: count for name, count in counts.items() if count}


async def test_erased_texts_and_removed_numbers_are_in_no_file(tmp_path: Path) -> None:
    chance = random.Random(3)
    async with SqliteStore.open(tmp_path / "textback.db") as store:
        await asyncio.gather(*(lived(store, number, chance) for number in range(MESSAGES)))
        assert found(tmp_path, SENT, WRITTEN)
        await forget_all(store, 7 * DAY)
        assert found(tmp_path, SENT, WRITTEN) == {}
        assert found(tmp_path, PERSON.encode())
        await forget_all(store, 30 * DAY)
        assert found(tmp_path, PERSON.encode()) == {}


async def test_nothing_is_left_in_any_table_when_all_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "textback.db"
    async with SqliteStore.open(path) as store:
        message, _ = await store.create(a_draft(labels={"a": "b", "c": "d"}), [Code("4821")], NOW)
        other, _ = await store.create(a_draft(), [Code("7350")], NOW)
        told = PersonChange(account=message.account, number=message.sms.recipient, time=NOW, told=1)
        inbound = replace(an_inbound(disposition=Disposition.REPLY, message_id=message.id), also=(other.id,))
        changes = (an_answer(message, "yes"), an_answer(other, "yes"))
        await store.commit(Write(changes=changes, inbound=inbound, person=told))
        await forget_all(store, 30 * DAY)
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}  # noqa: S608 - our own names
    assert {name for name, found in rows.items() if found} == {"secret"}


async def test_others_are_forgotten_when_one_row_is_no_json(tmp_path: Path) -> None:
    path, chance = tmp_path / "textback.db", random.Random(3)
    async with SqliteStore.open(path) as store:
        for number in range(3):
            await lived(store, number, chance)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE messages SET content = 'damaged' WHERE number = 2")
        connection.execute("UPDATE inbound SET content = 'damaged' WHERE rowid = 1")
    async with SqliteStore.open(path) as store:
        await forget_all(store, 7 * DAY)
        await forget_all(store, 30 * DAY)
    with closing(sqlite3.connect(path)) as connection:
        left = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("messages", "inbound")]  # noqa: S608 - our own names
    assert left == [0, 0]


async def test_erased_texts_leave_the_log_later_when_a_reader_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "textback.db"
    async with SqliteStore.open(path) as store:
        await lived(store, 1, random.Random(3))
        with closing(sqlite3.connect(path)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM messages").fetchone() == (1,)
            await forget_all(store, 7 * DAY)
            assert "textback.db-wal" in found(tmp_path, SENT)
        await forget_all(store, 7 * DAY)
        assert found(tmp_path, SENT, WRITTEN) == {}


async def test_file_gives_space_back_step_by_step_when_rows_are_removed(tmp_path: Path) -> None:
    path, chance = tmp_path / "textback.db", random.Random(3)
    async with SqliteStore.open(path) as store:
        await asyncio.gather(*(lived(store, number, chance) for number in range(MESSAGES)))
        await forget_all(store, 30 * DAY)
        with closing(sqlite3.connect(path)) as reader:
            pages = [reader.execute("PRAGMA page_count").fetchone()[0]]
            while len(pages) < 3 or pages[-1] != pages[-2]:
                await store.forget(NOW, NOW - 7 * DAY, NOW - 30 * DAY, 100)
                pages.append(reader.execute("PRAGMA page_count").fetchone()[0])
    assert all(0 <= before - after <= 100 for before, after in pairwise(pages))
    assert pages[-1] < 50
