"""What the HTTP handlers share."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from twilio_emulator import seeds
from twilio_emulator.clock import Clock
from twilio_emulator.deliveries import FaultyWebhooks
from twilio_emulator.faults import Faults
from twilio_emulator.inbound import Inbound
from twilio_emulator.lifecycle import Lifecycle
from twilio_emulator.seeds import Seed
from twilio_emulator.tasks import Tasks
from twilio_emulator.waits import Waits
from twilio_emulator.world import World


@dataclass(slots=True, kw_only=True)
class Context:
    """The parts of one running emulator. `epoch` names this run, so that a page notices a restart.

    `snippets` are titles and commands for people to copy; `{phone}` in one stands for the phone that they look at.
    """

    world: World
    clock: Clock
    webhooks: FaultyWebhooks
    lifecycle: Lifecycle
    inbound: Inbound
    faults: Faults
    seed: Seed
    contacts: dict[str, str]
    tasks: Tasks
    epoch: str
    control_token: str
    hosts: frozenset[str]
    closing: asyncio.Event
    demo_url: str | None
    waits: Waits = field(default_factory=Waits)
    snippets: tuple[tuple[str, str], ...] = ()

    async def pause(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the emulator."""
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return

    def reset(self) -> None:
        """Go back to the start: background work stopped, messages gone, the faults and contacts of the start."""
        self.tasks.cancel()
        self.lifecycle.reset()
        self.webhooks.forget()
        self.faults.reset()
        self.world.reset()
        self.waits.clear()
        self.contacts.clear()
        self.plant(self.seed)

    def plant(self, seed: Seed) -> None:
        """Put what a seed holds into the world. Raises ValueError for what cannot change while it runs."""
        seeds.plant(seed, self.world, self.contacts)


CONTEXT = web.AppKey("context", Context)
