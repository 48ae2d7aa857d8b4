"""Addresses that Twilio calls back, each provably ours.

A status callback's address names the message and the attempt, so that even a POST whose answer was lost finds its
message; an HMAC over both, with a key that lives in the store, keeps anybody else from inventing one.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

_MAC_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Makes and checks addresses below the public URL; None makes no addresses."""

    public_url: str | None
    key: bytes = field(repr=False)

    def inbound_url(self, account: str) -> str | None:
        """Where Twilio should send what people text to this account."""
        return self.public_url and f"{self.public_url}/twilio/inbound/{account}"

    def status_url(self, account: str, message_id: str, attempt: int) -> str | None:
        """Where Twilio should report on this attempt."""
        path = self.status_path(account, message_id, attempt)
        return self.public_url and f"{self.public_url}{path}"

    def status_path(self, account: str, message_id: str, attempt: int) -> str:
        """The same below the public URL."""
        return f"/twilio/status/{account}/{message_id}/{attempt}/{self._mac(account, message_id, attempt)}"

    def ours(self, account: str, message_id: str, attempt: int, mac: str) -> bool:
        """Whether we made this address."""
        return hmac.compare_digest(self._mac(account, message_id, attempt).encode(), mac.encode())

    def derived(self, purpose: str) -> str:
        """Another secret from the same key, for a purpose of its own."""
        return hmac.digest(self.key, f"for {purpose}".encode(), sha256).hex()

    def _mac(self, account: str, message_id: str, attempt: int) -> str:
        said = f"{account}/{message_id}/{attempt}".encode()
        return hmac.digest(self.key, said, sha256).hex()[:_MAC_DIGITS]
