"""Fields of an address's query, checked."""

from aiohttp import web

from twilio_emulator.rules import normalise

MAX_ID = 10**15


def phone(request: web.Request, name: str) -> str:
    """Return the phone number in the field `name`; raise ValueError when there is none."""
    given = request.query.get(name, "")
    # A plus sign that the client did not encode arrives as a space.
    found = normalise("+" + given.removeprefix(" ").removeprefix("+"))
    if found is None:
        raise ValueError(f"{name}: {given!r} is not a phone number; write + and the country code, e.g. +14155550123")
    return found


def seconds(request: web.Request, name: str, default: float, *, most: float) -> float:
    """Return the field `name`, from 0 to `most`; raise ValueError when it is anything else."""
    given = request.query.get(name, "")
    if not given:
        return default
    try:
        value = float(given)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise ValueError(f"{name}: {given!r} is not a number from 0 to {most:.0f}")
    return value


def is_id(given: str) -> bool:
    """Tell whether a text can be an id: a whole number from 0 on."""
    return given.isascii() and given.isdecimal() and int(given[:20]) <= MAX_ID


def whole(request: web.Request, name: str) -> int | None:
    """Return the whole number in the field `name`, None when there is none; raise ValueError for anything else."""
    given = request.query.get(name, "")
    if not given:
        return None
    if not is_id(given):
        raise ValueError(f"{name}: {given!r} is not a whole number from 0 on")
    return int(given)
