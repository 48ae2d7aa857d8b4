"""A test that needs an absent toolchain is skipped, unless the run demands the toolchain."""

import pytest

from tests.support.toolchains import require


def test_test_is_skipped_when_a_toolchain_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("TEXTBACK_TEST_REQUIRE", "chromium,java")
    with pytest.raises(pytest.skip.Exception, match="toolchain absent: go"):
        require("go")


def test_test_fails_when_an_absent_toolchain_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("TEXTBACK_TEST_REQUIRE", "chromium, go")
    with pytest.raises(pytest.fail.Exception, match="TEXTBACK_TEST_REQUIRE demands it, toolchain absent: go"):
        require("go")
