"""A damaged file costs what is damaged, and is always told as such: never as a defect."""

import random
from pathlib import Path

import pytest

from tests.contract.test_lifetime import CALLS
from tests.support.builders import ACCOUNT, NOW, a_draft
from textback_server.domain.messages import Code
from textback_server.store.protocol import MessageFilter, StoreError, StoreUnavailable, StoreUnusable
from textback_server.store.sqlite import SqliteStore

PAGE = 4_096


def damaged(path: Path, chance: random.Random) -> None:
    """One page of the file, the first one apart, is overwritten in places, or all of it."""
    content = bytearray(path.read_bytes())
    start = PAGE * chance.randrange(1, len(content) // PAGE)
    for place in chance.sample(range(PAGE), chance.choice((40, PAGE))):
        content[start + place] = chance.randrange(256)
    path.write_bytes(bytes(content))


async def tried(store: SqliteStore) -> set[type[StoreError]]:
    """Every call once; the kinds of errors that they ended with. One that is no store's is the test's."""
    errors = set()
    for name in (*CALLS, "all messages"):
        try:
            if name in CALLS:
                await CALLS[name](store)
            else:
                await store.messages(MessageFilter(account=ACCOUNT), None, 100)
        except StoreError as error:
            errors.add(type(error))
    return errors


@pytest.mark.parametrize("seed", range(12))
async def test_damage_is_told_as_an_unavailable_store_wherever_it_is(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "textback.db"
    async with SqliteStore.open(path) as store:
        for number in range(40):
            draft = a_draft(recipient=f"+1415555{number:04d}", request_id=f"order-{number}", labels={"a": str(number)})
            await store.create(draft, [Code("4821")], NOW)
    damaged(path, random.Random(seed))
    try:
        async with SqliteStore.open(path) as store:
            errors = await tried(store)
    except StoreUnusable as error:
        assert "the file is damaged. To do: restore a backup" in str(error)  # noqa: PT017 - either may be found
    else:
        assert errors <= {StoreUnavailable}
