"""The names that callers may rely on."""

import textback_client


def test_exports_are_exactly_these() -> None:
    assert set(textback_client.__all__) == {
        "SERVICE_CONFIG",
        "AskOptions",
        "BlockingEventStream",
        "BlockingTextback",
        "EventStream",
        "InboundFilter",
        "MessageFilter",
        "SendOptions",
        "Textback",
        "TextbackError",
        "Violation",
    }
    public = {name for client in ("Textback", "BlockingTextback") for name in vars(getattr(textback_client, client))}
    assert {name for name in public if not name.startswith("_")} == {
        "ask",
        "cancel",
        "channel",
        "close",
        "get",
        "list",
        "list_inbound",
        "ping",
        "send",
        "watch",
    }
