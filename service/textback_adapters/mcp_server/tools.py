"""The tools: what each is called, what it takes, what it does."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from textback.v1 import sms_message_pb2 as message_pb
from textback_adapters import asking, outcomes
from textback_adapters.asking import Question, Told
from textback_adapters.mcp_server import arguments as given
from textback_adapters.outcomes import Outcome, Status
from textback_adapters.patience import Patience, may_pass
from textback_client import AskOptions, Textback, TextbackError

SOAR_PROMPT = "SiemplifyID: {code}"
"""How the SOAR's own integration marks a text with its code."""
DEFAULT_WAIT = timedelta(hours=24)


class Set(StrEnum):
    """Which tools are offered."""

    SOAR = "soar"
    AGENT = "agent"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What tools work with. `wait` is how long a SOAR's question stays open, `block` how long one call may take."""

    textback: Textback
    wait: timedelta = DEFAULT_WAIT
    block: timedelta | None = None

    def patience(self, most: float = math.inf) -> Patience:
        """How long a call that begins now may take, `most` seconds at most."""
        seconds = min(most, math.inf if self.block is None else self.block.total_seconds())
        return Patience(None if seconds == math.inf else seconds)


Run = Callable[[Bench, Any, Told], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool. `run` gets its arguments as `takes`.

    `names` are the arguments by the service's fields, `repeated` says what the same call does after one that was lost.
    """

    name: str
    says: str
    takes: type[given.Arguments]
    run: Run
    only_reads: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    repeated: str = ""


async def twilio_ping(bench: Bench, case: given.Case, _: Told) -> dict[str, Any]:
    """Whether the credentials and the sender work, with the context that was given."""
    pong = await bench.patience().heard(bench.textback.ping)
    return {
        **Outcome(status=Status.COMPLETED, message=f"Connected to Twilio as {pong.account_sid}.").as_dict(),
        "sender": pong.sender,
        "warnings": [f"{each.message} {each.fix}" for each in pong.warnings],
        "context": case.model_dump(),
    }


async def twilio_send_sms(bench: Bench, message: given.CaseNote, _: Told) -> dict[str, Any]:
    """One SMS."""
    sent = await bench.textback.send(
        message.phone_number, message.message, context=message.context, request_id=message.request_id
    )
    return outcomes.sent(sent).as_dict()


async def twilio_send_sms_and_wait(bench: Bench, asked: given.CaseQuestion, told: Told) -> dict[str, Any]:
    """One SMS with a code, and the answer that carries it."""
    question = Question(
        recipient=asked.phone_number,
        body=asked.message,
        identity=("twilio_send_sms_and_wait", asked.case_id, asked.phone_number, asked.message),
        options=AskOptions(reply_timeout=bench.wait, prompt=SOAR_PROMPT, context=asked.context),
    )
    return (await asking.ask(bench.textback, question, told, bench.patience(), new=asked.new)).as_dict()


async def get_reply(bench: Bench, look: given.Look, told: Told) -> dict[str, Any]:
    """The answer to a question asked before, if it comes within `wait_seconds`."""
    patience = bench.patience(look.wait_seconds)
    try:
        message = await patience.heard(lambda: bench.textback.get(look.message_id))
    except TextbackError as error:
        if not may_pass(error):
            raise
        return outcomes.unreachable(look.message_id, error.message).as_dict()
    found = outcomes.closed(message)
    if found is None and look.wait_seconds:
        found = await asking.follow(bench.textback.watch(look.message_id), told, patience, message.recipient)
    return (found or outcomes.waiting(message.message_id, message.recipient)).as_dict()


async def ask_human(bench: Bench, asked: given.HumanQuestion, told: Told) -> dict[str, Any]:
    """One question, and its answer. What silence stands for, and when, is a part of what was asked."""
    silence = ((asked.timeout_choice, asked.timeout_seconds),) if asked.timeout_choice else ()
    question = Question(
        recipient=asked.phone_number,
        body=asked.question,
        identity=("ask_human", asked.phone_number, asked.question, *asked.choices, *silence),
        options=AskOptions(
            reply_timeout=asked.timeout_seconds, choices=asked.choices, timeout_choice=asked.timeout_choice
        ),
    )
    return (await asking.ask(bench.textback, question, told, bench.patience(), new=asked.new)).as_dict()


async def send_sms(bench: Bench, message: given.PlainMessage, _: Told) -> dict[str, Any]:
    """One SMS."""
    sent = await bench.textback.send(message.phone_number, message.text, request_id=message.request_id)
    return outcomes.sent(sent).as_dict()


async def cancel_question(bench: Bench, named: given.Named, _: Told) -> dict[str, Any]:
    """Stop waiting for an answer; if there is one, or it ended otherwise, tell that."""
    message = await bench.patience().heard(lambda: bench.textback.cancel(named.message_id))
    found = outcomes.closed(message)
    if found is not None and message.result.outcome != message_pb.OUTCOME_CANCELLED:
        return found.as_dict()
    said = "The question is closed; the SMS cannot be taken back."
    return Outcome(status=Status.COMPLETED, message=said, message_id=message.message_id).as_dict()


_SENT = 'It may have been sent; the same call with request_id "{request_id}" does not send it twice.'
_ASKED = "The same call later, without `new`, goes on with the question if it was asked."
_CASE = MappingProxyType(
    {
        "sms.recipient": "phone_number",
        "sms.body": "message",
        "context.case_id": "case_id",
        "context.alert_group_identifiers": "alert_group_identifiers",
        "context.target_entities": "target_entities",
        "context.scope": "scope",
        "wait.reply_timeout": "--wait",
    }
)
_HUMAN = MappingProxyType(
    {
        "sms.recipient": "phone_number",
        "sms.body": "question",
        "wait.choices": "choices",
        "wait.timeout_choice": "timeout_choice",
        "wait.reply_timeout": "timeout_seconds",
    }
)
_SOAR = (
    Tool(
        name="twilio_ping",
        says="Test whether the configured Twilio credentials and sender work. Sends nothing.",
        takes=given.Case,
        run=twilio_ping,
        only_reads=True,
    ),
    Tool(
        name="twilio_send_sms",
        says="Send an SMS to a phone number. The same call with the same `request_id` texts once.",
        takes=given.CaseNote,
        run=twilio_send_sms,
        names=_CASE,
        repeated=_SENT,
    ),
    Tool(
        name="twilio_send_sms_and_wait",
        says="Send an SMS that ends in `SiemplifyID: <code>` to a phone number and wait until the person texts back an "
        "answer with that code. The same call while the question is open, or within an hour of its answer, goes on "
        "with it and sends nothing, unless `new`. Answers status COMPLETED with the reply, FAILED, or IN_PROGRESS with "
        "a message_id for twilio_get_reply.",
        takes=given.CaseQuestion,
        run=twilio_send_sms_and_wait,
        names=_CASE,
        repeated=_ASKED,
    ),
    Tool(
        name="twilio_get_reply",
        says="Look for the reply to an earlier twilio_send_sms_and_wait by its message_id, for up to wait_seconds.",
        takes=given.Look,
        run=get_reply,
        only_reads=True,
    ),
)
_AGENT = (
    Tool(
        name="ask_human",
        says="Ask a person a question by SMS and wait for the answer. With choices, only one of them counts. The same "
        "question while it is open, or within an hour of its answer, is not texted again, unless `new`.",
        takes=given.HumanQuestion,
        run=ask_human,
        names=_HUMAN,
        repeated=_ASKED,
    ),
    Tool(
        name="send_sms",
        says="Send a person an SMS that asks nothing. The same call with the same `request_id` texts once.",
        takes=given.PlainMessage,
        run=send_sms,
        names=MappingProxyType({"sms.recipient": "phone_number", "sms.body": "text"}),
        repeated=_SENT,
    ),
    Tool(
        name="get_reply",
        says="Look for the answer to an earlier ask_human by its message_id, for up to wait_seconds.",
        takes=given.Look,
        run=get_reply,
        only_reads=True,
    ),
    Tool(
        name="cancel_question",
        says="Stop waiting for the answer to a question. Nothing unsends an SMS.",
        takes=given.Named,
        run=cancel_question,
    ),
)


def offered(which: Set) -> Sequence[Tool]:
    """The tools of a set."""
    return {Set.SOAR: _SOAR, Set.AGENT: _AGENT, Set.ALL: (*_SOAR, *_AGENT)}[which]
