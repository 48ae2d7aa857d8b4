"""Plays a scenario: makes its calls through a runner, texts as the person, and holds what comes back against it.

A step is one of

    {"call": METHOD, "request": {…}, "as": NAME, "deadline": SECONDS, "cut": RESPONSES}
    {"event": {…}, "of": NAME}     reads the stream to the first event like this; numbers must follow each other
    {"answer": {…}, "of": NAME}    the one response of a unary call, which must end OK
    {"end": {…}, "of": NAME}       reads to the end of the call, which must be like this
    {"cancel": NAME}               leaves the call
    {"reply": TEXT}                texts from the scenario's phone, once our last text has arrived there
    {"texts": NUMBER}              how many texts of ours the phone has
    {"copies": NUMBER}             so many of this scenario at once, each with a phone of its own
    {"together": true}             goes on when all copies are here
    {"stop": true}                 the server is told to stop; such a scenario comes after all others

A call without a name is "call". What is expected is a part of what must come: objects may have more, lists may not, "*"
is anything but empty. {phone}, {run}, {message}, {code} and {token} stand for this run's own.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from tests.callers.conformance.runners import Call, Json, Runner

SCENARIOS: Mapping[str, list[Json]] = json.loads(Path(__file__).with_name("scenarios.json").read_text())

LAST = [name for name, steps in SCENARIOS.items() if {"stop": True} in steps]
"""Scenarios after which there is no server."""

_TOKENS = ("phone", "run", "message", "code", "token")
_numbers = count(1)


class DifferenceError(Exception):
    """What came is not what the scenario expects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """The emulator's control API."""

    session: aiohttp.ClientSession
    token: str

    @classmethod
    async def at(cls, session: aiohttp.ClientSession) -> "Phones":
        """Ask the emulator for its token."""
        async with session.get("/_emulator/token", headers={"X-Emulator-Client": "test"}) as answer:
            return cls(session=session, token=(await answer.json())["token"])

    async def reply(self, phone: str, text: str) -> None:
        """Text as the person who has our last text; the webhook must take it."""
        async with self.session.get(
            "/_emulator/wait", params={"to": phone, "status": "delivered", "timeout": "30"}
        ) as answer:
            assert answer.status == 200, await answer.text()
        headers = {"X-Emulator-Token": self.token}
        async with self.session.post("/_emulator/reply", json={"from": phone, "text": text}, headers=headers) as answer:
            said = await answer.json()
            assert said["delivered"]["ok"], said

    async def texts(self, phone: str) -> int:
        """How many texts of ours the person has."""
        async with self.session.get("/_emulator/messages", params={"to": phone}) as answer:
            return len([each for each in (await answer.json())["messages"] if each["direction"] != "inbound"])


