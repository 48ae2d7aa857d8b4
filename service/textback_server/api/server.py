"""The gRPC server: options, health, reflection, and an end that loses no call."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import grpc
import structlog
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import SERVICE_NAME as HEALTH_NAME
from grpc_health.v1.health import aio as health
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from grpc_reflection.v1alpha import reflection

from textback.v1 import sms_service_pb2
from textback_server.api.guard import Guard
from textback_server.api.servicer import Servicer
from textback_server.engine.follow import Streams, StreamSettings

_SERVICE = sms_service_pb2.DESCRIPTOR.services_by_name["SmsService"]
SERVICE = _SERVICE.full_name
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

_log = structlog.get_logger(__name__)

OPTIONS = (
    ("grpc.so_reuseport", 0),  # a second server on the port must fail, not share it
    ("grpc.server.max_pending_requests", 50_000),  # core cancels calls of a burst beyond 1,000 otherwise
    ("grpc.server.max_pending_requests_hard_limit", 100_000),
    ("grpc.max_receive_message_length", 64 * 1024),
    ("grpc.http2.min_ping_interval_without_data_ms", 20_000),  # clients that keep quiet streams alive
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Seconds: to keep serving after NOT_SERVING, and to let calls finish."""

    lame_duck: float = 1.0
    grace: float = 5.0


@dataclass(slots=True)
class Server:
    """A running server and the port that it has."""

    port: int
    health: health.HealthServicer

    async def ready(self) -> None:
        """Say that calls are welcome."""
        for name in ("", SERVICE):
            await self.health.set(name, _SERVING)

    async def store_works(self, works: bool) -> None:
        """Say whether calls can be served. The process as a whole, "", lives on: a restart would help nobody."""
        await self.health.set(SERVICE, _SERVING if works else _NOT_SERVING)


@asynccontextmanager
async def serving(
    servicer: Servicer, streams: Streams, addresses: Iterable[str], settings: ServerSettings
) -> AsyncIterator[Server]:
    """Serve on the first free one of `addresses` until the context ends; then leave without losing a call.

    Raises OSError if none of them can be bound.
    """
    guard = Guard()
    grpc_server = grpc.aio.server(options=(*OPTIONS, *_ages(streams.settings)))
    checks = health.HealthServicer()
    for name in ("", SERVICE):
        await checks.set(name, _NOT_SERVING)
    grpc_server.add_generic_rpc_handlers((guard.handlers(_SERVICE, servicer),))
    add_HealthServicer_to_server(checks, grpc_server)
    reflection.enable_server_reflection((SERVICE, HEALTH_NAME, reflection.SERVICE_NAME), grpc_server)
    port = _bind(grpc_server, addresses)
    await grpc_server.start()
    try:
        yield Server(port=port, health=checks)
    finally:
        await _stop(grpc_server, guard, checks, streams, settings)


def _ages(settings: StreamSettings) -> tuple[tuple[str, int], ...]:
    """Connections end as well: for as long as one lasts, core keeps what is unread on it, a status included.

    New calls then take a new one; the old one lasts until its youngest stream must have ended.
    """
    grace = settings.max_age + settings.unread
    return (
        ("grpc.max_connection_age_ms", int(settings.max_age * 1_000)),
        ("grpc.max_connection_age_grace_ms", int(grace * 1_000)),
    )


def _bind(server: grpc.aio.Server, addresses: Iterable[str]) -> int:
    tried = ""
    for address in addresses:
        tried = tried or address
        with suppress(RuntimeError):
            return server.add_insecure_port(address)
    raise OSError(f"cannot listen on {tried}: another program has it, or it is no address of this machine")


async def _stop(
    server: grpc.aio.Server, guard: Guard, checks: health.HealthServicer, streams: Streams, settings: ServerSettings
) -> None:
    """The order of reference: lame duck first, since stop() cancels calls that arrived but were not yet accepted."""
    await checks.enter_graceful_shutdown()
    await asyncio.sleep(settings.lame_duck)
    streams.close()
    await server.stop(settings.grace)
    await guard.wait_idle()
    _log.info("grpc.stopped")
