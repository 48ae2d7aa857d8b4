"""The page beyond reading and answering: trace, faults, time, keyboard, two windows, accessibility."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.application import Application, application
from tests.support.browser import annotate, change, chromium, opened, send
from tests.support.emulators import PHONE, emulator
from tests.support.processes import npm_install
from tests.support.toolchains import require
from textback_server.domain.segments import measure
from twilio_emulator import Emulator
from twilio_emulator.server import PAGE, PAGE_FILES

AXE = Path(__file__).with_name("axe")
OTHER = "+14155550199"
QUESTION = 'Isolate host web-03?\nText back "4821 YES" or "4821 NO".'
SCRIPT = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


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


def a_wait(*, phone: str = PHONE, code: str = "4821", is_open: bool = True, name: str = "msg_1") -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "id": name, "phone": phone, "code": code, "by": "textback", "open": is_open,
        "asked": now.isoformat(), "until": (now + timedelta(minutes=10)).isoformat(),
    }  # fmt: skip


def test_page_is_small_and_needs_nothing_from_elsewhere() -> None:
    files = [(PAGE / name).read_bytes() for name in PAGE_FILES.values()]
    assert sum(map(len, files)) < 60 * 1024
    assert not [name for name, text in zip(PAGE_FILES, files, strict=True) if b"://" in text and b"w3.org" not in text]


async def test_trace_joins_both_worlds(running: Emulator, app: Application, browser: Browser) -> None:
    sid = await send(running, QUESTION, StatusCallback=f"{app.url}/status")
    await app.take(2)
    await annotate(running, source="textback", text="event 1 created msg_1", message_sid=sid, wait=a_wait())
    await running.reply(PHONE, "4821 yes")
    await annotate(
        running, source="textback", text="event 5 reply_received yes", message_sid=sid, wait=a_wait(is_open=False)
    )
    async with opened(browser, running.url) as page:
        await page.get_by_role("button", name="Trace", exact=True).click()

        lines = page.locator("#trace-lines > li")
        await expect(lines.first).to_contain_text("Twilio takes the message")
        shown = await page.locator("#trace-lines .what").all_inner_texts()
        wanted = ["Twilio takes", "sent", "delivered", 'callback "sent" → 200', 'callback "delivered" → 200']
        wanted += ["event 1 created", 'texts "4821 yes"', "inbound webhook → 200", "event 5 reply_received yes"]
        assert [each for each in wanted if not any(each in line for line in shown)] == []
        assert shown.index(next(x for x in shown if "event 5" in x)) > shown.index(
            next(x for x in shown if "texts" in x)
        )

        await page.locator("summary", has_text="Twilio takes the message").click()
        await expect(page.locator("#trace-lines dd", has_text=f"{app.url}/status").first).to_be_visible()
        await page.locator("summary", has_text='callback "sent"').click()
        signature = app.webhooks[0].signature
        await expect(page.locator("#trace-lines dd", has_text=signature).first).to_be_visible()


async def test_call_is_made_again_from_the_trace(running: Emulator, app: Application, browser: Browser) -> None:
    await send(running, "Hi", StatusCallback=f"{app.url}/status")
    await app.take(2)
    async with opened(browser, running.url) as page:
        await page.get_by_role("button", name="Trace", exact=True).click()
        await page.locator("summary", has_text='callback "sent"').click()
        await page.get_by_role("button", name="Resend").first.click()

        again = (await app.take(3))[2]
        assert again.form == app.webhooks[0].form
        assert app.signed_by_twilio(again, running.auth_token)
        await expect(page.locator("#trace-lines")).to_contain_text("again #1")


async def test_reply_that_the_application_refused_is_offered_again(
    running: Emulator, app: Application, browser: Browser
) -> None:
    app.status = 500
    async with opened(browser, running.url) as page:
        await send(running, "Hi")
        await page.locator("#text").fill("hello?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("Webhook failed")
        app.status = 200
        await page.get_by_role("button", name="Retry").click()

        await expect(page.get_by_role("log")).to_contain_text("webhook 200")
        assert [webhook.form["Body"] for webhook in app.webhooks] == ["hello?", "hello?"]


async def test_reply_is_kept_on_the_page_when_the_emulator_is_gone(app: Application, browser: Browser) -> None:
    async with emulator(sms_url=f"{app.url}/inbound") as running:
        await send(running, "Hi")
        page = await browser.new_page()
        await page.goto(running.url + "/")
        await expect(page.get_by_role("log")).to_contain_text("Hi")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "lost")
    await page.locator("#text").fill("are you there?")
    await page.keyboard.press("Enter")
    await expect(page.locator(".pending.failed")).to_contain_text("are you there?")
    await expect(page.locator(".pending.failed")).to_contain_text("The emulator does not answer")
    await page.close()


async def test_page_says_which_question_a_text_will_answer(running: Emulator, browser: Browser) -> None:
    await send(running, QUESTION)
    async with opened(browser, running.url) as page:
        await annotate(running, source="textback", text="asks", wait=a_wait())
        await expect(page.locator(".waiting")).to_contain_text("waiting 9:5")
        speaks = page.locator("#speaks")
        await expect(speaks).to_contain_text("question 4821")
        await page.locator("#text").fill("yes")
        await expect(speaks).to_contain_text("its code makes a text its answer")
        await page.locator("#text").fill("48 21 yes")
        await expect(speaks).to_contain_text("answers question 4821")
        await annotate(running, source="textback", text="asks", wait=a_wait(code="7310", name="msg_2"))
        await page.locator("#text").fill("yes")
        await expect(speaks).to_contain_text("2 questions are open")
        for name, code in (("msg_1", "4821"), ("msg_2", "7310")):
            await annotate(running, source="textback", text="closed", wait=a_wait(code=code, name=name, is_open=False))
        await expect(speaks).to_be_hidden()
        await expect(page.locator(".waiting")).to_have_count(0)


async def test_whole_loop_goes_by_keyboard_alone(running: Emulator, app: Application, browser: Browser) -> None:
    async with opened(browser, running.url) as page:
        await send(running, QUESTION)
        await send(running, "Backup finished.", to=OTHER)
        await expect(page.locator(".phone")).to_have_count(2)
        await page.keyboard.press("Escape")
        await page.keyboard.press("/")
        await page.keyboard.type("0123")
        await expect(page.locator(".phone")).to_have_count(1)
        await page.keyboard.press("Escape")
        await page.keyboard.press("j")
        await expect(page.get_by_role("heading", name="+1 415 555 0123")).to_be_visible()
        await page.keyboard.press("1")
        await expect(page.get_by_role("log")).to_contain_text("webhook 200")
        assert app.webhooks[0].form["Body"] == "4821 YES"
        await page.keyboard.press("Escape")
        await page.keyboard.press("t")
        await expect(page.locator("#trace-title")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("#trace")).to_be_hidden()
        await page.keyboard.press("Escape")
        await page.keyboard.press("f")
        await expect(page.locator("#tools-title")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("#tools")).to_be_hidden()
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("r")
        await page.keyboard.type("t is only a letter here")
        await expect(page.locator("#text")).to_have_value("t is only a letter here")


async def test_fault_is_switched_on_and_off_and_always_in_sight(
    running: Emulator, app: Application, browser: Browser
) -> None:
    async with opened(browser, running.url) as page:
        await send(running, "Hi")
        await page.get_by_role("button", name="Tools").click()
        await page.locator("#fault-stage").select_option("inbound webhooks")
        await page.locator("#fault-effect").select_option("are lost")
        await page.get_by_label("Times").fill("1")
        await page.get_by_role("button", name="Add fault").click()
        chip = page.locator("#faults-chip")
        await expect(chip).to_have_text("Faults on · struck 0")
        await page.locator("#tools-close").click()

        await page.locator("#text").fill("lost")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("dropped by a fault")
        assert app.webhooks == []
        await expect(chip).to_be_hidden()  # it has struck as often as it may

        await page.get_by_role("button", name="Tools").click()
        await page.get_by_text("As JSON").click()
        rules = {"create": [{"effect": {"status": 429, "code": 20429}}]}
        await page.get_by_label("Fault rules as JSON").fill(json.dumps(rules))
        await page.get_by_role("button", name="Apply").click()
        await expect(chip).to_be_visible()
        await expect(page.locator("#fault-list")).to_contain_text("status 429")
        await page.get_by_label("Fault rules as JSON").fill("{")
        await page.get_by_role("button", name="Apply").click()
        await expect(page.get_by_role("alert")).to_contain_text("The rules are no JSON")
        await page.get_by_role("button", name="All off").click()
        await expect(chip).to_be_hidden()


async def test_every_window_says_what_is_out_of_the_ordinary_when_another_changed_it(
    running: Emulator, browser: Browser
) -> None:
    await send(running, "Hi")
    async with opened(browser, running.url) as one, opened(browser, running.url, width=360) as narrow:
        await narrow.locator(".phone").click()
        for page in (one, narrow):
            await expect(page.locator("#faults-chip, #mode-chip")).to_have_count(2)
            await expect(page.locator("#faults-chip")).to_be_hidden()
        await change(running, "faults", {"list": [{"effect": {"stale": 30}}]})
        for page in (one, narrow):
            await expect(page.locator("#faults-chip")).to_be_visible()
        await narrow.locator("#faults-chip").click()
        await narrow.get_by_role("button", name="All off").click()
        await narrow.locator("#tools-close").click()
        for page in (one, narrow):
            await expect(page.locator("#faults-chip")).to_be_hidden()
        await change(running, "lifecycle", {"mode": "manual"})
        await change(running, "clock", {"mode": "manual"})
        for page in (one, narrow):
            await expect(page.locator("#mode-chip")).to_have_text("messages by hand · clock stands")
            await expect(page.locator("#mode-chip")).to_be_visible()


async def test_message_moves_on_by_hand_and_time_by_the_clock(running: Emulator, browser: Browser) -> None:
    async with opened(browser, running.url) as page:
        await page.get_by_role("button", name="Tools").click()
        await page.get_by_label("by hand").check()
        await page.get_by_label("stands").check()
        await expect(page.locator("#mode-chip")).to_have_text("messages by hand · clock stands")
        await page.get_by_role("button", name="+1 h").click()
        assert (running.world.now() - datetime.now(UTC)).total_seconds() > 3_500
        await page.locator("#tools-close").click()
        sid = await send(running, "Hi")
        log = page.get_by_role("log")
        await expect(log).to_contain_text("Queued")
        await log.get_by_role("button", name="sent").click()
        await log.get_by_role("button", name="undelivered").click()
        await expect(log).to_contain_text("Undelivered 30003")
        assert running.world.messages[sid].error_code == 30003


async def test_two_people_answer_in_two_windows(running: Emulator, app: Application, browser: Browser) -> None:
    await send(running, 'A?\nText back "1111 YES" or "1111 NO".')
    await send(running, 'B?\nText back "2222 YES" or "2222 NO".', to=OTHER)
    async with (
        opened(browser, running.url, query=f"#/p/{PHONE}") as first,
        opened(browser, running.url, query=f"#/p/{OTHER}") as second,
    ):
        await asyncio.gather(
            first.get_by_role("button", name="1111 YES", exact=True).click(),
            second.get_by_role("button", name="2222 NO", exact=True).click(),
        )
        for page in (first, second):
            await expect(page.get_by_role("log")).to_contain_text("webhook 200")
    assert {(webhook.form["From"], webhook.form["Body"]) for webhook in app.webhooks} == {
        (PHONE, "1111 YES"),
        (OTHER, "2222 NO"),
    }


async def test_phone_is_added_named_and_found(running: Emulator, app: Application, browser: Browser) -> None:
    async with opened(browser, running.url) as page:
        await page.get_by_role("button", name="Tools").click()
        await page.get_by_label("Number").fill("+1 (415) 555-0188")
        await page.get_by_label("Name").fill("Night shift")
        await page.get_by_role("button", name="Add phone").click()
        await page.locator("#tools-close").click()
        await expect(page.get_by_role("heading", name="Night shift, +1 415 555 0188")).to_be_visible()
        await page.locator("#text").fill("hello")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("webhook 200")
        assert app.webhooks[0].form["From"] == "+14155550188"
        await page.get_by_label("Search phones").fill("nobody")
        await expect(page.get_by_text("No phone fits.")).to_be_visible()
        await page.get_by_label("Search phones").fill("night")
        await expect(page.locator(".phone")).to_have_count(1)


async def test_nothing_that_is_told_becomes_html(running: Emulator, app: Application, browser: Browser) -> None:
    app.status, app.answer = 500, SCRIPT
    async with opened(browser, running.url) as page:
        sid = await send(running, SCRIPT, StatusCallback=f"{app.url}/{SCRIPT}")
        await annotate(running, source=SCRIPT[:60], text=SCRIPT, message_sid=sid, wait=a_wait(code=SCRIPT[:20]))
        await page.locator("#text").fill(SCRIPT)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("Webhook failed")
        await page.get_by_role("button", name="Trace", exact=True).click()
        await expect(page.locator("#trace-lines")).to_contain_text("<script>")
        await page.get_by_role("button", name="Tools").click()
        await page.get_by_label("Number").fill(OTHER)
        await page.get_by_label("Name").fill(SCRIPT)
        await page.get_by_role("button", name="Add phone").click()
        await expect(page.locator("#chat-phone")).to_contain_text("<script>")
        assert await page.locator("main img, main script, aside img, aside script").count() == 0
        assert "owned" not in await page.title()


async def test_page_counts_segments_as_the_service_does(running: Emulator, browser: Browser) -> None:
    texts = ["", "a" * 160, "a" * 161, "€" * 80, "€" * 153, "ê", "я" * 70, "я" * 71, "😜" * 67, "{" * 154, "é\f" * 80]
    async with opened(browser, running.url) as page:
        counted = await page.evaluate(
            "async (texts) => { const { measure } = await import('/texts.js'); return texts.map(measure); }", texts
        )
    assert [each["segments"] for each in counted] == [measure(text).segments for text in texts]
    assert [each["encoding"] for each in counted] == [
        {"GSM7": "GSM-7", "UCS2": "UCS-2"}[measure(text).encoding] for text in texts
    ]


async def test_fifty_phones_and_five_hundred_messages_are_all_there(running: Emulator, browser: Browser) -> None:
    for number in range(50):
        await send(running, "Hi", to=f"+1415555{number:04}")
    for number in range(500):
        running.world.messages and await send(running, f"text {number}")
    async with opened(browser, running.url) as page:
        await expect(page.locator(".phone")).to_have_count(51)
        await expect(page.locator(".message")).to_have_count(500)
        await expect(page.locator(".message").last).to_be_in_viewport()
        await page.locator("#log").evaluate("log => { log.scrollTop = 0; }")
        await expect(page.locator(".message").first).to_be_in_viewport()
        await send(running, "one more")
        await expect(page.get_by_text("one more")).to_have_count(2)
        await expect(page.locator(".message").first).to_be_in_viewport()  # who reads above is not torn away


async def test_embedded_page_is_the_handset_alone(running: Emulator, browser: Browser) -> None:
    await send(running, "Hi")
    async with opened(browser, running.url, query="?embed=1") as page:
        await expect(page.get_by_role("log")).to_contain_text("Hi")
        await expect(page.locator("header, nav, .banner")).to_have_count(3)
        for part in ("header.top", "nav", ".banner"):
            await expect(page.locator(part)).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
async def test_axe_finds_no_fault(
    running: Emulator, app: Application, browser: Browser, scheme: str, width: int
) -> None:
    await npm_install(require("node"), AXE)
    axe = (AXE / "node_modules" / "axe-core" / "axe.min.js").read_text()
    async with opened(browser, running.url, width=width, scheme=scheme) as page:  # type: ignore[arg-type] # one of the two
        assert await _faults(page, axe) == []
        sid = await send(running, QUESTION, StatusCallback=f"{app.url}/status")
        await send(running, "Hi", to="+15005550010")
        await app.take(2)
        await annotate(running, source="textback", text="event 1 created", message_sid=sid, wait=a_wait())
        assert await _faults(page, axe) == []
        await page.goto(f"{running.url}/#/p/{PHONE}")
        await expect(page.locator("#chat")).to_be_visible()
        await page.locator("#text").fill("4821 yes")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("webhook 200")
        assert await _faults(page, axe) == []
        await page.get_by_role("button", name="Trace", exact=True).click()
        await page.locator("#trace-lines summary").first.click()
        assert await _faults(page, axe) == []
        await page.locator("#trace-close").click()
        await page.goto(f"{running.url}/?again=1")
        await page.locator("#tools-open").click()
        await page.get_by_role("button", name="Add fault").click()
        await expect(page.locator("#faults-chip")).not_to_be_empty()
        assert await _faults(page, axe) == []


async def _faults(page: Page, axe: str) -> list[str]:
    """What axe-core complains of, by its own rules. Evaluated, not loaded: the page's policy allows no other script."""
    await page.evaluate(axe)
    found = await page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]} {each['nodes'][0]['failureSummary']}" for each in found]
