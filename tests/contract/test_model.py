"""Whatever is done to a store, in any order, it shows what a dictionary would: found by trying many orders."""

import asyncio
import itertools
import tempfile
from collections.abc import Coroutine, Iterable
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.contract.kinds import Kind
from tests.support.builders import ACCOUNT, NOW, WAITING, a_change, a_closing, a_draft, an_inbound
from textback_server.domain.changes import Change, Write
from textback_server.domain.codes import QUARANTINE
from textback_server.domain.events import Event, StatusChanged
from textback_server.domain.messages import Code, Inbound, Message, MessageId, MessageState
from textback_server.store.protocol import (
    CodesTaken,
    Conflict,
    Duplicate,
    InboundFilter,
    MessageFilter,
    StoreError,
)

T = TypeVar("T")

KEYS = ("", "k1", "k2", "k3")
PERSONS = ("+14155550101", "+14155550102")
CODES = tuple(map(Code, ("4821", "9753", "48213", "64821")))
"""Two of them begin or end with another."""
SIDS = ("SM1", "SM2", "SM3")
STATES = (MessageState.QUEUED, MessageState.SENT, MessageState.DELIVERED)


class StoreMachine(RuleBasedStateMachine):
    """A store and its model. `kind` is set by a subclass."""

    kind: Kind
    versions: Bundle[Message] = Bundle("versions")

    def __init__(self) -> None:
        """Open an empty store."""
        super().__init__()
        self.resources = ExitStack()
        self.runner = self.resources.enter_context(asyncio.Runner())
        folder = self.resources.enter_context(tempfile.TemporaryDirectory())
        opened = self.kind.open(Path(folder))
        self.store = self.run(opened.__aenter__())
        self.resources.callback(lambda: self.run(opened.__aexit__(None, None, None)))
        self.now = NOW
        self.numbers = itertools.count(1)
        self.messages: dict[str, Message] = {}
        self.events: dict[str, list[Event]] = {}
        self.inbound: dict[str, Inbound] = {}
        self.codes: dict[tuple[str, Code], datetime | None] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the store's loop."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """Close the store."""
        self.resources.close()

    @rule(target=versions, key=st.sampled_from(KEYS), person=st.sampled_from(PERSONS), waits=st.booleans(),
          offers=st.lists(st.sampled_from(CODES), min_size=1, max_size=3))  # fmt: skip
    def create(self, key: str, person: str, waits: bool, offers: list[Code]) -> Any:
        """A request comes, or comes again."""
        message_id, wait = MessageId(f"msg_{next(self.numbers):026d}"), WAITING if waits else None
        draft = a_draft(message_id=message_id, request_id=key, recipient=person, wait=wait, create_time=self.now)
        known = next((message for message in self.messages.values() if key and message.request_id == key), None)
        code = next((offer for offer in offers if self._free(person, offer)), None)
        try:
            message, fresh = self.run(self.store.create(draft, offers if waits else (), self.now))
        except CodesTaken:
            assert known is None
            assert waits
            assert code is None
            return multiple()
        assert (message if not fresh else None) == known
        if fresh:
            expected, event = draft.accept(code if waits else None)
            assert message == expected
            self.messages[message.id], self.events[message.id] = message, [event]
            if message.wait:
                self.codes[person, message.wait.code] = None
        return message

    @rule(target=versions, before=versions, state=st.sampled_from(STATES), sid=st.sampled_from((*SIDS, "")))
    def move(self, before: Message, state: MessageState, sid: str) -> Message:
        """News of a message, also by somebody who has not seen the latest."""
        changed = a_change(before, StatusChanged(state=state), at=self.now, state=state, twilio_sid=sid)
        taken = any(sid and each.twilio_sid == sid and each.id != before.id for each in self.messages.values())
        return self._commit(changed, conflicts=taken)

    @rule(target=versions, before=versions, sid=st.sampled_from(("", *SIDS)))
    def close_wait(self, before: Message, sid: str) -> Message:
        """A wait ends, perhaps because of a text."""
        if before.wait is None or not before.wait.open:
            return before
        text = an_inbound(twilio_sid=sid, receive_time=self.now, message_id=before.id) if sid else None
        after = self._commit(a_closing(before, at=self.now), text)
        if after is not before and before.wait:
            self.codes[before.sms.recipient, before.wait.code] = self.now + QUARANTINE
        return after

    @rule(sid=st.sampled_from(SIDS))
    def hear(self, sid: str) -> None:
        """A text comes that speaks to nobody."""
        text = an_inbound(twilio_sid=sid, receive_time=self.now)
        with suppress(Duplicate):
            self.run(self.store.commit(Write(inbound=text)))
            assert sid not in self.inbound
        self.inbound.setdefault(sid, text)

    @rule(hours=st.sampled_from((1, 71, 72)))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.now += timedelta(hours=hours)

    @invariant()
    def shows_messages(self) -> None:
        """Each message is found by all its names."""
        for message in self.messages.values():
            assert self.run(self.store.get(ACCOUNT, message.id)) == message
            assert self.run(self.store.get("other", message.id)) is None
            if message.request_id:
                assert self.run(self.store.recall(ACCOUNT, message.request_id)) == message
            assert self.run(self.store.events(message.id, 0)) == self.events[message.id]
        for sid in SIDS:
            owner = next((message for message in self.messages.values() if message.twilio_sid == sid), None)
            assert self.run(self.store.find(ACCOUNT, sid)) == owner

    @invariant()
    def shows_lists(self) -> None:
        """Lists are whole, newest first."""
        page = self.run(self.store.messages(MessageFilter(account=ACCOUNT), None, 100))
        assert list(page.rows) == _newest_first(self.messages.values())
        texts = self.run(self.store.inbound(InboundFilter(account=ACCOUNT), None, 100))
        assert {text.twilio_sid: text for text in texts.rows} == self.inbound
        assert self.run(self.store.unseen(ACCOUNT, SIDS)) == frozenset(SIDS) - self.inbound.keys()

    @invariant()
    def shows_waits(self) -> None:
        """Who is asked what, and which codes that takes."""
        for person in PERSONS:
            waits = [each for each in self.messages.values() if each.wait and each.wait.open]
            asked = [each for each in waits if each.sms.recipient == person]
            assert list(self.run(self.store.open_waits(ACCOUNT, person))) == _newest_first(asked)
            live = self._live(person)
            in_use = self.run(self.store.codes_in_use(ACCOUNT, person, self.now))
            assert (in_use.count, in_use.longest) == (len(live), max(map(len, live), default=0))

    def _commit(self, change: Change, text: Inbound | None = None, *, conflicts: bool = False) -> Message:
        """Write, and see that what happens is what must; the message as the writer knows it then."""
        current = self.messages[change.before.id]
        expected: type[StoreError] | None = None
        if text is not None and text.twilio_sid in self.inbound:
            expected = Duplicate
        elif conflicts or current.revision != change.before.revision:
            expected = Conflict
        if expected is not None:
            with pytest.raises(expected):
                self.run(self.store.commit(Write(changes=(change,), inbound=text)))
            return change.before
        self.run(self.store.commit(Write(changes=(change,), inbound=text)))
        self.messages[current.id] = change.after
        self.events[current.id] += change.events
        if text is not None:
            self.inbound[text.twilio_sid] = text
        return change.after

    def _live(self, person: str) -> list[Code]:
        """The person's codes that are open or in quarantine."""
        return [code for (who, code), free in self.codes.items() if who == person and (free is None or free > self.now)]

    def _free(self, person: str, code: Code) -> bool:
        live = self._live(person)
        return all(len(code) >= len(other) and not (code.startswith(other) or code.endswith(other)) for other in live)


def _newest_first(messages: Iterable[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: (message.create_time, message.id), reverse=True)


def test_store_shows_what_a_dictionary_would_whatever_is_done_to_it(kind: Kind) -> None:
    machine = type("Machine", (StoreMachine,), {"kind": kind})
    examples = 20 if kind.durable else 60  # each opens a store of its own
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=30))
