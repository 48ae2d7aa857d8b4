"""A kept-alive HTTP/1.1 connection, as cheap as asyncio allows: one request at a time."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from bench import twilio

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to one server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, url: str) -> Self:
        """Connect to the server of a URL. Raises OSError."""
        server = urlsplit(url)
        return cls(*await asyncio.open_connection(server.hostname, server.port))

    async def get(self, path: str) -> bytes:
        """The body of an answer, whatever its status."""
        return (await self._exchange(f"GET {path} HTTP/1.1\r\nHost: stub\r\n\r\n".encode()))[1]

    async def post(self, url: str, form: Mapping[str, str]) -> int:
        """Post a form with Twilio's signature; returns the HTTP status."""
        body, signature = twilio.signed(url, form)
        server = urlsplit(url)
        head = (
            f"POST {server.path} HTTP/1.1\r\nHost: {server.netloc}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return (await self._exchange(head.encode() + body))[0]

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        await self.writer.wait_closed()

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        self.writer.write(request)
        head = await self.reader.readuntil(HEAD_END)
        length = LENGTH.search(head)
        body = await self.reader.readexactly(int(length[1])) if length else b""
        return int(head[9:12]), body
