"""Twilio's REST wire format, one module per resource."""

from aiohttp import web

from twilio_emulator.wire import accounts, incoming_phone_numbers, media, messages, services


def routes() -> list[web.RouteDef]:
    """Return the routes of all resources."""
    return [
        *messages.routes(),
        *media.routes(),
        *incoming_phone_numbers.routes(),
        *accounts.routes(),
        *services.routes(),
    ]
