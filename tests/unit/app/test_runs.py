"""Runs: counted, remembered, and honest about how they ended."""

from __future__ import annotations

import json

import pytest

from tests.flows.world import World
from toolkit.app.observe_dirty import Dirty
from toolkit.cli.ending import exit_code
from toolkit.errors import VendorError
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.store.runs import RunState


async def test_first_sync_costs_the_least_calls(fresh: World) -> None:
    report = await fresh.sync()

    assert report.api_ratio <= 1.05
    assert report.write_amplification == 1.0


@pytest.mark.parametrize("count", [1, 5])
async def test_incremental_run_costs_the_least_calls(world: World, count: int) -> None:
    for email in world.emails()[:count]:
        world.edit_contact(world.contact_id(email), source="edited")
        world.time.edit_row("Contacts", world.row_id(email), {"Company": "Acme"})

    report = await world.sync()

    assert report.writes_sent == count
    assert report.api_ratio <= 1.10
    assert report.write_amplification == 1.0


async def test_finished_run_is_remembered_with_its_report(world: World) -> None:
    async with world.open() as connection:
        report = await connection.sync()
        (entry, *_) = connection.runs()

    assert (entry.id, entry.state, entry.verdict) == (report.run_id, RunState.FINISHED, "done")
    assert entry.report is not None
    assert json.loads(entry.report)["run_id"] == report.run_id


async def test_run_that_could_not_look_says_why(world: World) -> None:
    world.fail(Fault(FaultKind.UNAUTHORISED, system="highlevel", times=0))

    async with world.open() as connection:
        with pytest.raises(VendorError):
            await connection.sync()
        (entry, *_) = connection.runs()

    assert entry.verdict.startswith("failed: ")
    assert entry.report is not None
    assert json.loads(entry.report)["writes"] == 0


async def test_run_that_was_broken_off_is_called_interrupted(world: World) -> None:
    def breaks(*_: object) -> None:
        raise KeyboardInterrupt

    async with world.open() as connection:
        with pytest.raises(KeyboardInterrupt):
            await connection.sync(on_plan=breaks)
        (entry, *_) = connection.runs()

    assert entry.verdict == "interrupted"
    await world.settle(0)


async def test_calls_are_added_to_the_month(world: World) -> None:
    async with world.open() as connection:
        store = connection._parts.store
        month = f"{world.clock.now():%Y-%m}"
        before = store.calls_in_month(Side.HIGHLEVEL, month)

        report = await connection.sync()

        assert store.calls_in_month(Side.HIGHLEVEL, month) == (
            before + report.api_calls[Side.HIGHLEVEL]
        )


async def test_retry_wakes_what_rests_and_counts_on(world: World) -> None:
    made = world.add_contact("bad.one@example.com")
    world.edit_contact(made, lifecycle_stage="astronaut")
    await world.sync()

    async with world.open() as connection:
        report = await connection.retry()
    (parked,) = [link for link in await world.links() if link.fails]

    assert report.verb == "retry"
    assert report.tallies[Kind.CONTACT][Side.TIMETONIC].failed == 1
    assert parked.fails == 2


async def test_refused_record_that_its_person_deleted_is_forgotten(world: World) -> None:
    made = world.add_contact("bad.one@example.com")
    world.edit_contact(made, lifecycle_stage="astronaut")
    await world.sync()
    world.remove_contact(made)

    await world.settle()
    await world.settle()

    assert made not in {link.highlevel_id for link in world.pairs}


async def test_preview_wakes_nothing(world: World) -> None:
    made = world.add_contact("bad.one@example.com")
    world.edit_contact(made, lifecycle_stage="astronaut")
    await world.sync()
    world.clock.advance(10_000)
    before = await world.links()

    async with world.open() as connection:
        plan = await connection.preview()

    assert len(plan.writes) == 1
    assert await world.links() == before


async def test_resting_pairs_are_listed_by_every_view_until_they_are_in_step(
    world: World,
) -> None:
    email = world.emails()[0]
    world.edit_contact(world.contact_id(email), lifecycle_stage="astronaut")
    await world.sync()

    async with world.open() as connection:
        plan = await connection.preview()
        report = await connection.sync()
        (listed,) = (each for each in connection.findings() if "Left to rest" in each.reason)

    assert report.writes_sent == 0
    (line,) = report.resting
    assert world.contact_id(email) in line
    assert "hightonic retry" in line
    assert listed in plan.findings
    assert exit_code(report) == 1
    world.edit_contact(world.contact_id(email), lifecycle_stage="lead")
    await world.settle()
    assert exit_code(await world.sync()) == 0


@pytest.mark.parametrize("is_previewed", [False, True])
@pytest.mark.parametrize("mended_in", Side)
async def test_edit_of_a_resting_pair_wakes_it_at_once(
    world: World, mended_in: Side, *, is_previewed: bool
) -> None:
    email = world.emails()[0]
    world.edit_contact(world.contact_id(email), lifecycle_stage="astronaut", source="edited")
    await world.sync()
    quiet = await world.sync()
    assert quiet.writes_sent == 0
    world.clock.advance(1)
    if mended_in is Side.HIGHLEVEL:
        world.edit_contact(world.contact_id(email), lifecycle_stage="lead")
    else:
        world.time.edit_row("Contacts", world.row_id(email), {"Company": "Acme"})
    if is_previewed:
        async with world.open() as connection:
            assert (await connection.preview()).writes

    report = await world.sync()

    assert report.writes_sent
    is_mended = mended_in is Side.HIGHLEVEL
    assert (report.resting == ()) is is_mended
    assert (world.rows("Contacts")[world.row_id(email)]["Source"] == "edited") is is_mended


async def test_edit_of_a_refused_new_record_wakes_it_at_once(world: World) -> None:
    made = world.add_contact("bad.one@example.com")
    world.edit_contact(made, lifecycle_stage="astronaut")
    await world.sync()
    world.edit_contact(made, lifecycle_stage="lead")

    report = await world.sync()

    assert report.tallies[Kind.CONTACT][Side.TIMETONIC].created == 1
    assert report.resting == ()


@pytest.mark.parametrize("told_by", Side)
async def test_event_about_an_edited_resting_pair_wakes_it_with_both_its_records(
    world: World, told_by: Side
) -> None:
    email = world.emails()[0]
    contact_id, row_id = world.contact_id(email), world.row_id(email)
    world.edit_contact(contact_id, lifecycle_stage="astronaut", source="edited")
    await world.sync()
    world.edit_contact(contact_id, lifecycle_stage="lead")
    world.time.edit_row("Contacts", row_id, {"Company": "Acme"})
    record_id = contact_id if told_by is Side.HIGHLEVEL else str(row_id)
    told = Dirty(told_by, Kind.CONTACT, RecordId(record_id))

    async with world.open() as connection:
        report = await connection._runner.drain([told])

    assert report.resting == ()
    assert world.rows("Contacts")[row_id]["Source"] == "edited"


async def test_drain_leaves_what_was_found_of_other_records(world: World) -> None:
    first, second, *_ = world.emails()
    for email in (first, second):
        world.edit_contact(world.contact_id(email), phone="no number at all")
    async with world.open() as connection:
        await connection.sync()
        found = {each.id for each in connection.findings()}
        world.edit_contact(world.contact_id(first), phone="+33612345678")
        dirty = Dirty(Side.HIGHLEVEL, Kind.CONTACT, RecordId(world.contact_id(first)))

        await connection._runner.drain([dirty])

        left = {each.id for each in connection.findings()}
    assert world.contact_id(second) in left
    assert found - left == {world.contact_id(first)}
