"""Why an operation must not be carried out any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.executor.fakes import Bench
from tests.unit.store.samples import NOON, a_create, a_delete, a_link, a_record
from toolkit.executor.objections import child_objection, local_objection, write_objection
from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import Join, Rebase, Unlink

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
CONTACT = replace(a_delete(), side=HIGH, id=RecordId("h1"))
NOTE = a_record(9, kind=Kind.NOTE, parent_id=RecordId("h1"), values={"body": "seen"})
NOTE_LINK = a_link(9, kind=Kind.NOTE, base={"body": "seen"})
JOIN = Join(
    LinkId("link1"), Kind.CONTACT, RecordId("h1"), RecordId("t1"), CorrelationKey("key1"), {}
)


@pytest.mark.parametrize(
    ("link", "shown", "is_refused"),
    [
        (NOTE_LINK, {"body": "seen"}, False),
        (NOTE_LINK, {"body": "edited"}, True),
        (None, {"body": "seen"}, True),
    ],
)
async def test_contact_is_not_deleted_over_something_unseen(
    bench: Bench, link: Link | None, shown: dict[str, str], is_refused: bool
) -> None:
    bench.high.put(replace(NOTE, values=shown))
    bench.store.put_links([link] if link else [])

    reason = await child_objection(CONTACT, bench.context())

    assert bool(reason) is is_refused


@pytest.mark.parametrize(
    "delete", [replace(CONTACT, kind=Kind.NOTE), replace(CONTACT, mode="archive")]
)
async def test_nothing_hangs_on_notes_and_archived_contacts(bench: Bench, delete) -> None:
    assert await child_objection(delete, bench.context()) == ""
    assert bench.high.calls == []


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (None, ""),
        (a_link(), "its twin exists already"),
        (a_link(timetonic_id=None, state=LinkState.HALF), "it waits for a person"),
        (a_link(timetonic_id=None, state=LinkState.PARKED), "it waits for a person"),
        (a_link(timetonic_id=None, state=LinkState.PARKED, not_before=NOON), ""),
    ],
)
def test_create_needs_a_pair_that_waits_for_it(
    bench: Bench, link: Link | None, reason: str
) -> None:
    bench.store.put_links([link] if link else [])

    assert write_objection(a_create(), None, bench.context()) == reason


def test_create_needs_its_contact_on_that_side(bench: Bench) -> None:
    task = a_create(2, kind=Kind.TASK, parent=LinkId("link1"))

    without = write_objection(task, None, bench.context())
    bench.store.put_links([a_link()])

    assert without == "its contact does not exist there"
    assert write_objection(task, None, bench.context()) == ""


@pytest.mark.parametrize(
    ("operation", "link", "reason"),
    [
        (JOIN, None, ""),
        (JOIN, a_link(), "they are linked already"),
        (Unlink(LinkId("link1"), Kind.CONTACT, (), {}), a_link(), ""),
        (
            Unlink(LinkId("link1"), Kind.CONTACT, (), {}),
            a_link(state=LinkState.UNLINKED),
            "the pair is not kept in step any more",
        ),
        (
            Rebase(LinkId("link1"), Kind.CONTACT, {}),
            None,
            "the pair is not kept in step any more",
        ),
    ],
)
def test_local_step_needs_the_pair_it_was_planned_for(
    bench: Bench, operation, link: Link | None, reason: str
) -> None:
    assert local_objection(operation, link, bench.context()) == reason


@pytest.mark.parametrize(
    ("shown", "reason"),
    [({"name": "B"}, ""), ({"name": "C"}, "the values have moved on"), ({}, "")],
)
def test_rebase_needs_both_sides_to_show_what_was_agreed(
    bench: Bench, shown: dict[str, str], reason: str
) -> None:
    bench.store.upsert_observed(HIGH, Kind.CONTACT, [a_record(values=shown)])
    rebase = Rebase(LinkId("link1"), Kind.CONTACT, {"name": "B"})

    assert local_objection(rebase, a_link(), bench.context()) == reason
