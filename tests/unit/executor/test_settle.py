"""What is true of a pair after an operation ended, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.store.samples import (
    NOON,
    a_create,
    a_delete,
    a_link,
    a_record,
    an_update,
)
from toolkit.executor.settle import (
    PARK_S,
    Ending,
    half_link,
    joined,
    operation_side,
    settle,
)
from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Join, Operation, Rebase, Unlink

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
DONE = OutcomeState.DONE
JOIN = Join(
    LinkId("link1"),
    Kind.CONTACT,
    RecordId("h1"),
    RecordId("t1"),
    CorrelationKey("key1"),
    {"name": "Person 1"},
)


def _end(link: Link | None, operation: Operation, state: OutcomeState = DONE, **ending):
    ended = {"id": RecordId("t9")} if isinstance(operation, Create) and state is DONE else {}
    ended |= ending.pop("outcome", {})
    return settle(link, Ending(Outcome(operation, state, **ended), **ending), now=NOON)


# -- creates --------------------------------------------------------------------------------


def test_finished_create_makes_a_live_pair_of_what_was_sent() -> None:
    settled = _end(half_link(a_create()), a_create())

    assert settled.link is not None
    assert settled.link.state is LinkState.LIVE
    assert (settled.link.highlevel_id, settled.link.timetonic_id) == ("h1", "t9")
    assert settled.link.base == {"name": "Person 1", "email": None}
    assert settled.link.aliases == {}
    assert settled.observed is not None
    assert settled.observed.values["name"] == "Person 1"


def test_finished_create_without_a_stored_half_makes_the_same_pair() -> None:
    assert _end(None, a_create()).link == _end(half_link(a_create()), a_create()).link


@pytest.mark.parametrize(
    ("shown", "alias", "altered"),
    [
        ({"name": "Person 1"}, {}, ()),
        ({"name": "PERSON 1"}, {"name": "PERSON 1"}, ("name",)),
        ({"name": "Person 1", "source": "public api"}, {"source": "public api"}, ()),
        ({"name": "Person 1", "source": None}, {}, ()),
        ({"name": None}, {"name": None}, ("name",)),
    ],
)
def test_what_the_server_made_of_a_create_is_its_alias(shown, alias, altered) -> None:
    record = a_record(side=TIME, id=RecordId("t9"), values=shown)

    settled = _end(None, a_create(), record=record)

    assert settled.link is not None
    assert settled.link.aliases == ({TIME: alias} if alias else {})
    assert settled.outcome.altered == altered


def test_create_that_takes_a_deletion_back_stays_apart() -> None:
    settled = _end(a_link(state=LinkState.UNLINKED), a_create(is_undo=True, generation=1))

    assert settled.link is not None
    assert settled.link.state is LinkState.UNLINKED
    assert settled.link.timetonic_id == "t9"


def test_finished_create_without_an_id_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="has an id"):
        settle(None, Ending(Outcome(a_create(), DONE)), now=NOON)


# -- ends that are no success ---------------------------------------------------------------

HALF = half_link(a_create())


@pytest.mark.parametrize(
    ("link", "operation", "state", "kept"),
    [
        (HALF, a_create(), OutcomeState.UNKNOWN, LinkState.HALF),
        (HALF, a_create(), OutcomeState.SKIPPED, None),
        (None, a_create(), OutcomeState.SKIPPED, None),
        (a_link(), an_update(), OutcomeState.UNKNOWN, LinkState.LIVE),
        (a_link(), an_update(), OutcomeState.SKIPPED, LinkState.LIVE),
        (a_link(), a_delete(), OutcomeState.UNKNOWN, LinkState.LIVE),
    ],
)
def test_unsure_and_skipped_ends_keep_the_pair(link, operation, state, kept) -> None:
    settled = _end(link, operation, state)

    assert (settled.link.state if settled.link else None) is kept


@pytest.mark.parametrize(
    ("link", "is_retryable", "kept"),
    [
        (HALF, True, None),
        (HALF, False, LinkState.PARKED),
        (None, False, None),
        (a_link(), True, LinkState.LIVE),
        (a_link(), False, LinkState.PARKED),
    ],
)
def test_refusal_parks_and_a_passing_failure_does_not(link, is_retryable, kept) -> None:
    outcome = {"is_retryable": is_retryable, "reason": "no"}
    settled = _end(link, a_create(), OutcomeState.FAILED, outcome=outcome)

    assert (settled.link.state if settled.link else None) is kept


@pytest.mark.parametrize(
    ("fails", "rest_s"), [*enumerate(PARK_S), (4, PARK_S[-1]), (9, PARK_S[-1])]
)
def test_each_refusal_rests_longer(fails: int, rest_s: float) -> None:
    settled = _end(a_link(fails=fails), an_update(), OutcomeState.FAILED)

    assert settled.link is not None
    assert settled.link.fails == fails + 1
    assert settled.link.not_before == NOON + timedelta(seconds=rest_s)


# -- updates --------------------------------------------------------------------------------


def test_finished_update_moves_the_base() -> None:
    settled = _end(a_link(base={"name": "Old"}, fails=2, reason="no"), an_update())

    assert settled.link is not None
    assert settled.link.base == {"name": "New"}
    assert (settled.link.fails, settled.link.reason) == (0, "")


def test_spelling_of_the_server_becomes_the_alias_of_its_side() -> None:
    link = a_link(base={"name": "Old"}, aliases={TIME: {"name": "OLD"}, HIGH: {"name": "old"}})

    settled = _end(link, an_update(), record=a_record(values={"name": "NEW"}))

    assert settled.link is not None
    assert settled.link.aliases == {HIGH: {"name": "NEW"}}
    assert settled.outcome.altered == ("name",)


def test_base_waits_while_the_other_side_still_shows_something_else() -> None:
    update = an_update(
        after={"tags": ("a", "b")}, before={"tags": ("a",)}, other={"tags": ("b",)}
    )
    link = a_link(base={"tags": None})

    first = _end(link, update)
    second = _end(
        link,
        replace(update, side=TIME, id=RecordId("t1"), other={"tags": ("a",)}),
        other_now={"tags": ("a", "b")},
    )

    assert first.link is not None
    assert second.link is not None
    assert first.link.base == {"tags": None}
    assert second.link.base == {"tags": ("a", "b")}


def test_undone_field_leaves_the_base_and_is_remembered_as_wanted() -> None:
    undo = an_update(before={"name": "New"}, after={"name": "Old"}, other={}, is_undo=True)

    settled = _end(a_link(base={"name": "New"}), undo)

    assert settled.link is not None
    assert settled.link.base == {"name": "New"}
    assert settled.link.shown_on(HIGH) == {"name": "Old"}


def test_answer_that_shows_nothing_counts_as_stored_as_sent() -> None:
    known = a_record(values={"name": "Old", "email": "a@example.com"})

    settled = _end(a_link(), an_update(), known=known)

    assert settled.observed is not None
    assert settled.observed.values == {"name": "New", "email": "a@example.com"}
    assert settled.outcome.altered == ()


def test_update_of_a_record_in_no_pair_is_remembered_only_as_seen() -> None:
    settled = _end(None, an_update(), record=a_record(values={"name": "New"}))

    assert settled.link is None
    assert settled.observed is not None


def test_pair_refused_on_the_other_side_stays_parked() -> None:
    parked = a_link(state=LinkState.PARKED, fails=1, reason="no", not_before=NOON)

    settled = _end(parked, an_update())

    assert settled.link is not None
    assert (settled.link.state, settled.link.fails, settled.link.reason) == (
        LinkState.PARKED,
        1,
        "no",
    )


# -- deletions and local steps --------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "state"),
    [
        (a_link(), LinkState.UNLINKED),
        (a_link(highlevel_id=None), LinkState.DELETED),
        (None, None),
    ],
)
def test_finished_deletion_retires_the_pair(link, state) -> None:
    settled = _end(link, a_delete())

    assert (settled.link.state if settled.link else None) is state
    assert settled.forgotten == (TIME, "t1")


@pytest.mark.parametrize(
    ("gone", "state", "reason"),
    [
        ((HIGH,), LinkState.UNLINKED, "deleted in HighLevel"),
        ((HIGH, TIME), LinkState.DELETED, "deleted in HighLevel and TimeTonic"),
        ((), LinkState.UNLINKED, "undone"),
    ],
)
def test_unlink_says_why(gone, state, reason) -> None:
    settled = _end(a_link(), Unlink(LinkId("link1"), Kind.CONTACT, gone, {}))

    assert settled.link is not None
    assert (settled.link.state, settled.link.reason) == (state, reason)


def test_rebase_adopts_and_forgets_the_aliases_of_what_is_agreed() -> None:
    link = a_link(
        base={"name": "Old", "plan": "Pro"}, aliases={HIGH: {"name": "x"}, TIME: {"plan": "y"}}
    )

    settled = _end(link, Rebase(LinkId("link1"), Kind.CONTACT, {"name": "New"}))

    assert settled.link is not None
    assert settled.link.base == {"name": "New", "plan": "Pro"}
    assert settled.link.aliases == {TIME: {"plan": "y"}}


@pytest.mark.parametrize(
    "operation",
    [
        Rebase(LinkId("link1"), Kind.CONTACT, {}),
        Unlink(LinkId("link1"), Kind.CONTACT, (HIGH,), {}),
    ],
)
def test_local_step_on_a_forgotten_pair_makes_none(operation: Operation) -> None:
    assert _end(None, operation).link is None


def test_join_makes_a_live_pair() -> None:
    assert _end(None, JOIN).link == joined(JOIN)
    assert joined(JOIN).state is LinkState.LIVE


@pytest.mark.parametrize(
    ("operation", "side"),
    [
        (a_create(), TIME),
        (an_update(), HIGH),
        (a_delete(), TIME),
        (JOIN, None),
        (Rebase(LinkId("link1"), Kind.CONTACT, {}), None),
        (Unlink(LinkId("link1"), Kind.CONTACT, (), {}), None),
    ],
)
def test_operation_is_of_the_side_it_writes_to(operation: Operation, side: Side | None) -> None:
    assert operation_side(operation) is side
