"""The state and its journal."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from twilio_emulator import journal
from twilio_emulator.settings import EmulatorSettings
from twilio_emulator.world import MESSAGES_PER_PHONE, Direction, Draft, Message, Status, World

PHONE = "+14155550123"
SENDER = "+15005550006"
START = datetime(2026, 1, 2, tzinfo=UTC)


def a_world(seed: int | None = 1) -> World:
    ticks = itertools.count()
    return World(EmulatorSettings(seed=seed), now=lambda: START + timedelta(seconds=next(ticks)))


def send(world: World, body: str = "Hi", phone: str = PHONE) -> Message:
    return world.add(
        Draft(direction=Direction.OUTBOUND_API, sender=SENDER, recipient=phone, body=body, status=Status.QUEUED)
    )


def test_sids_repeat_from_run_to_run_when_there_is_a_seed() -> None:
    assert send(a_world(1)).sid == send(a_world(1)).sid
    assert send(a_world(1)).sid != send(a_world(2)).sid
    assert send(a_world(None)).sid != send(a_world(None)).sid


def test_store_drops_the_oldest_of_a_phone_when_it_is_full() -> None:
    world = a_world()
    other = send(world, phone="+14155550199")
    sent = [send(world, str(n)) for n in range(MESSAGES_PER_PHONE + 2)]

    assert [m.body for m in world.conversation(PHONE)] == [str(n) for n in range(2, MESSAGES_PER_PHONE + 2)]
    assert sent[0].sid not in world.messages
    assert other.sid in world.messages


def test_dropped_message_still_moves_but_does_not_come_back() -> None:
    world = a_world()
    dropped, *_ = [send(world, str(n)) for n in range(MESSAGES_PER_PHONE + 1)]

    assert world.advance(dropped, Status.SENT).status is Status.SENT

    assert dropped.sid not in world.messages


def test_date_sent_is_set_once_when_the_message_is_sent() -> None:
    world = a_world()
    message = send(world)
    assert message.sent is None

    sent = world.advance(message, Status.SENT)
    delivered = world.advance(sent, Status.DELIVERED)

    assert sent.sent == delivered.sent == sent.updated < delivered.updated


def test_reset_forgets_messages_and_opt_outs_but_not_webhooks_or_journal_ids() -> None:
    world = a_world()
    world.set_sms_url("http://127.0.0.1:1/in")
    world.pools.opt_out(SENDER, PHONE)
    sid = send(world).sid
    before = world.journal.last_id

    world.reset()

    assert not world.messages
    assert not world.pools.is_opted_out(SENDER, PHONE)
    assert world.numbers[SENDER].sms_url == "http://127.0.0.1:1/in"
    assert [(entry.id, entry.kind) for entry in world.journal.after(before)] == [(before + 1, journal.Kind.RESET)]
    assert send(world).sid != sid


def test_journal_tells_what_it_no_longer_covers_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "CAPACITY", 3)
    log = journal.Journal()
    for _ in range(5):
        log.append(journal.Kind.STATUS)

    assert [entry.id for entry in log.after(3)] == [4, 5]
    assert [entry.id for entry in log.after(0)] == [3, 4, 5]
    assert (log.covers(1), log.covers(2), log.covers(5), log.covers(6)) == (False, True, True, False)


def test_message_and_account_keep_text_and_secrets_out_of_their_repr() -> None:
    world = a_world()

    assert "top secret" not in repr(send(world, "top secret"))
    assert "emulatortoken" not in repr(world.account)
    assert "emulatorsecret" not in repr(world.account)
