"""Prints docs/api.md: the contract as one page, from the comments in the committed descriptor set."""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)

from textback_server.domain.handbook import table
from textback_server.domain.reasons import Reason

DESCRIPTORS = Path(__file__).parents[1] / "generated/descriptors/textback.binpb"
PACKAGE = "textback.v1"

# Numbers of fields in descriptor.proto: the path of what a comment is about is made of them.
_MESSAGE, _ENUM, _SERVICE = 4, 5, 6
_FIELD, _VALUE, _METHOD, _ONEOF = 2, 2, 2, 8
_REASON = re.compile(rf"\b({'|'.join(sorted(Reason, key=len, reverse=True))})\b")
_TWICE = re.compile(r"(\[(\w+)\]\(\S+\)) \1")
"""A gRPC code and a reason of the same name: the first is the code."""
# A sentence ends where the next one begins: "e.g. " does not end one.
_DEFAULT = re.compile(r"(?:^|(?<=\. ))(?:Default: (.+?)|(Required[^.]*))\.(?= [A-Z]|$)")

_HEAD = f"""# API reference

Printed from the comments in [`proto/textback/v1`](../proto/textback/v1); do not edit. Package `{PACKAGE}`.

What a caller leaves out has the default that stands beside it; what the server leaves out is empty, 0 or false.
Durations and times are Google's well-known types, in JSON `"600s"` and `"2026-11-22T01:23:21Z"`. Reasons of errors, and
how to see each of them happen: [errors](errors.md). What may change, and what never does:
[compatibility](compatibility.md).
"""


def page(descriptors: FileDescriptorSet) -> str:
    """The whole page. `descriptors` must carry source info."""
    files = [_Commented(file) for file in descriptors.file if file.package == PACKAGE]
    asked = frozenset(_asked(descriptors))
    services = "".join(text for file in files for text in file.services())
    messages = "".join(text for file in files for text in file.messages(asked))
    enums = "".join(text for file in files for text in file.enums())
    return f"{_HEAD}\n{services}## Messages\n\n{messages}## Enums\n\n{enums}".rstrip("\n") + "\n"


class _Commented:
    """A file and its comments."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self._file = file
        self._comments: Mapping[tuple[int, ...], str] = {
            tuple(place.path): place.leading_comments for place in file.source_code_info.location
        }

    def services(self) -> Iterator[str]:
        for number, service in enumerate(self._file.service):
            yield f"## {service.name}\n\n{self._said(_SERVICE, number)}\n\n"
            yield table(("call", "request", "response"), map(_signature, service.method)) + "\n"
            for index, method in enumerate(service.method):
                yield f"### {method.name}\n\n{self._said(_SERVICE, number, _METHOD, index)}\n\n"

    def messages(self, asked: frozenset[str]) -> Iterator[str]:
        for number, message in enumerate(self._file.message_type):
            yield f"### {message.name}\n\n{self._said(_MESSAGE, number)}\n\n"
            for index, oneof in enumerate(message.oneof_decl):
                if said := self._said(_MESSAGE, number, _ONEOF, index):  # an optional field is a oneof without comment
                    yield f"One of `{oneof.name}`: {said}\n\n"
            if message.field:
                yield self._fields(number, message, with_defaults=message.name in asked)

    def enums(self) -> Iterator[str]:
        for number, enum in enumerate(self._file.enum_type):
            rows = (
                (f"`{value.name}`", str(value.number), self._cell(_ENUM, number, _VALUE, index))
                for index, value in enumerate(enum.value)
            )
            yield f"### {enum.name}\n\n{self._said(_ENUM, number)}\n\n{table(('value', 'number', 'meaning'), rows)}\n"

    def _fields(self, number: int, message: DescriptorProto, *, with_defaults: bool) -> str:
        rows = []
        for index, field in enumerate(message.field):
            said = self._cell(_MESSAGE, number, _FIELD, index)
            default, meaning = _apart(said) if with_defaults else ("", said)
            cells = (f"`{field.name}`", str(field.number), _type(field, message), default, meaning)
            rows.append(cells if with_defaults else (*cells[:3], meaning))
        head = ("field", "number", "type", "default", "meaning")
        return table(head if with_defaults else (*head[:3], head[4]), rows) + "\n"

    def _said(self, *path: int) -> str:
        """A comment, its reasons linked to what is said of them."""
        lines = (line.strip() for line in self._comments.get(path, "").strip().splitlines())
        linked = _REASON.sub(lambda found: f"[{found[0]}](errors.md#{found[0].lower()})", "\n".join(lines))
        return _TWICE.sub(r"\2 \1", linked)

    def _cell(self, *path: int) -> str:
        return " ".join(self._said(*path).split()).replace("|", r"\|")


def _asked(descriptors: FileDescriptorSet) -> Iterator[str]:
    """Names of the messages that a request is made of: theirs are the fields that have defaults."""
    known = {f".{file.package}.{each.name}": each for file in descriptors.file for each in file.message_type}
    services = (service for file in descriptors.file for service in file.service)
    waiting = [method.input_type for service in services for method in service.method]
    seen = set[str]()
    while waiting:
        name = waiting.pop()
        if name in known and name not in seen:
            seen.add(name)
            yield known[name].name
            waiting += [field.type_name for field in known[name].field]


def _apart(said: str) -> tuple[str, str]:
    """The default that a comment names, and the rest of it."""
    found = _DEFAULT.search(said)
    if found is None:
        return "", said
    return found[1] or found[2].lower(), " ".join(_DEFAULT.sub("", said, count=1).split())


def _signature(method: MethodDescriptorProto) -> tuple[str, ...]:
    stream = "stream of " if method.server_streaming else ""
    return f"[{method.name}](#{method.name.lower()})", _link(method.input_type), stream + _link(method.output_type)


def _type(field: FieldDescriptorProto, message: DescriptorProto) -> str:
    for entry in message.nested_type:
        if entry.options.map_entry and field.type_name.endswith(f".{message.name}.{entry.name}"):
            key, value = entry.field
            return f"map of {_plain(key)} to {_plain(value)}"
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"repeated {_plain(field)}"
    return f"optional {_plain(field)}" if field.proto3_optional else _plain(field)


def _plain(field: FieldDescriptorProto) -> str:
    return _link(field.type_name) if field.type_name else FieldDescriptorProto.Type.Name(field.type)[5:].lower()


def _link(type_name: str) -> str:
    name = type_name.rpartition(".")[2]
    return f"[{name}](#{name.lower()})" if type_name.startswith(f".{PACKAGE}.") else f"`{type_name[1:]}`"


def main(descriptors: Path = DESCRIPTORS) -> None:
    """Print the page."""
    sys.stdout.write(page(FileDescriptorSet.FromString(descriptors.read_bytes())))


if __name__ == "__main__":
    main()
