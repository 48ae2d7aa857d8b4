"""The tools over the Model Context Protocol, by its official SDK."""

import json
from collections.abc import Sequence
from socket import socket
from typing import Any

import grpc
import mcp_types as types
from mcp.server import Server
from mcp.server.context import ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback_adapters.mcp_server.arguments import BadArguments, read
from textback_adapters.mcp_server.tools import Bench, Tool
from textback_adapters.outcomes import Outcome, Status
from textback_adapters.patience import may_pass
from textback_adapters.wording import refusal
from textback_client import TextbackError

NAME = "textback"
PATH = "/mcp"
LARGEST_REQUEST = 262_144


def server(tools: Sequence[Tool], bench: Bench, version: str) -> Server[Any]:
    """An MCP server that offers these tools."""
    by_name = {tool.name: tool for tool in tools}

    async def list_tools(
        _: ServerRequestContext[Any], __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in tools])

    async def call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = by_name.get(params.name)
        if tool is None:
            return _failed(f'there is no tool "{params.name[:60]}"; there are {", ".join(by_name)}.')
        try:
            found = await tool.run(bench, read(tool.takes, params.arguments or {}), _Progress(context).tell)
        except BadArguments as error:
            return _failed(str(error))
        except TextbackError as error:
            return _failed(_why(error, tool), error.metadata.get("message_id", ""))
        return _result(found)

    return Server(NAME, version=version, on_list_tools=list_tools, on_call_tool=call_tool)


async def over_stdio(made: Server[Any]) -> None:
    """Serve the one client at standard input and output, until it hangs up."""
    async with stdio_server() as (incoming, outgoing):
        await made.run(incoming, outgoing, made.create_initialization_options())


async def over_http(made: Server[Any], listener: socket, allowed_hosts: Sequence[str]) -> None:
    """Serve streamable HTTP at `PATH` until interrupted. Requests name loopback or a host (in small letters)."""
    import uvicorn  # noqa: PLC0415 - a part of the SDK that stdio does not need

    bare = (*allowed_hosts, "127.0.0.1", "localhost", "[::1]")
    names = [*bare, *(f"{name}:*" for name in bare)]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=names,
        allowed_origins=[f"{scheme}://{name}" for name in names for scheme in ("http", "https")],
    )
    app = made.streamable_http_app(
        streamable_http_path=PATH, transport_security=security, max_request_body_size=LARGEST_REQUEST
    )
    served = uvicorn.Server(uvicorn.Config(_small_letters(app), log_level="warning"))
    await served.serve(sockets=[listener])


def _small_letters(app: ASGIApp) -> ASGIApp:
    """Names of hosts are the same in any case; the SDK compares them letter by letter."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = [
                (name, each.lower() if name in (b"host", b"origin") else each) for name, each in scope["headers"]
            ]
            scope = {**scope, "headers": headers}
        await app(scope, receive, send)

    return application


class _Progress:
    """Tells a client that asked for progress of every event."""

    def __init__(self, context: ServerRequestContext[Any]) -> None:
        self._context = context
        self._told = 0

    async def tell(self, event: event_pb.SmsEvent) -> None:
        self._told += 1
        what = (event.WhichOneof("kind") or "event").replace("_", " ")
        if event.HasField("status_changed"):
            what = message_pb.MessageState.Name(event.status_changed.state).removeprefix("MESSAGE_STATE_").lower()
        if event.HasField("heartbeat"):
            what = "still waiting"
        await self._context.session.report_progress(float(self._told), None, f"{event.message_id}: {what}")


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.says,
        input_schema=tool.takes.model_json_schema(),
        annotations=types.ToolAnnotations(read_only_hint=tool.only_reads, open_world_hint=True),
    )


def _why(error: TextbackError, tool: Tool) -> str:
    """Why a call failed, and, where it is not known whether it did, what the same call does later."""
    said = refusal(error, tool.names)
    if not tool.repeated or not may_pass(error) or error.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return said
    return f"{said.rstrip('.')}. {tool.repeated.format(request_id=error.metadata.get('request_id', ''))}"


def _failed(sentence: str, message_id: str = "") -> types.CallToolResult:
    sentence = sentence.encode("utf-8", "backslashreplace").decode()  # it may quote half a character
    return _result(Outcome(status=Status.FAILED, message=sentence, message_id=message_id).as_dict(), is_error=True)


def _result(found: dict[str, Any], *, is_error: bool = False) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=json.dumps(found, ensure_ascii=False))],
        structured_content=found,
        is_error=is_error,
    )
