"""What the documents show is what happens: every command is typed, every printed output compared."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.readme import ROOT, Step, agrees, plain, reader, steps
from tests.support.toolchains import require
from textback.v1.sms_service_pb2 import DESCRIPTOR

DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/README.md"))
    if "node_modules" not in path.parts
)
SHOWING = [name for name in DOCUMENTS if "\n$ " in (ROOT / name).read_text()]
NEEDING = sorted(
    {
        (name, step.needs)
        for name in SHOWING
        for step in steps((ROOT / name).read_text())
        if step.needs and "not-run" not in step.words
    }
)


async def types(name: str, tmp_path: Path, *, wanted: Callable[[Step], bool]) -> None:
    """Types a document's commands; all that print something else are told at once."""
    wrong = []
    async with reader(tmp_path) as person:
        for step in steps((ROOT / name).read_text()):
            if "not-run" not in step.words and wanted(step):
                shown = await person.type(step)
                if not agrees(step.printed, shown):
                    wrong.append(
                        f"{name}:{step.line}: $ {step.command}\n{plain(shown)}\nbut not\n{plain(step.printed)}"
                    )
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("name", SHOWING)
async def test_document_shows_what_is_printed_when_its_commands_are_typed(name: str, tmp_path: Path) -> None:
    await types(name, tmp_path, wanted=lambda step: step.needs is None)


@pytest.mark.callers
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "tool"), NEEDING)
async def test_document_shows_what_is_printed_when_its_toolchain_is_there(
    name: str, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{require(tool).parent}{os.pathsep}{os.environ['PATH']}")
    await types(name, tmp_path, wanted=lambda step: step.needs in {None, tool})


def test_readme_calls_every_method_when_read() -> None:
    commands = [step.command for step in steps((ROOT / "README.md").read_text())]
    for method in DESCRIPTOR.services_by_name["SmsService"].methods:
        called = [command.split()[0] for command in commands if f"SmsService/{method.name}" in command]
        assert {"grpcurl", ".venv/bin/buf"} <= set(called), method.name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_shows_programs_as_they_are_when_read(name: str) -> None:
    programs = [path.read_text() for path in (ROOT / "examples").glob("python/*.py")]
    for block in re.findall(r"^```python\n(.*?)^```$", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL):
        assert any(block in program for program in programs), block


@pytest.mark.parametrize("name", [*DOCUMENTS, "CONTRIBUTING.md", "SECURITY.md"])
def test_document_links_to_what_is_there_when_read(name: str) -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / name).read_text(), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text):
        assert ((ROOT / name).parent / link).exists(), link


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ('"state": "QUEUED",\n"code": "4821"', '"state": "QUEUED",\r\n"code": "0917"\r\n'),
        ("{\n  …\n}", "{\n  1,\n  2\n}\n"),
        ("{\n…\n}", "{\n}\n"),
        ("✓ sent   +0.4 s", "\x1b[32m✓\x1b[0m sent   +1.2 s\r\n⠋ waiting, 9:59 left\r\n"),
        ("Account SID AC00…0001", "Account SID AC00…0001\n"),
        ("", ""),
    ],
)
def test_output_agrees_when_only_volatile_parts_differ(printed: str, shown: str) -> None:
    assert agrees(printed, shown)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ('"state": "QUEUED"', '"state": "SENT"\n'),
        ('"twilio_code": 30005', '"twilio_code": 30003\n'),
        ('"recipient": "+14155550123"', '"recipient": "+14155550124"\n'),
        ("{\n}", "{\n  1\n}\n"),
        ("", "error\n"),
        ("SERVING", ""),
        ("yes\n…", "no\nyes\n"),
    ],
)
def test_output_disagrees_when_anything_else_differs(printed: str, shown: str) -> None:
    assert not agrees(printed, shown)
