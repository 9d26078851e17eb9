"""A rehearsal on somebody's own accounts, played by emulators behind addresses of the vendors."""

from __future__ import annotations

import asyncio
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.flows.world import HIGH, TIME, World, assert_converged, build_world
from toolkit.app.home import Home
from toolkit.app.live import Obstacle, look_at_switch, turn_live_on
from toolkit.app.rehearsal_report import RehearsalReport, write_report
from toolkit.app.wiring import Transports, open_parts
from toolkit.cli.rehearsal.highlevel import read_highlevel
from toolkit.cli.rehearsal.perform import Rehearsed, open_rehearser
from toolkit.cli.rehearsal.stage import on_stage
from toolkit.cli.rehearsal.timetonic import read_timetonic
from toolkit.errors import DecisionNeededError, StateError, UnknownOutcomeError
from toolkit.model.ids import Kind, Side
from toolkit.model.outcomes import RunReport
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.highlevel.records import Appointment
from toolkit.sandbox.serve import SandboxOptions
from toolkit.sandbox.snapshot import HighLevelSnapshot, Snapshot, TimeTonicSnapshot
from toolkit.store import Store

VENDORS = {
    "highlevel": {"base_url": "https://services.leadconnectorhq.com"},
    "timetonic": {"url": "https://timetonic.com/live/api.php"},
}


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def as_account(world: World) -> World:
    """The same world behind the vendors' addresses, so that nobody takes it for a sandbox."""
    world.configure(**VENDORS)
    world.sandbox.recorder.clear()
    return world


def meet(world: World) -> None:
    """An appointment in three days."""
    now, days = world.high.now(), timedelta(days=3)
    calendar_id, contact_id = next(iter(world.high.calendars)), next(iter(world.high.contacts))
    world.high.save_appointment(
        Appointment(
            world.high.ids.short(),
            calendar_id,
            contact_id,
            title="Review",
            status="confirmed",
            starts_at=now + days,
            ends_at=now + days + timedelta(hours=1),
            added_at=now,
            updated_at=now,
        )
    )


@pytest.fixture
def account(fresh: World) -> World:
    """12 contacts and 6 leads, 2 of them the same people; nothing synced, nothing live."""
    return as_account(fresh)


@pytest.fixture(scope="module")
def _live(_fresh: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = as_account(_fresh.copy_to(tmp_path_factory.mktemp("live") / "home"))
    meet(world)

    async def begin() -> None:
        await go_live(world)
        await world.sync()

    asyncio.run(begin())
    return world


@pytest.fixture
def live(_live: World, tmp_path: Path) -> World:
    """The same after it was rehearsed, switched on and synced."""
    world = _live.copy_to(tmp_path / "live")
    world.sandbox.recorder.clear()
    return world


async def rehearse(world: World, **options: Any) -> Rehearsed:
    async with open_rehearser(
        home=world.home,
        transports=Transports(**world.sandbox.transports()),
        clock=world.clock,
    ) as rehearser:
        return await rehearser.rehearse(**{"progress": silent, **options})


async def go_live(world: World) -> None:
    await rehearse(world)
    turn_live_on(Home(world.home), clock=world.clock.now)


async def rehearse_and_sync(world: World) -> RunReport:
    await go_live(world)
    return await world.sync(full=True)


async def read(parts: Any) -> tuple[HighLevelSnapshot, TimeTonicSnapshot]:
    high = await read_highlevel(parts, most_note_calls=1_000, progress=silent)
    time = await read_timetonic(parts, progress=silent)
    assert (high.unread, high.unreadable, time.unreadable) == (frozenset(), 0, 0)
    return high.snapshot, time.snapshot


def open_account(world: World) -> Any:
    return open_parts(
        world.name,
        home=world.home,
        transports=Transports(**world.sandbox.transports()),
        clock=world.clock,
    )


def left_in(home: Path) -> list[Path]:
    return list(home.glob("rehearsal-*"))


# -- the copy -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variant", "profile"),
    [
        ({}, {}),
        (
            {"date_codec": "formatted", "datetime_codec": "iso_datetime", "boolean": "words"}
            | {"number": "decimal_comma", "multi_codec": "text", "empty_reads": "empty_text"},
            {"date_codec": "formatted", "datetime_codec": "iso_datetime"}
            | {"number_codec": "decimal_comma", "multi_codec": "comma"},
        ),
        (
            {"create_answer": "ids_only", "max_page_size": 5},
            {"tmp_id_mapping": "read_back", "page_size": 5, "write_batch_size": 3},
        ),
    ],
    ids=["as guessed", "other words", "other sizes"],
)
async def test_stage_shows_what_the_accounts_show(tmp_path, variant, profile):
    options = SandboxOptions(
        contacts=14, tasks=8, notes=5, leads=6, shared=2, timetonic_variant=variant
    )
    world = await build_world(tmp_path / "home", options)
    world.configure(timetonic={"profile": profile})
    await world.sync()
    await world.settle()

    async with open_account(world) as parts:
        read_once = await read(parts)
        snapshot = Snapshot(world.clock.now(), *read_once)
        async with on_stage(parts, snapshot) as acting:
            read_again = await read(acting.connection._parts)

    assert read_again == read_once
    held = world.sandbox.highlevel.state.counts()
    assert len(read_once[0].contacts) == held["contacts"] > 14
    assert len(read_once[0].appointments) == held["appointments"]
    rows = read_once[1].find_table("Notes").rows
    assert rows is not None
    assert len(rows) == len(world.rows("Notes")) == 5


