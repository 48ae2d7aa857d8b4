"""`textback serve --emulator` as a process of its own, on free ports."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.support.processes import run

BIN = Path(sys.executable).parent
START_LIMIT = 20.0
"""Seconds until the addresses must have been printed; a machine busy with other tests is slow."""

END_LIMIT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """A running server and the emulator beside it."""

    address: str
    phone_url: str
    folder: Path
    process: asyncio.subprocess.Process

    async def message_to(self, phone: str, *, after: int | None = None) -> dict[str, object]:
        """Waits for a text to a phone, later than the one whose `id` is `after`, as the emulator shows it."""
        query = {"to": phone, "timeout": "30"} | ({} if after is None else {"after": str(after)})
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.phone_url}/_emulator/wait", params=query) as answer,
        ):
            assert answer.status == 200, await answer.text()
            message: dict[str, object] = await answer.json()
            return message

    async def reply(self, phone: str, text: str) -> None:
        """Texts back, as a person does with `twilio-emulator reply`."""
        command = (BIN / "twilio-emulator", "reply", "--from", phone, "--url", self.phone_url, text)
        finished = await run(*command, cwd=self.folder, limit=30)
        assert finished.code == 0, finished.stderr

    async def answer(self, phone: str, text: str) -> None:
        """Waits for the question on a phone, and answers it with its code."""
        question = str((await self.message_to(phone))["body"])
        code = re.search(r"\b[0-9]{4,}\b", question.partition("Text back")[2])
        assert code, question
        await self.reply(phone, f"{code[0]} {text}")


@asynccontextmanager
async def serving(
    folder: Path, *, code: int = 0, log: int | None = None, **environment: str
) -> AsyncIterator[ServerProcess]:
    """Runs the command in `folder`, and stops it as a supervisor would. It must exit with `code`.

    `log` is the descriptor that its log goes to; None: to ours.
    """
    free = {
        "TEXTBACK_LISTEN": "127.0.0.1:0",
        "TEXTBACK_HTTP_LISTEN": "127.0.0.1:0",
    }
    process = await asyncio.create_subprocess_exec(
        BIN / "textback", "serve", "--emulator",
        cwd=folder, env={**os.environ, **free, **environment}, stdout=asyncio.subprocess.PIPE, stderr=log,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_LIMIT):
            address, phone_url = await _addresses(process.stdout)
        yield ServerProcess(address=address, phone_url=phone_url, folder=folder, process=process)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_LIMIT):
                await process.communicate()  # what it prints must be read, or it could not end
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
    assert process.returncode == code


async def _addresses(stdout: asyncio.StreamReader) -> tuple[str, str]:
    """Reads the banner down to the two addresses."""
    seen: dict[str, str] = {}
    while len(seen) < 2:
        line = (await stdout.readline()).decode()
        assert line, "the server ended before it was ready"
        if found := re.match(r"\s+(gRPC|phone)\s+(\S+)", line):
            seen[found[1]] = found[2].rstrip("/")
    return seen["gRPC"], seen["phone"]
