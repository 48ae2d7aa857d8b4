"""A contract that would break released clients turns the check red, and one that grows does not."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs what `make check-proto` runs, over the contract in a folder."""
    command = ["sh", str(ROOT / "tools/breaking.sh"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def edited(folder: Path, name: str, old: str, new: str) -> Path:
    """A copy of the contract in which one thing is another."""
    shutil.copytree(ROOT / "proto", folder, ignore=shutil.ignore_patterns("released", "plugins"))
    path = folder / "textback/v1" / name
    assert len(re.findall(old, path.read_text())) == 1, f"{old} must stand once in {name}"
    path.write_text(re.sub(old, new, path.read_text()))
    return folder


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        pytest.param("sms_message.proto", r"(bool smart_encoded =) 11", r"\1 13", "smart_encoded", id="renumbered"),
        pytest.param(
            "sms_message.proto", r"(bool) smart_encoded", r"\1 encoded_smartly", "smart_encoded", id="renamed"
        ),
        pytest.param("sms_message.proto", r"bool (smart_encoded)", r"string \1", "bool", id="another type"),
        pytest.param("sms_message.proto", r"  bool smart_encoded = 11;\n", "", "smart_encoded", id="removed"),
        pytest.param("sms_message.proto", r"DECIDED_BY_TIMEOUT = 2", "DECIDED_BY_TIMEOUT = 3", "2", id="enum value"),
        pytest.param("sms_service.proto", r"  rpc CancelWait\(.+\n", "", "CancelWait", id="call removed"),
        pytest.param(
            "sms_service.proto", r"returns \((GetMessageResponse)\)", r"returns (stream \1)", "GetMessage", id="stream"
        ),
        pytest.param("sms_event.proto", r"dev\.textback", "org.textback", "java_package", id="another java package"),
    ],
)
def test_check_fails_and_names_it_when_an_edit_breaks_clients(
    tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    done = check(edited(tmp_path / "proto", name, old, new))
    assert done.returncode == 1
    assert said in done.stdout
    assert "docs/compatibility.md" in done.stderr


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        pytest.param("sms_message.proto", r"(bool smart_encoded = 11;)", r"\1 string note = 99;", id="field"),
        pytest.param("sms_message.proto", r"(DECIDED_BY_TIMEOUT = 2;)", r"\1 DECIDED_BY_RULE = 3;", id="enum value"),
        pytest.param("sms_event.proto", r"(Heartbeat heartbeat = 19;)", r"\1 Settled rested = 20;", id="kind of event"),
        pytest.param("sms_message.proto", r"The caller's labels\.", "Labels.", id="comment"),
    ],
)
def test_check_passes_when_the_contract_grows(tmp_path: Path, name: str, old: str, new: str) -> None:
    done = check(edited(tmp_path / "proto", name, old, new))
    assert done.returncode == 0, done.stdout + done.stderr
