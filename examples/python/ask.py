"""Asks a person, prints each event as it happens, then the answer."""

import asyncio

from textback_client import Textback


async def main():
    async with Textback("127.0.0.1:50051") as textback:
        question = textback.ask("+14155550123", "Isolate host web-03?", choices=["yes", "no"], reply_timeout=600)
        async for event in question:
            print(event.sequence, event.WhichOneof("kind"))
        print((await question.result()).choice)


asyncio.run(main())
