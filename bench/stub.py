"""A constant 201: takes every POST for a message, and for some accounts calls back at once that it was delivered.

As cheap as asyncio allows, since what it costs is taken from both sides that are compared.
"""

import asyncio
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from bench import twilio
from bench.child import serve_until_told
from bench.line import HEAD_END, LENGTH, Line

CALLERS = 16
"""Connections on which status callbacks are made."""

_NUMBERED = b"SM" + b"#" * 32
_CALLED = f"/Accounts/{twilio.ACCOUNTS[twilio.CALLED]}/".encode()
_MESSAGE = {
    "account_sid": twilio.ACCOUNTS[twilio.QUIET],
    "api_version": "2010-04-01",
    "body": "Backup of host web-03 finished.",
    "date_created": "Mon, 16 Nov 2026 10:00:00 +0000",
    "date_sent": None,
    "date_updated": "Mon, 16 Nov 2026 10:00:00 +0000",
    "direction": "outbound-api",
    "error_code": None,
    "error_message": None,
    "from": twilio.SENDER,
    "messaging_service_sid": None,
    "num_media": "0",
    "num_segments": "1",
    "price": None,
    "price_unit": "USD",
    "sid": _NUMBERED.decode(),
    "status": "queued",
    "subresource_uris": {"media": f"/2010-04-01/Messages/{_NUMBERED.decode()}/Media.json"},
    "to": twilio.phone(0),
    "uri": f"/2010-04-01/Messages/{_NUMBERED.decode()}.json",
}


def _answer(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


_NOTHING = _answer("200 OK", json.dumps({"messages": [], "next_page_uri": None}).encode())
_CREATED = _answer("201 Created", json.dumps(_MESSAGE).encode())


@dataclass(slots=True)
class Callbacks:
    """Status callbacks to make, and what became of those made: `failed` had another answer than 2xx."""

    queue: asyncio.Queue[tuple[str, dict[str, str]]] = field(default_factory=asyncio.Queue)
    waiting: int = 0
    answered: int = 0
    failed: int = 0
    askers: list[asyncio.WriteTransport] = field(default_factory=list)

    def add(self, form: bytes, message_sid: str) -> None:
        """Call back the address that a POST named."""
        fields = parse_qs(form.decode())
        self.waiting += 1
        self.queue.put_nowait((fields["StatusCallback"][0], twilio.status_form(message_sid, fields["To"][0])))

    async def make(self) -> None:
        """Make one after the other, for ever. A server that went away gets a new connection."""
        lines: dict[str, Line] = {}
        while True:
            url, form = await self.queue.get()
            server = url.partition("/twilio/")[0]
            try:
                line = lines.get(server) or await Line.to(url)
                lines[server] = line
                ok = 200 <= await line.post(url, form) < 300
            except (OSError, EOFError):
                lines.pop(server, None)
                ok = False
            self.waiting -= 1
            self.answered += ok
            self.failed += not ok
            self.tell()

    def tell(self) -> None:
        """Answer those who asked with the counts as JSON, once all callbacks are made."""
        if not self.waiting:
            for asker in self.askers:
                asker.write(_answer("200 OK", json.dumps({"answered": self.answered, "failed": self.failed}).encode()))
            self.askers.clear()


class Connection(asyncio.Protocol):
    """One client's connection."""

    numbers = 0

    def __init__(self, callbacks: Callbacks) -> None:
        """`callbacks` is shared by all connections."""
        self._callbacks = callbacks
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it to answer."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        self._received += data
        while self._answered_one():
            pass

    def _answered_one(self) -> bool:
        head, complete, rest = self._received.partition(HEAD_END)
        length = LENGTH.search(head)
        size = int(length[1]) if length else 0
        if not complete or len(rest) < size:
            return False
        self._received = rest[size:]
        assert self._transport is not None
        if b"/Messages.json" in head.partition(b"\r\n")[0] and head.startswith(b"GET "):
            self._transport.write(_NOTHING)
        elif head.startswith(b"GET "):
            self._callbacks.askers.append(self._transport)
            self._callbacks.tell()
        else:
            self._transport.write(self._created(head, rest[:size]))
        return True

    def _created(self, head: bytes, body: bytes) -> bytes:
        Connection.numbers += 1
        message_sid = twilio.sid(Connection.numbers)
        if _CALLED in head.partition(b"\r\n")[0]:
            self._callbacks.add(body, message_sid)
        return _CREATED.replace(_NUMBERED, message_sid.encode())


async def main() -> None:
    """Serve until told otherwise."""
    callbacks = Callbacks()
    async with asyncio.TaskGroup() as group:
        callers = [group.create_task(callbacks.make()) for _ in range(CALLERS)]
        server = await asyncio.get_running_loop().create_server(lambda: Connection(callbacks), "127.0.0.1", 0)
        await serve_until_told(twilio=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        server.close()
        for caller in callers:
            caller.cancel()


if __name__ == "__main__":
    asyncio.run(main())
