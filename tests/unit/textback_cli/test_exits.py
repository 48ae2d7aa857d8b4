"""Exit codes are those that docs/compatibility.md promises."""

import re
from pathlib import Path

from textback_cli.exits import ExitCode

DOCUMENT = (Path(__file__).parents[3] / "docs/compatibility.md").read_text()


def test_exit_codes_are_those_that_are_promised() -> None:
    promised = {int(code) for code in re.findall(r"^\| (\d+) \| .+ \|$", DOCUMENT, re.MULTILINE)}
    assert promised == {code.value for code in ExitCode}
