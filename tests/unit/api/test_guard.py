"""What a call leaves behind."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from textback.v1 import sms_service_pb2
from textback_server.api.guard import Guard

SERVICE = sms_service_pb2.DESCRIPTOR.services_by_name["SmsService"]


class Held:
    """Something of a call's."""


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nobody looks for garbage."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
async def test_call_is_gone_at_once_when_its_client_left() -> None:
    held: list[weakref.ref[Held]] = []

    async def inner(_request: object, _context: object) -> None:
        mine = Held()
        held.append(weakref.ref(mine))
        await asyncio.Event().wait()

    servicer = SimpleNamespace(**{method.name: inner for method in SERVICE.methods})
    call: Any = SimpleNamespace(method=f"/{SERVICE.full_name}/SendSmsAndWait")
    handler: Any = Guard().handlers(SERVICE, servicer).service(call)
    running = asyncio.create_task(handler.unary_stream(b"", None))
    await asyncio.sleep(0)
    assert held[0]() is not None
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    del running
    await asyncio.sleep(0)  # the loop lets go of it
    assert held[0]() is None
