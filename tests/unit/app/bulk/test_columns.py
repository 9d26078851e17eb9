"""Headings are matched to fields by name, then by what stands below, then by likeness."""

from __future__ import annotations

import pytest

from toolkit.app.bulk.importing import guess_columns
from toolkit.app.grid.columns import SYNC, GridColumn

COLUMNS = (
    GridColumn("name", "Name"),
    GridColumn(SYNC, "Sync", is_editable=False),
    GridColumn("email", "Email"),
    GridColumn("phone", "Phone"),
    GridColumn("company", "Company"),
    GridColumn("lifecycle_stage", "Lifecycle stage"),
    GridColumn("total_tasks", "Total tasks", is_editable=False),
)


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["E-Mail", "FULL NAME", "Mobile"], ["email", "name", "phone"]),
        (["Téléphone", "Société", "Nom"], ["phone", "company", "name"]),
        (["lifecycle_stage"], ["lifecycle_stage"]),
        (["Lifecycle stages"], ["lifecycle_stage"]),
        (["Companny"], ["company"]),
        (["Contact ID", "Row ID"], ["$highlevel_id", "$timetonic_id"]),
        (["Total tasks", "Sync"], [None, None]),
        (["email", "Mail"], ["email", None]),
        (["Zodiac", "x"], [None, None]),
    ],
)
def test_heading_is_matched_by_what_it_is_called(
    headings: list[str], fields: list[str | None]
) -> None:
    assert [each.field for each in guess_columns(headings, COLUMNS)] == fields


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (["a@example.org", "b@example.org", ""], "email"),
        (["+1 212 555 0100", "+33 1 23 45 67 89"], "phone"),
        (["20260302", "20260303"], None),
        (["a@example.org", "x", "y"], None),
        ([], None),
    ],
)
def test_heading_that_says_nothing_is_matched_by_its_values(
    values: list[str], field: str | None
) -> None:
    (guess,) = guess_columns(["Spalte"], COLUMNS, [(each,) for each in values])

    assert guess.field == field
    assert bool(guess.reason) == (field is not None)


def test_hundreds_of_unknown_headings_cost_no_more_than_some() -> None:
    headings = [f"extra column {n}" for n in range(500)]

    assert {each.field for each in guess_columns(headings, COLUMNS)} == {None}
