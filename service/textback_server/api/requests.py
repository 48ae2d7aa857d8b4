"""Requests as callers send them, checked and turned into drafts."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as service_pb
from textback_server.api.checks import Checks
from textback_server.api.texts import Frame, body_of
from textback_server.api.waits import Bounds, terms_of
from textback_server.domain.drafts import Draft
from textback_server.domain.errors import Refusal, Violation
from textback_server.domain.messages import (
    Context,
    MessageId,
    Sms,
    TargetEntity,
)
from textback_server.domain.numbers import may_be_in, problem_with, quoted
from textback_server.domain.reasons import Reason
from textback_server.domain.senders import can_be_answered
from textback_server.gateway.accounts import Account, sender_for

_REQUEST_ID = re.compile(r"[!-~]{1,128}", re.ASCII)
_LONGEST_VALIDITY = timedelta(hours=10)

SendRequest = service_pb.SendSmsRequest | service_pb.SendSmsAndWaitRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an operator allows, and the secret that template function `anon` is seeded with. No `countries`: all."""

    bounds: Bounds
    countries: frozenset[str] = frozenset()
    anon_seed: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a new message is marked with; `prefix` is what Twilio will put before its text."""

    id: MessageId
    time: datetime
    prefix: str = ""


def draft_of(request: SendRequest, account: Account, stamp: Stamp, rules: Rules) -> Draft:
    """The request as a draft. Raises Refusal INVALID_FIELD with every wrong field."""
    checks, sms = Checks(), request.sms
    waits = isinstance(request, service_pb.SendSmsAndWaitRequest)
    _request_id(checks, request.request_id)
    _recipient(checks, request)
    sender = _sender(checks, account, sms.sender, waits=waits)
    validity = _validity_period(checks, sms)
    labels = _labels(checks, sms)
    terms = None
    if isinstance(request, service_pb.SendSmsAndWaitRequest):
        terms = terms_of(checks, request.wait, account.manners, rules.bounds)
    frame = Frame(prefix=stamp.prefix, terms=terms)
    body, warnings = body_of(checks, sms, frame, rules.anon_seed)
    context = _context(checks, request.context) if request.HasField("context") else None
    checks.finish()
    _country(sms.recipient, rules.countries)
    return Draft(
        id=stamp.id,
        account=account.name,
        request_id=request.request_id,
        request_hash=_hash(request),
        sms=Sms(
            recipient=sms.recipient,
            sender=sender,
            body=body,
            validity_period=validity,
            labels=labels,
            smart_encoded=sms.smart_encoded,
            resend_if_unconfirmed=sms.resend_if_unconfirmed,
        ),
        context=context,
        terms=terms,
        create_time=stamp.time,
        warnings=warnings,
        prefix=stamp.prefix,
    )


def refuse_blind_retry(previous_attempts: int) -> None:
    """Refuse a call without a request_id that gRPC itself repeated: nothing would tell it from a second SMS."""
    if previous_attempts:
        raise Refusal(
            Reason.REQUEST_ID_REQUIRED,
            "request_id: is required for a call that gRPC repeats by itself, or the person may get the text twice.",
        )


def _hash(request: SendRequest) -> bytes:
    """Method and fields as sent."""
    name = type(request).__name__.encode()
    return sha256(name + b"\0" + request.SerializeToString(deterministic=True)).digest()


def _request_id(checks: Checks, value: str) -> None:
    if value and not _REQUEST_ID.fullmatch(value):
        checks.fail("request_id", f"{quoted(value)} may be 1 to 128 visible ASCII characters without spaces")


def _recipient(checks: Checks, request: SendRequest) -> None:
    if request.HasField("sms"):
        checks.fail("sms.recipient", problem_with(request.sms.recipient))
    else:
        checks.fail("sms", "is required: at least sms.recipient and sms.body")


def _validity_period(checks: Checks, sms: message_pb.Sms) -> timedelta | None:
    if not sms.HasField("validity_period"):
        return None
    field = "sms.validity_period"
    validity = checks.span(field, sms.validity_period, least=timedelta(seconds=1), most=_LONGEST_VALIDITY)
    if sms.validity_period.nanos:
        checks.fail(field, "has a fraction; Twilio takes whole seconds")
    return validity


def _sender(checks: Checks, account: Account, asked: str, *, waits: bool) -> str:
    found = sender_for(account, asked)
    if isinstance(found, Violation):
        checks.fail(found.field, found.description)
        return ""
    if waits and not can_be_answered(found):
        checks.fail("sms.sender", f"{quoted(found)} is alphanumeric: nobody can answer it; a wait needs a number")
    return found


def _country(recipient: str, countries: frozenset[str]) -> None:
    if countries and not may_be_in(recipient, countries):
        raise Refusal(
            Reason.COUNTRY_NOT_ALLOWED,
            f"sms.recipient: {quoted(recipient)} is in a country that this server may not text (TEXTBACK_COUNTRIES); "
            f"it may be in {', '.join(sorted(countries))}.",
        )


def _labels(checks: Checks, sms: message_pb.Sms) -> dict[str, str]:
    labels = dict(sorted(sms.labels.items()))
    checks.count("sms.labels", len(labels), most=16)
    for key, value in labels.items():
        checks.text("sms.labels key", key, least=1, most=64)
        checks.text(f"sms.labels[{quoted(key, 64)}]", value, most=256)
    return labels


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
