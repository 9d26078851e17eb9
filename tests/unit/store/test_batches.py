"""Batches are kept with what was asked for, listed without it, and found by a beginning."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from toolkit.errors import UseError
from toolkit.store import BatchEntry

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENTRY = BatchEntry("b1", "Spring", "staged", AT, AT, {"items": 2})


@pytest.fixture
def batches(store):
    return store.connection("main")


def test_batch_is_kept_once_and_what_was_asked_for_never_changes(batches, store):
    assert batches.add_batch(ENTRY, "recipe")
    assert not batches.add_batch(replace(ENTRY, name="Other"), "another")

    assert batches.get_batch("b1") == ENTRY
    assert batches.get_recipe("b1") == "recipe"
    assert store.connection("other").list_batches() == []


def test_how_far_it_has_come_is_kept_beside_it(batches):
    batches.add_batch(ENTRY, "recipe")

    batches.put_batch("b1", "done", {"runs": ["r1"]})
    batches.put_batch("nobody", "done", {})

    found = batches.get_batch("b")
    assert (found.state, found.body, found.made_at) == ("done", {"runs": ["r1"]}, AT)
    assert found.changed_at > AT


def test_newest_batch_is_listed_first(batches):
    for number in range(3):
        at = AT + timedelta(hours=number)
        batches.add_batch(replace(ENTRY, id=f"b{number}", made_at=at), "")

    assert [each.id for each in batches.list_batches()] == ["b2", "b1", "b0"]
    assert [each.id for each in batches.list_batches(1)] == ["b2"]


@pytest.mark.parametrize("wanted", ["", "x", "b"])
def test_none_and_several_are_told(batches, wanted):
    batches.add_batch(ENTRY, "")
    batches.add_batch(replace(ENTRY, id="b2"), "")

    with pytest.raises(UseError):
        batches.get_batch(wanted)


def test_only_a_batch_in_a_given_state_is_forgotten(batches):
    batches.add_batch(ENTRY, "")

    assert not batches.drop_batch("b1", ["done"])
    assert batches.drop_batch("b1", ["staged"])
    assert batches.list_batches() == []