@dataclass(slots=True, kw_only=True)
class Play:
    """One run of a scenario."""

    runner: Runner
    phones: Phones
    stop: Callable[[], None]
    together: asyncio.Barrier
    known: dict[str, str] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)

    async def play(self, steps: list[Json]) -> None:
        """Take the steps one after the other.

        Raises:
            DifferenceError: something else came.
        """
        number = next(_numbers)
        self.known |= {"phone": f"+1415555{number:04d}", "run": f"run-{number}"}
        for step in steps:
            (verb,) = _VERBS.keys() & step.keys()
            try:
                await _VERBS[verb](self, self._filled(step))
            except TimeoutError:
                raise DifferenceError(f"nothing came for {step}") from None

    async def _call(self, step: Json) -> None:
        name = step.get("as", "call")
        how = {key: step[key] for key in ("deadline", "cut") if key in step}
        self.calls[name] = self.runner.call(step["call"], step["request"], **how)
        self.sequences[name] = step["request"].get("afterSequence", 0)

    async def _event(self, step: Json) -> None:
        name = step.get("of", "call")
        while True:
            event = await self._next_event(name, step)
            if not differences(step["event"], event):
                return
            if event.get("terminal") or event["sequence"] == step["event"].get("sequence"):
                raise DifferenceError("; ".join(differences(step["event"], event)))

    async def _next_event(self, name: str, step: Json) -> Json:
        while True:
            came = await self.calls[name].next()
            if "response" not in came:
                raise DifferenceError(f"{came} came instead of {step['event']}")
            event: Json = came["response"]["event"]
            if "heartbeat" in event:
                continue
            if event["sequence"] != self.sequences[name] + 1:
                raise DifferenceError(f"event {event['sequence']} came after event {self.sequences[name]}")
            self.sequences[name] = event["sequence"]
            self._learn(event.get("created", {}).get("message", {}))
            return event

    async def _answer(self, step: Json) -> None:
        call = self.calls[step.get("of", "call")]
        came = await call.next()
        if "response" not in came:
            raise DifferenceError(f"{came} came instead of {step['answer']}")
        response = came["response"]
        self._learn(response.get("message", {}))
        self.known["token"] = response.get("nextPageToken", "")
        _compare(step["answer"], response)
        _compare({"code": "OK"}, await call.next())

    async def _end(self, step: Json) -> None:
        while "code" not in (came := await self.calls[step.get("of", "call")].next()):
            if step["end"]["code"] == "OK" and "heartbeat" not in came["response"]["event"]:
                raise DifferenceError(f"{came} came after the terminal event")
        if came["code"] != "OK" and not came["message"]:
            raise DifferenceError(f"{came} has no sentence")
        _compare(step["end"], came)

    async def _cancel(self, step: Json) -> None:
        self.calls[step["cancel"]].cancel()

    async def _reply(self, step: Json) -> None:
        await self.phones.reply(self.known["phone"], step["reply"])

    async def _texts(self, step: Json) -> None:
        _compare(step, {"texts": await self.phones.texts(self.known["phone"])})

    async def _copies(self, step: Json) -> None:
        """Whoever starts the scenario has seen to it."""

    async def _together(self, _step: Json) -> None:
        await self.together.wait()

    async def _stop(self, _step: Json) -> None:
        self.stop()

    def _learn(self, message: Json) -> None:
        found = {"message": message.get("messageId"), "code": message.get("wait", {}).get("code")}
        self.known |= {name: value for name, value in found.items() if value}

    def _filled(self, value: Any) -> Any:
        match value:
            case str():
                for name in _TOKENS:
                    value = value.replace(f"{{{name}}}", self.known.get(name, f"{{{name}}}"))
                return value
            case dict():
                return {key: self._filled(each) for key, each in value.items()}
            case list():
                return [self._filled(each) for each in value]
            case _:
                return value


_VERBS: Mapping[str, Callable[[Play, Json], Any]] = {
    "call": Play._call,  # noqa: SLF001 - its own table
    "event": Play._event,  # noqa: SLF001 - as above
    "answer": Play._answer,  # noqa: SLF001 - as above
    "end": Play._end,  # noqa: SLF001 - as above
    "cancel": Play._cancel,  # noqa: SLF001 - as above
    "reply": Play._reply,  # noqa: SLF001 - as above
    "texts": Play._texts,  # noqa: SLF001 - as above
    "copies": Play._copies,  # noqa: SLF001 - as above
    "together": Play._together,  # noqa: SLF001 - as above
    "stop": Play._stop,  # noqa: SLF001 - as above
}


async def play(runner: Runner, phones: Phones, name: str, stop: Callable[[], None]) -> None:
    """Play a scenario, in as many copies as it says; `stop` tells the server to stop.

    Raises:
        DifferenceError: something else came in one of them.
    """
    steps = SCENARIOS[name]
    copies = steps[0].get("copies", 1)
    together = asyncio.Barrier(copies)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(copies):
            each = Play(runner=runner, phones=phones, together=together, stop=stop)
            tasks.create_task(each.play(steps))


def differences(expected: Any, came: Any, where: str = "") -> list[str]:
    """What is expected and did not come, each with its path."""
    match expected:
        case "*":
            return [] if came else [f"{where}: nothing came"]
        case dict():
            if not isinstance(came, dict):
                return [f"{where}: {came!r} came, not {expected!r}"]
            return [
                line
                for key, each in expected.items()
                for line in (
                    differences(each, came[key], f"{where}.{key}")
                    if key in came
                    else [f"{where}.{key}: missing in {came!r}"]
                )
            ]
        case list():
            if not isinstance(came, list) or len(came) != len(expected):
                return [f"{where}: {came!r} came, not {expected!r}"]
            return [
                line
                for index, (each, other) in enumerate(zip(expected, came, strict=True))
                for line in differences(each, other, f"{where}[{index}]")
            ]
        case _:
            return [] if came == expected else [f"{where}: {came!r} came, not {expected!r}"]


def _compare(expected: Json, came: Json) -> None:
    if found := differences(expected, came):
        raise DifferenceError("; ".join(found))
