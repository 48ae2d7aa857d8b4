"""Runs our own commands as people and scripts do: piped, or on a pseudo-terminal."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import Sequence
from dataclasses import dataclass, field

_COMMAND = [sys.executable, "-c", "from textback_cli.main import app; app()"]
# Done by the command itself: a hook between fork and exec would meet gRPC's own fork handlers in a test's process.
_ON_TERMINAL = [sys.executable, "-c", f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); {_COMMAND[-1]}"]
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that ended."""

    code: int
    stdout: str
    stderr: str


def environment(server: str, **extra: str) -> dict[str, str]:
    """Build an environment without settings from outside."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTBACK_", "TWILIO_"))}
    kept |= {"TEXTBACK_SERVER": server, "TERM": "xterm-256color", "TZ": "CET-1", "PYTHONUTF8": "1"}
    return {name: value for name, value in kept.items() if name not in {"NO_COLOR", "FORCE_COLOR"}} | extra


async def piped(server: str, *arguments: str, **extra: str) -> Ran:
    """Run `textback` with all output piped."""
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        *arguments,
        env=environment(server, **extra),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await process.communicate()
    return Ran(code=process.returncode or 0, stdout=stdout.decode(), stderr=stderr.decode())


@dataclass(kw_only=True)
class Terminal:
    """`textback` on a pseudo-terminal of 120 columns; stdout on it too unless `answer` takes it."""

    server: str
    arguments: Sequence[str]
    extra: dict[str, str] = field(default_factory=dict)
    answer_piped: bool = False
    raw: str = ""
    answer: str = ""
    code: int | None = None

    @property
    def text(self) -> str:
        """What was written, without control sequences, one line each."""
        return _CONTROL.sub("", self.raw).replace("\r", "\n")

    async def __aenter__(self) -> Terminal:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._process = await asyncio.create_subprocess_exec(
            *_ON_TERMINAL,
            *self.arguments,
            env=environment(self.server, **self.extra),
            stdin=slave,
            stdout=asyncio.subprocess.PIPE if self.answer_piped else slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)

    async def until(self, text: str) -> None:
        """Wait until `text` was written."""
        async with asyncio.timeout(10):
            while text not in self.text:
                self._news.clear()
                await self._news.wait()

    def ctrl_c(self) -> None:
        """Press Ctrl-C."""
        os.write(self._master, b"\x03")

    async def end(self) -> int:
        """Wait for the end and return the exit code."""
        stdout, _ = await self._process.communicate()
        self.answer = (stdout or b"").decode()
        self._read()
        return self._process.returncode or 0

    def _read(self) -> None:
        try:
            self.raw += os.read(self._master, 65_536).decode(errors="replace")
        except OSError:
            # Linux says EIO when the last process left the terminal.
            asyncio.get_running_loop().remove_reader(self._master)
        self._news.set()
