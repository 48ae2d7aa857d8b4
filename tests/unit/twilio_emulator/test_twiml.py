"""What an application may ask for in TwiML."""

import pytest

from twilio_emulator.twiml import Redirect, Text, verbs


def test_message_carries_media_addresses_and_a_callback() -> None:
    (text,) = verbs(
        "text/xml",
        '<Response><Message to="+14155550124" from="+15005550099" statusCallback="https://example.com/s">'
        "<Body>Look</Body><Media>https://example.com/a.png</Media><Media> https://example.com/b.png </Media>"
        "</Message></Response>",
    )

    assert text == Text(
        body="Look",
        media_urls=("https://example.com/a.png", "https://example.com/b.png"),
        to="+14155550124",
        sender="+15005550099",
        status_callback="https://example.com/s",
    )


def test_nothing_after_a_redirect_is_reached() -> None:
    answer = '<Response><Message>A</Message><Redirect method="get">/b</Redirect><Message>C</Message></Response>'

    assert verbs("text/xml", answer) == [Text(body="A"), Redirect(url="/b", method="GET")]


def test_redirect_is_refused_when_its_method_is_no_method_of_twilio() -> None:
    with pytest.raises(ValueError, match="12200"):
        verbs("text/xml", '<Response><Redirect method="PUT">/b</Redirect></Response>')
