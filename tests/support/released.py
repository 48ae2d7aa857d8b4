"""A client of a released contract: made from its descriptor set alone, without any stub of today."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

ROOT = Path(__file__).resolve().parents[2]
RELEASED = sorted((ROOT / "proto/released").glob("*.binpb"))


def contract(path: Path) -> FileDescriptorSet:
    """A released contract."""
    return FileDescriptorSet.FromString(path.read_bytes())


def without(descriptors: FileDescriptorSet, *fields: str) -> FileDescriptorSet:
    """The same contract before these fields, named as "Message.field", were in it."""
    older = FileDescriptorSet()
    older.CopyFrom(descriptors)
    messages = {message.name: message for file in older.file for message in file.message_type}
    for each in fields:
        name, _, field = each.partition(".")
        _drop(messages[name], field)
    return older


def _drop(message: DescriptorProto, field: str) -> None:
    (found,) = (each for each in message.field if each.name == field)
    message.field.remove(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedClient:
    """Calls by their names, with requests as JSON."""

    channel: grpc.aio.Channel
    methods: dict[str, MethodDescriptor]

    async def call(self, name: str, **fields: Any) -> Any:
        """A call with one answer."""
        request, made = self._request(name, fields)
        call = self.channel.unary_unary(f"/textback.v1.SmsService/{name}", _bytes, made.FromString)
        return await call(request, timeout=20)

    def stream(self, name: str, **fields: Any) -> Any:
        """A call with a stream of answers."""
        request, made = self._request(name, fields)
        call = self.channel.unary_stream(f"/textback.v1.SmsService/{name}", _bytes, made.FromString)
        return call(request, timeout=30)

    def _request(self, name: str, fields: dict[str, Any]) -> tuple[Message, type[Message]]:
        method = self.methods[name]
        request = message_factory.GetMessageClass(method.input_type)()
        return ParseDict(fields, request), message_factory.GetMessageClass(method.output_type)


def _bytes(message: Message) -> bytes:
    return message.SerializeToString()


def released_client(descriptors: FileDescriptorSet, channel: grpc.aio.Channel) -> ReleasedClient:
    """A client that knows nothing but a contract."""
    pool = descriptor_pool.DescriptorPool()
    for file in descriptors.file:  # a descriptor set lists what is imported first
        pool.Add(file)
    service = pool.FindServiceByName("textback.v1.SmsService")
    return ReleasedClient(channel=channel, methods=dict(service.methods_by_name))
