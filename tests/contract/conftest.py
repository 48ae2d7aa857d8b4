"""Each contract test runs once for each kind of store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.kinds import KINDS, Kind
from textback_server.store.protocol import Store


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Any kind of store."""
    found: Kind = request.param
    return found


@pytest.fixture(params=[kind for kind in KINDS if kind.durable], ids=lambda kind: kind.name)
def durable(request: pytest.FixtureRequest) -> Kind:
    """A kind of store that outlives its process."""
    found: Kind = request.param
    return found


@pytest.fixture
async def store(kind: Kind, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store, open."""
    async with kind.open(tmp_path) as opened:
        yield opened
