"""How people are treated: understood, told kindly why not, and left alone when they say so."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from tests.support.emulators import emulator
from tests.support.service import PHONE, Service, account_at, failing, service, serving, settings_for, waiting
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback_server.domain.manners import Manners
from textback_server.domain.messages import ReplyMatch
from textback_server.domain.notices import HOURLY_BUDGET, NoticeTexts
from textback_server.domain.transitions import MAX_REJECTIONS
from textback_server.gateway.accounts import Accounts

OTHER = "+14155550177"
SENDER_MATCH = {"replyMatch": "REPLY_MATCH_SENDER"}


@pytest.fixture
async def textback(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as running:
        yield running


async def newest_inbound(textback: Service) -> message_pb.InboundSms:
    return (await textback.stub.ListInbound(pb.ListInboundRequest(page_size=1))).inbound[0]


async def spoke_to(textback: Service, message_id: str) -> list[str]:
    found = await textback.stub.GetMessage(pb.GetMessageRequest(message_id=message_id))
    return [each.body for each in found.inbound]


async def test_person_is_told_once_that_the_code_is_missing(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no")) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        for told in (True, False):
            await textback.answer("no idea")
            rejected = (await stream.until("reply_rejected")).reply_rejected
            assert (rejected.reason, rejected.person_told) == (message_pb.REJECT_REASON_NO_CODE, told)
    hints = [text for text in textback.texts() if "which question" in text]
    assert hints == [f'We could not tell which question that answers. Text back "{code} YES" or "{code} NO".']


async def test_person_is_hinted_once_when_the_code_comes_alone_and_an_answer_is_needed(textback: Service) -> None:
    async with textback.ask({"allowEmptyReply": False}) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        for told in (True, False):
            await textback.answer(code)
            rejected = (await stream.until("reply_rejected")).reply_rejected
            assert (rejected.reason, rejected.person_told) == (message_pb.REJECT_REASON_EMPTY, told)


async def test_person_is_hinted_once_when_they_have_chatted_for_long(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no", maxInvalidReplies=1)) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        for _ in range(MAX_REJECTIONS):
            await textback.answer('Liked "something else altogether"')
        for _ in range(2):
            await textback.answer("what is it about?")
        assert len(textback.texts()) == 2
        await textback.answer(f"{code} perhaps")
        assert (await stream.until("failed")).result.failure.reason == "TOO_MANY_INVALID_REPLIES"


async def test_person_is_told_when_it_is_answered_already_and_when_it_is_too_late(textback: Service) -> None:
    async with textback.ask() as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        await textback.answer(f"{code} fine")
        await stream.until("reply_received")
    await textback.answer(f"{code} no, wait")
    assert textback.texts()[-1] == "This question was answered already."
    assert (await newest_inbound(textback)).reason == message_pb.REJECT_REASON_ANSWERED
    async with textback.ask() as stream:
        message = await stream.created()
        await stream.state("DELIVERED")
        await textback.stub.CancelWait(pb.CancelWaitRequest(message_id=message.message_id))
    await textback.answer(f"{message.wait.code} fine")
    assert textback.texts()[-1] == "Too late: this question is closed."


@pytest.mark.parametrize(("notices", "texts"), [("NONE", 1), ("HINTS", 1), ("ALL", 2)])
async def test_confirmation_is_texted_only_when_all_notices_are_asked_for(
    textback: Service, notices: str, texts: int
) -> None:
    async with textback.ask(waiting("yes", notices=f"NOTICES_{notices}")) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        await textback.answer(f"{code} y")
        assert (await stream.until("reply_received")).result.choice == "yes"
    assert textback.texts()[1:] == ["Thank you, noted: yes"][: texts - 1]


async def test_two_robots_do_not_talk_for_long(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no")) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        for _ in range(HOURLY_BUDGET + 4):
            await textback.answer(f"{code} perhaps")
    assert len(textback.texts()) == 1 + HOURLY_BUDGET


async def test_budget_holds_when_many_texts_come_at_once(textback: Service) -> None:
    async with textback.ask() as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        await textback.answer(f"{code} fine")
        await stream.until("reply_received")
    await asyncio.gather(*(textback.answer(f"{code} fine {n}") for n in range(HOURLY_BUDGET * 2)))
    assert len(textback.texts()) == 1 + HOURLY_BUDGET


async def test_nothing_is_texted_back_when_the_person_opted_out_before(textback: Service) -> None:
    async with textback.ask() as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        await textback.answer(f"{code} fine")
        await stream.until("reply_received")
    for text, texts in (("STOP", 1), (f"{code} no", 1), ("START", 1), (f"{code} no", 2)):
        await textback.answer(text)
        assert len(textback.texts()) == texts


async def test_stop_blocks_the_sender_until_start(textback: Service) -> None:
    kept = await textback.send(request_id="before")
    await textback.answer("Stop!")
    for call in (textback.send(), textback.ask()):
        failure = await failing(call)
        assert (failure.code, failure.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "RECIPIENT_OPTED_OUT")
    assert (await textback.send(request_id="before")).message_id == kept.message_id
    assert (await textback.send(recipient=OTHER)).twilio_sid
    texts = len(textback.texts())
    assert "STOP" not in textback.texts()[-1].upper()
    await textback.answer("START")
    assert (await newest_inbound(textback)).disposition == message_pb.INBOUND_DISPOSITION_OPT_IN
    assert (await textback.send()).twilio_sid
    assert len(textback.texts()) == texts + 1


async def test_twilios_own_refusal_blocks_the_next_send_before_it_reaches_twilio(textback: Service) -> None:
    barred = "+15005550004"
    assert (await failing(textback.send(recipient=barred))).metadata["twilio_code"] == "21610"
    assert "twilio_code" not in (await failing(textback.send(recipient=barred))).metadata


async def test_code_of_another_phone_is_refused_and_recorded(textback: Service) -> None:
    async with textback.ask(waiting("yes")) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        async with textback.ask(recipient=OTHER) as other:
            await other.state("DELIVERED")
            await textback.answer(f"{code} yes", phone=OTHER)
            assert (await other.until("reply_rejected")).reply_rejected.reason == message_pb.REJECT_REASON_WRONG_CODE
        refused = await stream.until("reply_rejected")
        assert refused.reply_rejected.reason == message_pb.REJECT_REASON_FOREIGN
    assert await spoke_to(textback, refused.message_id) == [f"{code} yes"]
    inbound = await newest_inbound(textback)
    assert (inbound.sender, inbound.disposition) == (OTHER, message_pb.INBOUND_DISPOSITION_FOREIGN)


async def test_message_shows_everything_that_spoke_to_its_wait(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no")) as stream:
        message = await stream.created()
        await stream.state("DELIVERED")
        for text in ("perhaps", "yes", "no"):
            await textback.answer(f"{message.wait.code} {text}")
    found = await textback.stub.GetMessage(pb.GetMessageRequest(message_id=message.message_id))
    assert [(each.body.split()[1], each.reason) for each in found.inbound] == [
        ("no", message_pb.REJECT_REASON_ANSWERED),
        ("yes", message_pb.REJECT_REASON_UNSPECIFIED),
        ("perhaps", message_pb.REJECT_REASON_NOT_A_CHOICE),
    ]
    other = await textback.send(recipient=OTHER)
    assert not (await textback.stub.ListInbound(pb.ListInboundRequest(message_id=other.message_id))).inbound


async def test_sender_match_needs_no_code_while_one_question_is_open(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no") | SENDER_MATCH) as stream:
        assert (await stream.created()).wait.reply_match == message_pb.REPLY_MATCH_SENDER
        await stream.state("DELIVERED")
        await textback.answer("Yes")
        assert (await stream.until("reply_received")).result.choice == "yes"


async def test_sender_match_needs_the_code_when_two_questions_are_open(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no") | SENDER_MATCH) as stream, textback.ask() as other:
        code = (await stream.created()).wait.code
        await other.state("DELIVERED")
        await stream.state("DELIVERED")
        await textback.answer("no")
        assert "which question" in textback.texts()[-1]
        await textback.answer(f"{code} no")
        assert (await stream.until("reply_received")).result.choice == "no"


async def test_hint_shows_the_code_when_the_prompt_has_none(textback: Service) -> None:
    asked = SENDER_MATCH | {"prompt": "Just answer."}
    async with textback.ask(asked) as first:
        await first.state("DELIVERED")
        async with textback.ask(asked) as second:
            code = (await second.created()).wait.code
            await second.state("DELIVERED")
            await textback.answer("fine")
    assert textback.texts()[-1].endswith(f"Text back {code} and your answer.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\x01b \ufffe<&>{code}", "Thank you, noted: ab <&>{code}"),
        ("x" * 1_590, "Thank you, noted: " + "x" * 1_579 + "..."),
    ],
)
async def test_confirmation_is_fit_to_be_texted_whatever_the_answer_was(
    textback: Service, text: str, told: str
) -> None:
    async with textback.ask({"notices": "NOTICES_ALL"}) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        await textback.answer(f"{code} {text}")
    assert textback.texts()[-1] == told


async def test_wait_ends_when_too_many_answers_are_wrong(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no", maxInvalidReplies=2)) as stream:
        code = (await stream.created()).wait.code
        await stream.state("DELIVERED")
        await textback.answer(f"{code} perhaps")
        await stream.until("reply_rejected")
        await textback.answer(f"{code} dunno")
        failed = await stream.until("failed")
    assert textback.texts()[-1] == "Too late: this question is closed."
    assert failed.result.failure.reason == "TOO_MANY_INVALID_REPLIES"
    assert (await textback.get(failed.message_id)).state == message_pb.MESSAGE_STATE_DELIVERED


async def test_one_text_answers_two_questions_when_it_says_one_thing(textback: Service) -> None:
    async with textback.ask(waiting("yes", "no")) as first, textback.ask(waiting("yes", "no")) as second:
        codes = [(await stream.created()).wait.code for stream in (first, second)]
        for stream in (first, second):
            await stream.state("DELIVERED")
        await textback.answer(f"{codes[0]} and {codes[1]}: yes")
        for stream in (first, second):
            answered = await stream.until("reply_received")
            assert answered.result.choice == "yes"
            assert await spoke_to(textback, answered.message_id) == [f"{codes[0]} and {codes[1]}: yes"]


async def test_prompt_is_the_requests_own(textback: Service) -> None:
    async with textback.ask(waiting(prompt="SiemplifyID: {code}")) as stream:
        message = await stream.created()
    assert message.text == f"Isolate host web-03?\nSiemplifyID: {message.wait.code}"


async def test_account_sets_prompt_match_and_words(tmp_path: Path) -> None:
    texts = NoticeTexts(not_a_choice="Bitte {choices}.", hint="")
    manners = Manners(prompt="Antwort an {code}: {choices}", reply_match=ReplyMatch.SENDER, notices=texts)
    async with emulator() as twilio:
        accounts = Accounts((account_at(twilio, manners=manners),))
        settings = settings_for(twilio, tmp_path / "t.db", accounts=accounts)
        async with serving(twilio, settings) as textback, textback.ask(waiting("ja", "nein")) as stream:
            message = await stream.created()
            code = message.wait.code
            assert message.text.endswith(f'Antwort an {code}: "{code} JA" or "{code} NEIN"')
            await stream.state("DELIVERED")
            await textback.answer("vielleicht")
            await stream.until("reply_rejected")
            assert textback.texts()[-1] == "Bitte ja or nein."


async def test_template_is_rendered_over_its_data(textback: Service) -> None:
    sms = {"recipient": PHONE, "template": "Login by {{ .event.user }} from {{ .event.ip | json }}"}
    message = await textback.send(sms=sms | {"data": '{"event": {"user": "ann", "ip": "203.0.113.7"}}'})
    assert message.text == 'Login by ann from "203.0.113.7"'


@pytest.mark.parametrize(
    ("sms", "field", "sentence"),
    [
        ({"template": "{{ .event.user }}", "data": "{}"}, "sms.template", "line 1, column"),
        ({"template": "{{ range .x }}"}, "sms.template", "range"),
        ({"template": "{{ .x }}", "data": "{"}, "sms.data", "line 1"),
        ({"template": "x", "body": "y"}, "sms.template", "exclude each other"),
        ({"body": "y", "data": "{}"}, "sms.data", "only for sms.template"),
        ({"template": "{{ .x }}", "data": '{"x": " "}'}, "sms.template", "without text"),
        ({"template": "{{ .x }}", "data": '{"x": "%s"}' % ("y" * 1_601)}, "sms.template", "it may have 1,600"),
        ({"body": "é" * 400, "maxSegments": 1}, "sms.body", "segments"),
        ({"body": "x", "maxSegments": 25}, "sms.max_segments", "1 to 24"),
    ],
)
async def test_text_that_cannot_be_made_is_a_wrong_field(
    textback: Service, sms: dict[str, Any], field: str, sentence: str
) -> None:
    failure = await failing(textback.send(sms={"recipient": PHONE} | sms))
    assert set(failure.violations) == {field}
    assert sentence in failure.violations[field]


async def test_long_text_is_cut_before_its_prompt_when_that_is_asked_for(textback: Service) -> None:
    sms = {"recipient": PHONE, "body": "alert " * 400, "onTooLong": "ON_TOO_LONG_TRUNCATE", "maxSegments": 2}
    async with textback.ask(sms=sms) as stream:
        created = (await stream.next()).created
    assert created.message.segments == 2
    assert created.message.text.endswith(f"Text back {created.message.wait.code} and your answer.")
    assert created.warnings[0].reason == "TEXT_TRUNCATED"


async def test_template_is_one_request_when_it_is_repeated(textback: Service) -> None:
    sms = {"recipient": PHONE, "template": "{{ anon .user }} logged in. " + "é" * 100, "data": '{"user": "ann"}'}
    said: dict[str, Any] = {"sms": sms | {"labels": {"team": "soc"}}, "request_id": "case-7"}
    created = []
    for _ in range(2):
        async with textback.ask(**said) as stream:
            created.append((await stream.next()).created)
    assert created[0] == created[1]
    assert created[0].warnings[0].reason == "PROMPT_COSTS_SEGMENTS"
    assert "ann" not in created[0].message.text
    changed = said | {"sms": sms | {"data": '{"user": "bob"}'}}
    assert (await failing(textback.ask(**changed))).reason == "REQUEST_ID_REUSED"


async def test_people_are_treated_the_same_when_the_service_was_restarted(tmp_path: Path) -> None:
    sms = {"recipient": PHONE, "template": "{{ anon .user }} ", "data": '{"user": "ann"}'}
    wait = waiting("yes", "no", prompt="Reply {choices}", maxInvalidReplies=2, notices="NOTICES_ALL")
    names = []
    async with emulator() as twilio:
        for store in ("one.db", "two.db"):
            settings = settings_for(twilio, tmp_path / store)
            async with serving(twilio, settings) as before, before.ask(wait, request_id="k", sms=sms) as stream:
                message = await stream.created()
                names.append(message.text.split()[0])
                await stream.state("DELIVERED")
                await before.answer("what?")
                await before.answer(f"{message.wait.code} perhaps")
                told = len(before.texts())
                await before.answer("STOP", phone=OTHER)
            async with serving(twilio, settings) as after:
                assert (await after.send(sms=sms)).text.split()[0] == names[-1]
                assert (await failing(after.send(recipient=OTHER))).reason == "RECIPIENT_OPTED_OUT"
                await after.answer("what?")
                assert len(after.texts()) == told + 1, "the text that was just sent, and no second hint"
                await after.answer(f"{message.wait.code} dunno")
                assert after.texts()[-1] == "Too late: this question is closed."
                await after.answer("START", phone=OTHER)
    assert names[0] != names[1]


async def test_warning_is_logged_without_the_text(textback: Service) -> None:
    with capture_logs() as logs:
        async with textback.ask(sms={"recipient": PHONE, "body": "x" * 150}) as stream:
            message = await stream.created()
    found = [line for line in logs if line["event"] == "message.warning"]
    assert [(line["reason"], line["message_id"]) for line in found] == [("PROMPT_COSTS_SEGMENTS", message.message_id)]
    assert "xxx" not in str(found)


async def test_warning_says_when_the_prompt_costs_segments_or_flips_the_encoding(textback: Service) -> None:
    async with textback.ask(sms={"recipient": PHONE, "body": "x" * 150}) as stream:
        assert [each.reason for each in (await stream.next()).created.warnings] == ["PROMPT_COSTS_SEGMENTS"]
    async with textback.ask(waiting("да", "нет")) as stream:
        assert "PROMPT_FLIPS_ENCODING" in [each.reason for each in (await stream.next()).created.warnings]


@pytest.mark.parametrize(
    ("wait", "field"),
    [
        ({"prompt": "Answer please"}, "wait.prompt"),
        ({"prompt": "Answer {choices}"}, "wait.prompt"),
        *(
            ({"prompt": prompt}, "wait.prompt")
            for prompt in ("{code!r}", "{code:>999999}", "{{code}}", "{code:{code}}")
        ),
        ({"prompt": "{code} {nonsense}"}, "wait.prompt"),
        ({"prompt": "{code} {"}, "wait.prompt"),
        ({"prompt": "{code.__class__}"}, "wait.prompt"),
        ({"prompt": "{code}" + "x" * 400}, "wait.prompt"),
        ({"replyMatch": 7}, "wait.reply_match"),
        ({"notices": 7}, "wait.notices"),
        ({"maxInvalidReplies": 21}, "wait.max_invalid_replies"),
        (waiting("stop", "go") | SENDER_MATCH, "wait.choices[0]"),
    ],
)
async def test_wait_that_cannot_work_is_refused(textback: Service, wait: dict[str, Any], field: str) -> None:
    failure = await failing(textback.ask(wait))
    assert set(failure.violations) == {field}


async def test_smart_encoding_is_twilios_to_do(textback: Service) -> None:
    assert (await textback.send(sms={"recipient": PHONE, "body": "“Hi”", "smartEncoded": True})).twilio_sid
