"""Taking back, and bringing back, records that began here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.executor.test_births import CONTACT, a_birth, a_change, a_row
from tests.unit.store.samples import a_link, an_update
from toolkit.executor.undo import plan_undo
from toolkit.model.ids import Digest, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Delete, Operation, Plan, Unlink, Update

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
PAIR = a_link(
    5,
    kind=Kind.TASK,
    timetonic_id=RecordId("t7"),
    base={"title": "Call 1", "body": None},
    parent=CONTACT.id,
)
TWIN = replace(a_birth(), link_id=PAIR.id, side=HIGH, origin_id=RecordId("t7"), generation=0)


def undo(
    *ended: tuple[Operation, str],
    links: tuple[Link, ...] = (CONTACT, PAIR),
    sides: dict[Kind, Side] | None = None,
) -> Plan:
    return plan_undo(
        "main",
        scope="scope",
        config_digest=Digest("d"),
        outcomes=[Outcome(op, OutcomeState.DONE, id=RecordId(at)) for op, at in ended],
        links={link.id: link for link in links},
        birth_sides=sides,
    )


def brief(plan: Plan) -> list[tuple[object, ...]]:
    return [(op.op, op.link_id, getattr(op, "side", None)) for op in plan.operations]


@pytest.mark.parametrize(
    "ended",
    [
        [(a_birth(), "t7"), (TWIN, "h5")],
        [(a_birth(), "t7")],
    ],
    ids=["twin made in the same run", "twin made in a later run"],
)
def test_a_new_record_is_taken_back_with_its_twin(ended) -> None:
    plan = undo(*ended)

    assert sorted(map(str, brief(plan))) == sorted(
        map(
            str,
            [
                ("unlink", PAIR.id, None),
                ("delete", PAIR.id, HIGH),
                ("delete", PAIR.id, TIME),
            ],
        )
    )
    assert plan.operations[0].op == "unlink"
    deleted = {op.side: op for op in plan.operations if isinstance(op, Delete)}
    assert (deleted[HIGH].id, deleted[TIME].id) == ("h5", "t7")
    assert all(op.is_undo for op in deleted.values())
    assert deleted[TIME].before["body"] is None, "blank fields are checked too"


def test_a_new_record_without_a_twin_is_taken_back_alone() -> None:
    (step,) = undo((a_birth(), "t7"), links=(CONTACT,)).operations

    assert isinstance(step, Delete)
    assert (step.link_id, step.id, step.parent_id) == (a_birth().link_id, "t7", "t9")
    assert step.before == {"title": "Call 1"}


def test_a_pair_that_fell_apart_loses_only_what_was_born() -> None:
    apart = replace(PAIR, state=LinkState.UNLINKED)

    plan = undo((a_birth(), "t7"), links=(CONTACT, apart))

    assert brief(plan) == [("delete", PAIR.id, TIME)]


@pytest.mark.parametrize(
    ("base", "is_kept"),
    [
        ({"title": "Call 1", "body": None}, False),
        ({"title": "Call 1", "body": "typed since"}, True),
        ({"title": "Edited"}, True),
        ({"title": "Call 1", "is_completed": False}, False),
    ],
)
def test_what_people_have_worked_on_since_stays_with_its_twin(base, is_kept) -> None:
    pair = replace(PAIR, base=base)

    plan = undo((a_birth(), "t7"), (TWIN, "h5"), links=(CONTACT, pair))

    assert bool(plan.findings) is is_kept
    assert bool(plan.operations) is not is_kept


def test_what_the_run_itself_wrote_to_it_is_no_work_of_people() -> None:
    finished = Update(
        PAIR.id,
        Kind.TASK,
        HIGH,
        RecordId("h5"),
        before={"title": "Call 1"},
        after={"title": "Two"},
        other={},
        expected=Digest("d"),
    )
    pair = replace(PAIR, base={"title": "Two"}, aliases={HIGH: {"title": "two"}})

    plan = undo((a_birth(), "t7"), (TWIN, "h5"), (finished, "h5"), links=(CONTACT, pair))

    deleted = {op.side: op.before for op in plan.operations if isinstance(op, Delete)}
    assert deleted[HIGH] == {"title": "two"}
    assert len(plan.operations) == 3, "what goes anyway is not changed back first"


def _removed(side: Side, record_id: str, link_id: LinkId = PAIR.id) -> Delete:
    return Delete(
        link_id,
        Kind.TASK,
        side,
        RecordId(record_id),
        mode="delete",
        before={"title": "Call 1", "body": None},
        expected=Digest("d"),
        parent_id=RecordId("t9"),
        is_undo=True,
        causes=("rule/h",),
    )


@pytest.mark.parametrize(
    ("sides", "side"), [(None, TIME), ({Kind.TASK: TIME}, TIME), ({Kind.TASK: HIGH}, HIGH)]
)
def test_done_again_a_pair_that_is_gone_begins_anew_on_one_side(sides, side) -> None:
    apart = replace(PAIR, state=LinkState.UNLINKED)
    ended = [
        (Unlink(PAIR.id, Kind.TASK, (), {}), ""),
        (_removed(HIGH, "h5"), "h5"),
        (_removed(TIME, "t7"), "t7"),
    ]

    plan = undo(*ended, links=(CONTACT, apart), sides=sides)

    (made,) = plan.operations
    assert isinstance(made, Create)
    assert made.is_birth
    assert (made.side, made.parent, made.causes) == (side, CONTACT.id, ("rule/h",))
    assert made.values == {"title": "Call 1"}
    assert undo(*ended, links=(CONTACT, apart), sides=sides).hash == plan.hash


def test_done_again_a_single_record_finds_its_contact() -> None:
    (made,) = undo((_removed(TIME, "t7", LinkId("born")), "t7"), links=(CONTACT,)).operations

    assert isinstance(made, Create)
    assert made.parent == CONTACT.id


ROW = a_link(1, kind=Kind.METRIC, highlevel_id=None, base={"title": "Call 1"})


def test_a_row_of_our_own_is_removed_and_put_back_under_its_name() -> None:
    (removal,) = undo((a_row(), "t1"), links=(ROW,)).operations
    assert isinstance(removal, Delete)
    assert (removal.link_id, removal.id) == (ROW.id, "t1")

    gone = replace(ROW, state=LinkState.DELETED)
    (made,) = undo((removal, "t1"), links=(gone,)).operations

    assert isinstance(made, Create)
    assert (made.link_id, made.is_birth, made.generation) == (ROW.id, True, 1)
    assert not made.is_undo
    assert made.correlation != ROW.correlation


def test_a_change_of_a_row_of_our_own_is_taken_back() -> None:
    (step,) = undo((a_change(ROW.id, "t1"), "t1"), links=(ROW,)).operations

    assert isinstance(step, Update)
    assert step.after == {"title": "Call 1"}


def test_a_record_written_several_times_is_taken_back_in_one_step() -> None:
    first = an_update(before={"name": "A", "phone": "1"}, after={"name": "B", "phone": "2"})
    second = an_update(before={"name": "B"}, after={"name": "C"})

    (step,) = undo((first, "h1"), (second, "h1"), links=(a_link(),)).operations

    assert isinstance(step, Update)
    assert step.before == {"name": "C", "phone": "2"}
    assert step.after == {"name": "A", "phone": "1"}
