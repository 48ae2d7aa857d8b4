"""The table of transitions as a page for people: `docs/states.md` is printed from here."""

from collections.abc import Iterable

from textback_server.domain.messages import MessageState
from textback_server.domain.transitions import ABOUT_THE_WAIT, TABLE, ByRank, Row, Stimulus

_ENDS = {
    MessageState.DELIVERED: "status_changed, terminal",
    MessageState.READ: "status_changed, terminal",
    MessageState.OUTCOME_UNKNOWN: "status_changed, terminal",
    MessageState.UNDELIVERED: "failed, terminal",
    MessageState.FAILED: "failed, terminal",
    MessageState.CANCELLED: "cancelled, terminal",
}
_WAIT_EVENTS = {
    Stimulus.REPLIED: "reply_received, terminal",
    Stimulus.REJECTED: "reply_rejected",
    Stimulus.OPTED_OUT: "opted_out, terminal",
    Stimulus.BARRED: "opted_out, terminal",
    Stimulus.CANCELLED: "cancelled, terminal",
    Stimulus.EXPIRED: "timed_out, terminal",
    Stimulus.REFUSED: "failed, terminal",
}
_STIMULI = {
    Stimulus.CLAIMED: "the back-off of a held message is over",
    Stimulus.ACCEPTED: "Twilio answered the POST with a SID",
    Stimulus.REFUSED: "Twilio answered: will never be sent",
    Stimulus.BARRED: "Twilio says that the person opted out (21610)",
    Stimulus.HELD: "429, or no connection: provably not sent, may be tried again",
    Stimulus.UNCLEAR: "timeout, reset, 5xx, answer without SID: nobody can say",
    Stimulus.REPORTED: "a status callback, or Twilio's list of messages, names a state",
    Stimulus.ABSENT: "`resend_if_unconfirmed`, the first time: no evidence for 120 s, and Twilio's list shows nothing",
    Stimulus.LEASE_ENDED: "30 s after the POST began, nobody said how it ended",
    Stimulus.SETTLED: "no evidence for 120 s (180 s with `resend_if_unconfirmed`); or accepted, without a wait, "
    "and no receipt for 72 h",
    Stimulus.GAVE_UP: "without a wait: held for 10 minutes",
    Stimulus.REPLIED: "an inbound SMS answers",
    Stimulus.REJECTED: "an inbound SMS is not an answer (20 times at most)",
    Stimulus.OPTED_OUT: "the person texted STOP",
    Stimulus.CANCELLED: "CancelWait",
    Stimulus.EXPIRED: "reply_timeout is over",
}


def states_page() -> str:
    """The life of a message, as Markdown."""
    stimuli = table(("stimulus", "what happened"), ((f"`{each}`", _STIMULI[each]) for each in Stimulus))
    rows = table(
        ("state", "stimulus", "becomes", "an open wait", "event with a wait", "event without"),
        (_row(state, stimulus, row) for (state, stimulus), row in sorted(TABLE.items(), key=_in_order)),
    )
    answers = table(("state", "SendSms answers"), ((f"`{state}`", _rpc(state)) for state in MessageState))
    return (
        "# The life of a message\n\nPrinted from `service/textback_server/domain/transitions.py`; do not edit.\n\n"
        "A pair that is not listed changes nothing. *by rank*: the state that the news names, if it is further on; "
        "news that is further back is no news. After the terminal event, later news changes what Get and List show, "
        "and appends no event; what would become `PENDING` becomes `CANCELLED` then.\n\n"
        f"## Stimuli\n\n{stimuli}\n## Transitions\n\n{rows}\n## What SendSms answers\n\n"
        f"SendSmsAndWait always streams: once stored, a message's problems are events.\n\n{answers}"
    )


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _in_order(entry: tuple[tuple[MessageState, Stimulus], Row]) -> tuple[int, int]:
    (state, stimulus), _ = entry
    return list(MessageState).index(state), list(Stimulus).index(stimulus)


def _row(state: MessageState, stimulus: Stimulus, row: Row) -> tuple[str, ...]:
    by_rank = isinstance(row.becomes, ByRank)
    becomes = "*by rank*" if by_rank else f"`{row.becomes}`"
    wait = f"`{row.wait}`" if row.wait else "stays open"
    moved = by_rank or row.becomes is not state
    with_wait = _WAIT_EVENTS.get(stimulus) or ("status_changed; `failed` if it can never arrive" if moved else "none")
    return f"`{state}`", f"`{stimulus}`", becomes, wait, with_wait, _without_wait(stimulus, row, moved=moved)


def _without_wait(stimulus: Stimulus, row: Row, *, moved: bool) -> str:
    if stimulus in ABOUT_THE_WAIT:
        return "no effect"
    if isinstance(row.becomes, ByRank):
        return "as the state it becomes"
    if not moved:
        return "settled, terminal" if stimulus is Stimulus.SETTLED else "none"
    return _ENDS.get(row.becomes, "status_changed")


def _rpc(state: MessageState) -> str:
    return "OK; if Twilio's answer refused it, the reason's status" if state is MessageState.FAILED else "OK"
