"""Things side by side: answers in order, the first failure alone."""

from __future__ import annotations

import asyncio

import pytest

from toolkit.errors import UseError
from toolkit.sides.together import each_of, together


async def test_answers_come_in_order_and_no_more_than_allowed_run_at_once() -> None:
    running = most = 0

    async def act(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(5 - number):
            await asyncio.sleep(0)
        running -= 1
        return number

    assert await each_of(range(5), act, at_once=2) == [0, 1, 2, 3, 4]
    assert most == 2


async def test_failure_comes_out_as_itself_and_stops_the_rest() -> None:
    done: list[str] = []

    async def fails() -> None:
        raise UseError("no")

    async def nested() -> None:
        await together(fails())

    async def slow() -> None:
        await asyncio.sleep(3_600)
        done.append("slow")

    with pytest.raises(UseError, match="no"):
        await together(nested(), slow())
    assert done == []
