from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.unit.store.samples import NOON, VALUES, a_link
from toolkit.errors import StateError
from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.links import LinkState
from toolkit.store import schema
from toolkit.store.links import ACTIVE_STATES

ON_BOTH_DATABASES = True


@pytest.mark.parametrize(
    "link",
    [
        a_link(),
        a_link(base=VALUES),
        a_link(aliases={Side.TIMETONIC: VALUES}),
        a_link(aliases={Side.HIGHLEVEL: {"a": None}, Side.TIMETONIC: {"a": ("x",)}}),
        a_link(highlevel_id=None, state=LinkState.HALF, generation=2),
        a_link(kind=Kind.NOTE, parent=LinkId("link0")),
        a_link(state=LinkState.PARKED, reason="says no", fails=3, not_before=NOON),
    ],
)
def test_a_link_comes_back_as_it_was_stored(memory, link):
    memory.put_links([link])
    memory.put_links([link])

    assert memory.links() == [link]
    assert memory.get_link(link.id) == link
    back = memory.links()[0]
    assert {name: type(value) for name, value in back.base.items()} == {
        name: type(value) for name, value in link.base.items()
    }


def test_an_empty_alias_is_no_alias(memory):
    memory.put_links([a_link(aliases={Side.TIMETONIC: {}})])

    assert memory.links() == [a_link()]


def test_a_stored_link_is_replaced_whole(memory):
    memory.put_links([a_link(reason="once", fails=2, base={"a": 1, "b": 2})])
    memory.put_links([a_link(base={"a": None})])

    assert memory.links() == [a_link(base={"a": None})]


def test_links_are_chosen_by_kind_and_state(memory):
    contact, half = a_link(1), a_link(2, state=LinkState.HALF)
    task = a_link(3, kind=Kind.TASK)
    memory.put_links([task, half, contact])

    assert memory.links() == [contact, half, task]
    assert memory.links(Kind.TASK) == [task]
    assert memory.links(states=[LinkState.LIVE]) == [contact, task]
    assert memory.links(Kind.CONTACT, {LinkState.HALF}) == [half]
    assert memory.links(states=[]) == []


def test_connections_do_not_see_each_other(store):
    store.connection("one").put_links([a_link(1)])
    store.connection("two").put_links([a_link(1, base={"name": "Other"})])

    assert store.connection("one").links() == [a_link(1)]
    assert store.connection("two").get_link(LinkId("link1")).base == {"name": "Other"}
    assert store.connection("three").links() == []
    assert store.connections() == ["one", "two"]


@pytest.mark.parametrize(
    ("side", "record_id", "found"),
    [
        (Side.HIGHLEVEL, "h1", "link1"),
        (Side.TIMETONIC, "t1", "link1"),
        (Side.HIGHLEVEL, "t1", None),
        (Side.HIGHLEVEL, "h9", "link9"),
    ],
)
def test_a_record_leads_to_its_pair(memory, side, record_id, found):
    memory.put_links([a_link(1), a_link(9, state=LinkState.UNLINKED)])

    link = memory.find_link_by_id(Kind.CONTACT, side, record_id)

    assert (link and link.id) == found
    assert memory.find_link_by_id(Kind.TASK, side, record_id) is None


def test_the_pair_that_owns_a_record_comes_before_old_ones(memory):
    old = a_link(1, highlevel_id="h5", state=LinkState.UNLINKED)
    memory.put_links([old, a_link(2, highlevel_id="h5")])

    assert memory.find_link_by_id(Kind.CONTACT, Side.HIGHLEVEL, "h5").id == "link2"


@pytest.mark.parametrize("state", LinkState)
def test_a_record_belongs_to_one_active_pair(memory, state):
    memory.put_links([a_link(1)])
    rival = a_link(2, timetonic_id="t1", state=state)

    if state in ACTIVE_STATES:
        with pytest.raises(StateError, match="claim the same record"):
            memory.put_links([a_link(3), rival])
        assert memory.links() == [a_link(1)]
    else:
        memory.put_links([rival])
        assert len(memory.links()) == 2
    assert (f"'{state}'" in schema.IS_ACTIVE.text) is (state in ACTIVE_STATES)
    assert (f"'{state}'" in schema.IS_RETIRED.text) is (state not in ACTIVE_STATES)


def test_one_id_may_stand_for_records_of_two_kinds(memory):
    memory.put_links([a_link(1), a_link(2, kind=Kind.TASK, timetonic_id="t1")])

    assert len(memory.links()) == 2


def test_dropped_links_are_forgotten_and_unknown_ones_ignored(memory, store):
    memory.put_links([a_link(number) for number in range(3)])
    store.connection("other").put_links([a_link(1)])

    memory.drop_links([LinkId("link1"), LinkId("nobody")])
    memory.drop_links([])

    assert [link.id for link in memory.links()] == ["link0", "link2"]
    assert len(store.connection("other").links()) == 1


FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC) for year in (1, 9999))


@pytest.mark.parametrize("at", [NOON, NOON.replace(microsecond=1), FIRST, LAST])
def test_any_moment_comes_back(memory, at):
    memory.put_links([a_link(not_before=at)])

    assert memory.links()[0].not_before == at


def test_a_time_keeps_its_moment_and_a_naive_one_is_refused(memory):
    paris = NOON.astimezone(timezone(timedelta(hours=1)))
    memory.put_links([a_link(not_before=paris)])

    assert memory.links()[0].not_before == NOON
    with pytest.raises(Exception, match="needs its zone"):
        memory.put_links([a_link(not_before=NOON.replace(tzinfo=None))])


def test_ten_thousand_links_go_in_and_out(memory):
    links = [a_link(number, base=VALUES) for number in range(10_000)]

    memory.put_links(links)
    memory.put_links([replace(link, fails=1) for link in links[:5000]])

    found = {link.id: link for link in memory.links()}
    assert len(found) == 10_000
    assert sum(link.fails for link in found.values()) == 5000


def test_a_connection_says_its_name(store):
    assert repr(store.connection("main")) == "ConnectionStore('main')"
    assert store.transactions.engine.dialect.name in repr(store)
