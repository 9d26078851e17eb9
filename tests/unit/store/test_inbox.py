import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.store.samples import NOON, an_arrival
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.store import InboxState, Store

ON_BOTH_DATABASES = True


def at(seconds: float):
    return NOON + timedelta(seconds=seconds)


def seqs(events) -> list[int]:
    return [each.seq for each in events]


def test_an_event_comes_back_as_it_arrived(memory):
    arrival = an_arrival(1, body={"id": "h1", "odd": "\ud800 \0 Zoë", "tags": [], "none": None})

    assert memory.put_event(arrival)
    (event,) = memory.take_batch()

    assert (event.source, event.event_id, event.event_type) == (
        Side.HIGHLEVEL,
        "event1",
        "ContactUpdate",
    )
    assert (event.kind, event.record_id) == (Kind.CONTACT, "h1")
    assert (event.body, event.received_at, event.tries) == (arrival.body, NOON, 0)


def test_a_second_delivery_changes_nothing(memory):
    memory.put_event(an_arrival(1))
    taken = memory.take_batch()

    assert not memory.put_event(an_arrival(1, body={"other": 1}))
    assert memory.take_batch() == taken
    memory.mark_done(seqs(taken))
    assert not memory.put_event(an_arrival(1))
    assert memory.take_batch() == []


def test_of_deliveries_at_once_only_the_first_is_new(memory):
    memory.put_event(an_arrival(2))

    stored = memory.put_events([an_arrival(1), an_arrival(2), an_arrival(1), an_arrival(3)])

    assert stored == [True, False, False, True]
    assert memory.put_events([]) == []


def test_an_event_is_the_same_only_of_one_source_and_connection(store):
    one, two = store.connection("one"), store.connection("two")

    stored = store.put_events(
        [
            (one.name, an_arrival(1)),
            (two.name, an_arrival(1)),
            (one.name, an_arrival(1, source=Side.TIMETONIC)),
            (two.name, an_arrival(1)),
        ]
    )

    assert stored == [True, True, True, False]
    assert [len(one.take_batch()), len(two.take_batch())] == [2, 1]


def test_ids_that_no_database_takes_are_stored_and_told_apart(memory):
    odd = [
        an_arrival(1, event_id=name, record_id=RecordId(name))
        for name in ("a\0", "a\ud800", "a", "a\\")
    ]

    assert memory.put_events(odd) == [True] * 4
    assert memory.put_events(odd) == [False] * 4


def test_events_of_unknown_types_are_kept_counted_and_never_due(memory):
    memory.put_events(
        [an_arrival(n, event_type="Opportunity", kind=None) for n in range(3)]
        + [an_arrival(9, event_type="Invoice", kind=None), an_arrival(10)]
    )

    counts = memory.inbox_counts()

    assert counts.unknown_types == {"Invoice": 1, "Opportunity": 3}
    assert counts.states == {
        InboxState.PENDING: 1,
        InboxState.DONE: 0,
        InboxState.FAILED: 0,
        InboxState.UNKNOWN: 4,
    }
    assert [event.event_id for event in memory.take_batch()] == ["event10"]
    assert not memory.put_event(an_arrival(1, event_type="Opportunity", kind=None))


def test_the_oldest_that_waits_is_told(memory):
    assert memory.inbox_counts().oldest_pending_at is None

    memory.put_events([an_arrival(1, received_at=at(5)), an_arrival(2, received_at=at(3))])

    assert memory.inbox_counts().oldest_pending_at == at(3)


def test_a_batch_holds_all_events_of_its_records_in_order(memory):
    memory.put_events([an_arrival(n, record_id=f"h{n % 3}") for n in range(9)])

    batch = memory.take_batch(2)

    assert [event.record_id for event in batch] == ["h0", "h1"] * 3
    assert seqs(batch) == sorted(seqs(batch))
    memory.mark_done(seqs(batch))
    assert {event.record_id for event in memory.take_batch(2)} == {"h2"}


def test_a_record_that_never_rests_does_not_fill_a_batch_beyond_bounds(memory):
    memory.put_events([an_arrival(n, record_id="h") for n in range(25)])

    first = memory.take_batch(1)
    memory.mark_done(seqs(first))

    assert [len(first), len(memory.take_batch(1)), len(memory.take_batch(2))] == [10, 10, 15]


