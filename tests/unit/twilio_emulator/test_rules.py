"""Twilio's refusals."""

from datetime import UTC, datetime

import pytest

from twilio_emulator import rules
from twilio_emulator.refusals import TwilioError
from twilio_emulator.settings import EmulatorSettings
from twilio_emulator.world import World

TEXT = {
    "to": "+14155550123",
    "sender": "+15005550006",
    "service_sid": None,
    "body": "Hi",
    "status_callback": None,
    "validity_period": None,
    "media_urls": (),
}


@pytest.fixture
def world() -> World:
    return World(EmulatorSettings(seed=1), now=lambda: datetime(2026, 1, 2, tzinfo=UTC))


def test_every_magic_number_stands_in_the_documented_table_with_its_code() -> None:
    table = (rules.__doc__ or "").splitlines()
    outcomes = {number: steps[-1].error_code for number, steps in rules.OUTCOMES.items()}

    for number, code in [*rules.REFUSED_SENDERS.items(), *rules.REFUSED_RECIPIENTS.items(), *outcomes.items()]:
        assert any(number in line and (code is None or str(code) in line) for line in table), (number, code)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": None}, 21604),
        ({"to": "+1415555"}, None),
        ({"to": "4155550123"}, 21211),
        ({"to": "+15005550006"}, 21211),
        ({"to": "+1 (415) 555-0123"}, None),
        ({"sender": None}, 21603),
        ({"sender": "ACME"}, 21606),
        ({"sender": None, "service_sid": "MG1"}, 21705),
        ({"sender": None, "service_sid": "MG" + "f" * 32}, 21701),
        ({"body": None}, 21602),
        ({"body": ""}, 21602),
        ({"body": "x" * 1600}, None),
        ({"body": "x" * 1601}, 21617),
        ({"body": None, "media_urls": ("https://example.com/a.png",)}, None),
        ({"media_urls": ("https://example.com/a.png",) * 11}, 21623),
        ({"media_urls": ("file:///etc/passwd",)}, 21620),
        ({"status_callback": "http://my_service:8080/"}, 21609),
        ({"status_callback": "ftp://example.com/"}, 21609),
        ({"status_callback": "http://127.0.0.1:99999/"}, 21609),
        ({"validity_period": "36000"}, None),
        ({"validity_period": "36001"}, 21624),
        ({"validity_period": "0"}, 21624),
        ({"validity_period": "000000001999999"}, 21624),
        ({"validity_period": "1.5"}, 21624),
    ],
)
def test_create_is_judged_by_its_parameters(world: World, change: dict[str, object], code: int | None) -> None:
    request = rules.CreateRequest(**(TEXT | change))  # type: ignore[arg-type]  # one field at a time is varied

    if code is None:
        rules.check_create(world, request)
    else:
        with pytest.raises(TwilioError) as refused:
            rules.check_create(world, request)
        assert refused.value.code == code
        assert "{" not in refused.value.message


def test_create_is_refused_only_from_the_number_that_the_phone_opted_out_of(world: World) -> None:
    request = rules.CreateRequest(**TEXT)  # type: ignore[arg-type]  # see above
    world.pools.opt_out("+15005550006", "+14155550123")

    with pytest.raises(TwilioError) as refused:
        rules.check_create(world, request)

    assert refused.value.code == 21610
    world.pools.opt_in("+15005550006", "+14155550123")
    world.pools.opt_out("+14155550999", "+14155550123")
    rules.check_create(world, request)


def test_create_is_refused_when_its_sender_is_not_in_the_pool_of_its_service() -> None:
    world = World(
        EmulatorSettings(numbers=("+15005550006", "+15005550099")), now=lambda: datetime(2026, 1, 2, tzinfo=UTC)
    )
    (service,) = world.services
    pinned = TEXT | {"service_sid": service}

    draft = rules.check_create(world, rules.CreateRequest(**pinned))  # type: ignore[arg-type]  # see above
    with pytest.raises(TwilioError) as refused:
        rules.check_create(world, rules.CreateRequest(**pinned | {"sender": "+15005550099"}))  # type: ignore[arg-type]

    assert (draft.sender, draft.status, draft.service_sid) == ("+15005550006", "accepted", service)
    assert refused.value.code == 21606


def test_test_credentials_know_no_number_but_the_magic_one() -> None:
    world = World(EmulatorSettings(numbers=("+15005550099",)), now=lambda: datetime(2026, 1, 2, tzinfo=UTC))

    rules.check_create(world, rules.CreateRequest(**TEXT), test=True)  # type: ignore[arg-type]  # see above

    for test in (True, False):
        sender = "+15005550099" if test else "+15005550006"
        with pytest.raises(TwilioError) as refused:
            rules.check_create(world, rules.CreateRequest(**TEXT | {"sender": sender}), test=test)  # type: ignore[arg-type]
        assert refused.value.code == 21606
