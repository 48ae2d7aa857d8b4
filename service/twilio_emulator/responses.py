"""Scripted answers: the next creates answer as a test says, whatever the rules would do."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

MAX_QUEUE = 1_000
MAX_DELAY = 600.0
_STATUSES = range(200, 600)


class Drop(StrEnum):
    """When the connection is cut: before the message is stored (it never existed), or after."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedResponse:
    """One create's answer. Nothing set: the ordinary answer.

    `status` replaces the answer and, unless `store` is set, nothing is stored. `body` None is then an empty body.
    `delay` seconds pass before the answer and after the storing. `drop` cuts the connection without an answer.
    """

    status: int | None = None
    body: str | None = None
    content_type: str = "application/json"
    delay: float = 0.0
    drop: Drop | None = None
    store: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError with one sentence that names the wrong field."""
        if self.status is not None and self.status not in _STATUSES:
            raise ValueError(f"status: {self.status} is not an HTTP status; it may be 200 to 599")
        if not 0 <= self.delay <= MAX_DELAY:
            raise ValueError(f"delay: {self.delay} s; it may be 0 to {MAX_DELAY:.0f} seconds")
        if self.status is None and self.body is not None:
            raise ValueError("body: it needs a status; add one, e.g. 201")

    @property
    def stores(self) -> bool:
        """Tell whether the message of this create is kept."""
        if self.drop is not None:
            return self.drop is Drop.AFTER
        return self.store or self.status is None


class ResponseQueue:
    """The scripted answers that wait for their creates, first come first served."""

    def __init__(self) -> None:
        """Start empty: every create is ordinary."""
        self._queue: deque[ScriptedResponse] = deque()

    def add(self, *responses: ScriptedResponse) -> None:
        """Append answers; raise ValueError when more than `MAX_QUEUE` would wait."""
        if len(self._queue) + len(responses) > MAX_QUEUE:
            raise ValueError(f"responses: more than {MAX_QUEUE} would wait; reset the emulator first")
        self._queue.extend(responses)

    def take(self) -> ScriptedResponse | None:
        """Remove and return the next answer."""
        return self._queue.popleft() if self._queue else None

    def clear(self) -> None:
        """Forget all waiting answers."""
        self._queue.clear()


def parse(data: object) -> ScriptedResponse:
    """Read one answer from JSON; raise ValueError naming the wrong field."""
    if not isinstance(data, dict):
        raise ValueError("response: it must be a JSON object")  # noqa: TRY004 - a wrong input, answered with 400
    unknown = data.keys() - _FIELDS.keys()
    if unknown:
        raise ValueError(f"{min(unknown)}: unknown field; it may be {', '.join(_FIELDS)}")
    for name, value in data.items():
        if isinstance(value, bool) != (_FIELDS[name] == (bool,)) or not isinstance(value, _FIELDS[name]):
            expected = " or ".join(kind.__name__ for kind in _FIELDS[name])
            raise ValueError(f"{name}: {value!r} is not of type {expected}")
    if "drop" in data and data["drop"] not in set(Drop):
        raise ValueError(f"drop: {data['drop']!r} is unknown; it may be {' or '.join(Drop)}")
    fields = dict(data)
    if "drop" in fields:
        fields["drop"] = Drop(str(fields["drop"]))
    return ScriptedResponse(**fields)


_FIELDS: dict[str, tuple[type, ...]] = {
    "status": (int,),
    "body": (str,),
    "content_type": (str,),
    "delay": (int, float),
    "drop": (str,),
    "store": (bool,),
}
