"""The table of what was played in which language, at the end of a run."""

from collections import defaultdict
from typing import Any

import pytest

_WORDS = {"passed": "yes", "failed": "FAILED", "skipped": "-"}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints scenario by language; "-" was not played."""
    cells: dict[str, dict[str, str]] = defaultdict(dict)
    for outcome, word in _WORDS.items():
        reports: list[Any] = terminalreporter.stats.get(outcome, [])
        for report in reports:
            if found := dict(getattr(report, "user_properties", ())).get("played"):
                language, name = found
                cells[name][language] = word
    if not cells:
        return
    languages = list(dict.fromkeys(language for row in cells.values() for language in row))
    width = max(map(len, cells))
    terminalreporter.section("played in every language")
    terminalreporter.write_line(" " * width + "".join(f"{language:>9}" for language in languages))
    for name in sorted(cells):
        row = "".join(f"{cells[name].get(language, '-'):>9}" for language in languages)
        terminalreporter.write_line(f"{name:<{width}}{row}")
