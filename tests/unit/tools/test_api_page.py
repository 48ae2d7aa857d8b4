"""docs/api.md is what the contract says."""

import re

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from textback.v1 import sms_event_pb2, sms_message_pb2, sms_service_pb2
from tools.api_page import DESCRIPTORS, page

DOCS = DESCRIPTORS.parents[2] / "docs"
FILES = (sms_service_pb2.DESCRIPTOR, sms_message_pb2.DESCRIPTOR, sms_event_pb2.DESCRIPTOR)
MESSAGES = [message for file in FILES for message in file.message_types_by_name.values()]
ENUMS = [enum for file in FILES for enum in file.enum_types_by_name.values()]


@pytest.fixture(scope="module")
def text() -> str:
    return page(FileDescriptorSet.FromString(DESCRIPTORS.read_bytes()))


def section(text: str, name: str) -> str:
    """What stands below a heading."""
    return re.split(r"\n##+ ", text.split(f"\n### {name}\n")[1], maxsplit=1)[0]


def asked() -> list[Descriptor]:
    """The messages that requests are made of."""
    waiting = [method.input_type for method in sms_service_pb2.DESCRIPTOR.services_by_name["SmsService"].methods]
    seen: list[Descriptor] = []
    while waiting:
        message = waiting.pop()
        if message not in seen and message.file in FILES and not message.GetOptions().map_entry:
            seen.append(message)
            waiting += [field.message_type for field in message.fields if field.message_type]
    return seen


def test_page_is_fresh(text: str) -> None:
    assert (DOCS / "api.md").read_text() == text, "docs/api.md is stale: make docs"


def test_every_call_stands_with_its_request_and_response(text: str) -> None:
    for method in sms_service_pb2.DESCRIPTOR.services_by_name["SmsService"].methods:
        (row,) = re.findall(rf"^\| \[{method.name}\].*$", text, re.MULTILINE)
        assert method.input_type.name in row
        assert method.output_type.name in row
        assert ("stream of" in row) is method.server_streaming
        assert section(text, method.name).strip()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: each.name)
def test_every_field_stands_with_number_type_and_meaning(text: str, message: Descriptor) -> None:
    told = section(text, message.name)
    for field in message.fields:
        (row,) = re.findall(rf"^\| `{field.name}` \| {field.number} \| (.+) \|$", told, re.MULTILINE)
        kind, *_, meaning = row.split(" | ")
        assert meaning
        assert kind.startswith(("repeated", "map of")) is (field.is_repeated)
        if field.message_type and field.message_type.file in FILES and not kind.startswith("map of"):
            assert f"(#{field.message_type.name.lower()})" in kind


@pytest.mark.parametrize("message", asked(), ids=lambda each: each.name)
def test_every_field_that_a_caller_may_leave_out_names_its_default(text: str, message: Descriptor) -> None:
    told = section(text, message.name)
    for field in message.fields:
        (default,) = re.findall(rf"^\| `{field.name}` \| \d+ \| .+? \| (.*?) \| .+ \|$", told, re.MULTILINE)
        assert default, f"{message.name}.{field.name}: the comment needs a sentence Default: … or Required."


@pytest.mark.parametrize("enum", ENUMS, ids=lambda each: each.name)
def test_every_value_stands_with_number_and_meaning(text: str, enum: EnumDescriptor) -> None:
    told = section(text, enum.name)
    for value in enum.values:
        assert re.search(rf"^\| `{value.name}` \| {value.number} \| .+ \|$", told, re.MULTILINE)


@pytest.mark.parametrize("name", ["api.md", "errors.md", "compatibility.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    source = (DOCS / name).read_text()
    for file, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", source):
        target = DOCS / (file or name)
        assert target.exists(), file
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-").replace("`", "") for heading in headings}, anchor
