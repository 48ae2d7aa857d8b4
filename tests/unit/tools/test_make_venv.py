"""tools/make-venv.sh finds a way round a poor Python, or says in one sentence what is missing."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tools/make-venv.sh"
GOOD = 'mkdir -p .venv/bin; echo "$0" > .venv/made_by; exit 0'


def fake(folder: Path, name: str, *, new_enough: bool, ensurepip: bool = True, make: str = GOOD) -> None:
    """A stand-in for an interpreter: answers the script's questions, and `make` is its `-m venv`."""
    program = folder / name
    program.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        f"*version_info*) exit {0 if new_enough else 1} ;;\n"
        f"*ensurepip*) exit {0 if ensurepip else 1} ;;\n"
        f"*'-m venv .venv'*) {make} ;;\n"
        "esac\n"
        "exit 1\n"
    )
    program.chmod(0o755)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the script in an empty folder, with the fakes before the system's own tools."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    for name in ("mkdir", "rm"):
        (tools / name).unlink(missing_ok=True)
        (tools / name).symlink_to(Path("/bin") / name)
    environment = {**os.environ, "PATH": f"{folder}:{tools}"}
    return subprocess.run(
        ["/bin/sh", str(SCRIPT), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_newest_complete_interpreter_is_taken_when_several_exist(tmp_path: Path) -> None:
    fake(tmp_path, "python3.14", new_enough=True, ensurepip=False)
    fake(tmp_path, "python3.13", new_enough=True)
    fake(tmp_path, "python3.12", new_enough=True)
    assert run(tmp_path).returncode == 0
    assert (tmp_path / ".venv/made_by").read_text().strip().endswith("python3.13")


def test_python3_is_passed_over_when_too_old(tmp_path: Path) -> None:
    fake(tmp_path, "python3", new_enough=False)
    done = run(tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer, and none was found" in done.stderr


def test_named_interpreter_is_refused_when_too_old(tmp_path: Path) -> None:
    fake(tmp_path, "python3.9", new_enough=False)
    done = run(tmp_path, "python3.9")
    assert done.returncode == 1
    assert "PYTHON=python3.9 is not" in done.stderr


def test_package_is_named_and_nothing_stays_when_no_way_round_exists(tmp_path: Path) -> None:
    fake(tmp_path, "python3", new_enough=True, ensurepip=False, make="mkdir .venv; exit 1")
    done = run(tmp_path)
    assert done.returncode == 1
    assert done.stderr == ("python3 cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv\n")
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("way_round", ["pip", "uv"])
def test_environment_is_made_another_way_when_ensurepip_is_missing(tmp_path: Path, way_round: str) -> None:
    fake(tmp_path, "python3", new_enough=True, ensurepip=False, make="exit 1")
    if way_round == "uv":
        fake_uv = tmp_path / "uv"
        fake_uv.write_text("#!/bin/sh\nmkdir .venv\n")
        fake_uv.chmod(0o755)
    else:
        program = tmp_path / "python3"
        program.write_text(
            program.read_text().replace("esac", "*--without-pip*|*'pip -q'*) mkdir -p .venv; exit 0 ;;\nesac")
        )
    assert run(tmp_path).returncode == 0
    assert (tmp_path / ".venv").is_dir()
