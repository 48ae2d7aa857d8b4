"""Ask a person by text message, and get the answer back.

    python main.py ping
    python main.py send +14155550123 "Backup finished."
    python main.py ask +14155550123 "Isolate host web-03?" yes no
    python main.py watch msg_01m80dkhjdg64dkxvhht2cfksv 3
    python main.py cancel msg_01m80dkhjdg64dkxvhht2cfksv

TEXTBACK_SERVER names the server, by default 127.0.0.1:50051. Progress goes to standard error, the answer to standard
output. The client repeats what is safe to repeat, and picks broken streams up where they broke.
"""

import asyncio
import os
import sys

from google.protobuf.json_format import MessageToJson

from textback.v1.sms_message_pb2 import OUTCOME_REPLIED, MessageState, Outcome, WaitState
from textback_client import EventStream, Textback, TextbackError

USAGE = (
    "usage: ping | send RECIPIENT TEXT | ask RECIPIENT QUESTION [CHOICE ...] | watch MESSAGE [AFTER] | cancel MESSAGE"
)
REPLY_TIMEOUT = 600
"""Seconds that a question stays open, kept by the server."""


async def run(textback: Textback, *args: str) -> None:
    match args:
        case ("ping",):
            print(MessageToJson(await textback.ping()))
        case ("send", recipient, text):
            message = await textback.send(recipient, text)
            print(message.message_id, MessageState.Name(message.state))
        case ("ask", recipient, question, *choices):
            # The deadline is this program's patience; it leaves the question open, so it is longer than the question.
            asked = textback.ask(
                recipient, question, choices=choices, reply_timeout=REPLY_TIMEOUT, deadline=REPLY_TIMEOUT + 60
            )
            await answer(asked)
        case ("watch", message_id):
            await answer(textback.watch(message_id))
        case ("watch", message_id, after):
            await answer(textback.watch(message_id, after_sequence=int(after)))
        case ("cancel", message_id):
            message = await textback.cancel(message_id)
            print(WaitState.Name(message.wait.state))
        case _:
            raise SystemExit(USAGE)


async def answer(events: EventStream) -> None:
    """Report each event, and print what the person decided."""
    sequence = 0
    try:
        async for event in events:
            if not event.HasField("heartbeat"):
                sequence = event.sequence
                print(MessageToJson(event, indent=None), file=sys.stderr)
    except asyncio.CancelledError:
        if events.message_id:
            print(f"the question stays open; go on with: watch {events.message_id} {sequence}", file=sys.stderr)
        raise
    result = await events.result()
    if result.outcome != OUTCOME_REPLIED:
        raise SystemExit(f"no answer: {Outcome.Name(result.outcome)} {result.failure.message}")
    print(result.choice or result.text)


def explained(error: TextbackError) -> str:
    """All that an error says: its sentence, its reason for programs, every wrong field, and what helps."""
    lines = [f"{error.code.name}: {error.message}"]
    if error.reason:
        lines.append(f"  reason {error.reason} {dict(error.metadata)}")
    lines += [f"  field {each.field}: {each.description}" for each in error.violations]
    if error.retry_after is not None:
        lines.append(f"  retry after {error.retry_after} s")
    if error.help_url:
        lines.append(f"  see {error.help_url}")
    return "\n".join(lines)


async def main() -> None:
    async with Textback(os.environ.get("TEXTBACK_SERVER", "127.0.0.1:50051")) as textback:
        try:
            await run(textback, *sys.argv[1:])
        except TextbackError as error:
            raise SystemExit(explained(error)) from None


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
