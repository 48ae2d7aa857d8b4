"""Faults as data: per stage a list of rules, each with a match, a probability, a count, a seed and an effect.

At each stage the first rule that fits and fires decides alone. A rule draws from its own random sequence, and only
for what it fits, so that the same seed and the same traffic give the same faults.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_RULES: Final = 1_000
MAX_SECONDS: Final = 600.0
MAX_COPIES: Final = 10
MAX_FAULT_BODY: Final = 65_536

_STRICT = ConfigDict(
    frozen=True, extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
)
_Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS)]


class Stage(StrEnum):
    """Where a fault may strike: three requests to Twilio, and Twilio's two calls to the application."""

    CREATE = "create"
    FETCH = "fetch"
    LIST = "list"
    STATUS_CALLBACK = "status_callback"
    INBOUND_WEBHOOK = "inbound_webhook"


class Reset(StrEnum):
    """When the connection is cut: before the request has had its effect, or after, so that only the answer is lost."""

    BEFORE = "before"
    AFTER = "after"


class Match(BaseModel):
    """What a rule fits: parts of the recipient, the sender and the text, and the status that a callback reports.

    None fits everything. A list request is matched by its To and From filters, a fetch by the message it asks for.
    """

    model_config = _STRICT

    to: str | None = None
    sender: str | None = Field(default=None, validation_alias="from", serialization_alias="from")
    body: str | None = Field(default=None, repr=False)
    status: str | None = None

    def fits(self, subject: "Subject") -> bool:
        """Tell whether `subject` is meant."""
        return (
            (self.to is None or self.to in subject.to)
            and (self.sender is None or self.sender in subject.sender)
            and (self.body is None or self.body in subject.body)
            and (self.status is None or self.status == subject.status)
        )


class Effect(BaseModel):
    """What goes wrong. Nothing set: nothing does.

    For requests to Twilio: `status` answers with that HTTP status and, unless `store` is set, does nothing else;
    the body is Twilio's error for `code`, or `body` with `content_type` when that is given. `latency` is in seconds,
    after the effect and before the answer. `reset` cuts the connection. `stale` (list only) hides what is younger
    than so many seconds.

    For calls to the application: `drop` never makes the call, `delay` makes it so many seconds later, `duplicate`
    makes it so many times more, `reorder` lets the next one overtake it, `corrupt_signature` signs it wrongly.
    """

    model_config = _STRICT

    status: int | None = Field(default=None, ge=200, le=599)
    code: int | None = Field(default=None, ge=10_000, le=99_999)
    body: str | None = Field(default=None, max_length=MAX_FAULT_BODY, repr=False)
    content_type: str = Field(default="application/json", pattern=r"^[\w.+-]+/[\w.+-]+$")
    store: bool = False
    latency: _Seconds = 0.0
    reset: Reset | None = None
    stale: _Seconds = 0.0
    drop: bool = False
    delay: _Seconds = 0.0
    duplicate: int = Field(default=0, ge=0, le=MAX_COPIES)
    reorder: bool = False
    corrupt_signature: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.status is None and (self.body is not None or self.code is not None):
            raise ValueError("a body or a code needs a status; add one, e.g. 500")
        if self.body is not None and self.code is not None:
            raise ValueError("a body and a code exclude each other; leave one out")
        return self

    @property
    def words(self) -> str:
        """Its set fields, for a trace: ``status 500, code 20500``."""
        fields = self.model_dump(mode="json", exclude_defaults=True, exclude={"body", "content_type"})
        return ", ".join(name if value is True else f"{name} {value}" for name, value in fields.items()) or "nothing"


class Rule(BaseModel):
    """One fault: whom it strikes, how probably, at most how often, and what then happens."""

    model_config = _STRICT

    match: Match = Match()
    probability: float = Field(default=1.0, ge=0, le=1)
    count: int | None = Field(default=None, ge=1)
    seed: int = 0
    effect: Effect


