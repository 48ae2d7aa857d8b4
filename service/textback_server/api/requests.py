"""Requests as callers send them, checked and turned into drafts."""

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as service_pb
from textback_server.api.checks import Checks
from textback_server.domain.codes import MAX_LENGTH
from textback_server.domain.drafts import Draft
from textback_server.domain.errors import Refusal, Violation
from textback_server.domain.messages import (
    Choice,
    Code,
    Context,
    MessageId,
    Method,
    Sms,
    TargetEntity,
    Terms,
)
from textback_server.domain.numbers import problem_with, quoted
from textback_server.domain.prompts import MAX_UNITS, compose
from textback_server.domain.reading import normal
from textback_server.domain.reasons import Reason
from textback_server.domain.segments import utf16_units
from textback_server.domain.senders import can_be_answered
from textback_server.gateway.accounts import Account, sender_for

DEFAULT_REPLY_TIMEOUT = timedelta(hours=1)
_REQUEST_ID = re.compile(r"[!-~]{1,128}", re.ASCII)
_LONGEST_CODE = Code("9" * MAX_LENGTH)
_LONGEST_VALIDITY = timedelta(hours=10)

SendRequest = service_pb.SendSmsRequest | service_pb.SendSmsAndWaitRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What an operator allows for reply_timeout."""

    shortest: timedelta = timedelta(seconds=10)
    longest: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a new message is marked with."""

    id: MessageId
    time: datetime


def draft_of(request: SendRequest, account: Account, stamp: Stamp, bounds: Bounds) -> Draft:
    """The request as a draft. Raises Refusal INVALID_FIELD with every wrong field."""
    checks = Checks()
    waits = isinstance(request, service_pb.SendSmsAndWaitRequest)
    _request_id(checks, request.request_id)
    sms = _sms(checks, request, account, waits=waits)
    terms = _terms(checks, request.wait, bounds) if isinstance(request, service_pb.SendSmsAndWaitRequest) else None
    _body(checks, sms.body, terms)
    context = _context(checks, request.context) if request.HasField("context") else None
    checks.finish()
    return Draft(
        id=stamp.id,
        account=account.name,
        method=Method.SEND_SMS_AND_WAIT if waits else Method.SEND_SMS,
        request_id=request.request_id,
        request_hash=_hash(request),
        sms=sms,
        context=context,
        terms=terms,
        create_time=stamp.time,
    )


def refuse_blind_retry(request_id: str, previous_attempts: int) -> None:
    """Refuse a call that gRPC itself repeated and that nothing would tell from a second SMS."""
    if previous_attempts and not request_id:
        raise Refusal(
            Reason.REQUEST_ID_REQUIRED,
            "request_id: is required for a call that gRPC repeats by itself, or the person may get the text twice.",
        )


def _hash(request: SendRequest) -> bytes:
    """Method and fields as sent, without the key itself."""
    bare = deepcopy(request)
    bare.request_id = ""
    name = type(request).__name__.encode()
    return sha256(name + b"\0" + bare.SerializeToString(deterministic=True)).digest()


def _request_id(checks: Checks, value: str) -> None:
    if value and not _REQUEST_ID.fullmatch(value):
        checks.fail("request_id", f"{quoted(value)} may be 1 to 128 visible ASCII characters without spaces")


def _sms(checks: Checks, request: SendRequest, account: Account, *, waits: bool) -> Sms:
    sms = request.sms
    if not request.HasField("sms"):
        checks.fail("sms", "is required: at least sms.recipient and sms.body")
    else:
        checks.fail("sms.recipient", problem_with(sms.recipient))
    sender = _sender(checks, account, sms.sender, waits=waits)
    validity = None
    if sms.HasField("validity_period"):
        field = "sms.validity_period"
        validity = checks.span(field, sms.validity_period, least=timedelta(seconds=1), most=_LONGEST_VALIDITY)
        if sms.validity_period.nanos:
            checks.fail(field, "has a fraction; Twilio takes whole seconds")
    _labels(checks, sms)
    return Sms(
        recipient=sms.recipient,
        sender=sender,
        body=sms.body,
        validity_period=validity,
        labels=dict(sorted(sms.labels.items())),
    )


