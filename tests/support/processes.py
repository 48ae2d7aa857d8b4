"""Other programs, run to their end without blocking the event loop."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a program left behind."""

    code: int
    stdout: str
    stderr: str


async def run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None, limit: float = 300.0) -> Finished:
    """Runs a program with these additions to the environment; it is killed after `limit` seconds.

    Raises:
        TimeoutError: it did not end in time.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(limit):
            stdout, stderr = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return Finished(code=process.returncode or 0, stdout=stdout.decode(), stderr=stderr.decode())


async def npm_install(npm: Path, folder: Path) -> None:
    """Installs what a folder's package-lock.json pins."""
    finished = await run(npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)
    assert finished.code == 0, finished.stderr


async def java_program(maven: Path, module: Path, main: str) -> tuple[str | Path, ...]:
    """Compiles a Maven module where it lies, and returns the command that runs its class `main`."""
    classpath = module / "target/classpath"
    build = ("compile", "dependency:build-classpath", f"-Dmdep.outputFile={classpath}")
    finished = await run(maven, "-q", "-B", "--strict-checksums", *build, cwd=module)
    assert finished.code == 0, finished.stdout[-4000:]
    return ("java", "-cp", f"{module / 'target/classes'}:{classpath.read_text()}", main)
