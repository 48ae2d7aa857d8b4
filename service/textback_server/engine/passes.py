"""What the poller does with a list: takes the replies in it, records its news, and finds what nobody could confirm."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from textback_server.domain.facts import NotListed, StatusReported
from textback_server.domain.listing import Listed, Listing, identified
from textback_server.domain.messages import Inbound, Message, MessageId, MessageState, ReplyVia
from textback_server.domain.polling import MARGIN
from textback_server.domain.senders import SenderKind, sender_kind
from textback_server.engine.clock import Clock
from textback_server.engine.intake import Intake
from textback_server.engine.ledger import Ledger
from textback_server.engine.lines import Book, Line, Look, Pass
from textback_server.engine.notifier import Notifier
from textback_server.engine.strangers import Strangers
from textback_server.gateway.protocol import Gateway
from textback_server.store.protocol import Conflict, Store, StoreError

POOL_AGE = timedelta(hours=1)
EMPTY_POOL_AGE = timedelta(minutes=1)
MOST_UNPROVEN = 200
STRANGE_AFTER = timedelta(minutes=2)
"""How old an SMS must be before it is called a stranger's: by then the store has the SID of one of ours."""

_log = structlog.get_logger(__name__)


class Passes:
    """Reads a sender's list once, in one of two ways. Both raise NotListable, StoreError."""

    def __init__(
        self,
        *,
        store: Store,
        ledger: Ledger,
        intake: Intake,
        gateway: Gateway,
        notifier: Notifier,
        strangers: Strangers,
        clock: Clock,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._intake = intake
        self._gateway = gateway
        self._notifier = notifier
        self._strangers = strangers
        self._clock = clock
        self._started = clock()

    async def replies(self, book: Book, line: Line) -> None:
        """Take in what people texted to the sender and no webhook brought."""
        oldest = line.agenda.oldest_wait
        if oldest is None:
            return
        this = line.replies.begin(oldest, self._clock())
        listing = await self._inbound(book, line.agenda.sender, this)
        covered = self._shown(book, line, line.replies, this, listing)
        unseen = await self._store.unseen(book.name, [row.twilio_sid for row in listing.rows])
        for row in sorted(listing.rows, key=lambda row: row.time):
            if row.twilio_sid in unseen and row.time >= oldest - MARGIN:
                await self._take(book.name, row)
        if covered:
            line.replies.end(this, listing)

    async def statuses(self, book: Book, line: Line) -> None:
        """Record what became of the sender's SMS, and settle which of them Twilio has at all."""
        sender, oldest = line.agenda.sender, line.agenda.oldest_moving
        if oldest is None:
            return
        this = line.statuses.begin(oldest, self._clock())
        listing = await self._outbound(book.name, sender, this)
        covered = self._shown(book, line, line.statuses, this, listing)
        unknown = [row for row in listing.rows if not await self._reported(book.name, row)]
        unproven = await self._store.unproven(book.name, sender, MOST_UNPROVEN)
        found = identified(unproven, unknown)
        for message in unproven:
            if message.id in found:
                await self._record(message, _news(found[message.id]))
            elif listing.whole and message.state is MessageState.UNCONFIRMED:
                await self._ledger.record(message, NotListed(list_time=this.started))
        self._note_strangers(book.name, sender, unknown, unproven, found)
        if covered:
            line.statuses.end(this, listing)

    def _shown(self, book: Book, line: Line, look: Look, this: Pass, listing: Listing) -> bool:
        """Whether the list was read as far back as it must be; if not, the pass is none, and its waits wait for one."""
        covered = listing.covers(this.least)
        if covered:
            look.shown()
        else:
            look.cut(this, listing)
            _log.warning("poll.cut", account=book.name, sender=line.agenda.sender, pages=listing.pages)
        return covered

    async def _inbound(self, book: Book, sender: str, this: Pass) -> Listing:
        """A Messaging Service's numbers may be many: then the account's one list is cheaper than all of theirs."""
        if sender_kind(sender) is not SenderKind.MESSAGING_SERVICE:
            listing = await self._gateway.texts(book.name, recipient=sender, since=this.since)
            return _only(listing, lambda row: row.inbound)
        numbers = await self._pool(book, sender)
        listing = await self._gateway.texts(book.name, since=this.since)
        return _only(listing, lambda row: row.inbound and (row.recipient in numbers or row.service == sender))

    async def _outbound(self, account: str, sender: str, this: Pass) -> Listing:
        """A Messaging Service's SMS have no number of ours before one is chosen."""
        if sender_kind(sender) is not SenderKind.MESSAGING_SERVICE:
            listing = await self._gateway.texts(account, sender=sender, since=this.since)
            return _only(listing, lambda row: not row.inbound)
        listing = await self._gateway.texts(account, since=this.since)
        return _only(listing, lambda row: not row.inbound and row.service == sender)

    async def _pool(self, book: Book, service: str) -> frozenset[str]:
        read, known = book.pools.get(service, (None, frozenset[str]()))
        now = self._clock()
        if read is None or read < now - (POOL_AGE if known else EMPTY_POOL_AGE):
            found = frozenset(await self._gateway.pool(book.name, service))
            if not found:
                _log.warning("poll.no_numbers", account=book.name, sender=service)
            known = found or known
            book.pools[service] = (now, known)
        return known

    async def _take(self, account: str, row: Listed) -> None:
        sms = Inbound(
            account=account,
            twilio_sid=row.twilio_sid,
            sender=row.sender,
            recipient=row.recipient,
            body=row.body,
            receive_time=self._clock(),
            via=ReplyVia.POLLING,
            service=row.service,
            sent_time=row.time,
        )
        try:
            tell = await self._intake.inbound(sms)
            if tell:
                await self._notifier.tell(sms, tell)
        except Conflict:
            _log.error("poll.conflict", twilio_sid=row.twilio_sid)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - one bad text must not keep the others from their questions
            _log.exception("poll.row", twilio_sid=row.twilio_sid)

    async def _reported(self, account: str, row: Listed) -> bool:
        """Whether the SMS is one that we know, or a notice; its news is recorded."""
        message = await self._store.find(account, row.twilio_sid)
        if message is not None and row.state is not None:
            await self._record(message, _news(row))
        return message is not None or self._notifier.sent(row.twilio_sid)

    async def _record(self, message: Message, news: StatusReported) -> None:
        try:
            await self._ledger.record(message, news)
        except Conflict:
            _log.warning("poll.conflict", message_id=message.id, twilio_sid=news.twilio_sid)

    def _note_strangers(
        self,
        account: str,
        sender: str,
        unknown: Sequence[Listed],
        unproven: Sequence[Message],
        found: Mapping[MessageId, Listed],
    ) -> None:
        """Whoever else sends from our sender. Not what may yet turn out to be ours, nor what was before we came."""
        ours = {row.twilio_sid for row in found.values()}
        doubtful = {message.sms.recipient for message in unproven}
        latest = self._clock() - STRANGE_AFTER
        for row in unknown:
            settled = self._started <= row.time <= latest and row.recipient not in doubtful
            if row.by_api and settled and row.twilio_sid not in ours:
                for name in {sender, row.sender} - {""}:
                    self._strangers.note(account, name, self._clock())


def _only(listing: Listing, wanted: Callable[[Listed], bool]) -> Listing:
    return replace(listing, rows=tuple(filter(wanted, listing.rows)))


def _news(row: Listed) -> StatusReported:
    return StatusReported(
        state=row.state or MessageState.ACCEPTED,
        twilio_status=row.twilio_status,
        twilio_sid=row.twilio_sid,
        failure=row.failure,
    )
