"""Run things side by side: the first failure stops the others and is the one raised."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


async def together(*acts: Coroutine[object, object, Answer]) -> list[Answer]:
    """Answers in order; a failure cancels the rest and comes out as itself, not as a group."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(act) for act in acts]
    except BaseExceptionGroup as failures:
        raise _first(failures) from None
    return [task.result() for task in tasks]


async def each_of(
    items: Iterable[Item], act: Callable[[Item], Awaitable[Answer]], *, at_once: int
) -> list[Answer]:
    """`act` on every item, `at_once` at a time; answers in order."""
    left = iter(list(enumerate(items)))
    answers: dict[int, Answer] = {}

    async def worker() -> None:
        for place, item in left:
            answers[place] = await act(item)

    await together(*(worker() for _ in range(at_once)))
    return [answers[place] for place in sorted(answers)]


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
