"""`python -m bench.page`: how soon the emulator's page is there and shows things, in Chromium, seen from outside."""

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.async_api import Page, async_playwright

from bench import report, servers
from bench.report import Row
from textback_client import Textback

TIMES = 10
PHONE = "+14155550123"
MOST_READY = 300
MOST_SHOWN = 200
MOST_HEARD = 200
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


async def measured(browser: str, folder: Path) -> list[Row]:
    """Milliseconds, medians; each has the browser's remote control in it."""
    free = {"TEXTBACK_LISTEN": "127.0.0.1:0", "TEXTBACK_HTTP_LISTEN": "127.0.0.1:0"}
    command = [str(Path(sys.executable).with_name("textback")), "serve", "--emulator"]
    environment = os.environ | free | {"TEXTBACK_STORE": str(folder / "textback.db")}
    async with (
        servers.running(command, folder, environment, last="phone") as process,
        Textback(process.addresses["gRPC"]) as textback,
        async_playwright() as playwright,
    ):
        chromium = await playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = await chromium.new_page(viewport={"width": 1440, "height": 800})
        ready = [await _took(_open(page, process.addresses["phone"])) for _ in range(TIMES)]
        shown = [await _took(_texted(page, textback, number)) for number in range(TIMES)]
        heard = [await _heard(page, textback, number) for number in range(TIMES)]
        await chromium.close()
    return [
        _row("page, open to live", ready, MOST_READY),
        _row("page, SendSms to text on the phone", shown, MOST_SHOWN),
        _row("page, reply sent to event at the client", heard, MOST_HEARD),
    ]


async def _took(work: Awaitable[object]) -> float:
    begun = perf_counter()
    await work
    return (perf_counter() - begun) * 1_000


async def _open(page: Page, url: str) -> None:
    await page.goto(url)
    await page.locator("#connection[data-state=live]").wait_for()


async def _texted(page: Page, textback: Textback, number: int) -> None:
    await asyncio.gather(
        textback.send(PHONE, f"Backup {number} is done."), page.get_by_text(f"Backup {number} is done.").last.wait_for()
    )


async def _heard(page: Page, textback: Textback, number: int) -> float:
    question = textback.ask(PHONE, f"Isolate host {number}?", reply_timeout=60)
    async for event in question:
        if event.HasField("created"):
            code = event.created.message.wait.code
            await page.locator("#text").fill(f"{code} yes")
        if re.search("DELIVERED", str(event)):
            break
    ended = asyncio.create_task(question.result())
    begun = perf_counter()
    await page.locator("#text").press("Enter")
    await ended
    return (perf_counter() - begun) * 1_000


def _row(name: str, times: list[float], most: int) -> Row:
    middle = median(times)
    return Row(name=name, unit="ms", floor=None, ours=middle, target=f"<= {most}", met=middle <= most)


def main() -> None:
    """Measure and print."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        sys.exit(f"python -m bench.page needs {' or '.join(_BROWSERS)} on the PATH")
    with tempfile.TemporaryDirectory(prefix="textback-bench-") as folder:
        sys.stdout.write(report.as_table(asyncio.run(measured(browser, Path(folder)))) + "\n")


if __name__ == "__main__":
    main()
