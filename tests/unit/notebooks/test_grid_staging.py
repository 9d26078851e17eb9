"""What people type waits: it is checked, listed, taken back, and handed on as effects."""

from __future__ import annotations

import pytest

from toolkit.app.grid import GridQuery, GridSource, Order, Staging, Typed
from toolkit.errors import UseError
from toolkit.model.automation import EditTags, SetFields
from toolkit.model.ids import Kind, LinkId


@pytest.fixture
def staging(grid: GridSource) -> Staging:
    return Staging(grid)


def typed(number: int, field: str, text: str) -> Typed:
    return Typed(LinkId(f"c{number:07}"), field, text)


@pytest.mark.parametrize(
    ("field", "text", "read"),
    [
        ("company", "Acme", ("Company 0", "Acme", "Acme")),
        ("company", "", ("Company 0", None, None)),
        ("email", "N@Example.com", ("person0@example.com", "n@example.com", "n@example.com")),
        ("owner_id", "yusuf demir", ("Claire Beaumont", "Yusuf Demir", "user2")),
        ("tags", "b, a", (None, ("a", "b"), ("a", "b"))),
        ("last_contacted", "2026-01-05", ("2026-07-02", "2026-01-05", "2026-01-05")),
    ],
)
def test_typed_text_is_read_as_its_field_reads_it(
    staging: Staging, field: str, text: str, read: tuple[object, ...]
) -> None:
    (cell,) = staging.type([typed(0, field, text)]).cells

    assert (cell.old, cell.new, cell.value, cell.problem) == (*read, "")


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("email", "nope", "this is not an e-mail address"),
        ("last_contacted", "soon", "this is not a calendar day"),
        ("owner_id", "nobody", "no single user of the location goes by that"),
    ],
)
def test_what_does_not_fit_stays_as_typed_with_the_reason_and_is_never_sent(
    staging: Staging, field: str, text: str, problem: str
) -> None:
    (cell,) = staging.type([typed(0, field, text)]).cells

    assert (cell.new, cell.problem) == (text, problem)
    assert (len(staging), staging.problems, staging.effects()) == (1, 1, [])


def test_old_value_typed_again_is_no_change(staging: Staging) -> None:
    staging.type([typed(0, "company", "Acme")])
    staging.type([typed(0, "company", "Company 0")])

    assert staging.cells() == []


@pytest.mark.parametrize(
    "cell",
    [typed(0, "total_tasks", "3"), typed(0, "nonsense", "x"), typed(999, "email", "a@b.co")],
)
def test_cell_nobody_can_type_into_is_skipped_and_counted(
    staging: Staging, cell: Typed
) -> None:
    assert staging.type([cell]).skipped == 1
    assert len(staging) == 0


def test_block_falls_on_the_rows_of_the_view_and_what_hangs_over_is_counted(
    staging: Staging, grid: GridSource
) -> None:
    query = GridQuery(sort=(Order("email", is_descending=True),))
    ids = grid.ids(query)

    gesture = staging.paste(
        [["a@example.com", "x"], ["b@example.com", "y"], ["c@example.com", "z"]],
        start=len(ids) - 2,
        fields=["email"],
        query=query,
    )

    assert [(cell.id, cell.new) for cell in gesture.cells] == [
        (ids[-2], "a@example.com"),
        (ids[-1], "b@example.com"),
    ]
    assert gesture.skipped == 4


def test_typing_is_undone_and_done_again_a_gesture_at_a_time(staging: Staging) -> None:
    staging.type([typed(0, "company", "One")])
    staging.paste([["Two"], ["Three"]], start=0, fields=["company"])
    assert staging.can_undo

    staging.undo_typing()
    assert [cell.new for cell in staging.cells()] == ["One"]
    staging.undo_typing()
    assert len(staging) == 0
    assert staging.undo_typing() == []
    staging.redo_typing()
    staging.redo_typing()
    assert [cell.new for cell in staging.cells()] == ["Two", "Three"]
    staging.drop([(LinkId("c0000000"), "company")])
    assert staging.redo_typing() == []
    staging.drop()
    assert (len(staging), staging.drop()) == (0, [])
    staging.undo_typing()
    assert len(staging) == 1


def test_staged_cells_of_a_contact_become_one_effect_and_tags_only_what_changed(
    staging: Staging, grid: GridSource
) -> None:
    (row,) = grid.find(["c0000001"])
    held = row.values["tags"]
    assert isinstance(held, tuple)

    staging.type([typed(1, "company", "Acme"), typed(1, "source", "")])
    staging.type([typed(1, "tags", f"{held[0]}, zebra")])

    assert staging.effects() == [
        SetFields(LinkId("c0000001"), Kind.CONTACT, {"company": "Acme", "source": None}),
        EditTags(LinkId("c0000001"), add=("zebra",), remove=tuple(held[1:])),
    ]


def test_too_many_cells_at_once_are_refused_whole(staging: Staging) -> None:
    with pytest.raises(UseError):
        staging.type([typed(0, "company", "x")] * 50_001)
    assert len(staging) == 0


def test_problem_is_told_without_the_value(grid: GridSource) -> None:
    assert grid.reader.problem("email", "secret") == "this is not an e-mail address"
    assert grid.reader.problem("email", "a@example.com") == ""
    assert "mapping" in grid.reader.problem("nonsense", "x")
