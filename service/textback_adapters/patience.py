"""How long one call of a door takes, and what it does while the service is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc

from textback_client import TextbackError
from textback_client.retries import Retries, can_help

GRACE = 5.0
"""Seconds that the service has for a first word, however short a call is to be."""
LONGEST_SILENCE = 60.0
"""The same for a call that may last as long as its question."""

T = TypeVar("T")


def may_pass(error: TextbackError) -> bool:
    """Whether the same call may succeed later."""
    return can_help(error) or error.code is grpc.StatusCode.DEADLINE_EXCEEDED


def silence() -> TextbackError:
    """The service took a call and said nothing."""
    return TextbackError(code=grpc.StatusCode.DEADLINE_EXCEEDED, message="the service does not answer")


class Patience:
    """How many seconds one call may take, counted from now; None: as long as its question is open."""

    def __init__(self, seconds: float | None) -> None:
        self.end = None if seconds is None else _now() + seconds
        """When the call answers that it is still waiting, by the loop's clock."""

    @property
    def first_word(self) -> float:
        """When the service must have said something."""
        return _now() + LONGEST_SILENCE if self.end is None else max(self.end, _now() + GRACE)

    async def heard(self, call: Callable[[], Awaitable[T]]) -> T:
        """The answer to a call that is harmless to repeat. Raises TextbackError."""
        retries = Retries(patience=LONGEST_SILENCE)
        retries.start(time.monotonic())
        last = silence()
        try:
            async with asyncio.timeout_at(self.first_word):
                while True:
                    try:
                        return await call()
                    except TextbackError as error:
                        last = error
                        pause = retries.pause(error, time.monotonic())
                    await asyncio.sleep(pause)
        except TimeoutError:
            raise last from None


def _now() -> float:
    return asyncio.get_running_loop().time()
