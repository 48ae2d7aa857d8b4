"""Requests from plain Python values, the same for both clients."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypedDict

from google.protobuf.duration_pb2 import Duration

from textback.v1.sms_message_pb2 import (
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


class SendOptions(TypedDict, total=False):
    """What `send` takes besides recipient and body. Whatever is left out has the server's default."""

    sender: str
    """Who the SMS is from."""
    validity_period: timedelta | float
    """How long Twilio may hold the SMS; seconds if a number."""
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
    """Build a SendSms request; it always carries a request_id."""
    return SendSmsRequest(
        request_id=options.get("request_id") or str(uuid.uuid4()),
        account=options.get("account", account),
        sms=_sms(recipient, body, options),
        context=options.get("context"),
    )


def ask_request(recipient: str, body: str, account: str, options: AskOptions) -> SendSmsAndWaitRequest:
    """Build a SendSmsAndWait request; it always carries a request_id."""
    return SendSmsAndWaitRequest(
        request_id=options.get("request_id") or str(uuid.uuid4()),
        account=options.get("account", account),
        sms=_sms(recipient, body, options),
        context=options.get("context"),
        wait=WaitOptions(
            reply_timeout=_duration(options.get("reply_timeout")),
            choices=[Choice(value=each) if isinstance(each, str) else each for each in options.get("choices", ())],
            timeout_choice=options.get("timeout_choice", ""),
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
        sender=options.get("sender", ""),
        validity_period=_duration(options.get("validity_period")),
        labels=options.get("labels"),
    )


def _duration(length: timedelta | float | None) -> Duration | None:
    if length is None:
        return None
    duration = Duration()
    duration.FromTimedelta(length if isinstance(length, timedelta) else timedelta(seconds=length))
    return duration
