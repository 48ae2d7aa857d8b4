"""How an address is reached."""

import json
from pathlib import Path

import grpc
import pytest

from textback_client.channel import SERVICE_CONFIG, Target, is_local, target

EXAMPLES = Path(__file__).parents[3] / "examples"


def reach(
    server: str,
    *,
    credentials: grpc.ChannelCredentials | None = None,
    plaintext: bool | None = None,
    token: str | None = None,
) -> Target:
    return target(server, credentials=credentials, plaintext=plaintext, token=token, options=())


@pytest.mark.parametrize(
    ("server", "local"),
    [
        ("127.0.0.1:50051", True),
        ("localhost:50051", True),
        ("dns:///localhost:50051", True),
        ("ipv4:127.0.0.1:50051", True),
        ("[::1]:50051", True),
        ("ipv6:[::1]:50051", True),
        ("unix:/run/textback.sock", True),
        ("textback.internal:50051", False),
        ("localhost.example:50051", False),
        ("10.0.0.7:50051", False),
        ("0.0.0.0:50051", False),
    ],
)
def test_address_is_local_when_it_names_loopback_or_a_socket(server: str, local: bool) -> None:
    assert is_local(server) is local


def test_plaintext_is_chosen_when_the_address_is_local_only() -> None:
    assert reach("127.0.0.1:1").credentials is None
    assert reach("unix:/run/t.sock", token="t").credentials is None
    assert reach("textback.internal:1").credentials is not None
    assert reach("textback.internal:1", plaintext=True).credentials is None
    assert reach("127.0.0.1:1", credentials=grpc.ssl_channel_credentials()).credentials is not None


def test_contradictions_are_refused() -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        reach("127.0.0.1:1", credentials=grpc.ssl_channel_credentials(), plaintext=True)
    with pytest.raises(ValueError, match=r"a token must not travel in plaintext to textback\.internal:1"):
        reach("textback.internal:1", plaintext=True, token="secret")


def test_service_config_repeats_only_what_is_harmless() -> None:
    (config,) = json.loads(SERVICE_CONFIG)["methodConfig"]
    assert {name["method"] for name in config["name"]} == {
        "Ping",
        "GetMessage",
        "ListMessages",
        "ListInbound",
        "CancelWait",
    }
    assert config["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE"]


@pytest.mark.parametrize("copy", ["service-config.json", "go/service-config.json"])
def test_service_config_is_the_same_when_other_languages_read_it(copy: str) -> None:
    assert json.loads((EXAMPLES / copy).read_text()) == json.loads(SERVICE_CONFIG)
