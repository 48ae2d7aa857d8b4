"""Moving outbound messages along: at once, one step after another with a delay between, or only when told to."""

import asyncio
from datetime import datetime
from functools import partial

from twilio_emulator.account import MAX_VALIDITY
from twilio_emulator.clock import Clock
from twilio_emulator.rules import Step, barrier, fate
from twilio_emulator.settings import LifecycleMode
from twilio_emulator.tasks import Tasks
from twilio_emulator.webhooks import Purpose, Webhooks, status_parameters
from twilio_emulator.world import Message, Status, World

OVERFLOW = 30001
UNKNOWN = 30008
EXPIRED = 30036
NO_SENDER = 21704

_WAITING = frozenset({Status.ACCEPTED, Status.QUEUED})
_ENDINGS = (Status.SENT, Status.DELIVERED, Status.UNDELIVERED)
# From each status to those that Twilio may show next; a poll or a callback may miss the ones between.
NEXT: dict[Status, tuple[Status, ...]] = {
    Status.SCHEDULED: (Status.ACCEPTED, Status.CANCELED),
    Status.ACCEPTED: (Status.QUEUED, Status.SENDING, *_ENDINGS, Status.FAILED),
    Status.QUEUED: (Status.SENDING, *_ENDINGS, Status.FAILED),
    Status.SENDING: (*_ENDINGS, Status.FAILED),
    Status.SENT: (Status.DELIVERED, Status.UNDELIVERED),
}
# No callback tells of these (Twilio page "Outbound message status in status callbacks").
_UNREPORTED = frozenset({Status.ACCEPTED, Status.SENDING})
_BAD = frozenset({Status.FAILED, Status.UNDELIVERED})


class Lifecycle:
    """Takes each new outbound message through its statuses and reports them to its callback, in order.

    `mode` may change at any time; a message that has begun goes on as it began.
    """

    def __init__(
        self, world: World, webhooks: Webhooks, tasks: Tasks, clock: Clock, *, mode: LifecycleMode, step_delay: float
    ) -> None:
        """Use `step_delay` seconds of `clock` between two statuses in timed mode."""
        self._world = world
        self._webhooks = webhooks
        self._tasks = tasks
        self._clock = clock
        self._step_delay = step_delay
        self.mode: LifecycleMode = mode
        self._reports: dict[str, asyncio.Task[None]] = {}

    @property
    def _manual(self) -> bool:
        return self.mode == "manual"

    @property
    def _delay(self) -> float:
        return self._step_delay if self.mode == "timed" else 0.0

    def begin(self, message: Message) -> None:
        """Start the message's way in the background; a message that begins in a final status stays there."""
        if message.status is Status.SCHEDULED and message.send_at is not None:
            self._clock.after(self._until(message.send_at), partial(self._release, message))
        elif self._manual and message.status in _WAITING:
            self._clock.after(self._until(message.expires), partial(self._expire, message))
        elif message.status is Status.ACCEPTED:
            self._clock.after(self._delay, partial(self._choose, message))
        elif message.status is Status.QUEUED:
            self._queue(message)

    def step(self, sid: str, status: Status, *, error_code: int | None = None) -> Message:
        """Move one message to `status` by hand, in whatever mode, and return it.

        Raises ValueError, naming the field, for an unknown message and for a status that cannot follow.
        """
        message = self._world.messages.get(sid)
        if message is None:
            raise ValueError(f"sid: there is no message {sid}")
        possible = NEXT.get(message.status, ())
        if status not in possible:
            words = " or ".join(possible) or "nothing, its status is final"
            raise ValueError(f"status: {status} cannot follow {message.status}; it may be {words}")
        if error_code is not None and status not in _BAD:
            raise ValueError(f"error_code: {status} has none; only failed and undelivered have one")
        chosen = status not in {Status.ACCEPTED, Status.CANCELED, Status.FAILED}
        sender = self._sender(message) if chosen else None
        if chosen and sender is None:
            raise ValueError("sid: its Messaging Service has no number to send it from; it may only be failed")
        code = error_code or (UNKNOWN if status in _BAD else None)
        moved = self._take(message, Step(status, code), sender=sender)
        self.begin(moved)
        return moved

    def cancel(self, message: Message) -> Message:
        """Call a scheduled message off and return it."""
        return self._take(message, Step(Status.CANCELED))

    def reset(self) -> None:
        """Forget what was to happen."""
        self._clock.cancel()
        self._reports.clear()

    def _until(self, moment: datetime) -> float:
        return max((moment - self._clock.now()).total_seconds(), 0.0)

    def _release(self, message: Message) -> None:
        if self._world.current(message).status is Status.SCHEDULED:
            self.begin(self._take(message, Step(Status.ACCEPTED)))

    def _choose(self, message: Message) -> None:
        """Let the service choose a sender, and find out what Twilio finds out only then."""
        if self._world.current(message).status is not Status.ACCEPTED:
            return
        sender = self._sender(message)
        code = barrier(self._world, sender or "", message.recipient) if sender else NO_SENDER
        if sender and self._world.queues.wait(sender, self._clock.now()) > MAX_VALIDITY:
            code = OVERFLOW
        if code is not None:
            self._take(message, Step(Status.FAILED, code))
            return
        self._queue(self._take(message, Step(Status.QUEUED), sender=sender))

    def _sender(self, message: Message) -> str | None:
        if message.sender or message.service_sid is None:
            return message.sender
        return self._world.pools.choose(message.service_sid, message.recipient)

    def _queue(self, message: Message) -> None:
        """Wait for the sender's turn, or for the end of the validity if that comes first."""
        sender, now = message.sender or "", self._clock.now()
        wait = self._world.queues.wait(sender, now)
        left = self._until(message.expires)
        if wait > left:
            self._clock.after(left, partial(self._expire, message))
            return
        self._world.queues.join(sender, message.segments, now)
        self._clock.after(wait + self._delay, partial(self._walk, message, fate(message.recipient)))

    def _expire(self, message: Message) -> None:
        if self._world.current(message).status in _WAITING:
            self._take(message, Step(Status.FAILED, EXPIRED))

    def _walk(self, message: Message, steps: tuple[Step, ...]) -> None:
        for done, step in enumerate(steps, start=1):
            # Somebody may have moved it by hand meanwhile.
            if step.status not in NEXT.get(self._world.current(message).status, ()):
                return
            message = self._take(message, step)
            if self._delay and steps[done:]:
                self._clock.after(self._delay, partial(self._walk, message, steps[done:]))
                return

    def _take(self, message: Message, step: Step, *, sender: str | None = None) -> Message:
        moved = self._world.advance(message, step.status, error_code=step.error_code, sender=sender)
        if moved.status_callback and step.status not in _UNREPORTED:
            self._report(moved, moved.status_callback)
        return moved

    def _report(self, message: Message, url: str) -> None:
        # The statuses keep their times while the callbacks of one message wait for each other.
        task = self._tasks.start(self._call(message, url, after=self._reports.get(message.sid)))
        self._reports[message.sid] = task
        task.add_done_callback(partial(self._reported, message.sid))

    def _reported(self, sid: str, task: asyncio.Task[None]) -> None:
        if self._reports.get(sid) is task:
            del self._reports[sid]

    async def _call(self, message: Message, url: str, *, after: asyncio.Task[None] | None) -> None:
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
