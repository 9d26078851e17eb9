"""A recipe is JSON that says what was asked for, strictly; each cell is written once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from toolkit.app.bulk import Birth, Cell, Recipe, Tags, items_of, read_recipe, recipe_to_json
from toolkit.app.bulk import recipe as recipes
from toolkit.errors import UseError
from toolkit.model.ids import Kind, LinkId

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ONE, TWO = LinkId("c1"), LinkId("c2")


def recipe(*steps: dict[str, Any], **changed: Any) -> dict[str, Any]:
    head = {"hightonic_recipe": 1, "id": "b-one", "connection": "main", "name": "Spring"}
    return {**head, "made_at": AT.isoformat(), "steps": list(steps), **changed}


def read(*steps: dict[str, Any]) -> Recipe:
    return read_recipe(json.dumps(recipe(*steps)))


@pytest.mark.parametrize(
    ("step", "items"),
    [
        (
            {"do": "set", "field": "plan", "value": "pro", "contacts": {"c1": None, "c2": "x"}},
            [Cell(ONE, "plan", None, "pro"), Cell(TWO, "plan", "x", "pro")],
        ),
        (
            {
                "do": "cells",
                "cells": [{"contact": "c1", "field": "tags", "old": ["a"], "new": ["b", "c"]}],
            },
            [Cell(ONE, "tags", ("a",), ("b", "c"))],
        ),
        (
            {"do": "replace", "field": "company", "find": "Ltd", "into": "Limited",
             "contacts": {"c1": "Acme Ltd", "c2": "ltd"}},
            [Cell(ONE, "company", "Acme Ltd", "Acme Limited")],
        ),
        (
            {"do": "replace", "field": "company", "find": "l.d", "into": r"\1",
             "ignores_case": True, "contacts": {"c1": "L.D!", "c2": None}},
            [Cell(ONE, "company", "L.D!", r"\1!")],
        ),
        (
            {"do": "replace", "field": "company", "find": "x", "contacts": {"c1": "x"}},
            [Cell(ONE, "company", "x", None)],
        ),
        (
            {"do": "tags", "contacts": ["c1"], "add": ["b ", "a", " "], "remove": ["c"]},
            [Tags(ONE, ("a", "b"), ("c",))],
        ),
        (
            {"do": "note", "contacts": ["c1", "c2"], "values": {"body": "x"}},
            [Birth(Kind.NOTE, ONE, {"body": "x"}, 0), Birth(Kind.NOTE, TWO, {"body": "x"}, 1)],
        ),
        (
            {"do": "create", "contacts": [{"name": "Ada", "tags": ["vip"]}]},
            [Birth(Kind.CONTACT, None, {"name": "Ada", "tags": ("vip",)})],
        ),
    ],
)  # fmt: skip
def test_step_comes_to_items(step: dict[str, Any], items: list[Any]) -> None:
    assert list(items_of(read(step))) == items


def test_cell_asked_for_twice_is_written_once_over_its_first_old_value() -> None:
    found = items_of(
        read(
            {"do": "set", "field": "plan", "value": "pro", "contacts": {"c1": "free"}},
            {"do": "set", "field": "plan", "value": "max", "contacts": {"c1": "pro"}},
            {"do": "tags", "contacts": ["c1"], "add": ["a", "b"], "remove": ["c"]},
            {"do": "tags", "contacts": ["c1"], "add": ["c"], "remove": ["a"]},
        )
    )

    assert list(found) == [Cell(ONE, "plan", "free", "max"), Tags(ONE, ("b", "c"), ("a",))]


def test_recipe_is_read_as_it_was_written() -> None:
    given = read({"do": "set", "field": "n", "value": 5, "contacts": {"c1": True, "c2": 2.5}})

    assert read_recipe(recipe_to_json(given)) == given
    assert "\n" in recipe_to_json(given), "a small one is for people"
    many = {f"c{n}": "x" * 20 for n in range(1_000)}
    large = read({"do": "set", "field": "n", "value": "y", "contacts": many})
    assert "\n" not in recipe_to_json(large)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json", "not JSON"),
        ("[]", "does not say"),
        ("{}", "does not say"),
        (json.dumps(recipe(hightonic_recipe=2)), "version 2"),
        (json.dumps(recipe(id="../x")), "at `id`"),
        (json.dumps(recipe(secret="s3cret")), "at `secret`"),
        (json.dumps(recipe({"do": "delete", "contacts": []})), "at `steps.0`"),
        (json.dumps(recipe({"do": "set", "field": "", "contacts": {}})), "field"),
        (json.dumps(recipe(made_at="s3cret")), "made_at"),
    ],
)
def test_what_is_no_recipe_is_told_by_its_place_without_its_values(
    text: str, said: str
) -> None:
    with pytest.raises(UseError) as caught:
        read_recipe(text)

    assert said in caught.value.sentence
    assert "s3cret" not in caught.value.sentence


def test_recipe_of_nothing_and_one_of_too_much_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UseError, match="nothing to do"):
        items_of(read())
    monkeypatch.setattr(recipes, "MOST_ITEMS", 1)
    with pytest.raises(UseError, match="a batch holds 1"):
        items_of(read({"do": "note", "contacts": ["c1", "c2"], "values": {}}))


def test_ids_of_batches_sort_by_time_and_differ() -> None:
    ids = {recipes.new_batch_id(AT) for _ in range(50)}

    assert len(ids) > 40
    assert all(each.startswith("b20260302-090000-") for each in ids)
