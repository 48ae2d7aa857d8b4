"""What tools take, checked: a wrong argument is a sentence that names it, what it was and what it may be."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from textback.v1 import sms_message_pb2 as message_pb

LONGEST_WAIT = timedelta(days=7).total_seconds()
LONGEST_LOOK = timedelta(hours=1).total_seconds()
ALL_ENTITIES = "All entities"

T = TypeVar("T", bound="Arguments")


class BadArguments(ValueError):  # noqa: N818 - an answer, not a defect
    """`str()` is what is wrong, a sentence for each argument."""


class Arguments(BaseModel):
    """The arguments of one tool."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TargetEntity(BaseModel):
    """One entity of a case, with the SOAR's own spelling of its fields or ours."""

    model_config = ConfigDict(strict=True, frozen=True)

    identifier: str = Field(validation_alias=AliasChoices("Identifier", "identifier"))
    entity_type: Annotated[str, BeforeValidator(lambda value: "" if value is None else value)] = Field(
        default="", validation_alias=AliasChoices("EntityType", "entity_type")
    )


class Case(Arguments):
    """What every SOAR tool takes: what the playbook is working on."""

    case_id: Annotated[str, Field(max_length=256, description="The ID of the case.")]
    alert_group_identifiers: Annotated[
        list[str], Field(max_length=64, description="Identifiers of the alert groups; may be empty.")
    ]
    target_entities: Annotated[
        list[TargetEntity],
        Field(max_length=64, description="Entities of the case: Identifier and EntityType. They win over `scope`."),
    ] = []
    scope: Annotated[
        str, Field(max_length=256, description="Which entities are meant where `target_entities` is empty.")
    ] = ALL_ENTITIES

    @property
    def context(self) -> message_pb.Context:
        """The same as textback keeps it."""
        return message_pb.Context(
            case_id=self.case_id,
            alert_group_identifiers=self.alert_group_identifiers,
            target_entities=[
                message_pb.TargetEntity(identifier=each.identifier, entity_type=each.entity_type)
                for each in self.target_entities
            ],
            scope="" if self.target_entities else self.scope,
        )


_Phone = Annotated[str, Field(description="Phone number with + and the country code, e.g. +15551234567.")]
_New = Annotated[bool, Field(description="Text again even if the same question is open or was just answered.")]
_RequestId = Annotated[
    str,
    Field(
        max_length=128,
        description="A key of your own for this SMS; the same call with the same key texts once.",
    ),
]


class CaseMessage(Case):
    """A text of a case."""

    phone_number: _Phone
    message: Annotated[str, Field(min_length=1, description="The text of the SMS.")]


class CaseNote(CaseMessage):
    """A text of a case that asks nothing."""

    request_id: _RequestId = ""


class CaseQuestion(CaseMessage):
    """A question of a case."""

    new: _New = False


class Look(Arguments):
    """A look for the answer to a question that was asked before."""

    message_id: Annotated[str, Field(min_length=1, max_length=64, description="The message_id that the question got.")]
    wait_seconds: Annotated[
        float,
        Field(ge=0, le=LONGEST_LOOK, strict=False, description="How long to wait for it, in seconds; 0: not at all."),
    ] = 0.0


class HumanQuestion(Arguments):
    """A question to a person."""

    phone_number: _Phone
    question: Annotated[str, Field(min_length=1, description="What to ask. How to answer is added to it.")]
    choices: Annotated[
        list[str], Field(max_length=10, description="The answers that count, e.g. yes and no; empty: any text does.")
    ] = []
    timeout_seconds: Annotated[
        float, Field(ge=10, le=LONGEST_WAIT, strict=False, description="How long the question stays open.")
    ] = 3_600.0
    timeout_choice: Annotated[str, Field(description="The choice that silence stands for; empty: none.")] = ""
    new: _New = False


class PlainMessage(Arguments):
    """A text to a person."""

    phone_number: _Phone
    text: Annotated[str, Field(min_length=1, description="The text of the SMS.")]
    request_id: _RequestId = ""


class Named(Arguments):
    """A question that was asked before."""

    message_id: Annotated[str, Field(min_length=1, max_length=64, description="The message_id that the question got.")]


_NAMES: Mapping[type, str] = MappingProxyType(
    {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}
)
_MAY_BE: Mapping[str, str] = MappingProxyType(
    {
        "string_type": "a text",
        "list_type": "a list",
        "bool_type": "true or false",
        "float_type": "a number",
        "float_parsing": "a number",
        "model_type": "an object with Identifier and EntityType",
        "model_attributes_type": "an object with Identifier and EntityType",
        "string_too_short": "a text that is not empty",
    }
)


def read(model: type[T], given: Mapping[str, Any]) -> T:
    """The arguments; null for one that is optional is as if it were left out. Raises BadArguments."""
    broken = [name for name, value in given.items() if _is_broken(name) or _is_broken(value)]
    if broken:
        told = (f"{_shown(name)}: has a part of a character (a lone surrogate)." for name in broken)
        raise BadArguments(" ".join(told))
    optional = {name for name, field in model.model_fields.items() if not field.is_required()}
    try:
        return model.model_validate(
            {name: each for name, each in given.items() if each is not None or name not in optional}
        )
    except ValidationError as error:
        known = ", ".join(model.model_fields)
        raise BadArguments(" ".join(_sentence(each, known) for each in error.errors(include_url=False))) from None


def _is_broken(value: object) -> bool:
    """Whether a text in it is none that can be encoded."""
    match value:
        case str():
            return _shown(value) != value
        case list():
            return any(map(_is_broken, value))
        case dict():
            return any(map(_is_broken, (*value, *value.values())))
        case _:
            return False


def _shown(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _sentence(error: ErrorDetails, known: str) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).removeprefix(".")
    match error["type"]:
        case "missing":
            return f"{where}: is required."
        case "extra_forbidden":
            return f"{where}: is not an argument; the arguments are {known}."
        case kind if kind in _MAY_BE:
            was = "null" if error["input"] is None else _NAMES.get(type(error["input"]), "something else")
            if kind == "string_too_short":
                was = "empty"
            if kind == "float_type" and isinstance(error["input"], int):
                return f"{where}: is a number that is too large."
            return f"{where}: is {was}; it may be {_MAY_BE[kind]}."
        case _:
            return f"{where}: {error['msg'][:1].lower()}{error['msg'][1:]}."
