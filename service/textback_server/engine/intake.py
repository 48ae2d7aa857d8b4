"""What Twilio tells us: inbound SMS and delivery news, by whichever way they come. Idempotent."""

import asyncio
from dataclasses import replace

import structlog

from textback_server.domain.changes import Write
from textback_server.domain.facts import OptOut, StatusReported
from textback_server.domain.messages import Disposition, Inbound
from textback_server.domain.reading import Reading, candidates, read
from textback_server.domain.transitions import apply
from textback_server.engine.callbacks import Callbacks
from textback_server.engine.clock import Clock
from textback_server.engine.ledger import Ledger
from textback_server.store.protocol import Conflict, Duplicate, Store

_log = structlog.get_logger(__name__)


class Intake:
    """Reads what people text, and records what Twilio reports."""

    def __init__(self, store: Store, ledger: Ledger, callbacks: Callbacks, clock: Clock) -> None:
        self._store = store
        self._ledger = ledger
        self._callbacks = callbacks
        self._clock = clock

    async def inbound(self, sms: Inbound) -> str:
        """Store an inbound SMS, once, together with what it means. Returns what to text back; empty: nothing."""
        while True:
            reading = await self._read(sms)
            try:
                await self._claim(sms, reading)
            except Conflict:
                continue
            except Duplicate:
                _log.info("inbound.duplicate", twilio_sid=sms.twilio_sid)
                reading = replace(reading, tell="")
            break
        if reading.disposition is Disposition.OPT_OUT:
            await self._opt_out(sms)
        return reading.tell

    async def status(self, account: str, message_id: str, news: StatusReported) -> bool:
        """Record delivery news. False: the account has no such message, or knows it by another SID."""
        message = await self._store.get(account, message_id)
        if message is None or message.twilio_sid not in ("", news.twilio_sid):
            return False
        await self._ledger.record(message, news)
        return True

    async def _read(self, sms: Inbound) -> Reading:
        standing = await self._store.standing(sms.account, sms.sender, candidates(sms.body), self._clock())
        return read(sms, standing)

    async def _claim(self, sms: Inbound, reading: Reading) -> None:
        message, fact = reading.message, reading.fact
        change = apply(message, fact, self._clock()) if message and fact else None
        kept = replace(sms, disposition=reading.disposition, message_id=message.id if message else None)
        await self._ledger.commit(Write(changes=(change,) if change else (), inbound=kept))
        await asyncio.sleep(0)  # who waits for the answer goes before our log and our answer to Twilio
        _log.info(
            "inbound.read", twilio_sid=sms.twilio_sid, disposition=reading.disposition, message_id=kept.message_id
        )

    async def _opt_out(self, sms: Inbound) -> None:
        """End every open wait of this person, page by page; a repeated STOP finishes what a crash left."""
        while messages := await self._store.open_waits(sms.account, sms.sender):
            for message in messages:
                await self._ledger.record(message, OptOut(twilio_sid=sms.twilio_sid))
