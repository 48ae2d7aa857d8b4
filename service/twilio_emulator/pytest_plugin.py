"""A pytest plugin: the fixture `twilio_emulator`, an emulator on a free port that every test finds empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from twilio_emulator.threaded import ThreadedEmulator


@pytest.fixture(scope="session")
def _twilio_emulator() -> Iterator[ThreadedEmulator]:
    # Loaded only by whoever uses it: pytest imports this module in every run of every project.
    from twilio_emulator.threaded import ThreadedEmulator  # noqa: PLC0415 - see above

    with ThreadedEmulator() as emulator:
        yield emulator


@pytest.fixture
def twilio_emulator(_twilio_emulator: ThreadedEmulator) -> Iterator[ThreadedEmulator]:
    """A Twilio in the box, shared by the run, without messages, faults and webhooks of other tests."""
    yield _twilio_emulator
    _twilio_emulator.set_sms_url(None)
    _twilio_emulator.reset()
