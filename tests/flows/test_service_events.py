"""Events and the clock bring both sides together, whatever goes wrong on the way."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.flows.office import Office, open_office
from tests.flows.world import HIGH, TIME, World, assert_converged
from toolkit.app.draining import list_dirty
from toolkit.app.observe_dirty import Dirty
from toolkit.model.events import EventKind, Severity
from toolkit.model.ids import Kind, RecordId
from toolkit.sandbox.faults import Fault, FaultKind


@pytest.fixture(autouse=True)
def _settings(world: World) -> None:
    world.configure(webhooks={"quiet_s": 0, "cap_s": 0})


async def test_contact_told_of_is_brought_across_without_a_comparison(world: World) -> None:
    async with open_office(world) as office:
        await office.tick()
        world.add_contact("new.person@example.org")
        await office.deliver()
        await office.tick()

        assert world.row_id("new.person@example.org")
        assert office.verbs[-1] == "drain"
        assert office.waiting == 0
    assert_converged(world)


async def test_echo_of_our_own_writes_costs_one_drain_and_no_write(world: World) -> None:
    async with open_office(world) as office:
        await office.tick()
        row = world.row_id(world.emails()[0])
        world.time.edit_row("Contacts", row, {"Phone": "+33612345678"})
        office.tell(TIME, Kind.CONTACT, str(row))
        await office.tick()
        writes, runs = world.writes(), len(office.verbs)
        await office.settle()
        await office.tick()

        assert world.writes() == writes
        assert len(office.verbs) <= runs + 1
    assert_converged(world)


async def test_row_told_of_is_brought_across(world: World) -> None:
    async with open_office(world) as office:
        await office.tick()
        row = world.time.add_row("Contacts", {"Name": "Rosa Row", "Email": "rosa@example.org"})
        office.tell(TIME, Kind.CONTACT, str(row))
        await office.tick()

        assert world.contact_id("rosa@example.org")
    assert_converged(world)


async def test_contact_deleted_is_told_and_the_pair_kept_apart(world: World) -> None:
    async with open_office(world) as office:
        await office.tick()
        email = world.emails()[0]
        world.remove_contact(world.contact_id(email))
        await office.settle()
        deleted = office.events(EventKind.CONTACT_DELETED)
        runs = len(office.verbs)
        await office.compare()

        assert [event.facts["side"] for event in deleted] == ["highlevel"]
        assert world.row_id(email)  # `unlink`: the other record stays
        assert len(office.events(EventKind.CONTACT_DELETED)) == 1
        assert office.verbs[runs:] == ["sync"]
        assert email not in world.emails()


async def test_contact_deleted_takes_its_row_along_where_the_settings_say_so(
    world: World,
) -> None:
    world.configure(sync={"deletes": {"from_highlevel": "delete"}})
    async with open_office(world) as office:
        await office.tick()
        email = world.emails()[0]
        world.remove_contact(world.contact_id(email))
        await office.settle()

        assert not [row for row in world.rows("Contacts").values() if row["Email"] == email]


async def test_brake_in_a_drain_holds_and_the_comparison_asks_the_same(world: World) -> None:
    world.configure(
        sync={"deletes": {"from_highlevel": "delete"}, "brakes": {"delete_cap": 2}},
        schedule={"full_every_h": 0.1},
    )
    rows = len(world.rows("Contacts"))
    async with open_office(world) as office:
        await office.tick()
        for email in world.emails()[:4]:
            world.remove_contact(world.contact_id(email))
        await office.settle()
        held = len(office.events(EventKind.BRAKE_TRIPPED))
        await office.compare()

        assert held == 1
        assert office.waiting == 0
        assert len(world.rows("Contacts")) == rows
        assert office.verbs[-1] == "sync"
        approvals = [
            event.facts["approval"] for event in office.events(EventKind.BRAKE_TRIPPED)
        ]
        assert all(approvals)
        assert len(await _held(office)) == 4


async def test_mass_deletion_told_little_by_little_meets_the_brake(world: World) -> None:
    world.configure(
        sync={
            "deletes": {"from_highlevel": "delete"},
            "brakes": {"delete_floor": 2, "delete_share": 0, "shrink_share": 0},
        }
    )
    rows = len(world.rows("Contacts"))
    async with open_office(world) as office:
        await office.tick()
        for email in world.emails()[:8]:
            world.remove_contact(world.contact_id(email))
            await office.settle()
        told_of = rows - len(world.rows("Contacts"))
        await office.compare()

        assert told_of == 2
        assert len(world.rows("Contacts")) == rows - 2
        assert len(await _held(office)) == 6


async def _held(office: Office) -> list[object]:
    plan = await office.desk.runner.preview(full=True, notes="due", progress=None)
    return [op for op in plan.held if op.kind is Kind.CONTACT]


ODD = (
    (HIGH, Kind.APPOINTMENT, "a1", {"contactId": "c1"}),  # a kind that is not mapped
    (HIGH, Kind.CONTACT, None, {}),  # names no record
    (HIGH, Kind.TASK, "t1", {}),  # names no contact to look below
    (HIGH, Kind.NOTE, "n1", {"contactId": ""}),
    (HIGH, Kind.TASK, "t404", {"contactId": "c404"}),
    (HIGH, Kind.CONTACT, "c404", {}),
    (TIME, Kind.CONTACT, "404404", {}),
    (TIME, Kind.CONTACT, "x'; --", {}),  # no row's id: cannot even be asked for
)


async def test_odd_events_stop_no_other(world: World) -> None:
    world.configure(mapping={"appointment": {"enabled": False}})
    async with open_office(world) as office:
        await office.tick()
        email = world.emails()[0]
        for side, kind, record_id, body in ODD:
            office.tell(side, kind, record_id, **body)
        world.edit_contact(world.contact_id(email), phone="+33612345678")
        await office.deliver()
        await office.tick()
        states = office.states
        await office.settle_for(1200)

        assert world.rows("Contacts")[world.row_id(email)]["Phone"] == "+33612345678"
        assert states["pending"] == 1
        assert office.states == {"done": len(ODD), "failed": 1}


async def test_bare_task_event_of_a_known_task_is_read(world: World) -> None:
    async with open_office(world) as office:
        await office.tick()
        task = next(iter(world.high.tasks.values()))
        world.edit_task(task.id, title="Another title")
        world.sandbox.webhooks.queue.clear()
        office.tell(HIGH, Kind.TASK, task.id)
        await office.tick()

        assert world.row_like("Tasks", Title="Another title")


async def test_note_event_without_record_reads_its_contact(world: World) -> None:
    async with open_office(world) as office:
        contact_id = world.contact_id(world.emails()[0])
        office.tell(HIGH, Kind.NOTE, None, contactId=contact_id)
        events = office.store.take_batch()

        found = list(list_dirty(office.store, events, [Kind.CONTACT, Kind.NOTE]))

        assert found == [Dirty(HIGH, Kind.CONTACT, RecordId(contact_id))]


async def test_dead_key_is_told_once_and_its_events_wait(world: World) -> None:
    async with open_office(world) as office:
        await office.tick()
        world.add_contact("late.person@example.org")
        world.fail(Fault(FaultKind.UNAUTHORISED, system=HIGH, times=0))
        await office.deliver()
        for _ in range(5):
            await office.tick()
        runs = office.verbs.count("drain")
        dead = office.events(EventKind.CREDENTIAL_DEAD)
        readiness = await office.watch.readiness()
        waiting = office.waiting

        assert runs == 1  # the others wait a minute
        assert waiting > 0
        assert [(event.severity, event.facts) for event in dead] == [
            (Severity.CRITICAL, {"system": "highlevel"})
        ]
        assert "HighLevel refuses the key" in readiness.outside["credentials"]
        assert (readiness.is_ready, readiness.status) == (True, "degraded")

        world.fail()
        world.clock.advance(60)
        await office.tick()
        await office.tick()

        assert office.waiting == 0
        assert world.row_id("late.person@example.org")
        assert (await office.watch.readiness()).is_ready
        assert office.events(EventKind.RUN_RECOVERED)


@pytest.mark.parametrize(
    ("settings", "due_after_s"),
    [
        ({"quiet_s": 10, "cap_s": 60}, 10),
        ({"quiet_s": 30, "cap_s": 5}, 5),
        ({"quiet_s": 0, "cap_s": 0}, 1),
    ],
)
async def test_record_rests_before_it_is_looked_at(
    world: World, settings: dict, due_after_s: int
) -> None:
    world.configure(webhooks=settings)
    async with open_office(world) as office:
        await office.tick()
        world.edit_contact(world.contact_id(world.emails()[0]), phone="+33612345678")
        await office.deliver()
        began = world.clock.now()
        while office.waiting:
            await office.tick()

        assert (world.clock.now() - began).total_seconds() == due_after_s


async def test_record_that_never_rests_is_looked_at_after_the_cap(world: World) -> None:
    world.configure(webhooks={"quiet_s": 10, "cap_s": 20})
    async with open_office(world) as office:
        await office.tick()
        drains = []
        for second in range(25):
            office.tell(HIGH, Kind.CONTACT, world.contact_id(world.emails()[0]))
            await office.tick()
            if "drain" in office.verbs:
                drains.append(second)

        assert drains[0] in range(19, 22)


async def test_stop_in_the_middle_leaves_events_in_the_inbox(world: World) -> None:
    async with open_office(world) as office:
        await office.tick()
        for number in range(3):
            world.add_contact(f"person.{number}@example.org")
        await office.deliver()
        carry = office.desk.runner.drain

        async def stopped_on_the_way(dirty):
            office.service._turns.stop()
            return await carry(dirty)

        office.desk.runner.drain = stopped_on_the_way
        await office.tick()

        assert office.waiting == 3
    async with open_office(world) as again:
        await again.settle()

        assert world.row_id("person.2@example.org")
    assert_converged(world)


async def test_cut_comparison_is_tried_once_more(world: World) -> None:
    async with open_office(world) as office:
        sync = office.desk.runner.sync

        async def cut(**options):
            office.service._turns._cut(list(office.service._turns._held.values()))
            office.desk.runner.sync = sync
            return await sync(**options)

        office.desk.runner.sync = cut
        await office.tick()

        assert office.verbs[-2:] == ["sync", "sync"]


async def test_paused_connection_keeps_its_events_and_works_on_them_later(world: World) -> None:
    async with open_office(world) as office:
        await office.tick()
        office.store.set_paused(is_paused=True)
        world.add_contact("patient.person@example.org")
        await office.deliver()
        await office.service.wake(office.desk.name)
        await office.compare()
        waiting = office.waiting
        office.store.set_paused(is_paused=False)
        await office.tick()

        assert waiting == 1
        assert world.row_id("patient.person@example.org")


async def test_failed_comparison_is_counted_and_the_next_one_recovers(world: World) -> None:
    async with open_office(world) as office:
        before = Counter(office.watch.measures().runs)
        world.fail(Fault(FaultKind.UNAUTHORISED, system=HIGH, times=0))
        await office.compare()
        world.fail()
        await office.compare()
        runs = Counter(office.watch.measures().runs) - before

        assert runs == {("main", "sync", "failed"): 1, ("main", "sync", "done"): 1}
        assert office.events(EventKind.RUN_RECOVERED)
        assert (await office.watch.readiness()).is_ready


async def test_dead_key_is_told_also_where_nothing_is_written(world: World) -> None:
    world.configure(highlevel={"base_url": "http://vendor.example"})
    async with open_office(world) as office:
        world.fail(Fault(FaultKind.UNAUTHORISED, system=HIGH, times=0))
        await office.compare()
        await office.compare()
        (dead,) = office.events(EventKind.CREDENTIAL_DEAD)
        status = (await office.watch.readiness()).status
        world.fail()
        await office.compare()

        assert dead.severity is Severity.CRITICAL
        assert status == "degraded"
        assert (await office.watch.readiness()).is_ready


async def test_month_that_runs_short_is_told_and_compared_more_slowly(world: World) -> None:
    world.configure(schedule={"monthly_calls": 1000})
    async with open_office(world) as office:
        office.store.add_calls(TIME, "2026-03", 810)
        await office.compare()
        await office.compare()
        low = office.events(EventKind.QUOTA_LOW)
        runs = len(office.verbs)
        await office.compare()
        await office.compare()

        assert [event.facts["level"] for event in low] == [80]
        assert low[0].facts["every_minutes"] == 1440
        assert office.verbs[runs:] == []
        left = office.watch.measures().quota_left["main", "timetonic", "month"]
        assert 0 < left < 190


async def test_connection_that_only_plans_passes_events_over_and_compares_without_writing(
    world: World,
) -> None:
    world.configure(highlevel={"base_url": "http://vendor.example"})
    async with open_office(world) as office:
        writes = world.writes()
        world.add_contact("planned.person@example.org")
        await office.deliver()
        await office.tick()

        assert world.writes() == writes
        assert office.waiting == 0
        assert office.verbs[-1] != "drain"
        assert office.store.calls_in_month(HIGH, "2026-03") > 0


async def test_events_of_a_run_hold_no_personal_value(world: World) -> None:
    async with open_office(world) as office:
        world.add_contact("secret.person@example.org", phone="+33699887766")
        world.add_task(world.contact_id("secret.person@example.org"), "Whisper softly")
        await office.settle()
        await office.compare()
        told = repr(office.events())

    for value in ("secret.person", "+33699887766", "Whisper", *world.emails()):
        assert value not in told
