"""The command starts quickly because it imports little."""

import subprocess
import sys

import pytest

_RUN = """
import sys
from textback_cli.main import app
try:
    app(sys.argv[1:])
except SystemExit:
    pass
heavy = {"grpc", "rich", "aiohttp", "twilio", "google", "asyncio", "sqlite3"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["version"], ["ask", "--help"], ["serve", "--help"]])
def test_command_imports_nothing_heavy_when_it_only_talks(arguments: list[str]) -> None:
    run = subprocess.run([sys.executable, "-c", _RUN, *arguments], capture_output=True, text=True, check=True)
    assert run.stderr == "[]\n"
    assert run.stdout
