"""What the bench's own servers do besides serving: say where they listen, and end when told."""

import asyncio
import signal
import sys


async def serve_until_told(**addresses: str) -> None:
    """Print the addresses, a line each as `textback serve` does, and return on SIGTERM."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    sys.stdout.write("".join(f"  {name}  {address}\n" for name, address in addresses.items()))
    sys.stdout.flush()
    await ended.wait()
