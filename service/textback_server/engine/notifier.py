"""Texts people back where no webhook's answer can: an SMS through the API, once, of which nothing is stored."""

from collections import OrderedDict
from datetime import timedelta

import structlog

from textback_server.domain.facts import PostAccepted
from textback_server.domain.messages import Inbound
from textback_server.gateway.protocol import Gateway, Outbound

VALIDITY = timedelta(minutes=10)
"""A hint that comes later than this helps nobody."""
_REMEMBERED = 1_000

_log = structlog.get_logger(__name__)


class Notifier:
    """Remembers the SIDs of what it sent, so that they are not taken for somebody else's."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._sids: OrderedDict[str, None] = OrderedDict()

    async def tell(self, sms: Inbound, text: str) -> None:
        """Answer a person's text from the number that they wrote to."""
        outbound = Outbound(
            recipient=sms.sender, sender=sms.recipient, text=text, validity_period=VALIDITY, status_callback=None
        )
        outcome = await self._gateway.create(sms.account, outbound)
        if not isinstance(outcome, PostAccepted):
            _log.warning("notice.lost", twilio_sid=sms.twilio_sid, outcome=type(outcome).__name__)
            return
        self._sids[outcome.twilio_sid] = None
        while len(self._sids) > _REMEMBERED:
            self._sids.popitem(last=False)

    def sent(self, twilio_sid: str) -> bool:
        """Whether this is the SID of a notice of ours."""
        return twilio_sid in self._sids
