"""Sender pools, and who refuses messages from them."""

from datetime import UTC, datetime

from twilio_emulator.account import MessagingService
from twilio_emulator.pools import Pools
from twilio_emulator.queues import Queues

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ONE, TWO, ALONE = "+15005550006", "+15005550098", "+15005550097"
ANNA, BEN = "+14155550123", "+14155550124"


def pools(*, sticky: bool = True) -> Pools:
    return Pools([MessagingService(sid="MG1", created=NOW, numbers=(ONE, TWO), sticky_sender=sticky)])


def test_pool_takes_turns_but_keeps_to_the_sender_that_a_phone_knows() -> None:
    both = pools()

    assert [both.choose("MG1", phone) for phone in (ANNA, BEN, ANNA, BEN)] == [ONE, TWO, ONE, TWO]
    assert [pools(sticky=False).choose("MG1", ANNA)] == [ONE]


def test_pool_forgets_the_known_sender_when_it_left_or_is_not_sticky() -> None:
    both, loose = pools(), pools(sticky=False)
    assert both.choose("MG1", ANNA) == ONE

    both.set_numbers("MG1", (TWO,), NOW)

    assert both.choose("MG1", ANNA) == TWO
    assert [loose.choose("MG1", ANNA) for _ in range(3)] == [ONE, TWO, ONE]


def test_pool_has_no_sender_when_it_is_empty_or_gone() -> None:
    both = pools()
    both.set_numbers("MG1", (), NOW)

    assert both.choose("MG1", ANNA) is None
    assert both.choose("MG2", ANNA) is None


def test_opt_out_holds_for_the_whole_service_but_not_for_a_number_outside() -> None:
    both = pools()

    both.opt_out(ONE, ANNA)
    both.opt_out(ALONE, BEN)

    assert [both.is_opted_out(sender, ANNA) for sender in (ONE, TWO, "MG1", ALONE)] == [True, True, True, False]
    assert [both.is_opted_out(sender, BEN) for sender in (ONE, TWO, "MG1", ALONE)] == [False, False, False, True]
    both.opt_in(TWO, ANNA)
    assert not both.is_opted_out(ONE, ANNA)


def test_queue_grows_by_the_segments_of_each_sender_and_never_without_a_rate() -> None:
    limited, free = Queues(2.0), Queues(None)

    for queues in (limited, free):
        queues.join(ONE, 3, NOW)
        queues.join(ONE, 1, NOW)

    assert (limited.wait(ONE, NOW), limited.wait(TWO, NOW), free.wait(ONE, NOW)) == (2.0, 0.0, 0.0)
