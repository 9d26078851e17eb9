import pytest

from tests.unit.store.samples import a_conflict
from toolkit.errors import UseError
from toolkit.model.ids import Kind, Side
from toolkit.model.plan import Ambiguity, Conflict, Finding
from toolkit.store import ConflictState
from toolkit.store.conflicts import _short_id

ON_BOTH_DATABASES = True


def states(memory):
    return {entry.conflict.link_id: entry.state for entry in memory.list_conflicts(None)}


@pytest.mark.parametrize(
    "conflict",
    [
        a_conflict(),
        a_conflict(base=None, highlevel="", timetonic=None),
        a_conflict(field="tags", base=(), highlevel=("a",), timetonic=("b", "c")),
        a_conflict(kind=Kind.TASK, base=False, highlevel=1, timetonic=1.5),
    ],
)
def test_a_conflict_comes_back_as_the_plan_showed_it(memory, conflict):
    memory.sync_conflicts("run1", [conflict])

    (entry,) = memory.list_conflicts()
    assert entry.conflict == conflict
    assert entry.conflict.fingerprint == conflict.fingerprint
    assert (entry.state, entry.run_id, entry.resolution, entry.chosen_by) == (
        ConflictState.OPEN,
        "run1",
        None,
        "",
    )


def test_a_conflict_met_again_stays_the_same_one(memory):
    memory.sync_conflicts("run1", [a_conflict(1)])
    (before,) = memory.list_conflicts()

    memory.sync_conflicts("run2", [a_conflict(1), a_conflict(2)])

    assert memory.get_conflict(before.id) == before
    assert len(memory.list_conflicts()) == 2


def test_a_conflict_no_longer_shown_is_gone_and_may_come_back(memory):
    memory.sync_conflicts("run1", [a_conflict(1), a_conflict(2)])
    memory.sync_conflicts("run2", [a_conflict(2)])
    gone = states(memory)
    memory.sync_conflicts("run3", [a_conflict(1), a_conflict(2)])

    assert gone == {"link1": "gone", "link2": "open"}
    assert states(memory) == {"link1": "open", "link2": "open"}


def test_a_plan_that_looked_at_some_links_closes_only_theirs(memory):
    memory.sync_conflicts("run1", [a_conflict(1), a_conflict(2)])

    memory.sync_conflicts("run2", [], looked_at={"link1"})

    assert states(memory) == {"link1": "gone", "link2": "open"}


def test_connections_keep_their_conflicts_apart(store):
    store.connection("one").sync_conflicts("run1", [a_conflict()])
    store.connection("two").sync_conflicts("run1", [a_conflict()])

    store.connection("two").sync_conflicts("run2", [])

    assert states(store.connection("one")) == {"link1": "open"}


@pytest.mark.parametrize("value", ["here@example.com", None, "", ("a", "b"), False, 3])
def test_a_choice_is_kept_until_it_is_written(memory, value):
    conflict = a_conflict()
    memory.sync_conflicts("run1", [conflict])
    (entry,) = memory.list_conflicts()

    resolution = memory.resolve_conflict(entry.id, value, by="Ada")

    assert resolution.fingerprint == conflict.fingerprint
    assert (resolution.link_id, resolution.field) == (conflict.link_id, conflict.field)
    assert memory.resolutions() == [resolution]
    assert memory.resolutions()[0].value == value
    assert memory.list_conflicts() == []
    assert memory.get_conflict(entry.id).chosen_by == "Ada"

    memory.sync_conflicts("run2", [])
    assert memory.resolutions() == [resolution]

    memory.mark_resolved([resolution])
    memory.mark_resolved([resolution])
    assert memory.resolutions() == []
    assert states(memory) == {"link1": "applied"}


def test_a_person_may_think_again_until_it_is_written(memory):
    memory.sync_conflicts("run1", [a_conflict()])
    (entry,) = memory.list_conflicts()
    memory.resolve_conflict(entry.id, "one", by="Ada")

    second = memory.resolve_conflict(entry.id, "two", by="Bob")
    memory.sync_conflicts("run2", [a_conflict()])

    assert memory.resolutions() == [second]


def test_a_choice_about_values_that_moved_on_is_void(memory):
    memory.sync_conflicts("run1", [a_conflict()])
    memory.resolve_conflict(memory.list_conflicts()[0].id, "one", by="Ada")

    memory.sync_conflicts("run2", [a_conflict(highlevel="newer@example.com")])

    assert memory.resolutions() == []
    assert [entry.state for entry in memory.list_conflicts(None)] == ["gone", "open"]


def test_a_conflict_that_comes_back_after_a_choice_asks_again(memory):
    memory.sync_conflicts("run1", [a_conflict()])
    entry = memory.list_conflicts()[0]
    memory.mark_resolved([memory.resolve_conflict(entry.id, "one", by="Ada")])

    memory.sync_conflicts("run2", [a_conflict()])

    assert [again.id for again in memory.list_conflicts()] == [entry.id]
    assert memory.get_conflict(entry.id).resolution is None


def test_a_closed_conflict_takes_no_choice(memory):
    memory.sync_conflicts("run1", [a_conflict()])
    (entry,) = memory.list_conflicts()
    memory.sync_conflicts("run2", [])

    with pytest.raises(UseError, match=f"Conflict {entry.id} is closed"):
        memory.resolve_conflict(entry.id, "late", by="Ada")


def test_short_ids_are_short_stable_and_distinct(memory):
    memory.sync_conflicts("run1", [a_conflict(number) for number in range(300)])

    entries = memory.list_conflicts()

    assert len({entry.id for entry in entries}) == 300
    assert max(len(entry.id) for entry in entries) <= 6
    assert all(entry.conflict.fingerprint.startswith(entry.id[1:]) for entry in entries)
    assert [memory.get_conflict(entry.id.upper()) for entry in entries] == entries


def test_a_taken_id_grows_by_a_letter():
    assert _short_id("abcdef", set()) == "cabc"
    assert _short_id("abcdef", {"cabc"}) == "cabcd"
    assert _short_id("abcdef", {"cabc", "cabcd"}) == "cabcde"


def test_a_beginning_that_fits_one_names_it_and_others_are_refused(memory):
    memory.sync_conflicts("run1", [a_conflict(number) for number in range(40)])
    entries = memory.list_conflicts()
    lonely = next(
        entry.id
        for entry in entries
        if sum(other.id.startswith(entry.id[:3]) for other in entries) == 1
    )

    assert memory.get_conflict(lonely[:3]).id == lonely
    with pytest.raises(UseError, match="Several conflicts"):
        memory.get_conflict("c")
    with pytest.raises(UseError, match="There is no conflict"):
        memory.get_conflict("nothing")


def test_findings_are_those_of_the_last_plan(memory, store):
    finding = Finding(Kind.NOTE, Side.HIGHLEVEL, "n1", "its contact is unknown", field="body")
    ambiguity = Ambiguity(Kind.CONTACT, "email", ("h1", "h2"), ("t1",), "two share it")
    memory.put_findings("run1", [finding, finding], [ambiguity])
    store.connection("other").put_findings("run1", [finding])

    assert memory.list_findings() == [finding, finding]
    assert memory.list_ambiguities() == [ambiguity]

    memory.put_findings("run2", [])
    assert memory.list_findings() == memory.list_ambiguities() == []
    assert store.connection("other").list_findings() == [finding]


def test_the_words_of_a_state_are_those_stored(memory):
    assert [state.value for state in ConflictState] == ["open", "resolved", "applied", "gone"]
    assert isinstance(a_conflict(), Conflict)
