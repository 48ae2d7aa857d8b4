"""An emulator in a thread of its own, for tests and programs without an event loop."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from twilio_emulator import live
from twilio_emulator.context import Context
from twilio_emulator.faults import Effect, Rules
from twilio_emulator.inbound import Reply
from twilio_emulator.server import Emulator
from twilio_emulator.settings import EmulatorSettings
from twilio_emulator.world import Direction, Message

MAX_SECONDS = 60.0
"""What one call may take: longer than any webhook may."""

T = TypeVar("T")


class ThreadedEmulator:
    """A Twilio in the box that runs beside the caller. Every method may be called from any thread, and blocks.

    Never call one on the event loop that serves the webhook under test: neither would ever answer the other. There,
    use `asyncio.to_thread`, or `async with Emulator()`.
    """

    def __init__(self, settings: EmulatorSettings | None = None) -> None:
        """Take the settings; by default any free port, and every status at once."""
        self.emulator = Emulator(settings or EmulatorSettings(port=0, lifecycle="instant"))
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, name="twilio-emulator", daemon=True)

    def __enter__(self) -> Self:
        """Start, and listen. OSError when the port is taken."""
        self._thread.start()
        self._started.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and wait for the end."""
        loop, stop = self._started.result()
        loop.call_soon_threadsafe(stop.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """The base URL for Twilio SDKs and browsers."""
        return self.emulator.url

    @property
    def account_sid(self) -> str:
        """The account's SID."""
        return self.emulator.account_sid

    @property
    def auth_token(self) -> str:
        """The auth token: a credential, and the key of all signatures."""
        return self.emulator.auth_token

    @property
    def control_token(self) -> str:
        """The token of the control API's changes."""
        return self.emulator.control_token

    @property
    def number(self) -> str:
        """The account's first number."""
        return self.emulator.settings.numbers[0]

    def set_sms_url(self, url: str | None, *, number: str | None = None) -> None:
        """Set the inbound webhook of `number`, or of all numbers."""
        self._call(lambda: self.emulator.set_sms_url(url, number=number))

    def reply(self, phone: str, text: str, *, to: str | None = None) -> Reply:
        """Text `text` from `phone`; returns when the webhook has answered. ValueError for what no phone could send."""
        return self._await(self.emulator.reply(phone, text, to=to))

    def messages(self, phone: str) -> list[Message]:
        """Return the messages from and to `phone`, oldest first."""
        return self._call(lambda: self.emulator.world.conversation(phone))

    def wait(self, phone: str, *, q: str = "", after: Message | None = None, timeout: float = 10.0) -> Message:
        """Wait for the first message to `phone` with `q` in its text, later than `after`, else raise TimeoutError."""

        def found() -> Message | None:
            later = (m for m in self.emulator.world.conversation(phone) if after is None or m.position > after.position)
            return next((m for m in later if m.direction is not Direction.INBOUND and q in m.body), None)

        message = self._await(live.until(self._context(), found, min(timeout, MAX_SECONDS)))
        if message is None:
            raise TimeoutError(f"no message to {phone} within {timeout} s")
        return message

    def respond(self, *effects: Effect) -> None:
        """Let the next creates go wrong, one after another."""
        self._call(lambda: self.emulator.respond(*effects))

    def set_faults(self, rules: Rules) -> None:
        """Put `rules` in the place of all faults."""
        self._call(lambda: self.emulator.set_faults(rules))

    def reset(self) -> None:
        """Forget messages, opt-outs and faults; keep the webhook addresses."""
        self._call(self.emulator.reset)

    def _context(self) -> Context:
        return self.emulator.context

    def _call(self, action: Callable[[], T]) -> T:
        async def act() -> T:
            return action()

        return self._await(act())

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        loop, _ = self._started.result()
        return asyncio.run_coroutine_threadsafe(work, loop).result(MAX_SECONDS + 1)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _serve(self) -> None:
        stop = asyncio.Event()
        async with self.emulator:
            self._started.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()
