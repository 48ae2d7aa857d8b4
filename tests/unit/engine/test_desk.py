"""How the desk gives out codes."""

import asyncio
from itertools import permutations

from tests.support.builders import NOW, a_draft
from tests.support.engines import engine
from textback_server.domain.messages import Code, Message


def code_of(message: Message) -> str:
    return message.wait.code if message.wait else ""


async def test_code_is_as_long_as_the_longest_that_is_taken() -> None:
    async with engine() as running:
        await running.store.create(a_draft(), [Code("4821907")], NOW)
        assert len(code_of(await running.desk.accept(a_draft()))) == 7


async def test_no_code_begins_or_ends_another_when_many_ask_one_phone_in_waves() -> None:
    async with engine() as running:
        codes: list[str] = []
        for size in (5, 10, 20, 100, 200):  # from wave to wave they grow longer
            messages = await asyncio.gather(*(running.desk.accept(a_draft()) for _ in range(size)))
            codes += map(code_of, messages)
    assert len(set(map(len, codes))) > 1
    assert not [(one, other) for one, other in permutations(codes, 2) if one.startswith(other) or one.endswith(other)]
