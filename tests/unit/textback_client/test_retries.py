"""Which failures are repeated, how long the pauses are, and when it ends."""

import grpc
import pytest

from textback_client.errors import TextbackError
from textback_client.retries import LONGEST_PAUSE, Retries, can_help


def failure(code: grpc.StatusCode, message: str = "", **rest: object) -> TextbackError:
    return TextbackError(code=code, message=message, **rest)  # type: ignore[arg-type]  # keywords of the table below


GONE = failure(grpc.StatusCode.UNAVAILABLE)


@pytest.mark.parametrize(
    ("error", "helps"),
    [
        (GONE, True),
        (failure(grpc.StatusCode.CANCELLED), True),
        (failure(grpc.StatusCode.RESOURCE_EXHAUSTED, retry_after=1.0), True),
        (failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max"), False),
        (failure(grpc.StatusCode.INTERNAL, "Received RST_STREAM with error code 2"), True),
        (failure(grpc.StatusCode.UNKNOWN, "Stream removed"), True),
        (failure(grpc.StatusCode.INTERNAL, "Received RST_STREAM", reason="INTERNAL"), False),
        (failure(grpc.StatusCode.INTERNAL, "something went wrong"), False),
        (failure(grpc.StatusCode.INVALID_ARGUMENT), False),
        (failure(grpc.StatusCode.NOT_FOUND), False),
        (failure(grpc.StatusCode.OUT_OF_RANGE), False),
        (failure(grpc.StatusCode.DEADLINE_EXCEEDED), False),
    ],
)
def test_failure_is_repeated_only_when_that_can_help(error: TextbackError, helps: bool) -> None:
    assert can_help(error) is helps


def test_pauses_double_to_a_ceiling_and_start_again_when_progress_was_made() -> None:
    retries = Retries(patience=1e9)
    retries.start(0)
    longest = [max(_pauses_at(step)) for step in range(8)]
    assert all(mine <= min(LONGEST_PAUSE, 0.1 * 2**step) for step, mine in enumerate(longest))
    assert longest[0] < longest[3] < longest[6]
    for _ in range(20):
        retries.pause(GONE, 0)
    retries.progressed()
    assert retries.pause(GONE, 0) <= 0.1


def _pauses_at(step: int) -> list[float]:
    pauses = []
    for _ in range(60):
        retries = Retries(patience=1e9)
        retries.start(0)
        for _ in range(step):
            retries.pause(GONE, 0)
        pauses.append(retries.pause(GONE, 0))
    return pauses


def test_pause_is_never_shorter_than_the_server_asked_for() -> None:
    retries = Retries(patience=60)
    retries.start(0)
    assert 7 <= retries.pause(failure(grpc.StatusCode.UNAVAILABLE, retry_after=7.0), 0) <= 7.1


def test_last_failure_is_final_when_patience_has_ended() -> None:
    retries = Retries(patience=60)
    retries.start(100)
    retries.pause(GONE, 159)
    with pytest.raises(TextbackError) as final:
        retries.pause(GONE, 160)
    assert final.value is GONE


def test_patience_starts_at_the_end_of_an_open_question() -> None:
    retries = Retries(patience=60)
    retries.start(0)
    retries.heard(10, open_for=600)
    retries.heard(11)
    retries.pause(GONE, 669)
    with pytest.raises(TextbackError):
        retries.pause(GONE, 670)


def test_deadline_ends_the_pause_and_then_the_call() -> None:
    retries = Retries(patience=1e9, deadline=10)
    retries.start(0)
    assert retries.remaining(4) == 6
    assert retries.pause(failure(grpc.StatusCode.UNAVAILABLE, retry_after=30.0), 4) == 6
    with pytest.raises(TextbackError, match="DEADLINE_EXCEEDED: the caller's deadline passed; last: UNAVAILABLE"):
        retries.pause(GONE, 10)
