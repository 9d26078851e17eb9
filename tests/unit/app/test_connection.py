"""A connection as scripts and notebooks meet it."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.flows.world import World, assert_converged
from toolkit.app.connection import Decision, open_connection
from toolkit.app.wiring import Transports
from toolkit.errors import StateBusyError, UseError
from toolkit.model.ids import Side
from toolkit.store.schema import run


def _clash(world: World, email: str) -> None:
    """Both sides give one person another name."""
    world.edit_contact(world.contact_id(email), firstName="Here", lastName="Person")
    world.time.edit_row("Contacts", world.row_id(email), {"Name": "There Person"})


@pytest.mark.parametrize(
    ("choice", "value", "name"),
    [
        ("highlevel", None, "Here Person"),
        ("timetonic", None, "There Person"),
        ("value", "Some Body", "Some Body"),
    ],
)
async def test_resolved_conflict_is_written_and_closed(
    world: World, choice: str, value: str | None, name: str
) -> None:
    email = world.emails()[0]
    _clash(world, email)
    async with world.open() as connection:
        report = await connection.sync()
        (conflict,) = connection.conflicts()

        resolved = await connection.resolve(conflict.id, choice, value=value)

        assert report.conflicts == 1
        assert resolved.verb == "resolve"
        assert connection.conflicts() == []
    assert world.rows("Contacts")[world.row_id(email)]["Name"] == name
    await world.settle(0)
    assert_converged(world)


async def test_conflict_stays_open_over_quiet_runs_and_nothing_is_overwritten(
    world: World,
) -> None:
    email = world.emails()[0]
    _clash(world, email)
    for _ in range(3):
        report = await world.sync()
        assert report.conflicts == 1

    async with world.open() as connection:
        assert len(connection.conflicts()) == 1
    assert world.rows("Contacts")[world.row_id(email)]["Name"] == "There Person"


async def test_several_conflicts_are_settled_in_one_run(world: World) -> None:
    emails = world.emails()[:2]
    for email in emails:
        _clash(world, email)
    async with world.open() as connection:
        await connection.sync()
        decisions = [Decision(each.id, "timetonic") for each in connection.conflicts()]

        report = await connection.resolve_many(decisions)

    assert report.writes_sent == 2
    await world.settle(0)


@pytest.mark.parametrize(("conflict_id", "choice"), [("nope", "highlevel"), ("", "a coin")])
async def test_choice_that_is_none_is_refused(
    world: World, conflict_id: str, choice: str
) -> None:
    _clash(world, world.emails()[0])
    async with world.open() as connection:
        await connection.sync()
        known = connection.conflicts()[0].id

        with pytest.raises(UseError):
            await connection.resolve(conflict_id or known, choice)  # type: ignore[arg-type]


async def test_log_finds_a_run_a_record_and_failures(world: World) -> None:
    email = world.emails()[0]
    contact_id = world.contact_id(email)
    world.edit_contact(contact_id, source="edited")
    async with world.open() as connection:
        report = await connection.sync()

        of_run = connection.log(run=report.run_id)
        of_record = connection.log(record=str(world.row_id(email)), limit=1)
        by_link = connection.log(record=of_run[0].link_id)
        of_origin = connection.log(record=contact_id)

        assert [entry.verb for entry in of_run] == ["update"]
        assert of_record == of_run
        assert of_run[0] in by_link
        assert all(entry.verb in {"join", "create"} for entry in of_origin)
        assert connection.log(failed_only=True) == []
        assert connection.runs(1)[0].id == report.run_id
        assert connection.findings() == []
        assert connection.name == "main"


async def test_stop_ends_a_run_before_its_next_write(world: World) -> None:
    for number in range(3):
        world.time.add_row(
            "Contacts", {"Name": f"New {number}", "Email": f"new{number}@example.com"}
        )
    async with world.open() as connection:
        report = await connection.sync(on_plan=lambda _plan: connection.request_stop())

    assert report.writes_sent == 0
    await world.settle()
    assert_converged(world)


async def test_home_is_held_by_one_writer(world: World) -> None:
    async with world.open():
        with pytest.raises(StateBusyError):
            async with world.open():
                pass
        transports = Transports(**world.sandbox.transports())
        async with open_connection(
            "main", home=world.home, read_only=True, transports=transports
        ) as looking:
            assert looking.runs()


async def test_last_written_run_is_the_newest_that_changed_a_record_however_it_ended(
    world: World,
) -> None:
    world.edit_contact(world.contact_id(world.emails()[0]), source="edited")
    async with world.open() as connection:
        report = await connection.sync()
        await connection.sync()
        store = connection._parts.store
        with store._transactions.writing() as rows:
            killed = update(run).where(run.c.run_id == report.run_id)
            rows.execute(killed.values(state="interrupted", report=None, verdict=""))

        assert connection.last_written().id == report.run_id
        assert connection.counts(report.run_id) == {"updated": 1}


async def test_run_that_died_before_any_answer_is_the_last_written(fresh: World) -> None:
    async with fresh.open() as connection:
        plan = await connection.preview()
        store = connection._parts.store
        dead = store.begin_run("sync")
        store.record_intent(dead, plan.writes[:1])
        store.begin_run("plan")

        assert connection.last_written().id == dead


async def test_there_is_no_last_written_run_before_anything_is_written(fresh: World) -> None:
    async with fresh.open() as connection:
        await connection.sync(on_plan=lambda _plan: connection.request_stop())

        assert connection.last_written() is None


async def test_least_calls_are_never_above_those_sent(world: World) -> None:
    world.time.add_row(
        "Contacts", {"Name": "New", "Email": "new@example.com", "Plan": "no such plan"}
    )
    async with world.open() as connection:
        report = await connection.sync()

    assert report.failures
    assert report.api_ratio >= 1
    assert all(report.minimum_api_calls[side] <= report.api_calls[side] for side in Side)
