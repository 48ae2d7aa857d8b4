"""Runners: programs, one in each language, that make the calls they are told to and tell what came back.

A runner is started with the server's address. It reads a call from each line of standard input, all of them at once:

    {"id": "7", "method": "SendSmsAndWait", "request": {…}, "deadline": 1.5, "cut": 2}
    {"id": "7", "cancel": true}

and writes a line for each response, and one for the end of each call:

    {"id": "7", "response": {…}}
    {"id": "7", "code": "NOT_FOUND", "message": "…", "details": {…}}

Requests and responses are the JSON form of the messages. A call with `cut` leaves its stream after so many responses,
as a program that ends does. `details` has what the language's own library reads of the google.rpc details: `reason`,
`domain`, `metadata`, `violations` by field, `retry_after` in seconds and `help`, an address. A runner ends with its
standard input.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_LIMIT = 30.0
"""Seconds that a runner may be silent about a call that is waited for."""
_LINE = 1 << 20


@dataclass(slots=True, kw_only=True)
class Call:
    """A call under way: what came back, not yet looked at."""

    id: str
    runner: "Runner"
    lines: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)

    async def next(self) -> Json:
        """The next response, or the end."""
        async with asyncio.timeout(_LIMIT):
            return await self.lines.get()

    def cancel(self) -> None:
        """Let the runner leave the call."""
        self.runner.tell({"id": self.id, "cancel": True})


class Runner:
    """A running runner."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._calls: dict[str, Call] = {}
        self._ids = count(1)

    def call(self, method: str, request: Json, **how: float) -> Call:
        """Make a call; `how` may have `deadline` and `cut`."""
        call = Call(id=str(next(self._ids)), runner=self)
        self._calls[call.id] = call
        self.tell({"id": call.id, "method": method, "request": request, **how})
        return call

    def tell(self, line: Json) -> None:
        """Write a line to the runner."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line).encode() + b"\n")

    async def listen(self) -> None:
        """Hand out what the runner writes, until it ends; calls still under way then end with its exit code."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            self._calls[told["id"]].lines.put_nowait(told)
        code = await self._process.wait()
        for call in self._calls.values():
            call.lines.put_nowait({"id": call.id, "code": f"the runner ended with {code}"})


@asynccontextmanager
async def running(command: tuple[str | Path, ...], env: Mapping[str, str]) -> AsyncIterator[Runner]:
    """Run a runner; what it writes to standard error is ours."""
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE
    )
    assert process.stdin is not None
    runner = Runner(process)
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(runner.listen())
        try:
            yield runner
            process.stdin.close()
            async with asyncio.timeout(_LIMIT):
                await listening
        finally:
            if process.returncode is None:
                process.kill()
    assert process.returncode == 0, f"{command[0]} ended with {process.returncode}"
