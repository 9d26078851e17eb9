"""Several connections read as one, and what one connection's memory says of a pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from toolkit.app.config import read_config
from toolkit.app.front_reading import FrontReading, Memory
from toolkit.app.front_readings import FrontReadings, TaskQuery
from toolkit.errors import UseError
from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import Conflict
from toolkit.store import Store

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SETTINGS = """\
version: 1
connections:
  paris:
    highlevel: {location_id: loc1}
    timetonic: {user: u, book_owner: o, book_code: b1}
  lyon:
    highlevel: {location_id: loc2}
    timetonic: {user: u, book_owner: o, book_code: b2}
"""


def contact(id_: str, **base: str) -> Link:
    return Link(
        LinkId(f"{id_}0000000000001"),
        Kind.CONTACT,
        CorrelationKey(id_),
        RecordId(f"hl_{id_}"),
        RecordId(f"tt_{id_}"),
        base={"name": id_.title(), "email": f"{id_}@x.io", **base},
    )


def task(parent: Link, day: str) -> Link:
    id_ = f"{parent.id[:3]}{day}"
    return Link(
        LinkId(f"t{id_}00000000"),
        Kind.TASK,
        CorrelationKey(f"t{id_}"),
        RecordId(f"ht{id_}"),
        RecordId(f"tt{id_}"),
        parent=parent.id,
        base={"title": f"Call {parent.base['name']}", "due_at": f"2026-11-{day}T10:00:00Z"},
    )


ADA, BOB = contact("ada"), contact("bob", company="Ada Ltd")
TWIN = replace(contact("eve"), id=LinkId("ada0000000000002"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path, clock=lambda: NOW) as opened:
        opened.connection("paris").put_links([ADA, task(ADA, "20"), task(ADA, "25")])
        opened.connection("lyon").put_links([BOB, task(BOB, "21")])
        yield opened


@pytest.fixture
def each(store: Store) -> list[FrontReading]:
    configs = read_config(SETTINGS, Path("hightonic.yaml")).connections.values()
    return [
        FrontReading(Memory(one, store.connection(one.name), lambda: NOW)) for one in configs
    ]


@pytest.fixture
def cards(each: list[FrontReading]) -> FrontReadings:
    return FrontReadings(each)


def test_a_search_goes_through_all_and_counts_them(cards: FrontReadings) -> None:
    hits, total = cards.find("ada", limit=1)

    assert ([hit.name for hit in hits], total) == (["Ada"], 2)


@pytest.mark.parametrize(
    ("named", "connection", "location"),
    [("ada@x.io", "paris", "loc1"), ("hl_bob", "lyon", "loc2"), ("bob000", "lyon", "loc2")],
)
def test_a_card_says_whose_it_is_and_leads_to_its_location(
    cards: FrontReadings, named: str, connection: str, location: str
) -> None:
    card = cards.card(named)

    assert card is not None
    assert card.connection == connection
    assert f"/{location}/" in card.urls[Side.HIGHLEVEL]


def test_two_that_begin_alike_in_two_connections_are_nobody(
    store: Store, cards: FrontReadings
) -> None:
    store.connection("lyon").put_links([TWIN])

    assert cards.card("ada0000") is None
    assert cards.notes("ada0000") is None
    assert cards.tasks(TaskQuery(contact="ada0000")) == ([], 0)
    found = cards.card("ada0000000000002")
    assert found is not None
    assert found.connection == "lyon"


@pytest.mark.parametrize(
    ("query", "due"),
    [
        (TaskQuery(), [20, 21, 25]),
        (TaskQuery(is_overdue=True), [20, 21]),
        (TaskQuery(before=NOW - timedelta(days=2)), [20]),
        (TaskQuery(contact="ada@x.io"), [20, 25]),
        (TaskQuery(owner_id="nobody"), []),
    ],
)
def test_tasks_of_all_come_by_their_day(
    cards: FrontReadings, query: TaskQuery, due: list[int]
) -> None:
    lines, total = cards.tasks(query)

    assert [line.due_at.day for line in lines if line.due_at] == due
    assert total == len(due)


def test_conflicts_and_states_of_all_stand_side_by_side(
    store: Store, cards: FrontReadings
) -> None:
    for name, link in (("paris", ADA), ("lyon", BOB)):
        memory = store.connection(name)
        run = memory.begin_run("sync", plan_hash="h", config_digest="c")
        found = Conflict(
            link.id, Kind.CONTACT, "email", RecordId("h"), RecordId("t"), "a", "b", "c"
        )
        memory.sync_conflicts(run, [found])

    assert [card.id for card in cards.conflicts()] == [ADA.id, BOB.id]
    assert [(one.connection, one.conflicts) for one in cards.states()] == [
        ("paris", 1),
        ("lyon", 1),
    ]


@pytest.mark.parametrize(
    ("state", "is_synced"), [(LinkState.LIVE, True), (LinkState.PARKED, False)]
)
def test_a_pair_that_is_well_was_synced_by_the_last_good_run(
    store: Store, each: list[FrontReading], state: LinkState, *, is_synced: bool
) -> None:
    memory = store.connection("paris")
    memory.put_links([replace(ADA, state=state)])
    for verdict in ("done", "failed: no network"):
        run = memory.begin_run("sync", plan_hash="h", config_digest="c")
        memory.finish_run(run, "{}", verdict)

    card = each[0].card(ADA.id)

    assert card.synced_at == (NOW if is_synced else None)
    assert each[0].state().failures == 1


def test_what_is_not_there_is_said_so(each: list[FrontReading]) -> None:
    paris = each[0]

    with pytest.raises(UseError, match="no such contact"):
        paris.card(BOB.id)
    with pytest.raises(UseError, match="waits for a decision"):
        paris.conflict_card(ADA.id)
    with pytest.raises(UseError, match="There is no task"):
        paris.find_task("nothing")
    with pytest.raises(UseError, match="begin with"):
        paris.find_task("tada")
