"""The filters of the two lists."""

from collections.abc import Sequence

from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as service_pb
from textback_server.api.checks import Checks
from textback_server.domain.messages import Disposition, MessageState, WaitState
from textback_server.domain.numbers import problem_with
from textback_server.store.protocol import InboundFilter, MessageFilter


def message_filter(checks: Checks, request: service_pb.ListMessagesRequest, account: str) -> MessageFilter:
    """What ListMessages asks for."""
    if request.recipient:
        checks.fail("recipient", problem_with(request.recipient))
    checks.count("labels", len(request.labels), most=4)
    checks.text("case_id", request.case_id, most=256)
    states = _names(checks, "states", request.states, message_pb.MessageState.items())
    wait_states = _names(checks, "wait_states", request.wait_states, message_pb.WaitState.items())
    return MessageFilter(
        account=account,
        states=tuple(MessageState(name.removeprefix("MESSAGE_STATE_")) for name in states),
        wait_states=tuple(WaitState(name.removeprefix("WAIT_STATE_")) for name in wait_states),
        recipient=request.recipient,
        labels=dict(sorted(request.labels.items())),
        case_id=request.case_id,
    )


def inbound_filter(checks: Checks, request: service_pb.ListInboundRequest, account: str) -> InboundFilter:
    """What ListInbound asks for."""
    checks.text("sender", request.sender, most=64)
    checks.text("message_id", request.message_id, most=64)
    names = _names(checks, "dispositions", request.dispositions, message_pb.InboundDisposition.items())
    return InboundFilter(
        account=account,
        sender=request.sender,
        dispositions=tuple(Disposition(name.removeprefix("INBOUND_DISPOSITION_")) for name in names),
        message_id=request.message_id,
    )


def _names(checks: Checks, field: str, asked: Sequence[int], known: Sequence[tuple[str, int]]) -> list[str]:
    """The names of enum values; unknown and unspecified ones are violations."""
    names = {number: name for name, number in known if number}
    for number in asked:
        if number not in names:
            checks.fail(field, f"{number} is none of {', '.join(names.values())}")
    return [names[number] for number in dict.fromkeys(asked) if number in names]
