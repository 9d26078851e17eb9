"""Custom fields of choices: what HighLevel would refuse is told while it is typed."""

from __future__ import annotations

from typing import Any

import pytest

from toolkit.app.field_options import closed_options
from toolkit.app.grid.checking import CellReader
from toolkit.app.grid.columns import list_columns
from toolkit.errors import UseError
from toolkit.mapping.context import Context
from toolkit.mapping.defaults import default_mapping
from toolkit.model.ids import Kind

MAPPING = default_mapping().kinds[Kind.CONTACT]


def known(**definition: Any) -> dict[str, Any]:
    plain = {"key": "contact.plan", "data_type": "SINGLE_OPTIONS", "options": ["Free", "Pro"]}
    return {"definitions": [{**plain, **definition}]}


def reader(surroundings: dict[str, Any]) -> CellReader:
    return CellReader(MAPPING, Context(), options=closed_options(MAPPING, surroundings))


@pytest.mark.parametrize(
    "definition",
    [
        {"data_type": "TEXT"},
        {"options": []},
        {"options": [{"name": "Free"}]},
        {"is_custom_option_allowed": True},
        {"key": "contact.other"},
    ],
)
def test_field_that_takes_other_values_closes_nothing(definition: dict[str, Any]) -> None:
    assert closed_options(MAPPING, known(**definition)) == {}
    assert reader(known(**definition)).read("plan", "Gold") == "Gold"


def test_value_is_spelled_as_the_option_and_another_is_refused() -> None:
    choosy = reader(known())

    assert choosy.read("plan", "pro") == "Pro"
    assert choosy.read("plan", "") is None
    assert choosy.problem("plan", "Gold") == "HighLevel's field takes one of Free, Pro"
    with pytest.raises(UseError) as told:
        choosy.read("plan", "Gold")
    assert "add an option to the field in HighLevel" in told.value.sentence


def test_mapping_s_own_choices_count_as_well_and_long_lists_are_cut() -> None:
    stages = known(key="contact.lifecycle_stage", options=[f"stage {n}" for n in range(20)])
    choosy = reader(stages)

    assert choosy.read("lifecycle_stage", "customer") == "customer"
    assert "and others" in choosy.problem("lifecycle_stage", "nonsense")


def test_column_offers_the_options_and_no_other() -> None:
    columns = list_columns(MAPPING, owners={}, options=closed_options(MAPPING, known()))
    plan = next(each for each in columns if each.field == "plan")

    assert (plan.choices, plan.is_open) == (("Free", "Pro"), False)


def test_field_for_new_contacts_alone_says_so() -> None:
    columns = {each.field: each for each in list_columns(MAPPING, owners={})}

    assert "HighLevel takes it only when a contact is made" in columns["company"].objection
    assert columns["email"].objection == ""
