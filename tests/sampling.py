"""Wide tables and long lists of moments: a part of them by default, all of them when asked.

`HIGHTONIC_EXHAUSTIVE=1` tries everything. Without it the part is always the same, so that a
failure can be repeated; `HIGHTONIC_SAMPLE=N` (0 unless said) takes another part of the same
size, and N = 0, 1, 2, ... in turn meets everything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

T = TypeVar("T")

IS_EXHAUSTIVE = bool(os.environ.get("HIGHTONIC_EXHAUSTIVE"))
OFFSET = int(os.environ.get("HIGHTONIC_SAMPLE", "0"))


def some(cases: Sequence[T], *, one_in: int) -> list[T]:
    """Every `one_in`-th case, spread evenly; all of them when exhaustive."""
    return list(cases) if IS_EXHAUSTIVE else list(cases[OFFSET % one_in :: one_in])


def of_each(
    cases: Sequence[T], sort_of: Callable[[T], Hashable], *, at_most: int = 1
) -> list[T]:
    """At most so many of each sort, in their order, spread evenly; all when exhaustive."""
    if IS_EXHAUSTIVE:
        return list(cases)
    sorts: dict[Hashable, list[int]] = {}
    for number, case in enumerate(cases):
        sorts.setdefault(sort_of(case), []).append(number)
    taken = {
        numbers[(OFFSET + len(numbers) * turn // at_most) % len(numbers)]
        for numbers in sorts.values()
        for turn in range(at_most)
    }
    return [cases[number] for number in sorted(taken)]
