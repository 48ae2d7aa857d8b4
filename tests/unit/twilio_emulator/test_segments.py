"""Counting segments."""

import pytest

from twilio_emulator.segments import GSM_7, UCS_2, measure


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", GSM_7, 0, 1),
        ("a" * 160, GSM_7, 160, 1),
        ("a" * 161, GSM_7, 161, 2),
        ("a" * 306, GSM_7, 306, 2),
        ("a" * 307, GSM_7, 307, 3),
        ("€" * 80, GSM_7, 160, 1),
        # 153 is odd: the escape pair that would straddle the segments moves whole.
        ("€" * 153, GSM_7, 306, 3),
        ("é" * 160, GSM_7, 160, 1),
        ("ê", UCS_2, 1, 1),
        ("я" * 70, UCS_2, 70, 1),
        ("я" * 71, UCS_2, 71, 2),
        ("я" * 134, UCS_2, 134, 2),
        ("я" * 135, UCS_2, 135, 3),
        ("😜" + "2" * 68, UCS_2, 70, 1),
        ("😜" + "2" * 69, UCS_2, 71, 2),
        ("😜" * 67, UCS_2, 134, 3),
    ],
)
def test_text_has_the_segments_that_carriers_count(text: str, encoding: str, units: int, segments: int) -> None:
    size = measure(text)

    assert (size.encoding, size.units, size.segments) == (encoding, units, segments)
