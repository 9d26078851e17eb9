from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.store.samples import NOON
from toolkit.model.events import (
    Event,
    EventKind,
    Severity,
    Subject,
    condition_fingerprint,
    usual_severity,
)
from toolkit.model.ids import ConnectionName, Kind, LinkId, RecordId

ON_BOTH_DATABASES = True

MAIN = ConnectionName("main")


def an_event(kind: EventKind = EventKind.CONTACT_CHANGED, **changes) -> Event:
    event = Event(
        connection=MAIN,
        at=NOON,
        kind=kind,
        severity=usual_severity(kind),
        fingerprint=condition_fingerprint(MAIN, kind, "link1"),
    )
    return replace(event, **changes)


def test_an_event_comes_back_with_its_number(memory):
    told = an_event(
        subjects=(
            Subject(Kind.CONTACT, LinkId("link1"), RecordId("h1"), RecordId("t1")),
            Subject(Kind.TASK, None, RecordId("h2")),
        ),
        fields=("email", "tags"),
        reference="run1",
        facts={"calls": 3, "share": 0.5, "system": "highlevel", "is_new": True, "none": None},
        once="run1:link1",
    )

    memory.feed.append_events([told])

    (found,) = memory.feed.list_events()
    assert found == replace(told, seq=1)


def test_events_are_read_by_cursor_and_filter(store, memory):
    kinds = [EventKind.RUN_FAILED, EventKind.CONTACT_CREATED, EventKind.CREDENTIAL_DEAD]
    memory.feed.append_events([an_event(kind) for kind in kinds])
    store.connection("other").feed.append_events(
        [an_event(EventKind.RUN_FAILED, connection=ConnectionName("other"))]
    )

    def found(feed, *args, **filters):
        return [each.seq for each in feed.list_events(*args, **filters)]

    assert found(memory.feed) == [1, 2, 3]
    assert found(memory.feed, 1) == [2, 3]
    assert found(memory.feed, limit=2) == [1, 2]
    assert found(memory.feed, kinds=[EventKind.RUN_FAILED]) == [1]
    assert found(memory.feed, severities=[Severity.CRITICAL, Severity.ERROR]) == [1, 3]
    assert found(memory.feed, severities=[]) == []
    assert found(store.feed) == [1, 2, 3, 4]
    assert found(store.feed, kinds=[EventKind.RUN_FAILED]) == [1, 4]
    assert (memory.feed.newest_event(), store.feed.newest_event()) == (3, 4)


def test_an_event_told_once_is_not_told_again(store, memory):
    memory.feed.append_events([an_event(once="a"), an_event(once="a"), an_event()])
    memory.feed.append_events([an_event(once="a"), an_event(once="b"), an_event()])
    memory.feed.append_events([])
    elsewhere = an_event(once="a", connection=ConnectionName("other"))
    store.feed.append_events([elsewhere])

    assert [each.once for each in memory.feed.list_events()] == ["a", "", "b", ""]
    assert len(store.feed.list_events()) == 5


def test_a_reader_goes_on_where_it_stopped_and_never_back(store, memory):
    assert memory.feed.get_event_cursor("slack") == 0

    seen = []
    for seq in (3, 7, 5):
        memory.feed.put_event_cursor("slack", seq)
        seen.append(memory.feed.get_event_cursor("slack"))

    assert seen == [3, 7, 7]
    assert store.feed.get_event_cursor("slack") == 0
    store.feed.put_event_cursor("slack", 9)
    assert (store.feed.get_event_cursor("slack"), memory.feed.get_event_cursor("slack")) == (
        9,
        7,
    )


def test_a_reader_whose_events_were_all_pruned_misses_nothing_new(store, memory):
    memory.feed.append_events([an_event(), an_event()])
    memory.feed.put_event_cursor("slack", 2)
    memory.feed.prune_events(NOON + timedelta(days=1))

    memory.feed.append_events([an_event()])

    assert [each.seq for each in memory.feed.list_events(2)] == [3]


def test_pruning_is_by_age_and_within_the_feed(store, memory):
    memory.feed.append_events([an_event(at=NOON + timedelta(days=day)) for day in range(4)])
    other = ConnectionName("other")
    store.feed.append_events([an_event(connection=other)])

    assert memory.feed.prune_events(NOON + timedelta(days=2)) == 2
    assert len(store.feed.list_events()) == 3
    assert store.feed.prune_events(NOON + timedelta(days=2)) == 1


def test_an_empty_feed_begins_at_nothing(store):
    assert store.feed.newest_event() == 0
    assert store.feed.list_events() == []


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.is_paired])
@pytest.mark.parametrize("change", ["created", "changed", "deleted"])
def test_every_record_has_its_events(kind, change):
    assert EventKind.of(kind, change).value == f"{kind.value}_{change}"


def test_a_condition_has_one_fingerprint():
    dead = EventKind.CREDENTIAL_DEAD

    found = {
        condition_fingerprint(MAIN, dead, "highlevel"),
        condition_fingerprint(ConnectionName("main"), dead, "highlevel"),
        condition_fingerprint(MAIN, dead, "timetonic"),
        condition_fingerprint(MAIN, EventKind.CREDENTIAL_EXPIRING, "highlevel"),
        condition_fingerprint(ConnectionName("other"), dead, "highlevel"),
    }

    assert len(found) == 4


def test_only_conditions_that_need_somebody_are_loud():
    assert usual_severity(EventKind.CREDENTIAL_DEAD) is Severity.CRITICAL
    assert usual_severity(EventKind.RUN_RECOVERED) is Severity.INFO
    assert usual_severity(EventKind.NOTE_DELETED) is Severity.INFO
