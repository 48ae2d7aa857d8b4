"""How the clients reach a server: address, transport security, retries and reconnection."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass

import grpc

SERVICE_CONFIG = json.dumps(
    {
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"serviceName": "textback.v1.SmsService"},
        "methodConfig": [
            {
                "name": [
                    {"service": "textback.v1.SmsService", "method": method}
                    for method in ("Ping", "GetMessage", "ListMessages", "ListInbound", "CancelWait")
                ],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "2s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
    }
)
"""gRPC service config: repeats the calls that are harmless to repeat. Sending is repeated by request_id instead.

Calls go to every replica that says it serves, in turn. `examples/service-config.json` is the same for other languages.
"""

_OPTIONS: tuple[tuple[str, str | int], ...] = (
    ("grpc.service_config", SERVICE_CONFIG),
    # A channel waits up to 2 minutes between connection attempts by default; calls fail at once meanwhile.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    # Finds a dead network path within 40 s. The server's heartbeats keep these pings within what gRPC allows.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to connect, and how safely."""

    server: str
    credentials: grpc.ChannelCredentials | None
    options: tuple[tuple[str, str | int], ...]


def target(
    server: str,
    *,
    credentials: grpc.ChannelCredentials | None,
    plaintext: bool | None,
    token: str | None,
    options: Sequence[tuple[str, str | int]],
) -> Target:
    """Decide how to reach `server`.

    Without credentials, a loopback address or a unix socket is reached in plaintext, anything else by TLS with the
    system's roots; `plaintext` overrides that.

    Raises:
        ValueError: credentials and plaintext together, or a token that would travel readable over a network.
    """
    local = is_local(server)
    if plaintext and credentials is not None:
        raise ValueError("plaintext=True and credentials exclude each other: leave one of them out")
    if plaintext is None:
        plaintext = local and credentials is None
    if plaintext and token and not local:
        raise ValueError(f"a token must not travel in plaintext to {server}: use TLS, or a loopback or unix address")
    if not plaintext and credentials is None:
        credentials = grpc.ssl_channel_credentials()
    # A proxy from the environment cannot reach this machine's own addresses.
    proxy = (("grpc.enable_http_proxy", 0),) if local else ()
    return Target(server=server, credentials=credentials, options=(*_OPTIONS, *proxy, *options))


def is_local(server: str) -> bool:
    """Say whether `server` ("host:port", "unix:path", "ipv4:…", "dns:…") names this machine's loopback or a socket."""
    if server.startswith(("unix:", "unix-abstract:")):
        return True
    address = server.removeprefix("dns:").removeprefix("ipv4:").removeprefix("ipv6:").lstrip("/")
    host = address.rpartition(":")[0].strip("[]") or address
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def metadata(token: str | None) -> tuple[tuple[str, str], ...]:
    """Return the call metadata that names the caller."""
    return (("authorization", f"Bearer {token}"),) if token else ()
