"""What the error reference tells a reader to do shows the reason that it stands beside."""

from pathlib import Path

import pytest

from tests.support.recipes import reasons_shown_by
from textback_server.domain.reasons import Reason
from textback_server.domain.recipes import RECIPES, Step

TRIED = [
    # Our patience with Twilio is 10 s.
    pytest.param(reason, steps, marks=[pytest.mark.slow] if reason is Reason.TWILIO_TIMEOUT else [], id=reason)
    for reason, steps in RECIPES.items()
    if isinstance(steps, tuple)
]


@pytest.mark.parametrize(("reason", "steps"), TRIED)
async def test_recipe_shows_its_reason(reason: Reason, steps: tuple[Step, ...], tmp_path: Path) -> None:
    assert await reasons_shown_by(steps, tmp_path) == {reason}
