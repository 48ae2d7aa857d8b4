"""Bells bring news along, and never more than is whole."""

from tests.support.builders import a_change, a_message
from textback_server.domain.changes import Change
from textback_server.domain.events import Cancelled, Settled
from textback_server.engine.hub import Hub


def two_changes() -> tuple[Change, Change]:
    first = a_change(a_message(), Settled())
    return first, a_change(first.after, Cancelled())


def test_bell_brings_the_events_of_each_change_once() -> None:
    hub, (first, second) = Hub(), two_changes()
    with hub.listen(first.after.id) as bell, hub.listen(first.after.id) as other:
        hub.ring([first])
        hub.ring([second])
        assert bell.is_set()
        assert bell.take(1) == [*first.events, *second.events] == other.take(1)
        assert not bell.take(3)


def test_bell_brings_nothing_when_something_is_left_out_or_known_already() -> None:
    hub, (first, second) = Hub(), two_changes()
    with hub.listen(first.after.id) as bell:
        hub.ring([second])
        assert not bell.take(1)
        hub.ring([first, second])
        assert not bell.take(2)
        hub.ring([second, first])
        assert not bell.take(1)


def test_bell_rings_without_news_when_all_are_rung_and_no_more_when_it_is_given_back() -> None:
    hub, (first, _) = Hub(), two_changes()
    with hub.listen(first.after.id) as bell:
        hub.ring_all()
        assert bell.is_set()
        assert not bell.take(1)
        bell.clear()
    hub.ring([first])
    assert not bell.is_set()
    assert hub.listeners == 0