def test_events_that_name_no_record_are_taken_too(memory):
    memory.put_event(an_arrival(1, record_id=None))

    (event,) = memory.take_batch()
    (due,) = memory.due()

    assert event.record_id is None
    assert due.record_id is None


def test_what_was_taken_and_not_marked_is_taken_again(memory):
    memory.put_events([an_arrival(n) for n in range(5)])

    assert memory.take_batch() == memory.take_batch()


def test_only_pending_events_are_marked_and_twice_is_once(memory):
    memory.put_events([an_arrival(n) for n in range(4)])
    first, second, third, _ = seqs(memory.take_batch())

    memory.mark_done([first, first])
    memory.mark_failed([second], "RejectedError")
    memory.mark_failed([first, second, third], "RejectedError")
    memory.mark_done([second])
    memory.mark_done([])

    assert memory.inbox_counts().states == {
        InboxState.PENDING: 1,
        InboxState.DONE: 1,
        InboxState.FAILED: 2,
        InboxState.UNKNOWN: 0,
    }


def test_another_connections_events_are_not_marked(store):
    one, two = store.connection("one"), store.connection("two")
    one.put_event(an_arrival(1))

    two.mark_done(seqs(one.take_batch()))

    assert len(one.take_batch()) == 1


def test_an_event_that_failed_waits_for_its_time_and_counts_its_tries(memory):
    memory.put_event(an_arrival(1))
    (event,) = memory.take_batch(now=at(0))

    memory.mark_failed([event.seq], "NotReachedError", retry_at=at(60))

    assert memory.take_batch(now=at(59)) == []
    assert memory.next_due_at() == at(60)
    (again,) = memory.take_batch(now=at(60))
    assert (again.seq, again.tries) == (event.seq, 1)


@pytest.mark.parametrize(
    ("received", "now_s", "is_due"),
    [
        ([0], 9.9, False),
        ([0], 10, True),
        ([0, 5], 10, False),
        ([0, 5], 15, True),
        ([0, 8, 16, 24, 32, 40, 48, 56], 59, False),
        ([0, 8, 16, 24, 32, 40, 48, 56], 60, True),
    ],
)
def test_a_record_is_due_once_it_was_quiet_or_has_waited_long_enough(
    memory, received, now_s, is_due
):
    memory.put_events([an_arrival(s, record_id="h", received_at=at(s)) for s in received])

    found = memory.due(quiet_s=10, cap_s=60, now=at(now_s))
    batch = memory.take_batch(quiet_s=10, cap_s=60, now=at(now_s))

    assert [(each.record_id, each.events) for each in found] == (
        [("h", len(received))] if is_due else []
    )
    assert len(batch) == (len(received) if is_due else 0)
    due_at = memory.next_due_at(quiet_s=10, cap_s=60)
    assert due_at is not None
    assert (due_at <= at(now_s)) is is_due


def test_due_records_come_with_their_times_those_that_wait_longest_first(memory):
    memory.put_events(
        [
            an_arrival(1, record_id="b", received_at=at(0)),
            an_arrival(2, record_id="a", received_at=at(1)),
            an_arrival(3, record_id="b", received_at=at(2)),
            an_arrival(4, record_id="b", kind=Kind.TASK, received_at=at(3)),
        ]
    )

    found = memory.due(now=at(9))

    assert [(d.kind, d.record_id, d.events, d.first_at, d.last_at) for d in found] == [
        (Kind.CONTACT, "b", 2, at(0), at(2)),
        (Kind.CONTACT, "a", 1, at(1), at(1)),
        (Kind.TASK, "b", 1, at(3), at(3)),
    ]
    assert memory.due(now=at(9), limit=1) == found[:1]


def test_nothing_is_due_where_nothing_waits(memory):
    assert memory.next_due_at(quiet_s=10, cap_s=60) is None
    assert memory.due() == []
    assert memory.take_batch() == []


def test_of_an_event_that_is_dealt_with_the_body_is_dropped(memory, store):
    memory.put_event(an_arrival(1, body={"email": "person@example.com"}))

    memory.mark_done(seqs(memory.take_batch()))

    with store.transactions.reading() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM inbox").scalars().all()
    assert bodies == ["{}"]


