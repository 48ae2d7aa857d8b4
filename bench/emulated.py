"""An emulator whose messages are delivered at once."""

import asyncio

from bench.child import serve_until_told
from twilio_emulator import Emulator, EmulatorSettings


async def main() -> None:
    """Serve until told otherwise."""
    async with Emulator(EmulatorSettings(port=0, lifecycle="instant")) as emulator:
        await serve_until_told(emulator=emulator.url)


if __name__ == "__main__":
    asyncio.run(main())
