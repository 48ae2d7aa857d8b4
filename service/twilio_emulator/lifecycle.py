"""Moving outbound messages along: at once, or one step after another with a delay between."""

import asyncio

from twilio_emulator.rules import Step, steps
from twilio_emulator.settings import LifecycleMode
from twilio_emulator.tasks import Tasks
from twilio_emulator.webhooks import Purpose, Webhooks, status_parameters
from twilio_emulator.world import Message, Status, World


class Lifecycle:
    """Takes each new outbound message through its statuses and reports them to its callback, in order."""

    def __init__(
        self, world: World, webhooks: Webhooks, tasks: Tasks, *, mode: LifecycleMode, step_delay: float
    ) -> None:
        """Use `step_delay` seconds between two statuses in timed mode."""
        self._world = world
        self._webhooks = webhooks
        self._tasks = tasks
        self._delay = step_delay if mode == "timed" else 0.0

    def begin(self, message: Message) -> None:
        """Start the message's way in the background; a message that begins in a final status stays there."""
        if message.status in {Status.QUEUED, Status.ACCEPTED}:
            self._tasks.start(self._walk(message))

    async def _walk(self, message: Message) -> None:
        sender = message.sender or next(iter(self._world.numbers))
        async with asyncio.TaskGroup() as callbacks:
            last: asyncio.Task[None] | None = None
            for step in steps(message.recipient, by_service=message.sender is None):
                if self._delay:
                    await asyncio.sleep(self._delay)
                message = self._take(message, step, sender)
                if message.status_callback:
                    last = callbacks.create_task(self._report(message, message.status_callback, after=last))

    def _take(self, message: Message, step: Step, sender: str) -> Message:
        return self._world.advance(message, step.status, error_code=step.error_code, sender=sender)

    async def _report(self, message: Message, url: str, *, after: asyncio.Task[None] | None) -> None:
        # The statuses keep their times while the callbacks of one message wait for each other.
        if after is not None:
            await asyncio.wait([after])
        account = self._world.account
        delivery, _ = await self._webhooks.post(
            url,
            status_parameters(message, account.sid),
            auth_token=account.auth_token,
            message=message,
            purpose=Purpose.STATUS_CALLBACK,
        )
        self._world.record(delivery, inbound=False)
