"""Every line of `texts.md`."""

import pytest

from tests.support.builders import an_inbound
from tests.unit.domain.reading.table import Row, in_words, questions, rows, standing_for
from textback_server.domain.reading import parse, read

ROWS = tuple(rows())


def test_table_is_there_in_full() -> None:
    assert len(ROWS) >= 350


@pytest.mark.parametrize("row", ROWS, ids=lambda row: ascii(row.text)[:60])
def test_text_is_read_as_the_table_says(row: Row) -> None:
    waits = questions(row.open)
    reading = read(parse(an_inbound(row.text)), standing_for(row.text, waits))
    assert in_words(reading, waits) == row.expected
