"""What the grid shows, in which order, and what it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.notebooks.conftest import COUNT, Stopwatch
from tests.unit.notebooks.office import change, open_conflict, set_state
from toolkit.app.grid import SYNC, Filter, GridQuery, GridSource, Order, RowState, read_query
from toolkit.app.grid.memory import folded
from toolkit.errors import UseError
from toolkit.model.ids import Side

SHOWN = COUNT - 1
"""One contact is deleted on both sides: the grid does not show what is nowhere."""


def id_of(number: int) -> str:
    return f"c{number:07}"


def every(grid: GridSource, name: str, query: GridQuery | None = None) -> list[object]:
    return [row.values[name] for row in grid.rows(0, 1_000, query).rows]


def numbers(grid: GridSource, query: GridQuery) -> set[int]:
    return {int(each[1:]) for each in grid.ids(query)}


def test_name_is_pinned_first_and_the_sync_state_stands_beside_it(grid: GridSource) -> None:
    first, second, *rest = grid.columns

    assert (first.field, first.is_pinned, second.field) == ("name", True, SYNC)
    assert not any(each.is_pinned for each in rest)


@pytest.mark.parametrize(
    ("name", "type_", "is_editable", "is_faceted"),
    [
        ("email", "text", True, False),
        ("tags", "list", True, True),
        ("owner_id", "choice", True, True),
        ("source", "text", True, True),
        ("last_contacted", "date", True, False),
        ("total_tasks", "number", False, False),
        ("updated_at", "date", False, False),
        (SYNC, "sync", False, True),
    ],
)
def test_column_knows_its_type_and_who_may_type(
    grid: GridSource, name: str, type_: str, is_editable: bool, is_faceted: bool
) -> None:
    column = grid.column(name)

    assert (column.type, column.is_editable, column.is_faceted) == (
        type_,
        is_editable,
        is_faceted,
    )


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (0, RowState.IN_STEP),
        (1, RowState.WAITING),
        (2, RowState.PARKED),
        (3, RowState.ONE_SIDE),
        (4, RowState.CONFLICT),
        (5, RowState.IN_STEP),
    ],
)
def test_state_is_the_same_word_in_the_row_and_in_the_chip(
    grid: GridSource, number: int, state: RowState
) -> None:
    (row,) = grid.find([id_of(number)])
    chosen = grid.ids(GridQuery(filters={SYNC: Filter("any_of", (state.value,))}))

    assert row.values[SYNC] == state.value
    assert id_of(number) in chosen


def test_waiting_row_names_what_each_side_shows_and_why_a_row_is_parked(
    grid: GridSource,
) -> None:
    waiting, parked = grid.find([id_of(1), id_of(2)])

    assert waiting.differs == {
        "company": {Side.HIGHLEVEL: None, Side.TIMETONIC: "Seen Ltd"},
    }
    assert waiting.values["company"] is None
    assert parked.reason == "Two contacts have this e-mail"


def test_contact_of_one_side_shows_what_that_side_has_in_rows_filters_and_searches(
    grid: GridSource,
) -> None:
    (row,) = grid.find([id_of(3)])
    email = Filter("equals", ("person3@example.com",))

    assert row.values["email"] == "person3@example.com"
    assert numbers(grid, GridQuery(filters={"email": email})) == {3}
    assert numbers(grid, GridQuery(search="person3@")) == {3}


def test_blocks_together_are_the_view_and_the_end_may_be_overshot(grid: GridSource) -> None:
    query = GridQuery(sort=(Order("email"),))
    blocks = [grid.rows(start, start + 25, query) for start in (0, 25, 50, 75)]
    found = [row.id for block in blocks for row in block.rows]

    assert found == grid.ids(query)
    assert {block.total for block in blocks} == {SHOWN} == {len(set(found))}


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 4), (0, 1_001)])
def test_block_of_no_size_or_too_large_is_refused(
    grid: GridSource, start: int, end: int
) -> None:
    with pytest.raises(UseError):
        grid.rows(start, end)


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize(
    "name", ["company", "total_tasks", "lifecycle_stage", "updated_at", "tags"]
)
def test_sorted_rows_are_in_order_and_blank_ones_last(
    grid: GridSource, name: str, is_descending: bool
) -> None:
    found = every(grid, name, GridQuery(sort=(Order(name, is_descending=is_descending),)))
    filled = [each for each in found if each is not None]

    assert found == filled + [None] * (SHOWN - len(filled))
    key = (lambda each: folded(", ".join(each))) if name == "tags" else (lambda each: each)
    assert [key(each) for each in filled] == sorted(map(key, filled), reverse=is_descending)


def test_second_column_orders_what_the_first_leaves_equal(grid: GridSource) -> None:
    query = GridQuery(sort=(Order("lifecycle_stage"), Order("email", is_descending=True)))
    rows = grid.rows(0, 100, query).rows
    pairs = [(str(row.values["lifecycle_stage"]), str(row.values["email"])) for row in rows]

    assert pairs == sorted(sorted(pairs, key=lambda p: p[1], reverse=True), key=lambda p: p[0])


@pytest.mark.parametrize(
    ("name", "test", "fits"),
    [
        (
            "lifecycle_stage",
            Filter("any_of", ("lead", "churned")),
            lambda v: v in {"lead", "churned"},
        ),
        (
            "tags",
            Filter("any_of", ("vip", "partner")),
            lambda v: {"vip", "partner"} & set(v or ()),
        ),
        ("tags", Filter("any_of", (None,)), lambda v: not v),
        ("owner_id", Filter("any_of", ("Yusuf Demir",)), lambda v: v == "Yusuf Demir"),
        ("company", Filter("blank"), lambda v: v is None),
        ("company", Filter("filled"), lambda v: v is not None),
        ("company", Filter("equals", ("COMPANY 9",)), lambda v: v == "Company 9"),
        ("name", Filter("holds", ("chloe",)), lambda v: v.startswith("Chloë")),
        ("email", Filter("holds", ("person1",)), lambda v: v.startswith("person1")),
        ("total_tasks", Filter("between", (2, 3)), lambda v: 2 <= v <= 3),
        ("total_tasks", Filter("between", ("3", None)), lambda v: v >= 3),
        ("total_tasks", Filter("any_of", (0,)), lambda v: v == 0),
        (
            "last_contacted",
            Filter("between", (None, "2026-03-31")),
            lambda v: v <= "2026-03-31",
        ),
        (
            "updated_at",
            Filter("between", ("2026-11-23", "2026-11-23")),
            lambda v: v is not None,
        ),
        ("next_action_date", Filter("between", ("2026-01-01", None)), lambda _: False),
    ],
)
def test_filter_keeps_just_the_rows_that_fit(
    grid: GridSource, name: str, test: Filter, fits: object
) -> None:
    assert callable(fits)
    everybody = grid.rows(0, 100).rows

    assert grid.ids(GridQuery(filters={name: test})) == [
        row.id for row in everybody if fits(row.values[name])
    ]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("chloe person12@", {12}),
        ("CHLOË  person12@", {12}),
        ("+12125550000017", {17}),
        ("person17@ nobody", set()),
    ],
)
def test_search_takes_all_words_in_any_spelling(
    grid: GridSource, search: str, found: set[int]
) -> None:
    assert numbers(grid, GridQuery(search=search)) == found


def test_search_and_filters_hold_together(grid: GridSource) -> None:
    query = GridQuery(
        filters={"lifecycle_stage": Filter("any_of", ("lead",)), "company": Filter("filled")},
        search="person",
    )

    assert numbers(grid, query) == {n for n in range(0, COUNT, 12) if n != 6}


def test_chips_count_without_their_own_filter_and_with_all_others(grid: GridSource) -> None:
    lead = {"lifecycle_stage": Filter("any_of", ("lead",))}
    stages = {
        chip.value: chip.count
        for chip in grid.facets("lifecycle_stage", GridQuery(filters=lead))
    }
    owners = {
        chip.value: chip.count for chip in grid.facets("owner_id", GridQuery(filters=lead))
    }

    assert sum(stages.values()) == SHOWN
    assert stages["lead"] == sum(owners.values())


def test_chips_of_a_list_count_each_member(grid: GridSource) -> None:
    found = {chip.value: chip.count for chip in grid.facets("tags")}
    rows = grid.rows(0, 100).rows

    assert found[None] == sum(not row.values["tags"] for row in rows)
    assert found["vip"] == sum("vip" in (row.values["tags"] or ()) for row in rows)


def test_every_sync_state_has_a_chip_even_where_nobody_is_in_it(grid: GridSource) -> None:
    chips = grid.facets(SYNC, GridQuery(search="person0@"))

    assert [(chip.value, chip.count) for chip in chips] == [
        ("conflict", 0),
        ("parked", 0),
        ("one side only", 0),
        ("waiting", 0),
        ("in step", 1),
    ]


def test_summary_tells_a_column_at_a_glance(grid: GridSource) -> None:
    found = grid.summary("total_tasks")
    emails = grid.summary("email", GridQuery(search="person5"))

    assert (found.filled, found.blank, found.distinct) == (SHOWN, 0, 5)
    assert (found.low, found.high) == (0, 4)
    assert emails.distinct == 11
    assert grid.summary("plan").low is None


def test_change_in_the_store_is_seen_after_two_seconds_and_at_once_when_asked(
    grid: GridSource, home: Path, stopwatch: Stopwatch
) -> None:
    before = grid.rows(0, 5)
    open_conflict(home, 0)
    still = grid.rows(0, 5)
    stopwatch.now_s += 2
    after = grid.rows(0, 5)
    set_state(home, 9, state="parked")
    open_conflict(home, 9)

    assert before.revision == still.revision == after.revision - 1
    assert after.rows[0].values[SYNC] == "conflict"
    assert grid.refresh() == after.revision
    assert grid.refresh(at_once=True) == after.revision + 1


def test_warmed_columns_answer_as_cold_ones(grid: GridSource) -> None:
    cold = grid.facets("lifecycle_stage")
    grid.warm([SYNC, "lifecycle_stage", "updated_at", "nonsense"])
    grid.warm([SYNC])
    grid.warm_search()

    assert grid.facets("lifecycle_stage") == cold
    assert numbers(grid, GridQuery(search="person17@")) == {17}
    assert grid.size_bytes < 100_000


def test_contact_gone_since_is_left_out(grid: GridSource) -> None:
    assert [row.id for row in grid.find([id_of(7), "gone", id_of(0)])] == [id_of(7), id_of(0)]


def test_value_is_what_both_agreed_on_where_a_side_spells_it_its_own_way(
    grid: GridSource, home: Path
) -> None:
    set_state(
        home, 8, aliases='{"timetonic": {"company": "seen Ltd"}, "highlevel": {"tags": ["x"]}}'
    )
    change(home, 8, side="timetonic", company="seen Ltd")
    (row,) = grid.find([id_of(8)])

    assert (row.values[SYNC], row.differs) == ("in step", {})


@pytest.mark.parametrize(
    "given",
    [
        {"sort": [{"field": "nonsense"}]},
        {"filters": {"nonsense": {"test": "blank"}}},
        {"filters": {"email": {"test": "resembles"}}},
        {"filters": {"email": {"test": "between", "values": ["a"]}}},
    ],
)
def test_query_of_unknown_columns_or_conditions_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(UseError):
        read_query(given, known=frozenset({"email"}))


def test_query_is_read_from_json() -> None:
    given = {
        "sort": [{"field": "email", "down": True}],
        "filters": {"email": {"test": "any_of", "values": [["a", "b"], None]}},
        "search": "ada",
    }

    assert read_query(given, known=frozenset({"email"})) == GridQuery(
        (Order("email", is_descending=True),),
        {"email": Filter("any_of", (("a", "b"), None))},
        "ada",
    )


def test_bound_of_a_number_that_is_none_is_refused(grid: GridSource) -> None:
    with pytest.raises(UseError):
        grid.ids(GridQuery(filters={"total_tasks": Filter("between", ("x", None))}))


def test_unknown_column_is_refused(grid: GridSource) -> None:
    with pytest.raises(UseError):
        grid.facets("nonsense")
