"""Columns in little memory hold what was put in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.app.grid.memory import (
    Builder,
    Codes,
    Numbers,
    Texts,
    is_blank,
    ranks,
    shown,
    sort_key,
)

WORDS = st.text(max_size=6)


@given(st.lists(WORDS), WORDS.filter(bool))
def test_packed_texts_come_back_and_hold_just_what_they_hold(
    texts: list[str], part: str
) -> None:
    packed = Texts(texts)

    assert list(packed) == texts == [packed[at] for at in range(len(packed))]
    assert list(packed.holding(part)) == [part in each for each in texts]


@given(st.sets(WORDS))
def test_sorted_texts_are_found(texts: set[str]) -> None:
    packed = Texts(sorted(texts))

    assert [packed[packed.find(each)] for each in texts] == list(texts)
    assert packed.find("not there at all") == -1


@given(st.lists(st.none() | WORDS | st.booleans() | st.tuples(WORDS)))
def test_codes_come_back(values: list[object]) -> None:
    builder = Builder(len(values))
    for position, value in enumerate(values):
        builder.put(position, value)  # type: ignore[arg-type]
    held = builder.build()

    assert [held[at] for at in range(len(held))] == values


@pytest.mark.parametrize(
    ("values", "kind", "is_number"),
    [
        ([f"text {n}" for n in range(5_000)], Texts, False),
        ([f"text {n % 9}" for n in range(5_000)], Codes, False),
        ([(f"tag {n}",) for n in range(70_000)], Codes, False),
        ([1, 2.5, None], Numbers, True),
    ],
)
def test_form_follows_what_takes_least_room(
    values: list[object], kind: type, is_number: bool
) -> None:
    builder = Builder(len(values), is_number=is_number)
    for position, value in enumerate(values):
        builder.put(position, value)  # type: ignore[arg-type]
    held = builder.build()

    assert isinstance(held, kind)
    assert held.size_bytes < 100 * len(values)
    assert [held[at] for at in range(len(held))] == values


@given(st.lists(st.none() | st.integers(-50, 50), min_size=1))
def test_ranks_sort_numbers_and_leave_blank_last(values: list[int | None]) -> None:
    builder = Builder(len(values), is_number=True)
    for position, value in enumerate(values):
        builder.put(position, value)
    found = ranks(builder.build())

    for one, rank in zip(values, found, strict=True):
        for other, other_rank in zip(values, found, strict=True):
            if one is None or other is None:
                assert (one is None) or rank < other_rank or other is not None
            else:
                assert (one < other) == (rank < other_rank)


@given(st.lists(st.sampled_from(["", "Émile", "emile", "Zoë", "ada"]), min_size=1))
def test_ranks_of_packed_and_coded_texts_agree(texts: list[str]) -> None:
    builder = Builder(len(texts))
    for position, text in enumerate(texts):
        builder.put(position, text)
    packed, coded = ranks(Texts(texts)), ranks(builder.build())
    positions = range(len(texts))

    assert [t for t in sorted(positions, key=packed.__getitem__) if not texts[t]] == [
        t for t in sorted(positions, key=coded.__getitem__) if not texts[t]
    ]
    assert all(
        is_blank(texts[max(positions, key=packed.__getitem__)]) for _ in [0] if "" in texts
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "yes"), (False, "no"), (("a", "b"), "a, b"), (3, "3"), ("x", "x")],
)
def test_value_is_shown_as_people_write_it(value: object, text: str) -> None:
    assert shown(value) == text  # type: ignore[arg-type]
    assert sort_key(True) < sort_key("a") < sort_key(None)
