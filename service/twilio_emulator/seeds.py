"""What a world starts with, as a JSON file says it: account, numbers, contacts."""

import dataclasses
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from twilio_emulator.account import AccountStatus, AccountType, Hook, Number
from twilio_emulator.settings import EmulatorSettings
from twilio_emulator.world import World

MAX_ITEMS = 1_000
MAX_NAME = 100

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)
_Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", description="+ and the country code")]


class SeedAccount(BaseModel):
    """The account. Its SID and credentials can be chosen only before the emulator starts."""

    model_config = _STRICT

    sid: str | None = None
    auth_token: str | None = Field(default=None, min_length=1, repr=False)
    api_key: str | None = None
    api_secret: str | None = Field(default=None, min_length=1, repr=False)
    status: AccountStatus | None = None
    type: AccountType | None = None


class SeedNumber(BaseModel):
    """A sender of the account; without `sms_url` what people text to it is only stored."""

    model_config = _STRICT

    phone_number: _Phone
    sms_url: str | None = None


class Contact(BaseModel):
    """A person's phone: a name for the page, and whether it refuses messages from all our numbers."""

    model_config = _STRICT

    phone: _Phone
    name: str = Field(default="", max_length=MAX_NAME)
    opted_out: bool = False


class Seed(BaseModel):
    """All that a world starts with. What is left out stays as it is."""

    model_config = _STRICT

    account: SeedAccount = SeedAccount()
    numbers: tuple[SeedNumber, ...] = Field(default=(), max_length=MAX_ITEMS)
    contacts: tuple[Contact, ...] = Field(default=(), max_length=MAX_ITEMS)


_CREDENTIALS = ("sid", "auth_token", "api_key", "api_secret")


def settings(seed: Seed, chosen: EmulatorSettings) -> EmulatorSettings:
    """Return `chosen` with the account and the numbers of `seed`. ValueError names a SID that is none."""
    account = seed.account
    return dataclasses.replace(
        chosen,
        account_sid=account.sid or chosen.account_sid,
        auth_token=account.auth_token or chosen.auth_token,
        api_key=account.api_key or chosen.api_key,
        api_secret=account.api_secret or chosen.api_secret,
        numbers=tuple(number.phone_number for number in seed.numbers) or chosen.numbers,
    )


def plant(seed: Seed, world: World, contacts: dict[str, str]) -> None:
    """Put a seed into `world`, and its contacts' names into `contacts`.

    Raises ValueError, and changes nothing, when it asks for other credentials than the world has.
    """
    for name in _CREDENTIALS:
        wanted = getattr(seed.account, name)
        if wanted is not None and wanted != getattr(world.account, name):
            raise ValueError(f"account.{name}: it cannot change while the emulator runs; start it with this seed")
    world.set_account(status=seed.account.status, type=seed.account.type)
    for number in seed.numbers:
        _own(number, world)
    for contact in seed.contacts:
        contacts[contact.phone] = contact.name
        if contact.opted_out:
            for ours in world.numbers:
                world.pools.opt_out(ours, contact.phone)


def _own(number: SeedNumber, world: World) -> None:
    phone = number.phone_number
    if phone not in world.numbers:
        now = world.now()
        world.numbers[phone] = Number(
            sid=world.new_sid("PN"),
            phone_number=phone,
            friendly_name=phone,
            hook=Hook(url=number.sms_url),
            created=now,
            updated=now,
        )
    elif number.sms_url is not None:
        world.set_sms_url(number.sms_url, number=phone)