# -- the report ---------------------------------------------------------------------------


def _emails(rows: Any) -> set[Any]:
    return {row["Email"] for row in rows.values()}


def did(report: RehearsalReport, kind: Kind, side: Side) -> dict[str, int]:
    words = ("created", "updated", "deleted", "linked", "unlinked", "skipped", "failed")
    return {word: getattr(report.did[kind][side], word) for word in words}


async def test_rehearsal_tells_exactly_what_the_real_run_does_and_costs(medium):
    account = as_account(medium)
    rehearsed = await rehearse(account)
    told = rehearsed.report
    assert account.writes() == 0
    assert told.is_quiet
    assert rehearsed.leave.obstacle is Obstacle.OFF

    turn_live_on(Home(account.home), clock=account.clock.now)
    real = await account.sync()

    for kind in told.did:
        for side, tally in real.tallies[kind].items():
            mine = did(told, kind, side)
            assert mine == {word: getattr(tally, word) for word in mine}, (kind, side)
    assert told.cost.calls == real.api_calls
    assert told.writes == real.writes_sent
    assert_converged(account)
    assert (await account.sync()).writes_sent == 0


async def test_rehearsal_only_reads_counts_its_calls_and_keeps_no_personal_value(account):
    report = (await rehearse(account)).report

    text = write_report(report)
    shown = {row["Name"] for row in account.rows("Contacts").values()}
    assert "@" not in text
    assert not [name for name in shown if name and name in text]
    assert account.writes() == 0
    sent = [each.system for each in account.sandbox.recorder.select()]
    assert report.cost.spent_calls == {side: sent.count(side.value) for side in Side}
    with Store.open(account.home, clock=account.clock.now) as store:
        memory = store.connection(account.name)
        month = f"{account.clock.now():%Y-%m}"
        assert memory.calls_in_month(TIME, month) >= report.cost.spent_calls[TIME]
        assert memory.links() == []
        assert memory.list_runs() == []


async def test_values_a_service_would_refuse_are_told_before(account):
    row_id = next(iter(account.rows("Contacts")))
    state = account.sandbox.timetonic.state
    for field in ("Email", "Phone"):
        state.edit_row("Contacts", row_id, {field: "nobody"})

    report = (await rehearse(account)).report

    assert report.findings or report.failures
    assert report.is_quiet
    assert "nobody" not in write_report(report)


