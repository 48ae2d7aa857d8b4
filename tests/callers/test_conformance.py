"""One set of scenarios, the same in every language: the real server and the emulator, a runner on the generated stubs.

`conformance/scenarios.json` says what is called and what must come, `conformance/runners.py` what a runner is. All
scenarios of a language are played at once; the end of the run prints the table.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path

import aiohttp
import pytest

from tests.callers.conformance.play import LAST, SCENARIOS, Phones, play
from tests.callers.conformance.runners import running
from tests.support.processes import java_program, npm_install, run
from tests.support.server_process import serving
from tests.support.toolchains import require

pytestmark = [pytest.mark.callers, pytest.mark.timeout(300)]
HERE = Path(__file__).parent / "conformance"

Command = tuple[str | Path, ...]
INEXPRESSIBLE = {("grpcurl", "64 at once"): "64 processes are no client"}


async def go(folder: Path) -> Command:
    built = await run(require("go"), "build", "-mod=readonly", "-o", folder / "runner", ".", cwd=HERE / "go")
    assert built.code == 0, built.stderr
    return (folder / "runner",)


async def node(folder: Path) -> Command:  # noqa: ARG001 - its modules lie beside it
    await npm_install(require("node"), HERE / "node")
    return ("node", HERE / "node/main.js")


async def java(folder: Path) -> Command:  # noqa: ARG001 - Maven builds beside it
    return await java_program(require("java"), HERE / "java", "Runner")


async def python(folder: Path) -> Command:  # noqa: ARG001 - nothing to build
    return (sys.executable, HERE / "python_runner.py")


async def grpcurl(folder: Path) -> Command:  # noqa: ARG001 - nothing to build
    return (sys.executable, HERE / "grpcurl_runner.py", require("grpcurl"))


PREPARED: Mapping[str, Callable[[Path], Awaitable[Command]]] = {
    each.__name__: each for each in (python, go, node, java, grpcurl)
}


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Mapping[str, str]]:
    """What went wrong in each scenario in a language, nothing where all went well. A language is played once."""

    @cache
    def play_all(language: str) -> Mapping[str, str]:
        try:
            return asyncio.run(_all_played(language, tmp_path_factory.mktemp(language)))
        except Exception as error:  # noqa: BLE001 - each of its scenarios tells it, rather than tries again
            return dict.fromkeys(SCENARIOS, f"{type(error).__name__}: {error}")

    return play_all


async def _all_played(language: str, folder: Path) -> dict[str, str]:
    command = await PREPARED[language](folder)
    async with (
        serving(folder, TEXTBACK_REPLY_TIMEOUT_MIN="1s", TEXTBACK_LIMIT_RECIPIENT="3") as server,
        aiohttp.ClientSession(server.phone_url) as session,
        running((*command, server.address), os.environ) as runner,
    ):
        phones = await Phones.at(session)

        async def wrong(name: str) -> str:
            try:
                await play(runner, phones, name, server.process.terminate)
            except ExceptionGroup as errors:
                return "; ".join(f"{type(each).__name__}: {each}" for each in errors.exceptions[:3])
            return ""

        together = [name for name in SCENARIOS if (language, name) not in INEXPRESSIBLE and name not in LAST]
        said = dict(zip(together, await asyncio.gather(*map(wrong, together)), strict=True))
        said |= {name: await wrong(name) for name in LAST}
        await server.process.wait()
    return said


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("language", PREPARED)
def test_scenario_goes_as_written_when_played(
    played: Callable[[str], Mapping[str, str]], language: str, name: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("played", (language, name))
    if reason := INEXPRESSIBLE.get((language, name)):
        pytest.skip(f"not for {language}: {reason}")
    assert played(language)[name] == ""
