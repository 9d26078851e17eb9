"""The day's figures: taken by runs, shown in the book, in `/metrics` and in the feed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.office import open_office
from tests.flows.world import HIGH, TIME, World, assert_converged
from toolkit.model.events import EventKind
from toolkit.model.ids import Kind
from toolkit.server.metrics import build_registry


@pytest.fixture
def shown(world: World) -> World:
    """A synced world whose book gets the day's row; the row stands."""
    world.configure(metrics={"enabled": True})
    return world


def row_of(world: World) -> dict[str, Any]:
    (row,) = world.rows("Metrics").values()
    return row


async def test_the_first_sync_puts_down_the_day_and_nobody_is_new(fresh: World) -> None:
    fresh.configure(metrics={"enabled": True})

    report = await fresh.sync()

    row = row_of(fresh)
    assert report.tallies[Kind.METRIC][TIME].created == 1
    assert row["Day"].isoformat() == "2026-03-02"
    assert row["Connection"] == "main"
    assert row["Total contacts"] == len(fresh.high.contacts)
    assert row["New contacts"] == 0
    assert row["Total tasks"] == row["Open tasks"] + row["Completed tasks"]
    assert row["API calls"] > 0
    assert (report.api_ratio, report.write_amplification) == (1.0, 1.0)


async def test_quiet_runs_leave_the_row_as_it_is(shown: World) -> None:
    await shown.sync()
    before = dict(row_of(shown))

    for _ in range(3):
        shown.clock.advance(4_000)
        report = await shown.sync()

        assert (report.writes_sent, report.api_ratio) == (0, 1.0)
    assert row_of(shown) == before


async def test_new_and_won_contacts_are_counted_once(shown: World) -> None:
    await shown.sync()
    shown.add_contact("new.lead@example.com")
    won = next(
        email
        for email in shown.emails()
        if shown.rows("Contacts")[shown.row_id(email)]["Lifecycle stage"] != "customer"
    )
    shown.edit_contact(shown.contact_id(won), lifecycle_stage="customer")

    for _ in range(2):
        await shown.sync()

    assert row_of(shown)["New contacts"] == 1
    async with shown.open() as connection:
        dashboard = connection.figures()
        assert [(week.week, week.new, week.won) for week in dashboard.weeks] == [
            ("2026-W10", 1, 1)
        ]
        assert dashboard.latest is not None
        assert dashboard.latest.census.contacts == len(shown.high.contacts)


async def test_each_day_has_a_row_and_the_day_that_ended_is_told(shown: World) -> None:
    await shown.sync()
    shown.clock.advance(86_400)
    await shown.sync()
    shown.clock.advance(3_600)
    await shown.sync()

    assert [row["Day"].isoformat() for row in shown.rows("Metrics").values()] == [
        "2026-03-02",
        "2026-03-03",
    ]
    async with shown.open() as connection:
        feed = connection._parts.store.feed
        (told,) = feed.list_events(kinds=[EventKind.METRICS_TAKEN])
        assert told.facts["day"] == "2026-03-02"
        assert told.facts["contacts"] == len(shown.high.contacts)
        assert len(connection.figures(1).days) == 1
        assert len(connection.figures().days) == 2


async def test_a_row_that_somebody_deleted_is_made_again(shown: World) -> None:
    await shown.sync()
    (gone,) = shown.rows("Metrics")
    shown.time.remove_row("Metrics", gone)
    shown.add_contact("one.more@example.com")

    report = await shown.sync()

    assert report.failures == ()
    assert row_of(shown)["Total contacts"] == len(shown.high.contacts)
    assert (await shown.sync()).writes_sent == 0


async def test_a_book_without_the_table_gets_no_row_and_nobody_is_bothered(
    shown: World,
) -> None:
    shown.configure(metrics={"enabled": True, "table": "Figures"})

    report = await shown.sync()

    assert (report.findings, report.failures, report.writes_sent) == (0, (), 0)
    assert shown.rows("Metrics") == {}


async def test_columns_are_named_in_the_settings_and_null_is_not_shown(shown: World) -> None:
    columns = {"total_contacts": "Notes", "notes": None}
    shown.configure(metrics={"enabled": True, "columns": columns})

    await shown.sync()

    assert row_of(shown)["Notes"] == len(shown.high.contacts)
    assert row_of(shown)["Total contacts"] is None


async def test_an_undo_leaves_the_figures_to_the_next_look(shown: World) -> None:
    await shown.sync()
    shown.add_contact("soon.gone@example.com")
    synced = await shown.sync()

    async with shown.open() as connection:
        undone = await connection.undo(synced.run_id)

        assert undone.tallies[Kind.METRIC][TIME].updated == 0
        assert connection.last_written().id == undone.run_id
    await shown.sync()
    async with shown.open() as connection:
        # The last run wrote figures alone: it is not the one that `undo last` means.
        assert connection.runs(1)[0].id != undone.run_id
        assert connection.last_written().id == undone.run_id


async def test_task_counts_and_the_stamp_stand_on_the_contacts_row(world: World) -> None:
    email = world.emails()[0]
    contact_id = world.contact_id(email)
    row = world.rows("Contacts")[world.row_id(email)]
    before, stamped_at = row["Total tasks"] or 0, row["Last sync"]
    first = world.add_task(contact_id, "One")
    world.add_task(contact_id, "Two")
    world.clock.advance(60)
    await world.sync()

    row = world.rows("Contacts")[world.row_id(email)]
    assert (row["Total tasks"], row["Open tasks"]) == (before + 2, before + 2)
    assert stamped_at is None or row["Last sync"] > stamped_at

    world.edit_task(first, is_completed=True)
    await world.sync()

    row = world.rows("Contacts")[world.row_id(email)]
    assert (row["Total tasks"], row["Open tasks"]) == (before + 2, before + 1)
    assert (await world.sync()).writes_sent == 0
    assert_converged(world)


async def test_prometheus_reads_the_newest_day(world: World) -> None:
    async with open_office(world) as office:
        await office.compare()
        registry = build_registry(office.watch.measures)

        def value(name: str, **labels: str) -> float | None:
            return registry.get_sample_value(name, {"connection": "main", **labels})

        assert value("hightonic_records", kind="contact") == len(world.high.contacts)
        assert value("hightonic_conflicts") == 0
        assert value("hightonic_tasks", state="open") == sum(
            not task.is_completed for task in world.high.tasks.values()
        )
        stages = world.facts(HIGH, Kind.CONTACT)
        leads = sum(facts["stage"] == "lead" for _, facts in stages)
        assert value("hightonic_contacts_by_stage", stage="lead") == leads
