from dataclasses import replace

import pytest

from tests.unit.store.samples import NOON, VALUES, a_record
from toolkit.model.ids import Kind, Side
from toolkit.model.records import FieldProblem

ON_BOTH_DATABASES = True

HERE = (Side.HIGHLEVEL, Kind.CONTACT)


@pytest.mark.parametrize(
    "record",
    [
        a_record(),
        a_record(values=VALUES),
        a_record(values={}),
        a_record(correlation="key", updated_at=NOON.replace(microsecond=123456)),
        a_record(problems=(FieldProblem("phone", "is not a number"),)),
        a_record(side=Side.TIMETONIC, kind=Kind.NOTE, parent_id="c1"),
    ],
)
def test_a_record_comes_back_as_it_was_seen(memory, record):
    memory.upsert_observed(record.side, record.kind, [record])

    assert memory.get_observed(record.side, record.kind, record.id) == record
    assert memory.list_observed(record.side, record.kind) == [record]


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({}, 0),
        ({"values": {"name": "Other"}}, 1),
        ({"values": {"name": "Person 1", "email": None}}, 1),
        ({"parent_id": "c1"}, 1),
        ({"correlation": "key"}, 1),
        ({"updated_at": NOON}, 1),
        ({"problems": (FieldProblem("a", "b"),)}, 1),
    ],
)
def test_only_what_changed_is_touched(memory, change, touched):
    memory.upsert_observed(*HERE, [a_record(1), a_record(2)], run="run1")
    seen = replace(a_record(1), **change)

    assert memory.upsert_observed(*HERE, [seen, a_record(2)], run="run2") == touched
    assert memory.list_observed(*HERE) == [seen, a_record(2)]


def test_a_record_listed_twice_is_stored_once_as_seen_last(memory):
    newer = a_record(1, values={"name": "Newer"})

    assert memory.upsert_observed(*HERE, iter([a_record(1), newer])) == 1
    assert memory.list_observed(*HERE) == [newer]


def test_ids_lead_to_the_contact_they_hang_on(memory):
    side, kind = Side.TIMETONIC, Kind.TASK
    records = [
        a_record(1, side=side, kind=kind, id="a", parent_id="c1"),
        a_record(2, side=side, kind=kind, id="b"),
    ]
    memory.upsert_observed(side, kind, records)

    assert memory.observed_ids(side, kind) == {"a": "c1", "b": None}
    assert memory.observed_count(side, kind) == 2
    assert memory.observed_ids(*HERE) == {}
    assert memory.get_observed(*HERE, "a") is None


def test_forgotten_records_are_gone_and_unknown_ones_are_ignored(memory):
    memory.upsert_observed(*HERE, [a_record(number) for number in range(2500)])

    memory.forget_observed(*HERE, [f"h{number}" for number in range(2400)] + ["nobody"])

    assert memory.observed_count(*HERE) == 100
    memory.forget_observed(*HERE, [])
    assert memory.observed_count(*HERE) == 100


def test_ten_thousand_records_are_compared_in_pieces(memory):
    records = [a_record(number, values=VALUES) for number in range(10_000)]

    assert memory.upsert_observed(*HERE, iter(records)) == 10_000
    assert memory.upsert_observed(*HERE, iter(records)) == 0


def test_a_cursor_is_kept_per_side_kind_and_scope(memory, store):
    memory.put_cursor(*HERE, "changed", {"high_water": "2026", "seen": ["a"]})
    memory.put_cursor(*HERE, "changed", {"high_water": "2027", "seen": []})

    assert memory.get_cursor(*HERE, "changed") == {"high_water": "2027", "seen": []}
    assert memory.get_cursor(*HERE, "notes") is None
    assert memory.get_cursor(Side.TIMETONIC, Kind.CONTACT, "changed") is None
    assert store.connection("other").get_cursor(*HERE, "changed") is None
