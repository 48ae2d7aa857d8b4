"""Page sizes and tokens. A token names a place in one list and is bound to that list's filters."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from textback.v1 import sms_message_pb2 as message_pb
from textback_server.api.checks import Checks
from textback_server.store.protocol import Key

DEFAULT_SIZE = 50
MAX_SIZE = 1_000
MAX_BYTES = 3 * 1024 * 1024
_BOUND = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = message_pb.SmsMessage | message_pb.InboundSms


@dataclass(frozen=True, slots=True)
class Pager:
    """Makes and reads the tokens of one list; `bound_to` is anything that differs between two filters."""

    bound_to: str

    def token(self, key: Key | None) -> str:
        """The token for what follows `key`; empty on the last page."""
        if key is None:
            return ""
        micros = (key.time - _EPOCH) // (datetime.resolution)
        return base64.urlsafe_b64encode(self._mark() + f"{micros}:{key.id}".encode()).decode()

    def key(self, checks: Checks, token: str) -> Key | None:
        """Where the token points; notes a violation if it is not one of this list's."""
        if not token:
            return None
        try:
            raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
            micros, _, last = raw[_BOUND:].decode().partition(":")
            time = _EPOCH + int(micros) * datetime.resolution
        except (binascii.Error, ValueError, OverflowError):
            raw, last, time = b"", "", _EPOCH
        if raw[:_BOUND] != self._mark() or not last:
            checks.fail("page_token", "is not a next_page_token of this list with these filters; start without one")
        return Key(time=time, id=last)

    def _mark(self) -> bytes:
        return sha256(self.bound_to.encode()).digest()[:_BOUND]


def fitting(rows: Sequence[Row]) -> int:
    """How many of the rows one answer can carry, at least one: clients take 4 MiB unless told otherwise."""
    total = 0
    for count, row in enumerate(rows):
        total += row.ByteSize()
        if total > MAX_BYTES and count:
            return count
    return len(rows)


def size(checks: Checks, asked: int) -> int:
    """The page size to use."""
    if asked > MAX_SIZE:
        checks.fail("page_size", f"is {asked}; it may be 1 to {MAX_SIZE}")
    return asked or DEFAULT_SIZE
