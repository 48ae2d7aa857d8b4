"""Senders from which SMS go out that this store did not send: somebody else asks the same people questions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

HOLDS = timedelta(hours=1)
"""How long a sender counts as shared after the last SMS of somebody else."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Strangers:
    """`accepted`: the operator knows, and nobody needs to be warned."""

    accepted: bool = False
    _seen: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def note(self, account: str, sender: str, now: datetime) -> None:
        """An SMS of somebody else was seen."""
        if not self.shared(account, sender, now) and not self.accepted:
            _log.warning("sender.shared", account=account, reason="SENDER_SHARED")
        self._seen[account, sender] = now

    def shared(self, account: str, sender: str, now: datetime) -> bool:
        """Whether somebody else used this sender lately, and the operator has not accepted it."""
        seen = self._seen.get((account, sender))
        return not self.accepted and seen is not None and seen > now - HOLDS
