"""Operations say which firings asked for them; those nobody asked for keep their name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.unit.planner.builders import TT, hl, observe, plan, tt
from toolkit.model.plan import (
    operation_from_json,
    operation_to_json,
    plan_from_json,
    plan_to_json,
)

FOUND = plan(observe(hl("h1", name="Ada", email="ada@example.org")))
(CREATE,) = FOUND.writes
CAUSED = replace(CREATE, causes=("welcome/1",))


def test_what_nobody_asked_for_is_written_as_before_rules_were():
    assert "causes" not in json.loads(operation_to_json(CREATE))
    # Worked out by the release before rules: stored approvals and plan files stay good.
    assert FOUND.hash == "bee0940f1ea8536f07f09abd6279f936"
    assert (
        replace(FOUND, operations=(), held=(CREATE,)).approval
        == "2ca6fd5ca8290bc6dfc1500b41d643f2"
    )


@pytest.mark.parametrize("operation", [CREATE, CAUSED])
def test_an_operation_comes_back_with_its_causes(operation):
    assert operation_from_json(operation_to_json(operation)) == operation


def test_a_plan_file_of_an_earlier_release_is_still_read():
    body = json.loads(plan_to_json(FOUND))
    for operation in body["plan"]["operations"]:
        del operation["causes"]

    assert plan_from_json(json.dumps(body)) == FOUND


def test_causes_count_in_the_name_of_a_plan():
    caused = replace(FOUND, operations=(CAUSED,))

    assert caused.hash != FOUND.hash
    assert plan_from_json(plan_to_json(caused)).operations == (CAUSED,)


def test_a_twin_is_no_birth():
    assert not CREATE.is_birth
    assert replace(CREATE, origin_id=tt("").id).is_birth
    assert CREATE.side is TT
