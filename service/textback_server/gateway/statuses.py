"""Twilio's words for where a message is, and ours."""

from collections.abc import Mapping
from types import MappingProxyType

from textback_server.domain.messages import MessageState

STATES: Mapping[str, MessageState] = MappingProxyType(
    {
        "accepted": MessageState.ACCEPTED,
        "scheduled": MessageState.ACCEPTED,
        "queued": MessageState.QUEUED,
        "sending": MessageState.QUEUED,
        "sent": MessageState.SENT,
        "partially_delivered": MessageState.SENT,
        "delivered": MessageState.DELIVERED,
        "undelivered": MessageState.UNDELIVERED,
        "failed": MessageState.FAILED,
        "canceled": MessageState.CANCELLED,
        "read": MessageState.READ,
    }
)
"""Source: Twilio, Message resource, status values. `receiving` and `received` belong to inbound messages."""


def state_of(twilio_status: str) -> MessageState | None:
    """Our state for Twilio's word; None: unknown, to be ignored and logged."""
    return STATES.get(twilio_status.strip().lower())
