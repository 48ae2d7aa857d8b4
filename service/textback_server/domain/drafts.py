"""From an accepted request to a stored message."""

from dataclasses import dataclass, replace
from datetime import datetime

from textback_server.domain.events import Created, Event, Warning
from textback_server.domain.messages import (
    Code,
    Context,
    Message,
    MessageId,
    MessageState,
    Sms,
    Terms,
    Wait,
    WaitState,
)
from textback_server.domain.prompts import compose
from textback_server.domain.segments import measure
from textback_server.domain.transitions import LEASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A valid request that is not stored yet.

    `terms` is None for a message without a wait. `prefix` is what Twilio will put before the text: counted, not sent.
    `hold` is until when the sender's pace holds it back; None: it goes at once.
    """

    id: MessageId
    account: str
    request_id: str
    request_hash: bytes
    sms: Sms
    context: Context | None
    terms: Terms | None
    create_time: datetime
    warnings: tuple[Warning, ...] = ()
    prefix: str = ""
    hold: datetime | None = None

    def accept(self, code: Code | None) -> tuple[Message, Event]:
        """The message as first stored, held back or being sent (one commit before the POST), and its event 1."""
        text, wait = self.sms.body, None
        if self.terms is not None:
            if code is None:
                raise ValueError("a wait needs a code")
            text = compose(self.sms.body, self.terms, code)
            wait = Wait(
                code=code,
                terms=self.terms,
                state=WaitState.OPEN,
                expire_time=self.create_time + self.terms.reply_timeout,
            )
        size = measure(self.prefix + text)
        message = Message(
            id=self.id,
            account=self.account,
            request_id=self.request_id,
            request_hash=self.request_hash,
            sms=self.sms,
            context=self.context,
            text=text,
            encoding=size.encoding,
            segments=size.segments,
            create_time=self.create_time,
            update_time=self.create_time,
            state=MessageState.PENDING if self.hold else MessageState.SENDING,
            attempt=0 if self.hold else 1,
            alarm=self.hold or self.create_time + LEASE,
            wait=wait,
        )
        created = Created(warnings=self.warnings, state=message.state)
        return message, Event(message_id=self.id, sequence=1, time=self.create_time, what=created)


def as_created(message: Message, state: MessageState) -> Message:
    """The message as it stood at event 1: what a replayed `created` shows."""
    wait = message.wait and replace(message.wait, state=WaitState.OPEN, reply=None, rejections=0)
    return replace(
        message,
        state=state,
        twilio_sid="",
        twilio_status="",
        failure=None,
        wait=wait,
        result=None,
        update_time=message.create_time,
        sequence=1,
    )
