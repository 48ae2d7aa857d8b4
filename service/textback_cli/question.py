"""`ask` and `watch`: follow a message's events to the end, and say how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import typer
from google.protobuf.json_format import MessageToJson

from textback.v1.sms_event_pb2 import SmsEvent
from textback.v1.sms_message_pb2 import Result
from textback_cli import exits, faults, story
from textback_cli.connection import Connection
from textback_cli.screen import NoScreen, Screen, live
from textback_cli.words import clock, countdown
from textback_client import EventStream, Textback, TextbackError

PING_TIMEOUT = 0.5
"""Seconds to learn whether the far end is an emulator; the first line waits no longer for it."""


class Question:
    """One run of `ask` or `watch`."""

    def __init__(
        self, connection: Connection, start: Callable[[Textback], EventStream], *, expect: str, as_json: bool
    ) -> None:
        self._connection = connection
        self._start = start
        self._expect = expect
        self._as_json = as_json
        self._known = story.Known()
        self._stream: EventStream | None = None
        self._watched = sys.stderr.isatty() and not as_json

    def run(self) -> int:
        """Follow the events and return the exit code.

        Raises:
            TextbackError: the call failed; what is still open was said on stderr.
        """
        try:
            return asyncio.run(self._run())
        except KeyboardInterrupt:
            self._say(self._still_open())
            return exits.ExitCode.INTERRUPTED
        except TextbackError:
            if self._known.message is not None:
                self._say(self._still_open())
            raise

    async def _run(self) -> int:
        display = live(self._status) if self._watched else contextlib.nullcontext(NoScreen())
        async with self._connection.asyncio() as textback:
            self._stream = self._start(textback)
            with display as screen:
                last = await self._follow(textback, self._stream, screen)
        return self._end(last)

    async def _follow(self, textback: Textback, stream: EventStream, screen: Screen) -> SmsEvent:
        emulator = asyncio.create_task(self._is_emulator(textback))
        try:
            async for event in stream:
                self._known = self._known.learn(event, datetime.now(UTC))
                if self._as_json:
                    typer.echo(MessageToJson(event, indent=None))
                if self._watched and event.WhichOneof("kind") == "created":
                    screen.show(story.header(event.created.message, emulator=await emulator))
                if not (self._watched or self._as_json):
                    for line in story.warnings(event.created):
                        self._say(str(line))
                for line in story.lines(self._known, event):
                    screen.show(line)
                last = event
        finally:
            emulator.cancel()
        return last

    async def _is_emulator(self, textback: Textback) -> bool:
        if not self._watched:
            return False
        with contextlib.suppress(TextbackError):
            return (await textback.ping(timeout=PING_TIMEOUT)).emulator
        return False

    def _end(self, last: SmsEvent) -> int:
        code = exits.of_result(last.result, self._expect)
        if self._as_json:
            return code
        answered = code in {exits.ExitCode.OK, exits.ExitCode.ANOTHER_ANSWER}
        if not self._watched and (not answered or self._known.erased):
            self._say(str(story.ending(self._known, last)))
        answer = self._answer(last.result)
        if answer is not None and not (self._watched and sys.stdout.isatty()):
            typer.echo(answer)
        return code

    def _answer(self, result: Result) -> str | None:
        if result.choice:
            return result.choice
        return result.text if result.decided_by else None

    def _status(self) -> str:
        trouble = self._stream.trouble if self._stream else None
        if trouble is not None:
            return faults.trying_again(trouble, self._connection.server)
        if self._known.start is None:
            return f"calling {self._connection.server}"
        until = self._known.until
        return story.waiting(self._known, countdown(until - datetime.now(UTC)) if until else "")

    def _still_open(self) -> str:
        stream, message = self._stream, self._known.message
        message_id = stream.message_id if stream else ""
        if not message_id:
            key = stream.request_id if stream else ""
            return f"not known to be stored; the same command with --request-id {key} goes on" if key else ""
        watch = self._connection.again("watch", message_id)
        if message is not None and not message.HasField("wait"):
            return watch
        until = f" until {clock(self._known.until, None, seconds=False)}" if self._known.until else ""
        return f"still open{until}     {watch}   {self._connection.again('cancel', message_id)}"

    @staticmethod
    def _say(text: str) -> None:
        if text:
            typer.echo(text, err=True)