async def test_unclear_matches_are_counted(account):
    rows, known = account.rows("Contacts"), account.high.contacts.values()
    email = next(c.values["email"] for c in known if c.values["email"] in _emails(rows))
    other = next(i for i, row in rows.items() if row["Email"] not in {email, None})
    account.sandbox.timetonic.state.edit_row("Contacts", other, {"Email": email, "Phone": None})

    report = (await rehearse(account)).report

    assert report.ambiguous == {"contact": 1}


async def test_conflicts_and_brakes_are_told_before(live):
    rows = {row["Email"]: i for i, row in live.rows("Contacts").items()}
    people = [(c.id, rows[c.values["email"]]) for c in live.high.contacts.values()][:6]
    for number, (contact_id, row_id) in enumerate(people):
        live.edit_contact(contact_id, firstName=f"High {number}")
        if number < 2:
            live.sandbox.timetonic.state.edit_row("Contacts", row_id, {"Name": "Time"})
    live.configure(sync={"brakes": {"update_floor": 1, "update_share": 0.0}})

    report = (await rehearse(live)).report

    assert report.conflicts == {"contact.name": 2}
    assert report.held == 4
    assert len(report.brakes) == 1
    assert did(report, Kind.CONTACT, TIME)["updated"] == 0


# -- the home -----------------------------------------------------------------------------


