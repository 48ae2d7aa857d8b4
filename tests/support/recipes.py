"""Follows a recipe of the error reference with a real service and emulator: which reasons does its last call show?"""

import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict

from tests.support.emulators import emulator
from tests.support.service import Service, account_at, failure_of, serving
from textback.v1 import sms_service_pb2 as pb
from textback_server.config import load
from textback_server.domain.recipes import Become, Call, Faults, Reply, Serve, Step
from twilio_emulator import Rules, Status

_PORTS = {"TEXTBACK_LISTEN": "127.0.0.1:0", "TEXTBACK_HTTP_LISTEN": "127.0.0.1:0"}


class Cook:
    """A service beside its emulator, and the message that was spoken of last."""

    def __init__(self, textback: Service) -> None:
        self._textback = textback
        self._id = self._code = ""
        self.shown: set[str] = set()

    async def take(self, step: Step) -> None:
        """One step; `shown` is what it shows."""
        self.shown = set()
        twilio = self._textback.emulator
        match step:
            case Serve():
                raise AssertionError("a recipe begins with its setting")
            case Faults():
                twilio.set_faults(Rules.model_validate_json(step.rules))
            case Become():
                sid = (await self._textback.get(self._id)).twilio_sid
                twilio.step(sid, Status(step.status), error_code=step.code)
            case Reply():
                assert await self._textback.answer(step.text.replace("$code", self._code)) == 200
            case Call():
                await self._call(step)

    async def _call(self, step: Call) -> None:
        request = ParseDict(json.loads(step.request.replace("$id", self._id)), _request(step.method))
        call = getattr(self._textback.stub, step.method)(request, timeout=30)
        try:
            if isinstance(call, grpc.aio.UnaryStreamCall):
                await self._read(call, leave=step.leave)
            else:
                self._see(await call)
        except grpc.aio.AioRpcError as error:
            self.shown = {failure_of(error).reason}

    async def _read(self, call: Any, *, leave: bool) -> None:
        """Events, to the first that shows a reason; a person would press Ctrl-C then."""
        async for answer in call:
            self._see(answer)
            if self.shown or leave:
                call.cancel()
                return

    def _see(self, answer: Any) -> None:
        said = json.dumps(MessageToDict(answer))
        self.shown = set(re.findall(r'"failure": \{"reason": "(\w+)"', said))
        self._code = (re.findall(r'"code": "(\d+)"', said) or [self._code])[0]
        self._id = (re.findall(r'"messageId": "(\w+)"', said) or [self._id])[0]


def _request(method: str) -> Any:
    name = pb.DESCRIPTOR.services_by_name["SmsService"].methods_by_name[method].input_type.name
    return getattr(pb, name)()


async def reasons_shown_by(steps: tuple[Step, ...], folder: Path) -> set[str]:
    """Follow a recipe as `textback serve --emulator` would let a person follow it."""
    settings = dict(step.setting.split("=", 1) for step in steps if isinstance(step, Serve))
    environ = settings | _PORTS | {"TEXTBACK_STORE": str(folder / "textback.db")}
    async with AsyncExitStack() as stack:
        twilio = await stack.enter_async_context(emulator())
        loaded = load(environ, account_at(twilio))
        cook = Cook(await stack.enter_async_context(serving(twilio, loaded.settings)))
        for step in steps[1 if settings else 0 :]:
            await cook.take(step)
    return cook.shown