def test_what_was_told_is_listed_for_the_gap_report(memory):
    memory.put_events(
        [
            an_arrival(1, received_at=at(0)),
            an_arrival(2, received_at=at(5)),
            an_arrival(3, record_id="h2", received_at=at(7)),
            an_arrival(4, record_id=None, received_at=at(7)),
            an_arrival(5, kind=None, received_at=at(7)),
            an_arrival(6, received_at=at(20)),
        ]
    )
    memory.mark_done(seqs(memory.take_batch()))

    assert memory.list_told(at(5), at(20)) == {(Side.HIGHLEVEL, Kind.CONTACT, "h2"): at(7)}
    assert memory.list_told(at(5)).keys() == {
        (Side.HIGHLEVEL, Kind.CONTACT, "h2"),
        (Side.HIGHLEVEL, Kind.CONTACT, "h6"),
    }


def test_pruning_keeps_three_days_and_all_that_waits(memory, ticks):
    for number, days in enumerate((10, 5, 4, 2)):
        memory.put_event(an_arrival(number, received_at=NOON - timedelta(days=days)))
    memory.put_event(an_arrival(9, kind=None, received_at=NOON - timedelta(days=9)))
    waiting, *rest = seqs(memory.take_batch())
    memory.mark_done(rest)

    assert memory.prune_inbox(NOON - timedelta(days=4, hours=1)) == 2
    assert memory.prune_inbox(NOON + timedelta(days=1)) == 1
    assert not memory.put_event(an_arrival(3)), "of two days ago"
    assert seqs(memory.take_batch()) == [waiting]


def test_numbers_go_on_growing_after_the_newest_rows_were_pruned(memory):
    memory.put_event(an_arrival(1, received_at=NOON - timedelta(days=9)))
    (old,) = seqs(memory.take_batch())
    memory.mark_done([old])
    memory.prune_inbox(NOON)
    memory.put_event(an_arrival(2))

    assert seqs(memory.take_batch()) == [old + 1]


def test_a_generation_goes_up_by_one_and_never_back(memory):
    assert memory.read_generation() == 0

    seen = []
    for generation in (0, 0, 3, 1, 3):
        memory.bump_generation(generation)
        seen.append(memory.read_generation())

    assert seen == [1, 1, 4, 4, 4]


def test_an_event_that_comes_while_a_drain_ends_has_a_drain_of_its_own(memory):
    memory.put_event(an_arrival(1))
    first = memory.read_generation()
    memory.bump_generation(first)
    memory.mark_done(seqs(memory.take_batch()))
    # The drain has read for the last time; its job is not over yet.
    memory.put_event(an_arrival(2))

    assert memory.read_generation() != first


def test_one_event_told_to_several_workers_is_new_to_one_of_them(place):
    arrivals = [an_arrival(number) for number in range(60)]
    with ExitStack() as stack, ThreadPoolExecutor(3) as pool:
        stores = [stack.enter_context(Store.open(place)) for _ in range(3)]

        def deliver(store):
            return [store.connection("main").put_event(each) for each in arrivals]

        told = list(pool.map(deliver, stores))

        assert [sum(each) for each in zip(*told, strict=True)] == [1] * 60
        assert len(stores[0].connection("main").take_batch()) == 60


SENDER = """
import sys
from datetime import UTC, datetime
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.store import Arrival, Store
memory = Store.open(sys.argv[1]).connection("main")
at = datetime(2026, 11, 23, 12, tzinfo=UTC)
for number in range(100_000):
    record = RecordId(f"h{number}")
    memory.put_event(
        Arrival(Side.HIGHLEVEL, f"event{number}", "ContactUpdate", {}, at, Kind.CONTACT, record)
    )
    print(number, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(place):
    process = subprocess.Popen(
        [sys.executable, "-c", SENDER, place],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) == 80:
            process.kill()
            break
    rest = process.communicate()[0].split()
    acknowledged = 81 + len(rest)

    with Store.open(place) as store:
        found = store.connection("main").take_batch(100_000)

    assert [each.event_id for each in found[:acknowledged]] == [
        f"event{number}" for number in range(acknowledged)
    ]
    assert len(found) - acknowledged in (0, 1), "at most the one whose answer was cut off"
