"""What the fragment of a webhook's URL says."""

import pytest

from twilio_emulator.connection import Connection, Failure, overrides

CONNECT_ONLY = frozenset({Failure.CONNECT})


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", Connection(connect=5.0, read=15.0, total=15.0, retries=1, retried=CONNECT_ONLY)),
        ("#ct=100&rt=200&tt=300", Connection(connect=0.1, read=0.2, total=0.3)),
        ("#rc=0", Connection(retries=0)),
        ("#rc=5&rp=4xx,5xx", Connection(retries=5, retried=frozenset({Failure.CLIENT_ERROR, Failure.SERVER_ERROR}))),
        ("#rp=all", Connection(retried=frozenset(Failure))),
        ("#rp=rt", Connection(retried=frozenset({Failure.READ}))),
        ("#e=dublin", Connection()),
        # Out of range, not a number, unknown: as if it were not there.
        ("#rc=6&ct=99&rt=15001&tt=x&rp=never", Connection()),
        ("#top", Connection()),
    ],
)
def test_fragment_of_the_url_sets_patience_and_retries(fragment: str, expected: Connection) -> None:
    assert overrides("https://example.com/in?a=1" + fragment) == expected
