"""What webhooks lose is counted exactly, and healed by the next comparison."""

from __future__ import annotations

import pytest

from tests.flows.office import open_office
from tests.flows.world import HIGH, TIME, World, assert_converged
from toolkit.app.comparing import COMPARED
from toolkit.app.gap import Compared
from toolkit.model.events import EventKind, Severity
from toolkit.model.ids import Kind
from toolkit.sandbox.webhooks import DeliveryFaults


@pytest.fixture(autouse=True)
def _settings(world: World) -> None:
    world.configure(webhooks={"quiet_s": 0, "cap_s": 0})


async def test_gap_is_exactly_what_was_dropped(world: World) -> None:
    async with open_office(world) as office:
        await office.compare()
        emails = world.emails()
        world.edit_contact(world.contact_id(emails[0]), phone="+33612345678")
        await office.settle()  # one that arrives: events do come from this side
        await office.compare()
        before = len(world.sandbox.webhooks.attempts)
        world.sandbox.webhooks.configure(faults=DeliveryFaults(drop_share=0.5, seed=3))
        for number, email in enumerate(emails):
            world.edit_contact(world.contact_id(email), phone=f"+3361234560{number % 10}")
        for number in range(4):
            world.add_contact(f"new.{number}@example.org")
        world.add_task(world.contact_id(emails[0]), "Call back")
        note = world.add_note(world.contact_id(emails[1]), "Said yes")
        world.remove_contact(world.contact_id(emails[2]))
        await office.settle()
        webhooks = world.sandbox.webhooks
        arrived = {each.record_id for each in webhooks.attempts[before:]}
        dropped = {each.record_id for each in webhooks.lost} - arrived
        await office.compare()
        (event,) = office.events(EventKind.WEBHOOK_GAP)
        gap = office.watch.measures().webhook_gap

        assert len(dropped) > 3
        # A note written past the emulator's door fires nothing.
        assert {subject.highlevel_id for subject in event.subjects} == dropped | {note}
        assert event.facts["untold"] == len(event.subjects) == gap["main", "highlevel"]
        assert event.severity is Severity.WARNING
    assert_converged_but(world, emails[2])


def assert_converged_but(world: World, email: str) -> None:
    world.time.remove_row("Contacts", world.row_id(email))
    for row_id, row in list(world.rows("Tasks").items()):
        if not row["Contact"] or row["Contact"][0] not in world.rows("Contacts"):
            world.time.remove_row("Tasks", row_id)
    for row_id, row in list(world.rows("Notes").items()):
        if not row["Contact"] or row["Contact"][0] not in world.rows("Contacts"):
            world.time.remove_row("Notes", row_id)
    assert_converged(world)


async def test_nothing_is_missing_where_nobody_ever_told_of_anything(world: World) -> None:
    async with open_office(world, is_hooked=False) as office:
        await office.compare()
        world.edit_contact(world.contact_id(world.emails()[0]), phone="+33612345678")
        await office.compare()

        assert office.events(EventKind.WEBHOOK_GAP) == []
        assert office.watch.measures().webhook_gap == {}


async def test_conflict_that_stays_open_is_missed_once(world: World) -> None:
    world.configure(webhooks={"app_id": "app-1"})
    async with open_office(world, is_hooked=False) as office:
        await office.compare()
        email = world.emails()[0]
        world.edit_contact(world.contact_id(email), phone="+33612345678")
        world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+33687654321"})
        for _ in range(3):
            await office.compare()
        counts = [event.facts["untold"] for event in office.events(EventKind.WEBHOOK_GAP)]

        assert counts == [1]
        assert office.watch.measures().webhook_gap == {("main", "highlevel"): 0}


async def test_changed_mapping_is_no_gap(world: World) -> None:
    world.configure(webhooks={"app_id": "app-1"})
    async with open_office(world) as office:
        await office.compare()
    world.configure(mapping={"contact": {"without": ["phone"]}})
    async with open_office(world) as office:
        world.edit_contact(world.contact_id(world.emails()[0]), phone="+33612345678")
        await office.compare()

        assert office.events(EventKind.WEBHOOK_GAP) == []


async def test_told_rows_are_no_gap_and_deleted_rows_are_nobodys_fault(world: World) -> None:
    async with open_office(world) as office:
        await office.compare()
        emails = world.emails()
        told, untold, deleted = (world.row_id(email) for email in emails[:3])
        world.time.edit_row("Contacts", told, {"Phone": "+33612345678"})
        world.time.edit_row("Contacts", untold, {"Phone": "+33612345679"})
        world.time.remove_row("Contacts", deleted)
        office.tell(TIME, Kind.CONTACT, str(told))
        await office.compare()
        (event,) = office.events(EventKind.WEBHOOK_GAP)
        compared = Compared.from_json(office.store.get_memo(COMPARED))

        assert [subject.timetonic_id for subject in event.subjects] == [str(untold)]
        assert compared is not None
        assert compared.senders == {TIME}
        assert HIGH not in compared.untold
