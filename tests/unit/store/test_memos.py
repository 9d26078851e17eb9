from datetime import timedelta

import pytest

from tests.unit.store.samples import NOON
from toolkit.model.ids import Side

ON_BOTH_DATABASES = True


@pytest.mark.parametrize("value", [{"a": [1, None, "é"]}, [], "", 0, False, None])
def test_a_memo_comes_back(memory, value):
    memory.put_memo("schema", {"old": True}, NOON)
    memory.put_memo("schema", value, NOON)

    assert memory.get_memo("schema") == value
    assert memory.get_memo("other") is None


@pytest.mark.parametrize(
    ("age_s", "max_age_s", "is_kept"),
    [(10, None, True), (10, 10, True), (10.5, 10, False), (0, 0, True), (-5, 10, True)],
)
def test_a_memo_grows_old(memory, age_s, max_age_s, is_kept):
    memory.put_memo("users", [1], NOON)
    now = NOON + timedelta(seconds=age_s)

    assert (memory.get_memo("users", max_age_s=max_age_s, now=now) == [1]) is is_kept


def test_the_stores_clock_counts_where_no_time_is_given(memory, ticks):
    memory.put_memo("users", [1])
    assert memory.get_memo("users", max_age_s=60) == [1]

    ticks.at += timedelta(seconds=60)

    assert memory.get_memo("users", max_age_s=60) is None


def test_when_notes_were_read_is_kept_per_contact(memory, store):
    memory.put_note_reads(["c1", "c2", "c2"], NOON)
    memory.put_note_reads({"c2"}, NOON + timedelta(hours=1))
    memory.put_note_reads([], NOON)

    assert memory.get_note_reads() == {"c1": NOON, "c2": NOON + timedelta(hours=1)}
    assert store.connection("other").get_note_reads() == {}


def test_calls_add_up_within_a_month(memory, store):
    for count in (3, 4):
        memory.add_calls(Side.TIMETONIC, "2026-11", count)
    memory.add_calls(Side.TIMETONIC, "2026-12", 1)
    store.connection("other").add_calls(Side.TIMETONIC, "2026-11", 100)

    assert memory.calls_in_month(Side.TIMETONIC, "2026-11") == 7
    assert memory.calls_in_month(Side.TIMETONIC, "2026-12") == 1
    assert memory.calls_in_month(Side.HIGHLEVEL, "2026-11") == 0
