"""What the HTTP handlers share."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from twilio_emulator.inbound import Inbound
from twilio_emulator.lifecycle import Lifecycle
from twilio_emulator.responses import ResponseQueue
from twilio_emulator.tasks import Tasks
from twilio_emulator.webhooks import Webhooks
from twilio_emulator.world import World


@dataclass(slots=True, kw_only=True)
class Context:
    """The parts of one running emulator. `epoch` names this run, so that a page notices a restart."""

    world: World
    webhooks: Webhooks
    lifecycle: Lifecycle
    inbound: Inbound
    responses: ResponseQueue
    tasks: Tasks
    lifecycle_mode: str
    epoch: str
    control_token: str
    hosts: frozenset[str]
    closing: asyncio.Event
    demo_url: str | None

    async def pause(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the emulator."""
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return

    def reset(self) -> None:
        """Go back to an empty world: background work stopped, scripted answers and messages gone."""
        self.tasks.cancel()
        self.responses.clear()
        self.world.reset()


CONTEXT = web.AppKey("context", Context)
