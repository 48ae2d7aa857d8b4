"""The virtual phone in a real browser."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Route, expect

from tests.support.application import Application, application
from tests.support.browser import chromium, opened, send, send_refused
from tests.support.emulators import PHONE, emulator
from twilio_emulator import Emulator

SCRIPT = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"

pytestmark = pytest.mark.browser


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    async with application() as running:
        yield running


@pytest.fixture
async def running(app: Application) -> AsyncIterator[Emulator]:
    async with emulator(sms_url=f"{app.url}/inbound") as started:
        yield started


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def test_person_reads_a_text_and_answers_it_by_keyboard(
    running: Emulator, app: Application, browser: Browser
) -> None:
    async with opened(browser, running.url) as page:
        await expect(page.get_by_role("heading", name="No messages yet")).to_be_visible()
        await expect(page.get_by_text("no SMS leaves this machine")).to_be_visible()
        await expect(page.get_by_role("button", name="Send me a question")).to_have_count(0)

        await send(running, 'Isolate host web-03?\nText back "4821 YES" or "4821 NO".')

        log = page.get_by_role("log")
        await expect(log).to_contain_text("Isolate host web-03?")
        await expect(log).to_contain_text("Delivered")
        composer = page.get_by_label("Reply as +1 415 555 0123")
        await composer.fill("4821 yes")
        await composer.press("Enter")
        await expect(log).to_contain_text("webhook 200")
        await expect(composer).to_be_focused()
        await expect(composer).to_have_value("")
        assert [webhook.form["Body"] for webhook in app.webhooks] == ["4821 yes"]


async def test_failures_are_shown_with_their_meaning(running: Emulator, app: Application, browser: Browser) -> None:
    app.status, app.answer = 500, "database is locked"
    async with opened(browser, running.url) as page:
        await send(running, "Hi", to="+15005550010")

        log = page.get_by_role("log")
        await expect(log).to_contain_text("Undelivered 30003: Unreachable destination handset")
        await page.locator("#text").fill("hello?")
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(log).to_contain_text("the application answered 500: database is locked")


async def test_phone_says_what_twilio_refused_to_send_to_it(running: Emulator, browser: Browser) -> None:
    await send(running, "before")
    await running.reply(PHONE, "STOP")
    async with opened(browser, running.url) as page:
        await expect(page.locator(".message")).to_have_count(2)

        await send_refused(running, PHONE)
        await expect(page.locator(".day.bad")).to_contain_text("Twilio refuses a text: 21610")

        await page.reload()
        await expect(page.locator("#messages > li").last).to_contain_text("Twilio refuses a text: 21610")
        await expect(page.locator(".message")).to_have_count(2)

        await send_refused(running, "+15005550002")
        await page.locator(".phone", has_text="0002").click()
        await expect(page.locator(".day.bad")).to_contain_text("Twilio refuses a text: 21612")


async def test_text_of_a_message_is_never_html(running: Emulator, browser: Browser) -> None:
    async with opened(browser, running.url) as page:
        await send(running, SCRIPT)
        await running.reply(PHONE, SCRIPT)

        await expect(page.locator(".bubble").nth(1)).to_have_text(SCRIPT)
        assert await page.locator("#main img, #main script").count() == 0
        assert "owned" not in await page.title()


async def test_text_is_not_lost_when_it_arrives_while_the_older_ones_are_read(
    running: Emulator, browser: Browser
) -> None:
    await send(running, "older", to="+14155550199")
    await send(running, "old")
    async with opened(browser, running.url) as page:
        held = asyncio.Event()
        arrived = asyncio.Event()

        async def hold(route: Route) -> None:
            response = await route.fetch()
            held.set()
            await arrived.wait()
            await route.fulfill(response=response)

        await page.route("**/_emulator/messages?phone=*0199", hold)
        await page.get_by_role("button", name="+1 415 555 0199").click()
        await held.wait()
        await send(running, "new", to="+14155550199")
        await expect(page.locator(".bubble").last).to_have_text("new")
        arrived.set()

        await expect(page.locator(".bubble")).to_have_text(["older", "new"])


async def test_narrow_page_shows_one_pane_and_goes_back(running: Emulator, browser: Browser) -> None:
    await send(running, "x" * 200)
    await send(running, "Hi", to="+14155550199")
    async with opened(browser, running.url, width=360) as page:
        await page.get_by_role("button", name="+1 415 555 0123").click()
        await expect(page.get_by_role("log")).to_be_visible()
        await expect(page.get_by_role("navigation")).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360

        await page.get_by_role("button", name="All phones").click()

        await expect(page.get_by_role("navigation")).to_be_visible()
        await expect(page.get_by_role("log")).to_be_hidden()


async def test_unread_texts_are_counted_until_the_phone_is_opened(running: Emulator, browser: Browser) -> None:
    await send(running, "Hi", to="+14155550199")
    async with opened(browser, running.url) as page:
        await expect(page.get_by_role("heading", name="+1 415 555 0199")).to_be_visible()
        await send(running, "one")
        await send(running, "two")

        await expect(page).to_have_title("(2) Phones · Twilio emulator")
        await page.get_by_role("button", name="+1 415 555 0123").click()
        await expect(page).to_have_title("Phones · Twilio emulator")


async def test_page_recovers_without_a_reload_when_the_emulator_restarts(browser: Browser) -> None:
    async with emulator() as first:
        await send(first, "before the restart")
        port = first.port
        page = await browser.new_page()
        await page.goto(first.url + "/")
        await expect(page.get_by_role("log")).to_contain_text("before the restart")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "lost")

    async with emulator(port=port, control_token="another") as second:
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=10_000)
        await send(second, "after the restart")
        await expect(page.get_by_role("log")).to_contain_text("after the restart")
        await expect(page.get_by_role("log")).not_to_contain_text("before the restart")
        await page.locator("#text").fill("still here")
        await page.locator("#text").press("Enter")
        await expect(page.locator(".mine:not(.pending)")).to_contain_text("still here")
        assert [message.body for message in second.world.conversation(PHONE)] == ["after the restart", "still here"]
        await page.close()


async def test_button_asks_the_demo_address_for_a_question(running: Emulator, browser: Browser) -> None:
    asked = asyncio.Event()

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await send(running, "Is it Friday?")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()
        asked.set()

    server = await asyncio.start_server(ask, "127.0.0.1", 0)
    running.set_demo_url(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    async with server, opened(browser, running.url) as page:
        await page.get_by_role("button", name="Send me a question").click()

        await expect(page.get_by_role("log")).to_contain_text("Is it Friday?")
        assert asked.is_set()


async def test_deleted_and_redacted_texts_leave_the_page(running: Emulator, browser: Browser) -> None:
    await send(running, "first secret")
    await send(running, "second secret")
    async with opened(browser, running.url) as page:
        await page.goto(f"{running.url}/#/p/{PHONE}")
        await expect(page.get_by_text("first secret")).to_be_visible()
        first, second = running.world.conversation(PHONE)

        running.world.change(first, body="")
        running.world.delete(second)

        await expect(page.get_by_text("second secret")).to_have_count(0)
        await expect(page.get_by_text("first secret")).to_have_count(0)
