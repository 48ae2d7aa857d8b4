"""The runner around grpcurl: a process for each call. `runners.py` says what a runner does.

Usage: grpcurl_runner.py GRPCURL SERVER
"""

import asyncio
import json
import sys
from contextlib import suppress
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass

from textback.v1 import sms_service_pb2

METHODS = sms_service_pb2.DESCRIPTOR.services_by_name["SmsService"].methods_by_name
CODES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip


def tell(call_id: str, **line: Any) -> None:
    """Write a line."""
    sys.stdout.write(json.dumps({"id": call_id, **line}) + "\n")
    sys.stdout.flush()


def details_of(status: dict[str, Any]) -> dict[str, Any]:
    """What grpcurl prints of the status details."""
    said: dict[str, Any] = {}
    for detail in status.get("details", ()):
        match detail["@type"].rpartition(".")[2]:
            case "ErrorInfo":
                said |= {name: detail.get(name) for name in ("reason", "domain", "metadata")}
            case "BadRequest":
                violations = detail.get("fieldViolations", detail.get("field_violations"))
                said["violations"] = {each["field"]: each["description"] for each in violations}
            case "RetryInfo":
                said["retry_after"] = float(detail.get("retryDelay", detail.get("retry_delay")).rstrip("s"))
            case "Help":
                said["help"] = detail["links"][0]["url"]
    return said


async def documents(output: asyncio.StreamReader) -> Any:
    """Yields each JSON document: grpcurl prints one per response, whose last line is a brace at its beginning."""
    text = ""
    while line := (await output.readline()).decode():
        text += line
        if line.rstrip() in {"}", "{}"}:
            yield json.loads(text)
            text = ""


async def make(grpcurl: str, server: str, told: dict[str, Any]) -> None:
    """Make one call, to its end or until we leave it."""
    method = METHODS[told["method"]]
    limit = ["-max-time", str(told["deadline"])] if "deadline" in told else []
    process = await asyncio.create_subprocess_exec(
        grpcurl, "-plaintext", "-format-error", *limit, "-d", json.dumps(told["request"]), server, method.full_name,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=1 << 20,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    left, responses = False, 0
    try:
        async for document in documents(process.stdout):
            # It prints the contract's names of fields; the others print JSON's.
            response = MessageToDict(ParseDict(document, GetMessageClass(method.output_type)()))
            tell(told["id"], response=response)
            responses += 1
            if responses == told.get("cut"):
                left = True
                break
        error = b"" if left else await process.stderr.read()
        left = left or await process.wait() < 0
    except asyncio.CancelledError:
        left = True
    if left:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()
        tell(told["id"], code="CANCELLED", message="left")
    elif process.returncode:
        status = json.loads(error[error.index(b"{") :])
        tell(told["id"], code=CODES[status["code"]], message=status["message"], details=details_of(status))
    else:
        tell(told["id"], code="OK")


async def main(grpcurl: str, server: str) -> None:
    """Make the calls of standard input, all at once."""
    stdin = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    calls: dict[str, asyncio.Task[None]] = {}
    while line := await stdin.readline():
        told = json.loads(line)
        if "cancel" in told:
            calls[told["id"]].cancel()
        else:
            calls[told["id"]] = asyncio.create_task(make(grpcurl, server, told))
    for call in calls.values():
        call.cancel()
    await asyncio.gather(*calls.values(), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
