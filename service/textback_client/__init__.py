"""Python client for textback: ask a person by text message and get the answer back.

```python
from textback_client import Textback

async with Textback("127.0.0.1:50051") as textback:
    question = textback.ask("+14155550123", "Isolate host web-03?", choices=["yes", "no"], reply_timeout=600)
    async for event in question:
        print(event.sequence, event.WhichOneof("kind"))
    print((await question.result()).choice)
```

A broken connection is picked up where it broke, each event arrives once, and the SMS is sent once.
`BlockingTextback` is the same without asyncio. Every failure is a `TextbackError`.
"""

from textback_client.aio import EventStream, Textback
from textback_client.blocking import BlockingEventStream, BlockingTextback
from textback_client.channel import SERVICE_CONFIG
from textback_client.errors import TextbackError, Violation
from textback_client.requests import AskOptions, InboundFilter, MessageFilter, SendOptions

__all__ = [
    "SERVICE_CONFIG",
    "AskOptions",
    "BlockingEventStream",
    "BlockingTextback",
    "EventStream",
    "InboundFilter",
    "MessageFilter",
    "SendOptions",
    "Textback",
    "TextbackError",
    "Violation",
]
