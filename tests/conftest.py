"""Every run is repeatable, and says at its end what it left out."""

from collections import Counter
from collections.abc import Iterator

import hypothesis
import pytest

from tests.support.toolchains import ABSENT

# Examples are the same in every run; a shared machine says nothing about an example's time.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")

REST = ("callers", "browser", "slow")
"""Markers of the suites that `make test` leaves to `make test-all`."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Lists absent toolchains, and suites that were not asked for."""
    lines = [*_absent(terminalreporter), *_left_out(terminalreporter)]
    if lines:
        terminalreporter.section("not tested in this run")
        for line in lines:
            terminalreporter.write_line(line)


def _absent(reporter: pytest.TerminalReporter) -> Iterator[str]:
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in reporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    for reason, count in sorted(reasons.items()):
        if reason.startswith(ABSENT):
            yield f"{reason}: {count} skipped"


def _left_out(reporter: pytest.TerminalReporter) -> Iterator[str]:
    items: list[pytest.Item] = reporter.stats.get("deselected", [])
    for marker in REST:
        if count := sum(item.get_closest_marker(marker) is not None for item in items):
            yield f"{marker}: {count} left to make test-all"
