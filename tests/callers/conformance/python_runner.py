"""The runner in Python: the generated stubs on grpc.aio. `runners.py` says what a runner does."""

import asyncio
import json
import sys
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, Help, RetryInfo
from grpc_status.rpc_status import aio as rpc_status

from textback.v1 import sms_service_pb2
from textback.v1.sms_service_pb2_grpc import SmsServiceStub

METHODS = sms_service_pb2.DESCRIPTOR.services_by_name["SmsService"].methods_by_name


def tell(call_id: str, **line: Any) -> None:
    """Write a line."""
    sys.stdout.write(json.dumps({"id": call_id, **line}) + "\n")
    sys.stdout.flush()


async def details_of(call: Any) -> dict[str, Any]:
    """What the status details of a failed call say."""
    said: dict[str, Any] = {}
    for detail in getattr(await rpc_status.from_call(call), "details", ()):
        if detail.Is(ErrorInfo.DESCRIPTOR):
            info = ErrorInfo.FromString(detail.value)
            said |= {"reason": info.reason, "domain": info.domain, "metadata": dict(info.metadata)}
        elif detail.Is(BadRequest.DESCRIPTOR):
            violations = BadRequest.FromString(detail.value).field_violations
            said["violations"] = {each.field: each.description for each in violations}
        elif detail.Is(RetryInfo.DESCRIPTOR):
            said["retry_after"] = RetryInfo.FromString(detail.value).retry_delay.ToTimedelta().total_seconds()
        elif detail.Is(Help.DESCRIPTOR):
            said["help"] = Help.FromString(detail.value).links[0].url
    return said


async def make(stub: Any, told: dict[str, Any]) -> None:
    """Make one call, to its end or until we leave it."""
    method, left = METHODS[told["method"]], False
    call = getattr(stub, method.name)(
        ParseDict(told["request"], GetMessageClass(method.input_type)()), timeout=told.get("deadline")
    )
    try:
        if method.server_streaming:
            responses = 0
            async for response in call:
                tell(told["id"], response=MessageToDict(response))
                responses += 1
                if responses == told.get("cut"):
                    left = True
                    break
        else:
            tell(told["id"], response=MessageToDict(await call))
    except grpc.aio.AioRpcError as error:
        tell(told["id"], code=error.code().name, message=error.details(), details=await details_of(call))
        return
    except asyncio.CancelledError:
        left = True
    if left:
        call.cancel()
        tell(told["id"], code="CANCELLED", message="left")
    else:
        tell(told["id"], code="OK")


async def main(server: str) -> None:
    """Make the calls of standard input, all at once."""
    stdin = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    calls: dict[str, asyncio.Task[None]] = {}
    async with grpc.aio.insecure_channel(server) as channel:
        stub = SmsServiceStub(channel)
        while line := await stdin.readline():
            told = json.loads(line)
            if "cancel" in told:
                calls[told["id"]].cancel()
            else:
                calls[told["id"]] = asyncio.create_task(make(stub, told))
        for call in calls.values():
            call.cancel()
        await asyncio.gather(*calls.values(), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
