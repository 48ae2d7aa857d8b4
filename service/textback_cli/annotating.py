"""The service's side of the emulator's trace: each message's events, as a client that watches it gets them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import aiohttp

from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback_client import Textback, TextbackError
from twilio_emulator import Emulator
from twilio_emulator.journal import Entry

MOST = 200
"""Messages that are followed at once; of more only Twilio's side is shown."""

_SOURCE = "textback"
_MESSAGE_ID = re.compile(r"/(msg_[0-9a-z]{26})/")
_STATE = "MESSAGE_STATE_"
_LONGEST = 500


@asynccontextmanager
async def annotating(twilio: Emulator, grpc_address: str) -> AsyncIterator[None]:
    """Add lines to the trace until the context ends."""
    async with Textback(grpc_address) as textback, aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        narrator = _Narrator(twilio, textback, session, group)
        watching = group.create_task(narrator.run())
        try:
            yield
        finally:
            watching.cancel()
            narrator.stop()


class _Narrator:
    def __init__(
        self, twilio: Emulator, textback: Textback, session: aiohttp.ClientSession, group: asyncio.TaskGroup
    ) -> None:
        self._twilio = twilio
        self._textback = textback
        self._session = session
        self._group = group
        self._followed: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Follow each message that Twilio is handed, by the id in its callback's address."""
        journal, bell = self._twilio.world.journal, asyncio.Event()
        position = journal.last_id
        journal.listeners.add(bell.set)
        try:
            while True:
                bell.clear()
                for entry in journal.after(position):
                    position = entry.id
                    self._look(entry)
                await bell.wait()
        finally:
            journal.listeners.discard(bell.set)

    def stop(self) -> None:
        """Follow nothing any more."""
        for task in self._followed.values():
            task.cancel()

    def _look(self, entry: Entry) -> None:
        message = entry.message if entry.kind == "message" else None
        found = _MESSAGE_ID.search(message.status_callback or "") if message else None
        if message is None or found is None or len(self._followed) >= MOST:
            return
        message_id = found[1]
        task = self._followed[message_id] = self._group.create_task(self._follow(message_id, message.sid))
        task.add_done_callback(lambda _: self._followed.pop(message_id, None))

    async def _follow(self, message_id: str, sid: str) -> None:
        wait: dict[str, Any] | None = None
        opened = datetime.now(UTC)
        with suppress(TextbackError, aiohttp.ClientError):  # whoever is gone needs no trace
            async for event in self._textback.watch(message_id):
                if event.WhichOneof("kind") == "heartbeat":
                    continue
                line: dict[str, Any] = {"source": _SOURCE, "text": _text(event, opened)[:_LONGEST], "message_sid": sid}
                line["time"] = event.event_time.ToDatetime(UTC).isoformat()
                if event.HasField("created") and event.created.message.HasField("wait"):
                    wait = _wait(event.created.message)
                    line["wait"] = wait
                if event.terminal and wait is not None:
                    line["wait"] = wait | {"open": False}
                await self._say(line)

    async def _say(self, line: dict[str, Any]) -> None:
        headers = {"X-Emulator-Token": self._twilio.control_token}
        url = f"{self._twilio.url}/_emulator/annotations"
        async with self._session.post(url, json={"annotations": [line]}, headers=headers) as answer:
            await answer.release()


def _wait(message: message_pb.SmsMessage) -> dict[str, Any]:
    return {
        "id": message.message_id,
        "phone": message.recipient,
        "code": message.wait.code,
        "until": message.wait.expire_time.ToDatetime(UTC).isoformat(),
        "asked": message.create_time.ToDatetime(UTC).isoformat(),
        "by": _SOURCE,
    }


def _text(event: event_pb.SmsEvent, opened: datetime) -> str:
    """The event and, where it is later than our stream, how long after it was stored it had come through."""
    kind = event.WhichOneof("kind") or "event"
    stored = event.event_time.ToDatetime(UTC)
    late = (datetime.now(UTC) - stored).total_seconds() * 1_000
    match kind:
        case "created":
            said = event.message_id
        case "status_changed":
            said = message_pb.MessageState.Name(event.status_changed.state)[len(_STATE) :].lower()
        case "reply_rejected":
            said = event.reply_rejected.body
        case _:
            said = event.result.choice or event.result.text or event.result.failure.message
    streamed = f", streamed in {late:.0f} ms" if stored >= opened else ""
    return f"event {event.sequence} {kind}{f' {said}' if said else ''}{streamed}"
