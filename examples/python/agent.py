"""An agent's side of `textback mcp`: asks a person through a tool, shows the progress, the answer."""

import asyncio
import os

from mcp import Client, StdioServerParameters, stdio_client

TEXTBACK = StdioServerParameters(
    command=".venv/bin/textback",
    args=["mcp", "--tools", "agent"],
    env=os.environ | {"TEXTBACK_SERVER": "127.0.0.1:50051"},
)


async def main():
    async with Client(stdio_client(TEXTBACK)) as client:
        print(*(tool.name for tool in (await client.list_tools()).tools))
        question = {"phone_number": "+14155550123", "question": "Deploy 2.4 tonight?", "choices": ["yes", "no"]}
        answer = await client.call_tool("ask_human", question, progress_callback=show)
        print(answer.structured_content["status"], answer.structured_content["reply"]["choice"])


async def show(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - the SDK's own
    print(progress, message)


asyncio.run(main())
