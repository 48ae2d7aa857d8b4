"""Requests from plain Python values, the same for both clients."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Literal, TypedDict, TypeVar

from google.protobuf.duration_pb2 import Duration

from textback.v1.sms_message_pb2 import (
    NOTICES_ALL,
    NOTICES_HINTS,
    NOTICES_NONE,
    NOTICES_UNSPECIFIED,
    ON_TOO_LONG_TRUNCATE,
    ON_TOO_LONG_UNSPECIFIED,
    REPLY_MATCH_CODE,
    REPLY_MATCH_SENDER,
    REPLY_MATCH_UNSPECIFIED,
    Choice,
    Context,
    InboundDisposition,
    MessageState,
    Sms,
    WaitOptions,
    WaitState,
)
from textback.v1.sms_service_pb2 import (
    ListInboundRequest,
    ListMessagesRequest,
    SendSmsAndWaitRequest,
    SendSmsRequest,
)

ReplyMatch = Literal["code", "sender"]
Notices = Literal["none", "hints", "all"]

_REPLY_MATCHES = {"": REPLY_MATCH_UNSPECIFIED, "code": REPLY_MATCH_CODE, "sender": REPLY_MATCH_SENDER}
_NOTICES = {"": NOTICES_UNSPECIFIED, "none": NOTICES_NONE, "hints": NOTICES_HINTS, "all": NOTICES_ALL}

_Word = TypeVar("_Word")


class SendOptions(TypedDict, total=False):
    """What `send` takes besides recipient and body. Whatever is left out has the server's default."""

    sender: str
    """Who the SMS is from."""
    template: str
    """The text as a template over `data`, instead of the body."""
    data: object
    """What the template is about: anything that `json.dumps` takes."""
    max_segments: int
    """The most segments that the text may take, prompt included."""
    truncate: bool
    """Cut a text that is too long instead of refusing it; a warning in `created` says so."""
    smart_encoded: bool
    """Twilio replaces characters that look like GSM-7 ones."""
    validity_period: timedelta | float
    """How long Twilio may hold the SMS; seconds if a number."""
    resend_if_unconfirmed: bool
    """Send once more where nobody can say whether Twilio took it, at the risk that the person gets it twice."""
    labels: Mapping[str, str]
    """The caller's own words about the message."""
    context: Context
    """What the caller is working on."""
    request_id: str
    """Idempotency key; a random one if left out, so that the client may repeat a call that broke."""
    account: str
    """The account instead of the client's own."""


class AskOptions(SendOptions, total=False):
    """What `ask` takes besides recipient and body."""

    reply_timeout: timedelta | float
    """How long the question stays open; seconds if a number."""
    choices: Iterable[str | Choice]
    """The answers that count."""
    timeout_choice: str
    """The choice that a timeout stands for."""
    reply_match: ReplyMatch
    """What a reply must carry: the code, or nothing where only one question is open."""
    prompt: str
    """The line that tells the person what to text back, with {code}, {choices}, {timeout} and {timeout_choice}."""
    allow_empty_reply: bool
    """Whether the bare code is an answer."""
    notices: Notices
    """What the person may be texted back."""
    max_invalid_replies: int
    """After so many replies that were no answer the wait ends as failed; 0: never."""


class MessageFilter(TypedDict, total=False):
    """What `list` may filter by; all given must fit."""

    states: Iterable[MessageState.ValueType]
    wait_states: Iterable[WaitState.ValueType]
    recipient: str
    labels: Mapping[str, str]
    case_id: str
    account: str
    page_size: int


class InboundFilter(TypedDict, total=False):
    """What `list_inbound` may filter by; all given must fit."""

    sender: str
    dispositions: Iterable[InboundDisposition.ValueType]
    account: str
    page_size: int


def send_request(recipient: str, body: str, account: str, options: SendOptions) -> SendSmsRequest:
    """Build a SendSms request; it always carries a request_id.

    Raises:
        TypeError, ValueError: `data` is no JSON.
    """
    return SendSmsRequest(
        request_id=options.get("request_id") or str(uuid.uuid4()),
        account=options.get("account", account),
        sms=_sms(recipient, body, options),
        context=options.get("context"),
    )


def ask_request(recipient: str, body: str, account: str, options: AskOptions) -> SendSmsAndWaitRequest:
    """Build a SendSmsAndWait request; it always carries a request_id.

    Raises:
        TypeError, ValueError: `data` is no JSON, or `reply_match` or `notices` is no such word.
    """
    return SendSmsAndWaitRequest(
        request_id=options.get("request_id") or str(uuid.uuid4()),
        account=options.get("account", account),
        sms=_sms(recipient, body, options),
        context=options.get("context"),
        wait=WaitOptions(
            reply_timeout=_duration(options.get("reply_timeout")),
            choices=[Choice(value=each) if isinstance(each, str) else each for each in options.get("choices", ())],
            timeout_choice=options.get("timeout_choice", ""),
            reply_match=_meant("reply_match", options.get("reply_match", ""), _REPLY_MATCHES),
            prompt=options.get("prompt", ""),
            allow_empty_reply=options.get("allow_empty_reply"),
            notices=_meant("notices", options.get("notices", ""), _NOTICES),
            max_invalid_replies=options.get("max_invalid_replies", 0),
        ),
    )


def list_request(account: str, where: MessageFilter) -> ListMessagesRequest:
    """Build the request for the first page of messages."""
    return ListMessagesRequest(
        account=where.get("account", account),
        page_size=where.get("page_size", 0),
        states=where.get("states"),
        wait_states=where.get("wait_states"),
        recipient=where.get("recipient", ""),
        labels=where.get("labels"),
        case_id=where.get("case_id", ""),
    )


def inbound_request(account: str, where: InboundFilter) -> ListInboundRequest:
    """Build the request for the first page of inbound SMS."""
    return ListInboundRequest(
        account=where.get("account", account),
        page_size=where.get("page_size", 0),
        sender=where.get("sender", ""),
        dispositions=where.get("dispositions"),
    )


def _sms(recipient: str, body: str, options: SendOptions) -> Sms:
    return Sms(
        recipient=recipient,
        body=body,
        template=options.get("template", ""),
        data=_json(options["data"]) if "data" in options else "",
        sender=options.get("sender", ""),
        validity_period=_duration(options.get("validity_period")),
        max_segments=options.get("max_segments", 0),
        on_too_long=ON_TOO_LONG_TRUNCATE if options.get("truncate") else ON_TOO_LONG_UNSPECIFIED,
        labels=options.get("labels"),
        smart_encoded=options.get("smart_encoded", False),
        resend_if_unconfirmed=options.get("resend_if_unconfirmed", False),
    )


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _meant(option: str, word: str, words: Mapping[str, _Word]) -> _Word:
    if word not in words:
        raise ValueError(f'{option}: "{word}" is unknown; it may be {", ".join(filter(None, words))}')
    return words[word]


def _duration(length: timedelta | float | None) -> Duration | None:
    if length is None:
        return None
    duration = Duration()
    duration.FromTimedelta(length if isinstance(length, timedelta) else timedelta(seconds=length))
    return duration
