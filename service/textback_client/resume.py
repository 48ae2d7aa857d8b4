"""The resuming stream as a machine without I/O: what to call next, and which events are new.

Until an event names the message, the same SendSmsAndWait is repeated (its request_id makes that safe). From then on
WatchMessage goes on after the last sequence seen. The asyncio and the blocking client both drive this machine.
"""

from __future__ import annotations

from datetime import timedelta

import grpc

from textback.v1.sms_event_pb2 import SmsEvent
from textback.v1.sms_message_pb2 import Result
from textback.v1.sms_service_pb2 import SendSmsAndWaitRequest, WatchMessageRequest
from textback_client.errors import TextbackError, decode
from textback_client.retries import Retries

ENDED_EARLY = "the stream ended without a terminal event"


class Resume:
    """One message's events across streams: the position, and how it ended."""

    def __init__(self, first: SendSmsAndWaitRequest | WatchMessageRequest, retries: Retries) -> None:
        """Start with the call `first`."""
        self._first = first
        self._retries = retries
        self.request_id = ""
        self.message_id = ""
        self.sequence = 0
        match first:
            case SendSmsAndWaitRequest():
                self.request_id = first.request_id
            case WatchMessageRequest():
                self.message_id, self.sequence = first.message_id, first.after_sequence
        self.ended = False
        self.result = Result()
        self.trouble: TextbackError | None = None

    def start(self, now: float) -> None:
        """Start the clocks of patience and deadline."""
        self._retries.start(now)

    def next_call(self) -> SendSmsAndWaitRequest | WatchMessageRequest:
        """Return the request that goes on where the events stopped."""
        if not self.message_id:
            return self._first
        return WatchMessageRequest(
            account=self._first.account, message_id=self.message_id, after_sequence=self.sequence
        )

    def remaining(self, now: float) -> float | None:
        """Return the seconds the next call may take, None for any."""
        return self._retries.remaining(now)

    def accept(self, event: SmsEvent, now: float) -> bool:
        """Note an event, and say whether the caller should see it: each stored event once, each heartbeat."""
        self.trouble = None
        self.message_id = event.message_id
        self._retries.heard(now, open_for=_open_for(event).total_seconds())
        if event.WhichOneof("kind") == "heartbeat":
            return True
        if event.sequence <= self.sequence:
            return False
        self.sequence = event.sequence
        self._retries.progressed()
        if event.terminal:
            self.ended = True
            self.result = event.result
        return True

    def broken(self, call: grpc.RpcError | None, now: float) -> float:
        """Note a failed stream, or one that ended early (None); return the seconds to wait before the next call.

        Raises:
            TextbackError: no further call can help.
        """
        if call is None:
            metadata = {"request_id": self.request_id} if self.request_id else {}
            failure = TextbackError(code=grpc.StatusCode.UNAVAILABLE, message=ENDED_EARLY, metadata=metadata)
        else:
            failure = decode(call, request_id=self.request_id)
        self.trouble = failure
        return self._retries.pause(failure, now)


def _open_for(event: SmsEvent) -> timedelta:
    """Return how long the question is open after `event`, zero if the event does not say.

    Differences of the server's own times, so that the caller's clock does not matter.
    """
    match event.WhichOneof("kind"):
        case "created" if event.created.message.HasField("wait"):
            return event.created.message.wait.expire_time.ToDatetime() - event.event_time.ToDatetime()
        case "heartbeat":
            return event.heartbeat.time_left.ToTimedelta()
        case _:
            return timedelta()
