"""Where the service is, and as whom to call it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from textback_cli.connection import Connection
from textback_cli.main import app


def connection(server: str = "127.0.0.1:50051", account: str = "") -> Connection:
    return Connection(server=server, account=account, token="secret", plaintext=False)


def test_command_to_go_on_repeats_what_the_environment_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEXTBACK_SERVER", raising=False)
    monkeypatch.delenv("TEXTBACK_ACCOUNT", raising=False)
    assert connection().again("watch", "msg_1") == "textback watch msg_1"
    there = connection(server="unix:/run/t.sock", account="soc")
    assert there.again("cancel", "msg_1") == "textback cancel msg_1 --server unix:/run/t.sock --account soc"
    monkeypatch.setenv("TEXTBACK_SERVER", "unix:/run/t.sock")
    monkeypatch.setenv("TEXTBACK_ACCOUNT", "soc")
    assert there.again("watch", "msg_1") == "textback watch msg_1"


def test_token_is_not_shown() -> None:
    assert "secret" not in repr(connection())


def test_token_file_is_named_when_it_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "token"
    ran = CliRunner().invoke(app, ["ping"], env={"TEXTBACK_TOKEN_FILE": str(missing), "TEXTBACK_TOKEN": None})
    assert ran.exit_code == 2
    assert f"TEXTBACK_TOKEN_FILE: cannot read {missing}: No such file or directory" in ran.output
