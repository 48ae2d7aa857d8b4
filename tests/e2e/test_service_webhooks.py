"""What Twilio calls, and what only claims to be Twilio: signatures, forms, repetition, order, races."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import aiohttp
import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from tests.support.emulators import emulator
from tests.support.service import (
    PHONE,
    SENDER,
    Service,
    Stream,
    account_at,
    eventually,
    service,
    serving,
    settings_for,
    waiting,
)
from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback_server.engine.callbacks import Callbacks
from textback_server.gateway.accounts import Accounts, Secret
from textback_server.store.protocol import StoreUnavailable
from textback_server.store.sqlite.store import SqliteStore
from textback_server.web import forms

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_RECEIPT = "+15005550013"
"""The emulator sends to it and reports no delivery: the test does."""

FORM = "application/x-www-form-urlencoded"
Form = dict[str, str]
_sids = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def textback(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with service(tmp_path_factory.mktemp("web"), reply_timeout_min=timedelta(seconds=1)) as running:
        yield running


def an_inbound(textback: Service, body: str, **fields: str) -> dict[str, str]:
    """A form as Twilio posts it, blank geography included."""
    form = {
        "MessageSid": f"SM{next(_sids):032x}",
        "AccountSid": textback.emulator.account_sid,
        "From": PHONE,
        "To": SENDER,
        "Body": body,
        "FromZip": "",
        "NumMedia": "0",
    }
    return form | fields


def a_status(textback: Service, sid: str, status: str, **fields: str) -> dict[str, str]:
    return {"MessageSid": sid, "MessageStatus": status, "AccountSid": textback.emulator.account_sid} | fields


def signature(textback: Service, url: str, form: Form, token: str = "") -> str:
    signed: str = RequestValidator(token or textback.emulator.auth_token).compute_signature(url, form)
    return signed


async def post(url: str, body: Form | bytes, *signatures: str, **headers: str) -> tuple[int, str]:
    """Post a form with these X-Twilio-Signature headers."""
    data = body if isinstance(body, bytes) else urlencode(body).encode()
    sent = [("Content-Type", FORM), *(("X-Twilio-Signature", each) for each in signatures)]
    kept = [(name, value) for name, value in sent if name.replace("-", "_") not in headers]
    kept += [(name.replace("_", "-"), value) for name, value in headers.items()]
    async with aiohttp.ClientSession() as session, session.post(url, data=data, headers=kept) as answer:
        return answer.status, await answer.text()


async def deliver(textback: Service, form: Form, url: str = "") -> tuple[int, str]:
    """Post a form as Twilio does: to our inbound address if no other is given, and signed."""
    url = url or inbound_url(textback)
    return await post(url, form, signature(textback, url, form))


def inbound_url(textback: Service) -> str:
    assert textback.app.inbound_url
    return textback.app.inbound_url


def status_url(textback: Service, sid: str) -> str:
    url = textback.emulator.world.messages[sid].status_callback
    assert url
    return url


def told(answer: tuple[int, str]) -> list[str | None]:
    """The texts in a TwiML answer."""
    status, twiml = answer
    assert status == 200
    return [each.text for each in ElementTree.fromstring(twiml)]  # noqa: S314 - our own answer


async def events_of(textback: Service, message_id: str) -> list[event_pb.SmsEvent]:
    """All events of a message that has ended."""
    async with textback.watch(message_id) as stream:
        return await stream.rest()


def kinds(events: Sequence[event_pb.SmsEvent]) -> list[str | None]:
    return [event.WhichOneof("kind") for event in events]


async def asked(textback: Service, *choices: str, recipient: str = PHONE, seconds: int = 600) -> message_pb.SmsMessage:
    """A question that is on the phone; its stream is left."""
    async with textback.ask(waiting(*choices, seconds=seconds), recipient=recipient) as stream:
        message = await stream.created()
        await stream.state("DELIVERED")
        return message


async def unreceipted(textback: Service) -> message_pb.SmsMessage:
    """A message that is sent, and of which Twilio says no more."""
    message = await textback.send(recipient=NO_RECEIPT)
    async with textback.watch(message.message_id) as stream:
        await stream.state("SENT")
    return await textback.get(message.message_id)


async def test_only_what_twilio_signed_is_taken(textback: Service) -> None:
    message = await asked(textback)
    url, form = inbound_url(textback), an_inbound(textback, f"{message.wait.code} yes")
    right = signature(textback, url, form)
    wrong: list[tuple[str, ...]] = [
        (),
        ("",),
        ("garbage",),
        (right, right),
        (f"{right}, {right}",),
        ("é" * 28,),
        (right[:-1],),
        (signature(textback, url, form, "another token"),),
        (signature(textback, url.replace("http:", "https:"), form),),
        (signature(textback, url.replace("127.0.0.1:", "127.0.0.1:1"), form),),
        (signature(textback, url, form | {"Body": "no"}),),
    ]
    for signatures in wrong:
        assert (await post(url, form, *signatures)) == (403, ""), signatures
    assert (await textback.get(message.message_id)).wait.state == message_pb.WAIT_STATE_OPEN
    assert told(await post(url, form, right)) == []
    assert (await textback.get(message.message_id)).wait.reply.text == "yes"


async def test_blank_and_unknown_fields_count_because_they_are_signed(textback: Service) -> None:
    url, form = inbound_url(textback), an_inbound(textback, "hello", FromCity="", NewField="of 2031", Ünï="ć🙂")
    right = signature(textback, url, form)
    without_blanks = {name: value for name, value in form.items() if value}
    assert (await post(url, without_blanks | {"FromZip": "1"}, right))[0] == 403
    assert (await post(url, form, right))[0] == 200


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param(b"x" * 70_000, {}, 413, id="too-large"),
        pytest.param(b"{}", {"Content_Type": "application/json"}, 415, id="json"),
        pytest.param(b"a=b", {"Content_Type": "text/plain"}, 415, id="text"),
        pytest.param(b"a=b", {"Content_Type": "multipart/form-data; boundary=x"}, 415, id="multipart"),
        pytest.param(b"Body=a&From=b&Body=c", {}, 400, id="repeated-key"),
        pytest.param(b"Body=\xff", {}, 400, id="raw-invalid-utf8"),
        pytest.param(b"Body=%ff", {}, 400, id="escaped-invalid-utf8"),
        pytest.param(b"Body=%ed%a0%80", {}, 400, id="escaped-surrogate"),
        pytest.param(b"no form", {}, 400, id="no-form"),
        pytest.param(b"&".join(b"f%d=" % n for n in range(500)), {}, 400, id="many-fields"),
        pytest.param(b"no gzip", {"Content_Encoding": "gzip"}, 400, id="no-gzip"),
        pytest.param(b"", {}, 403, id="empty"),
    ],
)
async def test_body_that_twilio_would_not_send_is_refused(
    textback: Service, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert await post(inbound_url(textback), body, "signature", **headers) == (status, "")


@pytest.mark.parametrize("patience", [15.0, 0.05], ids=["hangs-up", "says-no-more"])
async def test_half_a_body_is_refused_and_is_no_defect(
    textback: Service, patience: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "PATIENCE", patience)
    head = f"POST /twilio/inbound/default HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 99\r\n\r\n"
    with capture_logs() as log:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(textback.app.http.rpartition(":")[2]))
        writer.write(head.encode() + b"Body=")
        if patience > 1:
            writer.close()
        else:
            assert b" 408 " in await reader.readline()
        await eventually(lambda: bool(log))
        writer.close()
    assert [line["event"] for line in log] == ["webhook.rejected"]


async def test_other_methods_accounts_and_paths_are_refused(textback: Service) -> None:
    url, form = inbound_url(textback), an_inbound(textback, "hello")
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 405
    other = url.replace("/default", "/other")
    assert await deliver(textback, form, other) == (404, "")
    assert await deliver(textback, form | {"AccountSid": "AC" + "9" * 32}) == (403, "")
    for missing in ("MessageSid", "From"):
        assert await deliver(textback, form | {missing: ""}) == (400, "")


async def test_status_address_works_for_its_message_and_attempt_only(textback: Service) -> None:
    sent, another = [await unreceipted(textback) for _ in range(2)]
    url, form = status_url(textback, sent.twilio_sid), a_status(textback, sent.twilio_sid, "failed", ErrorCode="30005")
    mac = url.rpartition("/")[2]
    tampered = [
        url.replace(sent.message_id, another.message_id),
        url.replace("/1/", "/2/"),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url.replace(mac, mac.upper() + "A"),
        url.replace(mac, "%C3%A9%FF"),
        url.replace(mac, ""),
    ]
    for wrong in tampered:
        assert (await deliver(textback, form, wrong))[0] == 404, wrong
    assert (await post(url, form, "garbage"))[0] == 403
    for message in (sent, another):
        assert (await textback.get(message.message_id)).state != message_pb.MESSAGE_STATE_FAILED
    assert await deliver(textback, form, url) == (204, "")
    assert (await textback.get(sent.message_id)).failure.twilio_code == 30005


async def test_status_of_an_unknown_message_or_sid_changes_nothing(textback: Service) -> None:
    sent = await unreceipted(textback)
    known = status_url(textback, sent.twilio_sid)
    assert await deliver(textback, a_status(textback, "SM" + "f" * 32, "failed"), known) == (204, "")
    with sqlite3.connect(f"file:{textback.store}?mode=ro", uri=True) as store:
        (key,) = store.execute("SELECT value FROM secret").fetchone()
    store.close()
    url = Callbacks(textback.app.http, key).status_url("default", "msg_purged", 1)
    assert url
    assert await deliver(textback, a_status(textback, sent.twilio_sid, "failed"), url) == (204, "")
    assert (await textback.get(sent.message_id)).state != message_pb.MESSAGE_STATE_FAILED


@pytest.mark.parametrize(
    "fields", [{"MessageStatus": "teleported"}, {"MessageStatus": ""}, {"MessageSid": ""}], ids=["new", "none", "sid"]
)
async def test_status_that_says_nothing_to_us_is_taken_and_ignored(textback: Service, fields: Form) -> None:
    sent = await unreceipted(textback)
    form = a_status(textback, sent.twilio_sid, "failed") | fields
    assert await deliver(textback, form, status_url(textback, sent.twilio_sid)) == (204, "")
    assert await textback.get(sent.message_id) == sent


@pytest.mark.parametrize("code", ["30003", "", "0", "-1", "x", "9" * 5_000, "٣٠٠٠٣"])
async def test_failed_status_is_recorded_whatever_its_error_code(textback: Service, code: str) -> None:
    sent = await unreceipted(textback)
    form = a_status(textback, sent.twilio_sid, "undelivered", ErrorCode=code)
    assert await deliver(textback, form, status_url(textback, sent.twilio_sid)) == (204, "")
    last = (await events_of(textback, sent.message_id))[-1]
    assert last.result.failure.twilio_code == (30003 if code == "30003" else 0)


async def test_statuses_merge_by_rank_when_they_are_doubled_and_out_of_order(textback: Service) -> None:
    sent = await unreceipted(textback)
    url = status_url(textback, sent.twilio_sid)
    for status in ("delivered", "sent", "delivered", "queued", "undelivered", "accepted"):
        assert await deliver(textback, a_status(textback, sent.twilio_sid, status), url) == (204, "")
    message = await textback.get(sent.message_id)
    assert (message.state, message.twilio_status) == (message_pb.MESSAGE_STATE_DELIVERED, "delivered")
    assert [event.terminal for event in await events_of(textback, sent.message_id)].count(True) == 1
    read = a_status(textback, sent.twilio_sid, "read")
    assert await deliver(textback, read, url) == (204, "")
    assert (await textback.get(sent.message_id)).state == message_pb.MESSAGE_STATE_READ


async def test_both_tokens_are_taken_during_a_rotation(tmp_path: Path) -> None:
    async with emulator() as twilio:
        accounts = Accounts((account_at(twilio, secondary_token=Secret("the new token")),))
        settings = settings_for(twilio, tmp_path / "t.db", accounts=accounts)
        async with serving(twilio, settings) as rotating:
            url = inbound_url(rotating)
            answers = []
            for token in (twilio.auth_token, "the new token", "the one before"):
                form = an_inbound(rotating, "hello")
                answers.append((await post(url, form, signature(rotating, url, form, token)))[0])
    assert answers == [200, 200, 403]


async def test_person_is_told_once_and_the_event_stands_once_when_twilio_repeats_itself(textback: Service) -> None:
    message = await asked(textback, "yes", "no")
    form = an_inbound(textback, f"{message.wait.code} perhaps")
    assert len(told(await deliver(textback, form))) == 1
    assert told(await deliver(textback, form)) == []
    assert told(await deliver(textback, form | {"Body": f"{message.wait.code} yes"})) == []
    assert (await textback.get(message.message_id)).wait.rejected_replies == 1


async def test_markup_is_escaped_in_what_the_person_is_told(textback: Service) -> None:
    message = await asked(textback, 'A&B <"1">', "x]]>y", "</Message>")
    (text,) = told(await deliver(textback, an_inbound(textback, f"{message.wait.code} <Redirect/>&amp;")))
    assert text
    assert f'"{message.wait.code} A&B <"1">"' in text
    assert '</MESSAGE>"' in text
    assert "Redirect" not in text
    assert told(await deliver(textback, an_inbound(textback, f"{message.wait.code} a&b <'1'>"))) != [""]


async def test_one_delivery_counts_when_ten_come_at_once(textback: Service) -> None:
    message = await asked(textback, "yes")
    wrong, right = (an_inbound(textback, f"{message.wait.code} {word}") for word in ("maybe", "yes"))
    answers = [told(answer) for answer in await asyncio.gather(*(deliver(textback, wrong) for _ in range(10)))]
    assert sorted(map(len, answers)) == [0] * 9 + [1]
    answers = [told(answer) for answer in await asyncio.gather(*(deliver(textback, right) for _ in range(10)))]
    assert answers == [[]] * 10
    assert kinds(await events_of(textback, message.message_id))[-2:] == ["reply_rejected", "reply_received"]


@pytest.mark.parametrize("failures", [1, 3])
async def test_reply_is_matched_once_when_the_store_was_away_and_twilio_tries_again(
    textback: Service, failures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await asked(textback)
    form = an_inbound(textback, f"{message.wait.code} yes")
    commit, left = SqliteStore.commit, itertools.count(failures, -1)

    async def fail_first(store: SqliteStore, *arguments: Any) -> None:
        if arguments[0].inbound and next(left) > 0:
            raise StoreUnavailable("for a moment")
        await commit(store, *arguments)

    monkeypatch.setattr(SqliteStore, "commit", fail_first)
    answers = [(await deliver(textback, form))[0] for _ in range(failures + 2)]
    assert answers == [503] * failures + [200, 200]
    assert kinds(await events_of(textback, message.message_id)).count("reply_received") == 1


async def test_two_answers_at_once_make_one_reply_and_one_late_text(textback: Service) -> None:
    for _ in range(10):
        message = await asked(textback)
        forms = [an_inbound(textback, f"{message.wait.code} {word}") for word in ("yes", "no")]
        await asyncio.gather(*(deliver(textback, form) for form in forms))
        events = await events_of(textback, message.message_id)
        listed = (await textback.stub.ListInbound(pb.ListInboundRequest(page_size=2))).inbound
        became = {inbound.twilio_sid: inbound.disposition for inbound in listed}
        assert sorted(became.values()) == [message_pb.INBOUND_DISPOSITION_REPLY, message_pb.INBOUND_DISPOSITION_LATE]
        assert became[events[-1].reply_received.reply.twilio_sid] == message_pb.INBOUND_DISPOSITION_REPLY


async def test_one_end_wins_when_reply_cancel_and_stop_race(textback: Service) -> None:
    phones = [f"+1415555{n:04d}" for n in range(200, 230)]
    messages = await asyncio.gather(*(asked(textback, recipient=phone) for phone in phones))
    await asyncio.gather(
        *(deliver(textback, an_inbound(textback, f"{each.wait.code} yes", From=each.recipient)) for each in messages),
        *(textback.stub.CancelWait(pb.CancelWaitRequest(message_id=each.message_id)) for each in messages),
        *(deliver(textback, an_inbound(textback, "STOP", From=each.recipient)) for each in messages),
    )
    await one_end_each(textback, messages)


async def test_one_end_wins_when_replies_come_as_the_time_is_up(textback: Service) -> None:
    messages = await asyncio.gather(*(asked(textback, seconds=1) for _ in range(30)))
    streams = [textback.watch(each.message_id) for each in messages]
    await asyncio.gather(*(answer_at_the_end(textback, each, n) for n, each in enumerate(messages)))
    for stream in streams:
        assert sum(event.terminal for event in await stream.rest()) == 1
    await one_end_each(textback, messages)


async def answer_at_the_end(textback: Service, message: message_pb.SmsMessage, place: int) -> None:
    """Answer about when the wait expires, each a little later than the one before."""
    expires = message.wait.expire_time.ToDatetime(UTC)
    await asyncio.sleep((expires - datetime.now(UTC)).total_seconds() + place * 0.02)
    assert (await deliver(textback, an_inbound(textback, f"{message.wait.code} yes")))[0] == 200


async def one_end_each(textback: Service, messages: Sequence[message_pb.SmsMessage]) -> None:
    ends = {
        message_pb.WAIT_STATE_REPLIED: "reply_received",
        message_pb.WAIT_STATE_CANCELLED: "cancelled",
        message_pb.WAIT_STATE_OPTED_OUT: "opted_out",
        message_pb.WAIT_STATE_TIMED_OUT: "timed_out",
    }
    for message in messages:
        events = await events_of(textback, message.message_id)
        assert [event.terminal for event in events] == [False] * (len(events) - 1) + [True]
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        stored = await textback.get(message.message_id)
        assert kinds(events)[-1] == ends[stored.wait.state]
        assert stored.result == events[-1].result


async def test_long_answer_with_every_kind_of_character_comes_through_whole(textback: Service) -> None:
    message = await asked(textback)
    text = "\u0000\u202e👩\u200d💻\ufffe ß\r\n" + "é" * 9_000
    async with textback.watch(message.message_id) as stream:
        assert (await deliver(textback, an_inbound(textback, f"{message.wait.code} {text}")))[0] == 200
        assert (await ended(stream)).reply_received.reply.body == f"{message.wait.code} {text}"


async def test_inbound_lists_fit_into_what_a_client_takes_when_texts_are_large(textback: Service) -> None:
    forms_ = [an_inbound(textback, "x" * 60_000, From="+14155550166") for _ in range(80)]
    await asyncio.gather(*(deliver(textback, form) for form in forms_))
    found: list[str] = []
    request = pb.ListInboundRequest(sender="+14155550166", page_size=1_000)
    while not found or request.page_token:
        page = await textback.stub.ListInbound(request)
        found += [inbound.twilio_sid for inbound in page.inbound]
        request.page_token = page.next_page_token
    assert sorted(found) == sorted(form["MessageSid"] for form in forms_)


async def ended(stream: Stream) -> event_pb.SmsEvent:
    return (await stream.rest())[-1]


async def test_opt_out_is_from_the_service_that_twilio_names(textback: Service) -> None:
    person, service_sid = "+14155550188", "MG" + "a" * 32
    await deliver(textback, an_inbound(textback, "STOP", From=person, MessagingServiceSid=service_sid))
    with closing(sqlite3.connect(textback.store)) as store:
        found = store.execute("SELECT sender FROM opt_outs WHERE person = ? ORDER BY sender", (person,)).fetchall()
    assert found == [(SENDER,), (service_sid,)]