async def test_copy_is_private_without_keys_and_gone_afterwards(account):
    async with open_account(account) as parts:
        snapshot = Snapshot(account.clock.now(), *await read(parts))
        async with on_stage(parts, snapshot) as acting:
            (folder,) = left_in(account.home)
            modes = {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
            rows = acting.memory._transactions.engine.raw_connection()
            (keys,) = rows.cursor().execute("SELECT count(*) FROM secret").fetchone()
            rows.close()
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    assert modes == {0o600}
    assert keys == 0
    assert left_in(account.home) == []


async def test_cut_off_rehearsal_leaves_nothing(account):
    watched: list[Path] = []

    def cut(what: str, _done: int, _total: int) -> None:
        if what.startswith(("create", "Creat")):
            watched.extend(left_in(account.home))
            task.cancel()

    async with asyncio.TaskGroup():
        task = asyncio.current_task()
        assert task is not None
        with pytest.raises(asyncio.CancelledError):
            await rehearse(account, progress=cut)
        task.uncancel()

    assert watched
    assert left_in(account.home) == []
    assert look_at_switch(Home(account.home)).rehearsed_at is None


async def test_leavings_of_a_killed_rehearsal_are_cleared_a_day_later(account):
    old, young = account.home / "rehearsal-old", account.home / "rehearsal-young"
    for folder, age_h in ((old, 25), (young, 23)):
        folder.mkdir()
        at = account.clock.now().timestamp() - age_h * 3600
        os.utime(folder, (at, at))

    await rehearse(account)

    assert left_in(account.home) == [young]


async def test_state_in_a_database_is_copied_too(account, monkeypatch):
    place = account.home / "elsewhere.db"
    (account.home / "hightonic.db").rename(place)
    monkeypatch.setenv("HIGHTONIC_DATABASE_URL", f"sqlite:///{place}")

    report = (await rehearse(account)).report

    assert report.is_quiet
    assert report.writes > 0
    assert not (account.home / "hightonic.db").exists()
    assert look_at_switch(Home(account.home), clock=account.clock.now).report == report


async def test_home_without_room_is_said_and_nothing_sent_twice(account, monkeypatch):
    def no_room(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryDirectory", no_room)

    with pytest.raises(StateError, match="No space left on device"):
        await rehearse(account)
    assert account.writes() == 0


async def test_account_that_cannot_be_read_is_not_rehearsed(account):
    account.fail(Fault(FaultKind.UNAVAILABLE_BEFORE, match="getTableValues", times=0))

    with pytest.raises(UnknownOutcomeError):
        await rehearse(account)

    assert look_at_switch(Home(account.home)).rehearsed_at is None
    with Store.open(account.home, clock=account.clock.now) as store:
        month = f"{account.clock.now():%Y-%m}"
        assert store.connection(account.name).calls_in_month(HIGH, month) > 0


# -- the switch ---------------------------------------------------------------------------


async def test_nothing_is_written_before_a_person_switched_live_on(account):
    with pytest.raises(DecisionNeededError, match="never rehearsed"):
        await account.sync()
    async with account.open() as connection:
        assert (await connection.preview()).writes
    assert account.writes() == 0

    await go_live(account)

    assert (await account.sync()).writes_sent > 0


async def test_changed_mapping_writes_nothing_until_it_is_rehearsed(live):
    writes = live.writes()
    live.configure(mapping={"contact": {"fields": {"company": {"direction": "to_timetonic"}}}})

    with pytest.raises(DecisionNeededError, match="not the one that was allowed"):
        await live.sync()
    assert live.writes() == writes

    await go_live(live)
    await live.sync()
    assert look_at_switch(Home(live.home), clock=live.clock.now).leave.is_granted


async def test_records_out_of_scope_are_never_deleted_by_a_changed_filter(live):
    assert len(live.rows("Appointments")) == 1
    live.configure(
        sync={"appointments": {"past_days": 0, "future_days": 0}},
    )

    report = (await rehearse(live)).report

    assert report.records[Kind.APPOINTMENT] == {HIGH: 0, TIME: 1}
    assert did(report, Kind.APPOINTMENT, TIME)["deleted"] == 0
    assert (await rehearse_and_sync(live)).tallies[Kind.APPOINTMENT][TIME].deleted == 0
    assert len(live.rows("Appointments")) == 1


async def test_rehearsal_of_a_paused_connection_is_none_of_its_business(live):
    from toolkit.app.live import pause

    pause(Home(live.home), clock=live.clock.now)

    rehearsed = await rehearse(live)

    assert (rehearsed.report.writes, rehearsed.report.is_quiet) == (0, True)
    assert rehearsed.leave.obstacle is Obstacle.PAUSED


# -- the budget ---------------------------------------------------------------------------


def note_calls(world: World) -> int:
    rows = world.sandbox.recorder.select()
    return sum(each.operation == "get-all-notes" for each in rows)


@pytest.mark.parametrize("most", [3, 1_000])
async def test_notes_are_read_within_the_budget(account, most):
    report = (await rehearse(account, most_note_calls=most)).report

    assert note_calls(account) == min(most, 12)
    assert report.notes_unread == max(0, 12 - most)
    assert report.is_quiet


async def test_notes_that_were_not_read_look_neither_deleted_nor_new(live):
    rows = live.rows("Notes")
    assert len(rows) == 5
    live.clock.advance(30 * 3600)

    report = (await rehearse(live, most_note_calls=4)).report

    assert report.notes_unread == len(live.high.contacts) - 4
    assert report.writes == 0
    assert report.records[Kind.NOTE][TIME] < 5
    assert did(report, Kind.NOTE, TIME)["unlinked"] == 0


async def test_notes_typed_in_timetonic_are_not_created_where_nobody_looked(account):
    """First rehearsal: whose row it is only matching tells, not a stored pair."""
    emails = {c.values["email"]: c.id for c in account.high.contacts.values()}
    shared = [i for i, row in account.rows("Contacts").items() if row["Email"] in emails]
    alone = [i for i in account.rows("Contacts") if i not in shared]
    state = account.sandbox.timetonic.state
    state.add_row("Notes", {"Body": "typed for somebody known", "Contact": (shared[0],)})
    state.add_row("Notes", {"Body": "typed for somebody new", "Contact": (alone[0],)})

    none_read = (await rehearse(account, most_note_calls=0)).report
    all_read = (await rehearse(account)).report

    assert did(none_read, Kind.NOTE, HIGH)["created"] == 1
    assert did(all_read, Kind.NOTE, HIGH)["created"] == 2


async def test_notes_due_soonest_are_read_first(live):
    busy = list(live.high.contacts)[7]
    live.edit_contact(busy, firstName="Busy")
    live.sandbox.recorder.clear()

    await rehearse(live, most_note_calls=1)

    (path,) = [
        each.path
        for each in live.sandbox.recorder.select()
        if each.operation == "get-all-notes"
    ]
    assert busy in path
