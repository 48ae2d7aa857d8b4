"""The outermost interceptor: nothing unexpected leaves, no client is left hanging, and stopping can wait for calls.

grpc.aio sends an exception's text to the client, and sends nothing at all for a handler whose inner task was cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
import structlog
from google.protobuf.message import DecodeError

from textback_server.api.errors import internal, status_of
from textback_server.domain.errors import Refusal
from textback_server.domain.reasons import Reason
from textback_server.store.protocol import StoreBusy, StoreError

PACKAGE = "/textback.v1."

_log = structlog.get_logger(__name__)
_RETRY = timedelta(seconds=1)

if TYPE_CHECKING:  # grpc's own classes take no parameters when run
    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]
Call = grpc.HandlerCallDetails


class Guard(grpc.aio.ServerInterceptor):
    """Wraps every method of this service; leaves health and reflection alone."""

    def __init__(self, unread: float) -> None:
        """`unread`: seconds that a stream's write may wait for a client that does not read."""
        self._unread = unread
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def wait_idle(self) -> None:
        """Return when no handler is running, its `finally` blocks included."""
        await self._idle.wait()

    async def intercept_service(
        self, continuation: Callable[[Call], Awaitable[Handler | None]], handler_call_details: Call
    ) -> Handler | None:
        """Wrap the method's handler."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith(PACKAGE):
            return handler
        # Requests are parsed in here, where an error's text cannot leave: hence no deserializer for grpc.
        parse = handler.request_deserializer
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(method, parse, handler.unary_stream), None, handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            self._unary(method, parse, handler.unary_unary), None, handler.response_serializer
        )

    def _unary(self, method: str, parse: Any, inner: Any) -> Any:
        async def guarded(request: bytes, context: Context) -> Any:
            with self._counted():
                try:
                    return await inner(parse(request), context)
                except BaseException as error:  # noqa: BLE001 - the outermost place: everything ends here
                    await _abort(context, method, error)

        return guarded

    def _streaming(self, method: str, parse: Any, inner: Any) -> Any:
        # No generator: grpc would wait outside of it, and for ever, for a client that does not read.
        async def guarded(request: bytes, context: Context) -> None:
            with self._counted():
                try:
                    async with aclosing(inner(parse(request), context)) as messages:
                        async for message in messages:
                            await self._write(context, message)
                except grpc.aio.InternalError:  # a write failed: the client is gone
                    raise
                except BaseException as error:  # noqa: BLE001 - the outermost place: everything ends here
                    await _abort(context, method, error)

        return guarded

    async def _write(self, context: Context, message: Any) -> None:
        """Raises Refusal STREAM_RECYCLED if the client leaves it unread."""
        try:
            async with asyncio.timeout(self._unread):
                await context.write(message)
        except TimeoutError:
            raise Refusal(
                Reason.STREAM_RECYCLED,
                f"The client did not read for {self._unread:g} seconds; resume with WatchMessage after the last "
                "sequence that it read.",
                retry_after=_RETRY,
            ) from None

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()


async def _abort(context: Context, method: str, error: BaseException) -> NoReturn:
    """End the call with the status that the error amounts to."""
    task = asyncio.current_task()
    if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
        raise error
    if not isinstance(error, Exception | asyncio.CancelledError):
        raise error
    code, message, trailers = status_of(_refusal(method, error))
    await context.abort(code, message, trailers)
    raise AssertionError("abort raises")


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
