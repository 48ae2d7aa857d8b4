"""How to see each reason with the Twilio in the box: data, printed in `docs/errors.md` and tried by the tests.

A recipe's last call shows the reason: as its error, or as a `failure.reason` in what it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from textback_server.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Serve:
    """Start the service with a setting, `NAME=value`, beside the emulator."""

    setting: str


@dataclass(frozen=True, slots=True)
class Faults:
    """Give the emulator rules by which requests to it fail, in JSON."""

    rules: str


@dataclass(frozen=True, slots=True)
class Call:
    """Call a method with a request in JSON. `$id`: the message of the call before. `leave`: go on at event 1."""

    method: str
    request: str
    leave: bool = False


@dataclass(frozen=True, slots=True)
class Become:
    """Let the emulator move the message of the call before to a status, with Twilio's code for it."""

    status: str
    code: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Text back as the person. `$code`: the code of the question before."""

    text: str


Step = Serve | Faults | Call | Become | Reply


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Why the emulator cannot show a reason, and what would."""

    why: str


Recipe = tuple[Step, ...] | Elsewhere

_PHONE = "+14155550123"
_SILENT = "+15005550013"
"""The emulator sends what goes there, and reports nothing more."""


def _send(recipient: str = _PHONE, more: str = "") -> Call:
    return Call("SendSms", f'{{{more}"sms": {{"recipient": "{recipient}", "body": "Hello"}}}}')


def _ask(recipient: str = _PHONE, wait: str = "{}", *, leave: bool = False) -> Call:
    said = f'{{"sms": {{"recipient": "{recipient}", "body": "Well?"}}, "wait": {wait}}}'
    return Call("SendSmsAndWait", said, leave=leave)


def _create(effect: str) -> Faults:
    return Faults(f'{{"create": [{{"effect": {{{effect}}}}}]}}')


def _refused(code: int, status: int = 400) -> tuple[Step, ...]:
    return _create(f'"status": {status}, "code": {code}'), _send()


def _reported(code: int) -> tuple[Step, ...]:
    return _send(_SILENT), Become("undelivered", code), Call("WatchMessage", '{"message_id": "$id"}')


def _table() -> dict[Reason, Recipe]:
    busy = _create('"status": 429, "code": 20429')
    keyed = '"request_id": "backup-42", '
    return {
        Reason.INVALID_FIELD: (_send("555"),),
        Reason.REQUEST_ID_REUSED: (_send(more=keyed), _send("+14155550199", more=keyed)),
        Reason.REQUEST_ID_REQUIRED: Elsewhere("It takes a client whose gRPC repeats a send by itself."),
        Reason.ACCOUNT_UNKNOWN: (Call("Ping", '{"account": "nobody"}'),),
        Reason.MESSAGE_UNKNOWN: (Call("GetMessage", '{"message_id": "msg_none"}'),),
        Reason.SEQUENCE_BEYOND_END: (_send(), Call("WatchMessage", '{"message_id": "$id", "after_sequence": 99}')),
        Reason.NO_WAIT: (_send(), Call("CancelWait", '{"message_id": "$id"}')),
        Reason.NO_INBOUND_PATH: Elsewhere(
            "The emulator always reaches the service. Start it alone, with Twilio's credentials and "
            "`TEXTBACK_POLLING=off`, without `TEXTBACK_PUBLIC_URL`, and ask."
        ),
        Reason.CODES_EXHAUSTED: Elsewhere("It takes more open questions to one phone than there are codes."),
        Reason.STORE_UNAVAILABLE: Elsewhere(
            "Move the store's file away while the service runs, and call; moved back, it goes on."
        ),
        Reason.OVERLOADED: (Serve("TEXTBACK_LIMIT_PENDING=1"), busy, _send(), _send()),
        Reason.RECIPIENT_LIMIT: (Serve("TEXTBACK_LIMIT_RECIPIENT=1"), _send(), _send()),
        Reason.DAILY_LIMIT: (Serve("TEXTBACK_LIMIT_DAY=1"), _send(), _send()),
        Reason.STREAM_RECYCLED: Elsewhere("Stay in a stream for an hour, or stop reading."),
        Reason.SHUTTING_DOWN: Elsewhere("Stop the service (Ctrl-C) while a stream is open."),
        Reason.INTERNAL: Elsewhere("It would be a defect; please report it."),
        Reason.TWILIO_AUTH_FAILED: _refused(20003, 401),
        Reason.TWILIO_ACCOUNT_SUSPENDED: _refused(20005, 403),
        Reason.TWILIO_UNREACHABLE: Elsewhere(
            "The emulator is always reached. Start the service alone, with any credentials and "
            "`TEXTBACK_TWILIO_API_URL=http://127.0.0.1:9`, where nobody listens, and call Ping."
        ),
        Reason.TWILIO_TIMEOUT: (_create('"status": 503, "latency": 12'), _ask()),
        Reason.TWILIO_UNAVAILABLE: (_create('"status": 503'), _ask()),
        Reason.TWILIO_BUSY: (busy, _ask()),
        Reason.TWILIO_REFUSED: _refused(21609),
        Reason.INVALID_RECIPIENT: (_send("+15005550001"),),
        Reason.INVALID_BODY: _refused(21602),
        Reason.INVALID_SENDER: _refused(21606),
        Reason.RECIPIENT_OPTED_OUT: (_send("+15005550004"),),
        Reason.RECIPIENT_NOT_VERIFIED: _refused(21608),
        Reason.COUNTRY_NOT_ALLOWED: (_send("+15005550003"),),
        Reason.NO_ROUTE: (_send("+15005550002"),),
        Reason.SENDER_QUEUE_FULL: _refused(21611),
        Reason.NOT_SENT_IN_TIME: _reported(30036),
        Reason.UNDELIVERABLE: (_ask("+15005550010"),),
        Reason.CARRIER_FILTERED: (_ask("+15005550015"),),
        Reason.SENDER_NOT_REGISTERED: _reported(30034),
        Reason.TWILIO_CANCELLED: Elsewhere("Nothing that this service sends can be called off at the emulator."),
        Reason.TOO_MANY_INVALID_REPLIES: (
            _ask(wait='{"choices": [{"value": "yes"}], "max_invalid_replies": 1}', leave=True),
            Reply("$code perhaps"),
            Call("GetMessage", '{"message_id": "$id"}'),
        ),
    }


RECIPES: Mapping[Reason, Recipe] = MappingProxyType(_table())
