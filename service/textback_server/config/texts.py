"""Takes settings' texts by name from one place, checks their shapes, and remembers what was wrong and what was used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from textback_server.telemetry import mask_all

_T = TypeVar("_T")
_LARGEST_FILE = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as it is in force, safe to show: secrets are only `set`, phone numbers masked."""

    name: str
    value: str
    source: str


@dataclass(slots=True)
class Report:
    """What reading all places brought to light."""

    problems: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One place: the environment or a TOML table. `label` turns a key into the name that its owner knows.

    `suffix` makes a key that of the file that holds its secret; `folder` is what relative paths start from.
    """

    given: Mapping[str, str]
    label: Callable[[str], str]
    suffix: str
    source: str
    folder: Path
    report: Report

    def has(self, key: str) -> bool:
        """Whether there is a text, or a file that should hold it."""
        return bool(self.given.get(key) or self.given.get(key + self.suffix))

    def problem(self, key: str, sentence: str) -> None:
        """Keep what is wrong with a key."""
        self.report.problems.append(f"{self.label(key)}: {sentence}")

    def take(self, key: str, shape: Callable[[str], _T], *, default: str = "") -> _T | None:
        """A setting that may be shown; None: not set, or wrong."""
        text = self.given.get(key, "")
        self._note(key, mask_all(text or default), self.source if text else "default")
        return self._shaped(key, text or default, shape)

    def take_secret(self, key: str, shape: Callable[[str], _T]) -> _T | None:
        """A secret, from the key itself or from the file that its `_file` variant names."""
        text, file = self.given.get(key, ""), self.given.get(key + self.suffix, "")
        if text and file:
            self.problem(key, f"is set both itself and as {self.label(key + self.suffix)}; set one of them")
            return None
        if file:
            key += self.suffix
            text = self._content(key, file)
        self._note(key, "set" if text else "", self.source if text else "default")
        return self._shaped(key, text, shape)

    def _shaped(self, key: str, text: str, shape: Callable[[str], _T]) -> _T | None:
        if not text:
            return None
        try:
            return shape(text)
        except ValueError as error:
            self.problem(key, str(error))
            return None

    def _content(self, key: str, file: str) -> str:
        try:
            with (self.folder / file).open("rb") as opened:
                content = opened.read(_LARGEST_FILE + 1)
            text = content.decode().strip()
        except OSError as error:
            self.problem(key, f'"{file}" cannot be read ({error.strerror}); it may be a file with the secret alone')
        except ValueError:
            self.problem(key, f'"{file}" does not hold text; it may be a file with the secret alone')
        else:
            if text and len(content) <= _LARGEST_FILE:
                return text
            self.problem(key, f'"{file}" is {"too large" if text else "empty"}; it may be a file with the secret alone')
        return ""

    def _note(self, key: str, value: str, source: str) -> None:
        self.report.rows.append(Row(self.label(key), value, source))
