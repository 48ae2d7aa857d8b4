"""Runs the commands of a document as a reader would, and compares what they print with what the document prints.

A block fenced as `console` is a terminal: a line that starts with `$ ` is typed, the lines after it are what comes
back. A backslash at a line's end continues it. `…` stands for anything within a line, and alone on a line for any
lines. What differs from run to run (ids, codes, times) is compared by its shape. `name=$(command)` keeps an answer for
later commands.

Words after `console` say what a person does meanwhile: `answered=yes` answers the question that the block asks, `asked`
presses "Send me a question" first, `not-run` is for what would run this very test. `needs=go` is for commands that need
a toolchain of `toolchains.py`.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import termios
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.support.processes import run
from textback.v1.sms_message_pb2 import MESSAGE_STATE_DELIVERED, WAIT_STATE_OPEN, SmsMessage
from textback_client import Textback

ROOT = Path(__file__).resolve().parents[2]
PHONE = "+14155550123"
GRPC = "127.0.0.1:50051"
PAGE = "http://127.0.0.1:8080"
SERVE = "make run"
"""The documented addresses and start; tests run on free ports instead, beside each other."""

_LIMIT = 30.0
_BUILD_LIMIT = 240.0
"""Seconds: until a command has ended, and one that may build a program first."""
_BLOCK = re.compile(r"^```console *([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEPT = re.compile(r"(\w+)=\$\((.+)\)")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LIVE = re.compile(r"^[\u2800-\u28ff] .*\n|^[ \t]+\n", re.MULTILINE)
_VOLATILE = (
    (r"msg_[0-9a-z]{26}", "msg_ID"),
    (r"\b(SM)[0-9a-f]{32}\b", r"\1_ID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"(\d{4}-\d\d-\d\d )?\b\d\d:\d\d:\d\d( [A-Z]{3,4}\b)?", "TIME"),
    (r'"(\d+\.)?\d+s"', '"SECONDS"'),
    (r"(\+|after |in )\d+(\.\d+)?( (m?s|min)\b)", r"\1N\3"),
    (r"\d+ ms\b", "N ms"),
    (r'("next_?[pP]age_?[tT]oken": )"[\w=-]+"', r'\1"TOKEN"'),
    (r"(?<![\d+])\d{4}(?=\"| (?i:yes|no)\b|   1 segment)", "CODE"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a document and what is printed below it."""

    line: int
    command: str
    printed: str
    words: tuple[str, ...]

    @property
    def answer(self) -> str | None:
        """What the person answers meanwhile."""
        return self._said("answered=")

    @property
    def needs(self) -> str | None:
        """The toolchain without which it cannot be typed."""
        if self.command.startswith("grpcurl "):
            return "grpcurl"
        return self._said("needs=")

    @property
    def limit(self) -> float:
        """Seconds until it has ended."""
        return _BUILD_LIMIT if self.needs else _LIMIT

    def _said(self, before: str) -> str | None:
        return next((word.removeprefix(before) for word in self.words if word.startswith(before)), None)


def steps(document: str) -> Iterator[Step]:
    """Yields the commands of a document, in order."""
    for block in _BLOCK.finditer(document):
        first = document.count("\n", 0, block.start(2)) + 1
        lines = block[2].splitlines()
        starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            after = next(n for n in range(start, end) if _complete(lines[start : n + 1])) + 1
            yield Step(
                line=first + start,
                command="\n".join(lines[start:after]).removeprefix("$ "),
                printed="\n".join(lines[after:end]).strip("\n"),
                words=tuple(block[1].split()),
            )


def _complete(lines: list[str]) -> bool:
    """Whether the shell would run these lines rather than wait for more."""
    return not lines[-1].endswith("\\") and "\n".join(lines).count("'") % 2 == 0


def agrees(printed: str, actual: str) -> bool:
    """Whether a command's output is what the document prints."""
    pattern = ""
    for line in plain(printed).splitlines():
        anything = (
            r"(?:.*\n)*?" if line.strip() == "…" else r"[^\n]*".join(map(re.escape, line.split("…"))) + r"[ \t]*\n"
        )
        pattern += anything
    return re.fullmatch(pattern, f"{plain(actual)}\n" if actual.strip() else "") is not None


def plain(text: str) -> str:
    """The text without control sequences, live lines, and what differs from run to run."""
    text = _LIVE.sub("", _CONTROL.sub("", text).replace("\r\n", "\n").replace("\r", "\n") + "\n").strip("\n")
    for pattern, shape in _VOLATILE:
        text = re.sub(pattern, shape, text)
    return text


