"""The emulator's page in a real browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import aiohttp
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.support.emulators import PHONE, SENDER
from tests.support.toolchains import require
from twilio_emulator import Emulator

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium."""
    executable = require("chromium")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=str(executable), args=ARGUMENTS)
        yield started
        await started.close()


@asynccontextmanager
async def opened(
    browser: Browser, url: str, *, width: int = 1440, scheme: Literal["light", "dark"] = "light", query: str = ""
) -> AsyncIterator[Page]:
    """Open the page and wait until it is live; afterwards nothing may have gone wrong in its console."""
    page = await browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page.set_default_timeout(5_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{url}/{query}")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    yield page
    assert complaints == []
    await page.close()


async def send(running: Emulator, body: str, to: str = PHONE, **form: str) -> str:
    """Send an SMS through the API; returns its SID."""
    status, resource = await _create(running, To=to, Body=body, **form)
    assert status == 201
    return str(resource["sid"])


async def send_refused(running: Emulator, to: str) -> None:
    """Send an SMS that the pretended Twilio refuses."""
    status, _ = await _create(running, To=to, Body="Isolate host web-03?")
    assert status == 400


async def _create(running: Emulator, **form: str) -> tuple[int, dict[str, Any]]:
    path = f"{running.url}/2010-04-01/Accounts/{running.account_sid}/Messages.json"
    headers = {"Authorization": aiohttp.encode_basic_auth(running.account_sid, running.auth_token)}
    fields = {"From": SENDER, **form}
    async with aiohttp.ClientSession(headers=headers) as http, http.post(path, data=fields) as answer:
        return answer.status, await answer.json()


async def annotate(running: Emulator, **line: object) -> None:
    """Add a line to the trace, as whoever is under test does."""
    headers = {"X-Emulator-Token": running.control_token}
    url = f"{running.url}/_emulator/annotations"
    async with aiohttp.ClientSession() as http, http.post(url, json={"annotations": [line]}, headers=headers) as answer:
        assert answer.status == 200, await answer.text()


async def change(running: Emulator, what: str, value: object) -> None:
    """Replace faults, lifecycle or clock by the control API, as another program does."""
    headers = {"X-Emulator-Token": running.control_token}
    url = f"{running.url}/_emulator/{what}"
    async with aiohttp.ClientSession() as http, http.put(url, json=value, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
