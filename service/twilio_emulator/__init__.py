"""A Twilio in the box: the Messages API, signed webhooks and a virtual phone on one local port. No SMS leaves it.

async with Emulator(EmulatorSettings(port=0, lifecycle="instant")) as emulator:
    client.api.base_url = emulator.url      # the unmodified Twilio SDK
    await emulator.reply("+14155550123", "yes")
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twilio_emulator.inbound import Reply
    from twilio_emulator.responses import Drop, ScriptedResponse
    from twilio_emulator.server import Emulator
    from twilio_emulator.settings import EmulatorSettings, LifecycleMode
    from twilio_emulator.world import AccountStatus, AccountType, Delivery, Direction, Message, MessagingService, Status

__all__ = [
    "AccountStatus",
    "AccountType",
    "Delivery",
    "Direction",
    "Drop",
    "Emulator",
    "EmulatorSettings",
    "LifecycleMode",
    "Message",
    "MessagingService",
    "Reply",
    "ScriptedResponse",
    "Status",
]

# The command prints its help without loading a web server, so names are looked up when they are asked for.
_HOMES = {
    "Drop": "responses",
    "Emulator": "server",
    "EmulatorSettings": "settings",
    "LifecycleMode": "settings",
    "Reply": "inbound",
    "ScriptedResponse": "responses",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'world')}"), name)
