"""Every run is repeatable, and says at its end what it left out."""

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import hypothesis
import pytest

from tests.support.toolchains import ABSENT

# Examples are the same in every run; a shared machine says nothing about an example's time.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")

REST = ("callers", "browser", "slow")
"""Markers of the suites that `make test` leaves to `make test-all`."""
LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begins to count what is left out; commands under test take Ctrl-C, also where a shell's background ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[LEFT_OUT] = Counter()


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Counts what is left out, by marker."""
    for item in items:
        left_out = item.config.stash[LEFT_OUT]
        left_out.update([marker for marker in REST if item.get_closest_marker(marker)])


@pytest.hookimpl(optionalhook=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist: tells the one who prints."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        left_out: Counter[str] = session.config.stash[LEFT_OUT]
        output["left_out"] = dict(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hears of it; every worker leaves out the same."""
    node.config.stash[LEFT_OUT] = Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Lists absent toolchains, and suites that were not asked for."""
    left_out = terminalreporter.config.stash[LEFT_OUT]
    suites = [f"{marker}: {left_out[marker]} left to make test-all" for marker in REST if left_out[marker]]
    lines = [*_absent(terminalreporter), *suites]
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
