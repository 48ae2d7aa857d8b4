"""The Java stubs compile as a Maven module that other teams can depend on."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.toolchains import require

pytestmark = [pytest.mark.callers, pytest.mark.timeout(300)]
STUBS = Path(__file__).resolve().parents[2] / "generated/java"


def test_java_stubs_compile_when_built_as_a_module(tmp_path: Path) -> None:
    maven = require("java")
    module = shutil.copytree(STUBS, tmp_path / "stubs", ignore=shutil.ignore_patterns("target"))
    done = subprocess.run(
        [maven, "-q", "-B", "--strict-checksums", "compile"], cwd=module, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert (module / "target/classes/dev/textback/v1/SmsServiceGrpc.class").is_file()
