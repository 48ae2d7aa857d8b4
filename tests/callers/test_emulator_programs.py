"""The programs in docs/emulator.md start an emulator and use it, as they stand there."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.support.processes import run
from tests.support.toolchains import require

pytestmark = [pytest.mark.callers, pytest.mark.timeout(180)]
DOCUMENT = Path(__file__).parents[2] / "docs/emulator.md"
PROGRAMS = {
    "node": ("js", "emulated.mjs", ("node",)),
    "go": ("go", "emulated.go", ("go", "run")),
    "java": ("java", "Emulated.java", ("java",)),
}


@pytest.mark.parametrize("tool", PROGRAMS)
async def test_program_starts_an_emulator_and_texts_when_run(tool: str, tmp_path: Path) -> None:
    require(tool)
    language, name, command = PROGRAMS[tool]
    (program,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / name).write_text(program)
    emulator = tmp_path / "bin/twilio-emulator"
    emulator.parent.mkdir()
    emulator.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m twilio_emulator.main "$@"\n')
    emulator.chmod(0o755)
    path = f"{emulator.parent}{os.pathsep}{os.environ['PATH']}"

    finished = await run(*command, name, cwd=tmp_path, env={"PATH": path}, limit=150)

    assert re.fullmatch(r"SM[0-9a-f]{32}\n", finished.stdout), finished.stderr
    assert finished.code == 0
