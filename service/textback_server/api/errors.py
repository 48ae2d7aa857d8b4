"""Refusals as google.rpc.Status: one ErrorInfo each, and the details that help."""

import math

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message as ProtoMessage
from google.rpc import error_details_pb2 as details_pb
from google.rpc.status_pb2 import Status as RpcStatus

from textback_server.domain.errors import Refusal
from textback_server.domain.messages import Message
from textback_server.domain.reasons import MEANINGS, Reason
from textback_server.gateway.errors import help_url

DOMAIN = "textback"

_DETAILS = "grpc-status-details-bin"
_PUSHBACK = "grpc-retry-pushback-ms"

Trailers = tuple[tuple[str, str | bytes], ...]


def status_of(refusal: Refusal) -> tuple[grpc.StatusCode, str, Trailers]:
    """The gRPC code, the message, and the trailers that carry the details."""
    code = grpc.StatusCode[MEANINGS[refusal.reason].status]
    number: int = code.value[0]
    status = RpcStatus(code=number, message=refusal.message, details=[_packed(each) for each in _details(refusal)])
    trailers: Trailers = ((_DETAILS, status.SerializeToString()),)
    if refusal.retry_after is not None:
        trailers += ((_PUSHBACK, str(math.ceil(refusal.retry_after.total_seconds() * 1_000))),)
    return code, refusal.message, trailers


def refusal_of(message: Message) -> Refusal | None:
    """The error with which Twilio's own refusal is answered; None if it did not refuse the message."""
    failure = message.failure
    if failure is None or not failure.refused:
        return None
    return Refusal(
        failure.reason,
        failure.message,
        metadata={"message_id": message.id},
        twilio_code=failure.twilio_code,
    )


def internal() -> Refusal:
    """What a caller sees of a defect: nothing that it could contain."""
    return Refusal(Reason.INTERNAL, "The server failed on this call; its log says why.")


def _details(refusal: Refusal) -> list[ProtoMessage]:
    metadata = dict(refusal.metadata)
    if refusal.twilio_code:
        metadata["twilio_code"] = str(refusal.twilio_code)
    details: list[ProtoMessage] = [details_pb.ErrorInfo(reason=refusal.reason, domain=DOMAIN, metadata=metadata)]
    if refusal.violations:
        fields = [
            details_pb.BadRequest.FieldViolation(field=each.field, description=each.description)
            for each in refusal.violations
        ]
        details.append(details_pb.BadRequest(field_violations=fields))
    if refusal.retry_after is not None:
        delay = Duration()
        delay.FromTimedelta(refusal.retry_after)
        details.append(details_pb.RetryInfo(retry_delay=delay))
    if refusal.twilio_code:
        link = details_pb.Help.Link(description="Twilio's page about this code", url=help_url(refusal.twilio_code))
        details.append(details_pb.Help(links=[link]))
    return details


def _packed(detail: ProtoMessage) -> Any:
    packed = Any()
    packed.Pack(detail)
    return packed
