"""What Twilio tells us: inbound SMS and delivery news, by whichever way they come. Idempotent."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import structlog

from textback_server.domain.changes import Change, PersonChange, Write
from textback_server.domain.facts import Due, OptOut, Replied, ReplyRefused, StatusReported
from textback_server.domain.messages import Disposition, Inbound, Message
from textback_server.domain.notices import Notice, notice
from textback_server.domain.reading import Parsed, Reading, Standing, parse, read
from textback_server.domain.senders import SenderKind, sender_kind
from textback_server.domain.transitions import apply
from textback_server.engine.clock import Clock
from textback_server.engine.ledger import Ledger
from textback_server.engine.strangers import Strangers
from textback_server.gateway.accounts import Accounts
from textback_server.store.protocol import Conflict, Duplicate, Store

_WHOLE_SECOND = timedelta(seconds=1)
"""Twilio's dates have no fractions."""

_ROUNDS = 1_000
"""Each but the last was lost to another text of the same person: more than come at once."""
_AT_START = 1_000
"""Opt-outs that are looked at: more than people can text in the moment in which a process dies."""

_log = structlog.get_logger(__name__)


class Intake:
    """Reads what people text, and records what Twilio reports."""

    def __init__(
        self, store: Store, ledger: Ledger, accounts: Accounts, clock: Clock, strangers: Strangers | None = None
    ) -> None:
        """`strangers` knows which senders are shared with others: there people get no hints."""
        self._store = store
        self._ledger = ledger
        self._accounts = accounts
        self._clock = clock
        self._strangers = strangers or Strangers()

    async def inbound(self, sms: Inbound) -> str:
        """Store an inbound SMS, once, together with what it means. Returns what to text back; empty: nothing.

        Raises Conflict where the store and what is read from it never agree: no text keeps the service busy for ever.
        """
        parsed = parse(sms)
        for _ in range(_ROUNDS):
            standing = await self._store.standing(sms.account, sms.sender, parsed.codes, self._clock())
            if await self._expired(sms, standing):
                continue
            reading = read(parsed, standing)
            tell = self._words(reading, standing, sms.account)
            if tell and await self._unwelcome(sms, reading):
                tell = ""
            try:
                await self._claim(parsed, reading, told=standing.notices_this_hour + 1 if tell else 0)
            except Conflict:
                continue
            except Duplicate:
                _log.info("inbound.duplicate", twilio_sid=sms.twilio_sid)
                tell = ""
            break
        else:
            raise Conflict("The store goes on saying that this person's messages changed meanwhile.")
        if reading.disposition is Disposition.OPT_OUT:
            await self._opt_out(sms)
        return tell

    async def finish_opt_outs(self) -> None:
        """End what a process that died had no time to end: nobody tells of a STOP twice. For the start."""
        for sms in await self._store.unfinished_opt_outs(_AT_START):
            await self._opt_out(sms)

    async def status(self, account: str, message_id: str, news: StatusReported) -> bool:
        """Record delivery news. False: the account has no such message, or knows it by another SID."""
        message = await self._store.get(account, message_id)
        if message is None or message.twilio_sid not in ("", news.twilio_sid):
            return False
        await self._ledger.record(message, news)
        return True

    async def _expired(self, sms: Inbound, standing: Standing) -> bool:
        """End the waits that had expired when Twilio got the text, as its list says later. Whether there were any."""
        sent = sms.sent_time
        if sent is None:
            return False
        meant = {each.id: each for each in (*standing.matches, standing.newest_open) if each is not None}
        late = [each for each in meant.values() if each.wait and each.wait.open and each.wait.expire_time < sent]
        changes = [await self._ledger.record(message, Due()) for message in late]
        return any(changes)

    async def _unwelcome(self, sms: Inbound, reading: Reading) -> bool:
        """Whether to keep silent: they opted out of this number, or it may be somebody else's question they mean."""
        now = self._clock()
        if reading.notice is Notice.HINT and self._strangers.shared(sms.account, sms.recipient, now):
            return True
        opted_out = await self._store.blocked(sms.account, sms.recipient, sms.sender, now)
        return opted_out and reading.disposition is not Disposition.OPT_IN

    def _words(self, reading: Reading, standing: Standing, account: str) -> str:
        """What to text back, in the account's words."""
        if reading.notice is None or reading.message is None:
            return ""
        reply = reading.fact.reply if isinstance(reading.fact, Replied) else None
        return notice(
            reading.notice,
            reading.message,
            self._accounts.pick(account).manners.notices,
            answer=(reply.choice or reply.text) if reply else "",
            sent_this_hour=standing.notices_this_hour,
        )

    async def _claim(self, parsed: Parsed, reading: Reading, *, told: int) -> None:
        """Write it all, or nothing. `told`: which notice of the hour it brings; 0: none. Raises Conflict, Duplicate."""
        sms = parsed.inbound
        spoken_to = [finding.message.id for finding in reading.findings]
        kept = replace(
            sms,
            disposition=reading.disposition,
            reason=reading.reason,
            message_id=spoken_to[0] if spoken_to else None,
            also=tuple(spoken_to[1:]),
        )
        person = await self._person(parsed, reading, told=told)
        await self._ledger.commit(Write(changes=self._changes(reading, told=told > 0), inbound=kept, person=person))
        await asyncio.sleep(0)  # who waits for the answer goes before our log and our answer to Twilio
        _log.info(
            "inbound.read", twilio_sid=sms.twilio_sid, disposition=reading.disposition, message_id=kept.message_id
        )

    def _changes(self, reading: Reading, *, told: bool) -> tuple[Change, ...]:
        """What the text changes for each wait that it speaks to; the first one is what the person was told about."""
        changes = []
        for place, finding in enumerate(reading.findings):
            fact = finding.fact
            if isinstance(fact, ReplyRefused):
                heard = told and place == 0
                fact = replace(fact, person_told=heard, hinted=heard and reading.notice is Notice.HINT)
            change = apply(finding.message, fact, self._clock()) if fact else None
            changes += [change] if change else []
        return tuple(changes)

    async def _person(self, parsed: Parsed, reading: Reading, *, told: int) -> PersonChange | None:
        """What the text changes about the person: who of us may text them, and how often we told them something."""
        sms = parsed.inbound
        block: tuple[str, ...] = ()
        unblock: tuple[str, ...] = ()
        if reading.disposition is Disposition.OPT_OUT:
            block = (sms.recipient, *await self._services(sms))
        elif parsed.opts_in:
            services = (each for each in await self._store.blocks(sms.account, sms.sender) if each.startswith("MG"))
            unblock = (sms.recipient, *services)
        if not (block or unblock or told):
            return None
        return PersonChange(
            account=sms.account, number=sms.sender, block=block, unblock=unblock, time=self._clock(), told=told
        )

    async def _services(self, sms: Inbound) -> list[str]:
        """The Messaging Services an opt-out is from: the one that Twilio names, else those with an open question."""
        if sms.service:
            return [sms.service]
        waits = await self._store.open_waits(sms.account, sms.sender)
        return sorted({each.sms.sender for each in waits if _is_service(each)})

    async def _opt_out(self, sms: Inbound) -> None:
        """End every wait of this person that was open when they said so, page by page.

        A repeated STOP finishes what a crash left, and never ends what was asked after it.
        """
        first = await self._store.received(sms.account, sms.twilio_sid) or sms
        fact = OptOut(twilio_sid=sms.twilio_sid)
        until = first.receive_time if first.sent_time is None else first.sent_time + _WHOLE_SECOND
        while waits := await self._store.open_waits(sms.account, sms.sender, until=until):
            await asyncio.gather(*(self._ledger.record(message, fact) for message in waits))


def _is_service(message: Message) -> bool:
    return sender_kind(message.sms.sender) is SenderKind.MESSAGING_SERVICE