_OF_REQUESTS: Final = frozenset({"status", "code", "body", "content_type", "store", "latency", "reset"})
_OF_CALLS: Final = frozenset({"drop", "delay", "duplicate", "reorder", "corrupt_signature"})
_EFFECTS: Final = {
    Stage.CREATE: _OF_REQUESTS,
    Stage.FETCH: _OF_REQUESTS - {"store"},
    Stage.LIST: (_OF_REQUESTS - {"store"}) | {"stale"},
    Stage.STATUS_CALLBACK: _OF_CALLS,
    Stage.INBOUND_WEBHOOK: _OF_CALLS,
}


class Rules(BaseModel):
    """All rules, by stage, in the order in which they are tried."""

    model_config = _STRICT

    create: tuple[Rule, ...] = Field(default=(), max_length=MAX_RULES)
    fetch: tuple[Rule, ...] = Field(default=(), max_length=MAX_RULES)
    list: tuple[Rule, ...] = Field(default=(), max_length=MAX_RULES)
    status_callback: tuple[Rule, ...] = Field(default=(), max_length=MAX_RULES)
    inbound_webhook: tuple[Rule, ...] = Field(default=(), max_length=MAX_RULES)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for stage, known in _EFFECTS.items():
            for index, rule in enumerate(self.of(stage)):
                if wrong := rule.effect.model_fields_set - known:
                    raise ValueError(
                        f"{stage}.{index}.effect.{min(wrong)}: this stage does not have it; "
                        f"it may be {', '.join(sorted(known))}"
                    )
        return self

    def of(self, stage: Stage) -> Sequence[Rule]:
        """Return the rules of one stage."""
        rules: Sequence[Rule] = getattr(self, stage)
        return rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is about to happen, as far as a rule looks at it."""

    to: str = ""
    sender: str = ""
    body: str = field(default="", repr=False)
    status: str = ""


NOTHING: Final = Effect()


class _Armed:
    """A rule with its random sequence, and how often it has fired."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.fired = 0
        self._random = random.Random(rule.seed)  # noqa: S311 - repeatable on purpose

    @property
    def spent(self) -> bool:
        return self.rule.count is not None and self.fired >= self.rule.count

    def fires(self, subject: Subject) -> bool:
        if self.spent or not self.rule.match.fits(subject) or self._random.random() >= self.rule.probability:
            return False
        self.fired += 1
        return True


class Faults:
    """The rules in force. `told` hears of every fault that strikes: its stage, effect and subject."""

    def __init__(self, rules: Rules | None = None, *, told: Callable[[Stage, Effect], None] = lambda *_: None) -> None:
        """Start with `rules`, to which `reset` returns."""
        self._first = rules or Rules()
        self._told = told
        self._armed: Mapping[Stage, list[_Armed]] = {}
        self.reset()

    def reset(self) -> None:
        """Go back to the rules of the start, none of which has fired."""
        self.replace(self._first)

    def replace(self, rules: Rules) -> None:
        """Put `rules` in the place of all others."""
        self._armed = {stage: [_Armed(rule) for rule in rules.of(stage)] for stage in Stage}

    def respond(self, *effects: Effect) -> None:
        """Let the next creates go wrong one after another; ValueError when more than `MAX_RULES` would wait."""
        waiting = [armed for armed in self._armed[Stage.CREATE] if not armed.spent]
        if len(waiting) + len(effects) > MAX_RULES:
            raise ValueError(f"create: more than {MAX_RULES} rules would wait; reset the emulator first")
        self._armed[Stage.CREATE][:] = [*waiting, *(_Armed(Rule(count=1, effect=effect)) for effect in effects)]

    def take(self, stage: Stage, subject: Subject) -> Effect:
        """Return the effect of the first rule that fits and fires; `NOTHING` when none does."""
        armed = next((armed for armed in self._armed[stage] if armed.fires(subject)), None)
        if armed is None:
            return NOTHING
        self._told(stage, armed.rule.effect)
        return armed.rule.effect

    def fired(self) -> dict[Stage, list[int]]:
        """Count, rule by rule, how often each has struck."""
        return {stage: [armed.fired for armed in rules] for stage, rules in self._armed.items()}

    def rules(self) -> Rules:
        """Return the rules in force, the spent ones included."""
        return Rules(**{stage.value: tuple(armed.rule for armed in rules) for stage, rules in self._armed.items()})

    @property
    def active(self) -> int:
        """How many rules may still fire."""
        return sum(not armed.spent for rules in self._armed.values() for armed in rules)
