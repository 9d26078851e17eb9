"""How a plan is cut into stages and batches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.executor.fakes import FakeSystem
from tests.unit.store.samples import a_create, a_delete, an_update
from toolkit.executor.stages import split_batches, split_stages
from toolkit.model.ids import Kind, Side

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC


def test_stage_ends_where_kind_or_verb_changes() -> None:
    writes = [
        a_create(1),
        a_create(2, side=HIGH),
        an_update(3),
        a_create(4, kind=Kind.TASK),
        a_create(5, kind=Kind.NOTE),
        a_delete(6),
    ]

    stages = list(split_stages(writes))

    assert [(stage.verb, stage.kind, stage.size) for stage in stages] == [
        ("create", Kind.CONTACT, 2),
        ("update", Kind.CONTACT, 1),
        ("create", Kind.TASK, 1),
        ("create", Kind.NOTE, 1),
        ("delete", Kind.CONTACT, 1),
    ]
    assert set(stages[0].by_side) == {HIGH, TIME}


def test_no_writes_make_no_stage() -> None:
    assert list(split_stages([])) == []


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [
        (0, 10, []),
        (1, 10, [1]),
        (10, 10, [10]),
        (11, 10, [10, 1]),
        (3, 1, [1, 1, 1]),
        (2, 0, [1, 1]),
    ],
)
def test_batches_hold_what_one_call_can_carry(count: int, size: int, sizes: list[int]) -> None:
    writes = [a_create(number) for number in range(count)]

    batches = split_batches(writes, port=FakeSystem(TIME, batch=size))

    assert [len(batch) for batch in batches] == sizes


def test_archive_and_delete_never_share_a_batch() -> None:
    writes = [
        a_delete(1),
        replace(a_delete(2), mode="archive"),
        replace(a_delete(3), mode="archive"),
    ]

    batches = list(split_batches(writes, port=FakeSystem(TIME, batch=10)))

    assert [[each.mode for each in batch] for batch in batches] == [
        ["delete"],
        ["archive", "archive"],
    ]