@dataclass(kw_only=True)
class Reader:
    """Somebody who types what a document says, beside a running `make run`."""

    grpc: str
    page: str
    folder: Path
    banner: str
    kept: dict[str, str] = field(default_factory=dict)

    async def type(self, step: Step) -> str:
        """Runs a step and returns what the terminal shows, with the documented addresses."""
        if step.command == SERVE:
            return self._documented(self.banner)
        if "asked" in step.words:
            await self._press()
        if kept := _KEPT.fullmatch(step.command):
            self.kept[kept[1]] = await self._keep(kept[2])
            return ""
        async with asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(self._answer(step.answer, step.limit)) if step.answer else None
            shown = await self._shown(step.command, step.limit)
            if answering:
                # A command that ended by itself shows why.
                answering.cancel()
        return self._documented(shown)

    def _typed(self, command: str) -> str:
        command = command.replace(GRPC, self.grpc).replace(PAGE, self.page)
        for program in re.findall(r"examples/python/\S+\.py", command):
            here = self.folder / Path(program).name
            here.write_text((ROOT / program).read_text().replace(GRPC, self.grpc))
            command = command.replace(program, str(here))
        return re.sub(r"\S+twilio-emulator (reply|messages|faults)", rf"\g<0> --url {self.page}", command)

    def _documented(self, shown: str) -> str:
        # The banner names the server where its port is not the default one.
        return shown.replace(f"TEXTBACK_SERVER={self.grpc} ", "").replace(self.grpc, GRPC).replace(self.page, PAGE)

    @property
    def _environment(self) -> dict[str, str]:
        return {"TEXTBACK_SERVER": self.grpc, "TERM": "xterm-256color", "TZ": "CET-1"} | self.kept

    async def _keep(self, command: str) -> str:
        finished = await run("bash", "-c", self._typed(command), cwd=ROOT, env=self._environment, limit=_LIMIT)
        assert finished.stdout.strip(), f"{command} said nothing: {finished.stderr}"
        return finished.stdout.strip()

    async def _shown(self, command: str, limit: float) -> str:
        async with _on_terminal(self._typed(command), self._environment) as terminal, asyncio.timeout(limit):
            return await terminal.rest()

    async def _answer(self, text: str, limit: float) -> None:
        asked = await self._delivered(limit)
        emulator = ROOT / ".venv/bin/twilio-emulator"
        reply = await run(
            emulator, "reply", "--url", self.page, "--from", PHONE, f"{asked.wait.code} {text}", cwd=ROOT, limit=_LIMIT
        )
        assert reply.code == 0, reply.stderr

    async def _press(self) -> None:
        async with aiohttp.ClientSession(self.page, raise_for_status=True) as session:
            async with session.get("/_emulator/token", headers={"X-Emulator-Client": "test"}) as answer:
                token = (await answer.json())["token"]
            await session.post("/_emulator/demo", json={"to": PHONE}, headers={"X-Emulator-Token": token})
        await self._delivered(_LIMIT)

    async def _delivered(self, limit: float) -> SmsMessage:
        """The newest open question, once it is on the phone: what follows cannot overtake it."""
        async with Textback(self.grpc) as textback, asyncio.timeout(limit):
            while True:
                async for message in textback.list(wait_states=[WAIT_STATE_OPEN], page_size=1):
                    if message.state == MESSAGE_STATE_DELIVERED:
                        return message
                    break
                await asyncio.sleep(0.02)


@asynccontextmanager
async def reader(folder: Path) -> AsyncIterator[Reader]:
    """Types `make run` in the project's folder, waits until it is up, and presses Ctrl-C at the end."""
    free = {
        "TEXTBACK_LISTEN": "127.0.0.1:0",
        "TEXTBACK_HTTP_LISTEN": "127.0.0.1:0",
        "TEXTBACK_STORE": str(folder / "textback.db"),
    }
    # The environment is there already, and other tests use it.
    async with _on_terminal(f"{SERVE} --old-file=.venv/.run", free) as terminal:
        async with asyncio.timeout(_LIMIT):
            banner = await terminal.until("SendSmsAndWait")
        found = dict(re.findall(r"^ +(gRPC|phone) +(\S+)", banner, re.MULTILINE))
        yield Reader(grpc=found["gRPC"], page=found["phone"].rstrip("/"), folder=folder, banner=banner)


class _Terminal:
    """What a pseudo-terminal shows."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._news = asyncio.Event()
        self._ended = False
        self.shown = ""
        asyncio.get_running_loop().add_reader(master, self._read)

    async def until(self, text: str) -> str:
        """All that was shown down to the end of the line with `text`."""
        while text not in self.shown or not self.shown.endswith("\n"):
            assert not self._ended, f"ended without {text!r}: {self.shown}"
            await self._more()
        return self.shown

    async def rest(self) -> str:
        """All that was shown to the end."""
        while not self._ended:
            await self._more()
        return self.shown

    async def _more(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _read(self) -> None:
        try:
            self.shown += os.read(self._master, 65_536).decode(errors="replace")
        except OSError:
            # Linux says EIO when the last process left the terminal.
            self.close()
        self._news.set()

    def close(self) -> None:
        """Stop looking."""
        self._ended = True
        asyncio.get_running_loop().remove_reader(self._master)


@asynccontextmanager
async def _on_terminal(command: str, environment: dict[str, str]) -> AsyncIterator[_Terminal]:
    """Runs a shell command in the project's folder, and interrupts it and its children if it still runs at the end."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", command, cwd=ROOT, env=_clean() | environment,
        stdin=asyncio.subprocess.DEVNULL, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    terminal = _Terminal(master)
    try:
        yield terminal
    finally:
        if process.returncode is None:
            # It may have ended without our having been told.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
        await process.wait()
        terminal.close()
        os.close(master)


def _clean() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTBACK_", "TWILIO_", "MAKE"))}
    return {name: value for name, value in kept.items() if name not in {"NO_COLOR", "FORCE_COLOR", "MFLAGS"}}
