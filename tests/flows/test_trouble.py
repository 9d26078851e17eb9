"""What real accounts do to a sync: poison, duplicates, lag, odd spellings, dead keys, quotas."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.flows.world import HIGH, TIME, World, assert_converged, assert_linked
from toolkit.model.ids import Kind, Side
from toolkit.model.links import LinkState
from toolkit.sandbox.faults import Fault, FaultKind


async def test_poisoned_row_does_not_block_its_batch_and_is_retried_later(
    world: World,
) -> None:
    # The emulated table takes four stages and no other; HighLevel takes anything.
    for number in range(5):
        world.add_contact(f"batch.mate{number}@example.com", plan=None)
    poisoned = world.add_contact("bad.one@example.com")
    world.edit_contact(poisoned, lifecycle_stage="astronaut")

    report = await world.sync()

    assert report.tallies[Kind.CONTACT][TIME].created == 5
    assert report.tallies[Kind.CONTACT][TIME].failed == 1
    (parked,) = [link for link in await world.links() if link.state is LinkState.PARKED]
    assert parked.fails == 1
    assert parked.not_before is not None

    quiet = await world.sync()
    assert quiet.writes_sent == 0, "it rests"

    world.edit_contact(poisoned, lifecycle_stage="lead")
    async with world.open() as connection:
        mended = await connection.retry()
    assert mended.tallies[Kind.CONTACT][TIME].created == 1
    await world.settle(0)
    assert_converged(world)


async def test_refused_record_rests_longer_each_time(world: World) -> None:
    poisoned = world.add_contact("bad.one@example.com")
    world.edit_contact(poisoned, lifecycle_stage="astronaut")
    rests = []
    for _ in range(4):
        await world.sync()
        (parked,) = [link for link in await world.links() if link.state is LinkState.PARKED]
        assert parked.not_before is not None
        rests.append((parked.not_before - world.clock.now()).total_seconds())
        world.clock.advance(rests[-1] + 1)

    assert rests == sorted(rests)
    assert rests[0] < rests[-1]


async def test_contact_highlevel_holds_already_is_refused_and_parked_not_doubled(
    world: World,
) -> None:
    async with world.open() as connection:
        plan = await connection.preview()
        assert plan.writes == ()
    world.time.add_row("Contacts", {"Name": "Late Comer", "Email": "late.comer@example.com"})

    # A person is faster: the same contact appears between the look and the write.
    async with world.open() as connection:
        report = await connection.sync(
            on_plan=lambda _plan: world.add_contact("late.comer@example.com") and None
        )

    assert report.tallies[Kind.CONTACT][HIGH].failed == 1
    await world.settle()
    assert_converged(world)
    assert_linked(world)


async def test_own_write_is_not_read_back_as_a_persons_edit_from_a_stale_index(
    world: World,
) -> None:
    email = world.emails()[0]
    world.time.edit_row("Contacts", world.row_id(email), {"Source": "from the row"})
    await world.sync()
    world.fail(
        Fault(FaultKind.STALE_SEARCH, system="highlevel", times=0, seconds=100_000.0),
    )

    for _ in range(3):
        world.clock.advance(30)
        report = await world.sync()
        assert report.writes_sent == 0

    assert world.rows("Contacts")[world.row_id(email)]["Source"] == "from the row"
    await world.settle(0)
    assert_converged(world)


async def test_spelling_the_server_prefers_is_remembered_and_not_pushed_back(
    world: World,
) -> None:
    row = world.time.add_row(
        "Contacts",
        {"Name": "Odd Tags", "Email": "odd.tags@example.com", "Tags": ("VIP", "Ünïque")},
    )

    await world.settle()

    contact = world.high.contacts[world.contact_id("odd.tags@example.com")]
    assert sorted(contact.tags) == ["vip", "ünïque"]
    quiet = await world.sync()
    assert quiet.writes_sent == 0
    assert world.rows("Contacts")[row]["Email"] == "odd.tags@example.com"


async def test_company_is_taken_while_creating_and_reported_afterwards(world: World) -> None:
    row = world.time.add_row(
        "Contacts", {"Name": "Ann Firm", "Email": "ann.firm@example.com", "Company": "Acme"}
    )
    await world.settle()
    contact = world.high.contacts[world.contact_id("ann.firm@example.com")]
    assert contact.values["companyName"] == "Acme"
    world.time.edit_row("Contacts", row, {"Company": "Globex"})

    report = await world.sync()

    assert report.writes_sent == 0
    assert report.findings >= 1


@pytest.mark.parametrize("answer", ["refuse", "drop"])
async def test_column_that_takes_no_value_is_said_and_not_written_for_ever(
    world: World, answer: str
) -> None:
    state = world.time
    state.variant = replace(state.variant, read_only=answer)
    table = state.table("Contacts")
    column = table.field_named("Source")
    table.fields[column.id] = replace(column, is_read_only=True)
    email = world.emails()[0]
    world.edit_contact(world.contact_id(email), source="edited", tags=["vip"])

    async with world.open() as connection:
        report = await connection.sync()
        said = connection.log(run=report.run_id, limit=1)

    assert report.failures or said[0].altered == ("source",)
    assert (await world.sync()).writes_sent == 0
    assert (await world.sync()).writes_sent == 0


async def test_deadlocks_are_repeated_until_the_batch_goes_through(world: World) -> None:
    for number in range(4):
        world.add_contact(f"batch.mate{number}@example.com")
    world.fail(Fault(FaultKind.DEADLOCK, system="timetonic", match="createOrUpdate", times=3))

    report = await world.sync()

    assert report.failures == ()
    assert report.tallies[Kind.CONTACT][TIME].created == 4
    await world.settle(0)


@pytest.mark.parametrize(
    ("side", "kind"),
    [
        (HIGH, FaultKind.TOO_MANY_TODAY),
        (HIGH, FaultKind.UNAUTHORISED),
        (TIME, FaultKind.QUOTA),
        (TIME, FaultKind.DEAD_SESSION),
    ],
)
async def test_side_that_says_stop_is_left_alone_and_the_other_goes_on(
    world: World, side: Side, kind: FaultKind
) -> None:
    for number in range(3):
        world.add_contact(f"from.high{number}@example.com")
        row = {"Name": f"From Time{number}", "Email": f"from.time{number}@example.com"}
        world.time.add_row("Contacts", row)
    match = "create-contact" if side is HIGH else "createOrUpdate"
    world.fail(Fault(kind, system=side.value, match=match, times=0))

    report = await world.sync()

    stopped = report.tallies[Kind.CONTACT][side]
    assert stopped.created == 0
    assert stopped.failed >= 1
    assert report.tallies[Kind.CONTACT][side.other].created == 3
    await world.settle()
    assert_converged(world)
    assert_linked(world)


async def test_lost_state_file_is_rebuilt_from_the_keys_in_the_records(
    world: World,
) -> None:
    for ending in ("", "-wal", "-shm"):
        (world.home / f"hightonic.db{ending}").unlink(missing_ok=True)
    (world.home / "key").unlink(missing_ok=True)
    twin = await _reconnected(world)

    report = await twin.sync()

    assert all(
        tally.created == 0 for sides in report.tallies.values() for tally in sides.values()
    )
    await twin.settle()
    assert_converged(twin)
    assert_linked(twin)


async def _reconnected(world: World) -> World:
    from toolkit.app.home import Home
    from toolkit.app.setup import connect_sandbox

    ready, transports = world.sandbox.ready_line(), world.sandbox.transports()
    await connect_sandbox(Home(world.home), world.name, ready, transports=transports)
    return world
