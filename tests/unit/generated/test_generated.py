"""The committed stubs serve callers as they are. (That they are fresh is `make check-proto`.)"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from textback.v1 import sms_service_pb2

ROOT = Path(__file__).resolve().parents[3]
CALLER = Path(__file__).with_name("caller.py")
LOCKS = {
    "requirements*.txt": ("--hash=sha256:", r"https?://|--(extra-)?index-url|--find-links"),
    # A project's funding page is no registry; "resolved" would be one.
    "**/package-lock.json": ('"integrity": "sha512-', r'"resolved": "https?:'),
    "**/go.sum": ("h1:", r"https?://"),
}
"""Lock files: the mark of a hash, and what an address looks like in them."""


def mypy(source: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    """Checks one file with no configuration but the stubs that the editable install puts in place."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={cache}", str(source)]
    return subprocess.run(command, cwd=cache, capture_output=True, text=True, check=False)


def test_caller_type_checks_when_mypy_is_strict(tmp_path: Path) -> None:
    done = mypy(CALLER, tmp_path)
    assert done.returncode == 0, done.stdout


def test_caller_is_refused_when_it_names_an_unknown_field(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(CALLER.read_text().replace("recipient=recipient", "to=recipient"))
    done = mypy(wrong, tmp_path)
    assert 'Unexpected keyword argument "to"' in done.stdout


def test_descriptor_set_carries_comments_and_imports_when_read() -> None:
    files = descriptor_pb2.FileDescriptorSet.FromString(
        (ROOT / "generated/descriptors/textback.binpb").read_bytes()
    ).file
    by_name = {file.name: file for file in files}
    assert "google/protobuf/timestamp.proto" in by_name
    service = by_name["textback/v1/sms_service.proto"]
    assert any("SmsService sends SMS" in place.leading_comments for place in service.source_code_info.location)
    assert [method.name for method in service.service[0].method] == [
        method.name for method in sms_service_pb2.DESCRIPTOR.services_by_name["SmsService"].methods
    ]


def test_python_stubs_hold_only_our_package_when_listed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "generated/python"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert listed
    assert all(name.startswith("generated/python/textback/v1/") for name in listed)


@pytest.mark.parametrize("pattern", LOCKS)
def test_lock_files_carry_hashes_and_no_address_when_read(pattern: str) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", f":(glob){pattern}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert tracked
    mark, address = LOCKS[pattern]
    for name in tracked:
        text = (ROOT / name).read_text()
        assert mark in text, name
        assert not re.search(address, text), name
