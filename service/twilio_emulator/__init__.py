"""A Twilio in the box: the Messages API, signed webhooks and a virtual phone on one local port. No SMS leaves it.

async with Emulator(EmulatorSettings(port=0, lifecycle="instant")) as emulator:
    client.api.base_url = emulator.url      # the unmodified Twilio SDK
    await emulator.reply("+14155550123", "yes")
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twilio_emulator.account import AccountStatus, AccountType, MessagingService
    from twilio_emulator.faults import Effect, Match, Reset, Rule, Rules, Stage
    from twilio_emulator.inbound import Reply
    from twilio_emulator.seeds import Seed
    from twilio_emulator.server import Emulator
    from twilio_emulator.settings import ClockMode, EmulatorSettings, LifecycleMode
    from twilio_emulator.threaded import ThreadedEmulator
    from twilio_emulator.world import Delivery, Direction, Media, Message, Status

__all__ = [
    "AccountStatus",
    "AccountType",
    "ClockMode",
    "Delivery",
    "Direction",
    "Effect",
    "Emulator",
    "EmulatorSettings",
    "LifecycleMode",
    "Match",
    "Media",
    "Message",
    "MessagingService",
    "Reply",
    "Reset",
    "Rule",
    "Rules",
    "Seed",
    "Stage",
    "Status",
    "ThreadedEmulator",
]

# The command prints its help without loading a web server, so names are looked up when they are asked for.
_HOMES = {
    "AccountStatus": "account",
    "AccountType": "account",
    "ClockMode": "settings",
    "Effect": "faults",
    "Emulator": "server",
    "EmulatorSettings": "settings",
    "LifecycleMode": "settings",
    "Match": "faults",
    "MessagingService": "account",
    "Reply": "inbound",
    "Reset": "faults",
    "Rule": "faults",
    "Rules": "faults",
    "Seed": "seeds",
    "Stage": "faults",
    "ThreadedEmulator": "threaded",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'world')}"), name)
