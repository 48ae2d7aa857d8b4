"""Hundreds of hostile schedules of the production engine, each decided by its seed, and a judge over all of them.

To look at one again: `simulate(seed)`. The mutations show that the judge would see what it is there for.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.simulation.world import Run, simulate
from textback_server.domain import transitions
from textback_server.domain.errors import Refusal
from textback_server.domain.messages import Message, MessageState, Outcome
from textback_server.domain.transitions import Row, Stimulus
from textback_server.engine.follow import Streams, Write
from textback_server.engine.poller import Poller
from textback_server.store.sqlite import batch

SEEDS = range(60)
MORE_SEEDS = range(1_000, 1_200)
MUTANT_SEEDS = range(60)

# A process that is killed leaves coroutines behind that were never begun.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


@pytest.fixture(autouse=True)
def buried() -> Iterator[None]:
    """They are found here, and not in somebody else's test."""
    yield
    gc.collect()


def judged(runs: list[Run]) -> None:
    problems = {run.seed: run.problems for run in runs if run.problems}
    assert not problems


def test_every_promise_is_kept_when_everything_goes_wrong() -> None:
    runs = [simulate(seed) for seed in SEEDS]
    judged(runs)
    assert frozenset[Outcome]().union(*(run.outcomes for run in runs)) == frozenset(Outcome)
    assert sum(run.sent for run in runs) > 5 * len(SEEDS)
    assert sum(run.kills for run in runs) > len(SEEDS)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_promise_is_kept_when_much_more_goes_wrong() -> None:
    judged([simulate(seed) for seed in MORE_SEEDS])


def test_run_is_the_same_when_its_seed_is() -> None:
    for seed in range(5):
        assert simulate(seed) == simulate(seed)
    assert simulate(0).digest != simulate(1).digest


def without_compare_and_set(patch: pytest.MonkeyPatch) -> None:
    """Who comes last wins, over the message and over its events."""
    triggers, compare = batch.TRIGGERS, " AND messages.revision = batch.old_revision"
    assert compare in triggers
    triggers = triggers.replace(compare, "").replace("INSERT INTO events", "INSERT OR REPLACE INTO events")
    patch.setattr(batch, "TRIGGERS", triggers)


def posted_again_at_once(patch: pytest.MonkeyPatch) -> None:
    """A POST whose outcome nobody knows is made again."""
    _with_row(patch, Stimulus.UNCLEAR)


def posted_again_after_a_crash(patch: pytest.MonkeyPatch) -> None:
    """A POST that nobody finished is made again."""
    _with_row(patch, Stimulus.LEASE_ENDED)


def resent_without_settling(patch: pytest.MonkeyPatch) -> None:
    """Who may send again does so at the first list that does not show the message."""
    patch.setattr(transitions, "SETTLE", timedelta(0))


def expired_without_a_last_look(patch: pytest.MonkeyPatch) -> None:
    """A wait ends at its time, whatever Twilio holds by then."""
    patch.setattr(Poller, "horizon", lambda _poller, now: now)


def streams_end_well_where_they_may_not_go_on(patch: pytest.MonkeyPatch) -> None:
    """A client cannot tell the end of a stream from the end of its message."""
    follow = Streams.follow

    async def quiet(streams: Streams, message: Message, after: int, write: Write) -> None:
        with suppress(Refusal):
            await follow(streams, message, after, write)

    patch.setattr(Streams, "follow", quiet)


def _with_row(patch: pytest.MonkeyPatch, stimulus: Stimulus) -> None:
    row = {(MessageState.SENDING, stimulus): Row(MessageState.PENDING)}
    patch.setattr(transitions, "TABLE", {**transitions.TABLE, **row})


MUTATIONS: Mapping[Callable[[pytest.MonkeyPatch], None], str] = {
    without_compare_and_set: "a client saw",
    posted_again_at_once: "2 SMS went out",
    posted_again_after_a_crash: "2 SMS went out",
    resent_without_settling: "2 SMS went out",
    streams_end_well_where_they_may_not_go_on: "ended well after",
    expired_without_a_last_look: "had answered it",
}
"""What to break, and what must be said of it."""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_judge_objects_when(mutation: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    mutation(monkeypatch)
    complaints = (problem for seed in MUTANT_SEEDS for problem in simulate(seed).problems)
    assert any(MUTATIONS[mutation] in complaint for complaint in complaints)
