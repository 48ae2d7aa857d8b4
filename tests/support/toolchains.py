"""Programs beyond Python that some tests need: found, or the test is skipped, or it fails where they are required."""

import os
import shutil
from pathlib import Path

import pytest

ABSENT = "toolchain absent"
"""How the reason of each such skip starts; the end of a test run lists them."""

_PROGRAMS = {
    "cc": ("cc", "gcc", "clang"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "go": ("go",),
    "grpcurl": ("grpcurl",),
    "java": ("mvn",),
    "node": ("npm",),
    "postgres": ("postgres",),
}


def require(tool: str) -> Path:
    """The path of a toolchain's program.

    Skips the test if it is absent, or fails it if TEXTBACK_TEST_REQUIRE (comma-separated names) demands it.

    Raises:
        KeyError: the name is none of those above.
    """
    programs = _PROGRAMS[tool]
    for program in programs:
        if found := shutil.which(program):
            return Path(found)
    reason = f"{ABSENT}: {tool} (no {' or '.join(programs)} on the PATH)"
    if tool in os.environ.get("TEXTBACK_TEST_REQUIRE", "").replace(" ", "").split(","):
        pytest.fail(f"TEXTBACK_TEST_REQUIRE demands it, {reason}", pytrace=False)
    pytest.skip(reason)