def _sender(checks: Checks, account: Account, asked: str, *, waits: bool) -> str:
    found = sender_for(account, asked)
    if isinstance(found, Violation):
        checks.fail(found.field, found.description)
        return ""
    if waits and not can_be_answered(found):
        checks.fail("sms.sender", f"{quoted(found)} is alphanumeric: nobody can answer it; a wait needs a number")
    return found


def _labels(checks: Checks, sms: message_pb.Sms) -> None:
    checks.count("sms.labels", len(sms.labels), most=16)
    for key, value in sms.labels.items():
        checks.text("sms.labels key", key, least=1, most=64)
        checks.text(f"sms.labels[{quoted(key, 64)}]", value, most=256)


def _body(checks: Checks, body: str, terms: Terms | None) -> None:
    if not body.strip():
        checks.fail("sms.body", "is required: the text that the person reads")
        return
    text = body if terms is None else compose(body, terms, _LONGEST_CODE)
    units, own = utf16_units(text), utf16_units(body)
    if units > MAX_UNITS:
        added = f", {units - own} of them for the prompt" if terms else ""
        checks.fail("sms.body", f"makes a text of {units:,} characters{added}; it may have {MAX_UNITS:,}")


def _terms(checks: Checks, wait: message_pb.WaitOptions, bounds: Bounds) -> Terms:
    timeout = min(max(DEFAULT_REPLY_TIMEOUT, bounds.shortest), bounds.longest)
    if wait.HasField("reply_timeout"):
        timeout = checks.span("wait.reply_timeout", wait.reply_timeout, least=bounds.shortest, most=bounds.longest)
    choices = _choices(checks, wait.choices)
    if wait.timeout_choice and wait.timeout_choice not in {choice.value for choice in choices}:
        values = ", ".join(quoted(choice.value) for choice in choices) or "none are given"
        checks.fail("wait.timeout_choice", f"{quoted(wait.timeout_choice)} is not one of wait.choices: {values}")
    return Terms(reply_timeout=timeout, choices=choices, timeout_choice=wait.timeout_choice)


def _choices(checks: Checks, choices: Sequence[message_pb.Choice]) -> tuple[Choice, ...]:
    checks.count("wait.choices", len(choices), most=10)
    seen: set[str] = set()
    for index, choice in enumerate(choices):
        field = f"wait.choices[{index}]"
        checks.count(f"{field}.aliases", len(choice.aliases), most=10)
        for name, word in (
            (f"{field}.value", choice.value),
            *((f"{field}.aliases", alias) for alias in choice.aliases),
        ):
            _word(checks, name, word, seen)
    return tuple(Choice(value=choice.value, aliases=tuple(choice.aliases)) for choice in choices)


def _word(checks: Checks, field: str, word: str, seen: set[str]) -> None:
    """One answer that counts: readable, and not to be mistaken for another."""
    checks.text(field, word, least=1, most=40)
    folded = normal(word)
    if word and not folded:
        checks.fail(field, f"{quoted(word)} is punctuation only; a person could not be understood")
    elif folded in seen:
        checks.fail(field, f"{quoted(word)} is given twice; each answer and alias may stand once, whatever its case")
    seen.add(folded)


def _context(checks: Checks, context: message_pb.Context) -> Context:
    checks.text("context.case_id", context.case_id, most=256)
    checks.text("context.scope", context.scope, most=256)
    checks.count("context.alert_group_identifiers", len(context.alert_group_identifiers), most=64)
    for group in context.alert_group_identifiers:
        checks.text("context.alert_group_identifiers", group, most=256)
    checks.count("context.target_entities", len(context.target_entities), most=64)
    for entity in context.target_entities:
        checks.text("context.target_entities.identifier", entity.identifier, least=1, most=256)
        checks.text("context.target_entities.entity_type", entity.entity_type, most=64)
    return Context(
        case_id=context.case_id,
        alert_group_identifiers=tuple(context.alert_group_identifiers),
        target_entities=tuple(
            TargetEntity(identifier=entity.identifier, entity_type=entity.entity_type)
            for entity in context.target_entities
        ),
        scope=context.scope,
    )
