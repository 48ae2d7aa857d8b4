"""A Twilio in the box: the Messages API, signed webhooks and a virtual phone on one local port. No SMS leaves it.

async with Emulator(EmulatorSettings(port=0, lifecycle="instant")) as emulator:
    client.api.base_url = emulator.url      # the unmodified Twilio SDK
    await emulator.reply("+14155550123", "yes")
"""

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
