"""Around every call: nothing unexpected leaves, no caller is left without an answer, and stopping can wait for calls.

grpc.aio sends an exception's text to the client, and sends nothing at all for a handler whose inner task was cancelled.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
import structlog
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from textback_server.api.errors import internal, status_of
from textback_server.domain.errors import Refusal
from textback_server.domain.reasons import Reason
from textback_server.store.protocol import StoreBusy, StoreError

_log = structlog.get_logger(__name__)
_RETRY = timedelta(seconds=1)

if TYPE_CHECKING:  # grpc's own classes take no parameters when run
    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]


class Guard:
    """Wraps every method of a service once, where it is registered: an interceptor would at each call."""

    def __init__(self) -> None:
        self._running = _Running()
        logging.getLogger("grpc._cython.cygrpc").addFilter(_is_news)

    async def wait_idle(self) -> None:
        """Return when no handler is running, its `finally` blocks included."""
        await self._running.idle.wait()

    def handlers(self, service: ServiceDescriptor, servicer: object) -> grpc.GenericRpcHandler:
        """Serves the methods of `service` by those of `servicer` that have their names.

        A stream's method writes to its context: in a generator grpc could leave it waiting, out of its sight.
        """
        methods = {method.name: self._handler(method, getattr(servicer, method.name)) for method in service.methods}
        return grpc.method_handlers_generic_handler(service.full_name, methods)

    def _handler(self, method: MethodDescriptor, inner: Any) -> Handler:
        name = f"/{method.containing_service.full_name}/{method.name}"
        # Requests are parsed in here, where an error's text cannot leave: hence no deserializer for grpc.
        parse = GetMessageClass(method.input_type).FromString
        serializer = GetMessageClass(method.output_type).SerializeToString
        kind = grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
        return kind(self._guarded(name, parse, inner), None, serializer)

    def _guarded(self, method: str, parse: Any, inner: Any) -> Any:
        async def guarded(request: bytes, context: Context) -> Any:
            with self._running:
                try:
                    return await inner(parse(request), context)
                except grpc.aio.InternalError:  # a stream's write failed: the client is gone
                    raise  # to grpc, which ends the call
                except BaseException as error:  # noqa: BLE001 - the outermost place: everything ends here
                    await _abort(context, method, error)

        return guarded


class _Running:
    """The handlers that are running; each is a `with` of it."""

    def __init__(self) -> None:
        self._count = 0
        self.idle = asyncio.Event()
        self.idle.set()

    def __enter__(self) -> None:
        self._count += 1
        self.idle.clear()

    def __exit__(self, *_: object) -> None:
        self._count -= 1
        if not self._count:
            self.idle.set()


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line of grpc's is more than that a client left while something was written to it."""
    return not str(record.msg).startswith("ExecuteBatchError raised in core")


async def _abort(context: Context, method: str, error: BaseException) -> NoReturn:
    """End the call with the status that the error amounts to."""
    try:
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            raise error
        if not isinstance(error, Exception | asyncio.CancelledError):
            raise error
        code, message, trailers = status_of(_refusal(method, error))
        await context.abort(code, message, trailers)
        raise AssertionError("abort raises")
    finally:
        del error  # or it and this frame would hold each other, and all of the call, until garbage is looked for


def _refusal(method: str, error: BaseException) -> Refusal:
    match error:
        case Refusal():
            return error
        case DecodeError():
            return Refusal(Reason.INVALID_FIELD, "The request is no message of this method, or has text not in UTF-8.")
        case StoreBusy():
            return Refusal(Reason.OVERLOADED, "Too many writes are waiting; retry in a second.", retry_after=_RETRY)
        case StoreError():
            _log.error("call.store", method=method, error=type(error).__name__)
            return Refusal(
                Reason.STORE_UNAVAILABLE, "The store cannot be used now; retry in a second.", retry_after=_RETRY
            )
        case asyncio.CancelledError():
            return Refusal(Reason.SHUTTING_DOWN, "The server dropped this call; retry.", retry_after=_RETRY)
        case _:
            _log.error("call.defect", method=method, exc_info=error)
            return internal()
