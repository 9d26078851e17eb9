"""The service's small parts: periods, turns, figures, and how it says that it is well."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from toolkit.app.comparing import COMPARED, FULL_AT, budget_of, is_full_due, period_minutes
from toolkit.app.config import ConnectionConfig, read_config
from toolkit.app.credentials import KeyAge
from toolkit.app.figures import FigureBook, lag_s
from toolkit.app.measures import IntakeCounts
from toolkit.app.service import PRUNE, TICKED, Service, slot_of
from toolkit.app.turns import LEASE_S, Desk, Turns
from toolkit.app.watch import Watch
from toolkit.clients.pacing import ManualClock
from toolkit.engine.inline import InlineEngine
from toolkit.errors import CredentialsError, NotReachedError, StateBusyError, StateError
from toolkit.model.events import Event, EventKind, Severity
from toolkit.model.ids import ConnectionName, Digest, Kind, RecordId, RunId, Side
from toolkit.model.outcomes import RunReport, Tally
from toolkit.store import Arrival, ConnectionStore, Store

NOW = datetime(2026, 11, 16, tzinfo=UTC)
FILE = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
    schedule: {every_minutes: 15, full_every_h: 2, monthly_calls: 1000}
"""


def config(text: str = FILE) -> ConnectionConfig:
    return read_config(text, Path("hightonic.yaml")).get_connection("main")


def report(verb: str = "sync", *, at: datetime = NOW, **changes: Any) -> RunReport:
    plain = RunReport(
        run_id=RunId("run-1"),
        connection="main",
        verb=verb,
        started_at=at,
        duration_s=1.0,
        tallies={Kind.CONTACT: {Side.TIMETONIC: Tally(created=2, failed=1, conflicts=4)}},
        conflicts=0,
        ambiguous=0,
        findings=0,
        held=0,
        api_calls={Side.HIGHLEVEL: 3, Side.TIMETONIC: 10},
        minimum_api_calls={},
        writes_sent=2,
        writes_needed=2,
    )
    return replace(plain, **changes)


@dataclass
class Fixed:
    """What a desk needs of a connection that calls nobody."""

    store: ConnectionStore
    config: ConnectionConfig = field(default_factory=config)
    pacer: Any = None
    courier: Any = None

    def now(self) -> datetime:
        return NOW

    def key_ages(self) -> list[KeyAge]:
        """One key of ninety days, seen at the end of its life."""
        return [KeyAge("highlevel.token", NOW)]


class Steady(ManualClock):
    """Does not move by itself; a sleeper only lets others go on."""

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        await asyncio.sleep(0.001)


@pytest.fixture
def clock() -> Steady:
    return Steady(NOW)


@pytest.fixture
def store(tmp_path: Path, clock: Steady) -> Iterator[Store]:
    with Store.open(tmp_path, clock=clock.now) as opened:
        yield opened


@pytest.fixture
def desk(store: Store) -> Desk:
    parts: Any = Fixed(store.connection("main"))
    runner: Any = SimpleNamespace(request_stop=lambda: None)
    return Desk(parts, runner)


# -- periods ----------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [1, 15, 60, 1440])
def test_slot_lasts_one_period(minutes: int) -> None:
    period = timedelta(minutes=minutes)
    first = slot_of("main", NOW, every_minutes=minutes)

    assert slot_of("main", NOW + period, every_minutes=minutes) == first + 1
    assert slot_of("main", NOW + 7 * period, every_minutes=minutes) == first + 7


def test_connections_begin_their_periods_at_different_moments() -> None:
    begins = set()
    for name in ("main", "us", "eu", "asia"):
        slots = [
            slot_of(name, NOW + timedelta(seconds=s), every_minutes=15) for s in range(900)
        ]
        begins.add(next(s for s in range(1, 900) if slots[s] != slots[s - 1]))

    assert len(begins) == 4


@pytest.mark.parametrize(("hours", "is_due"), [(0, False), (1.9, False), (2, True)])
def test_everything_is_listed_every_few_hours(desk: Desk, hours: float, is_due: bool) -> None:
    assert is_full_due(desk, NOW)
    desk.parts.store.put_memo(FULL_AT, NOW.isoformat())

    assert is_full_due(desk, NOW + timedelta(hours=hours)) is is_due


def test_period_follows_what_is_left_of_the_month(desk: Desk) -> None:
    store, settings = desk.parts.store, desk.parts.config
    assert period_minutes(settings, store, NOW) == 15
    FigureBook(store).note_report(report())
    store.add_calls(Side.TIMETONIC, "2026-11", 800)
    budget = budget_of(settings, store, NOW)

    assert budget is not None
    assert budget.left == 200
    assert period_minutes(settings, store, NOW) == 1440
    assert period_minutes(settings, store, NOW.replace(month=12, day=1)) == 960
    no_limit = config(FILE.replace(", monthly_calls: 1000", ""))
    assert period_minutes(no_limit, store, NOW) == 15
    assert budget_of(no_limit, store, NOW) is None


# -- ticks ------------------------------------------------------------------------------


async def test_tick_asks_for_a_sync_once_a_period_and_not_when_the_period_changes(
    desk: Desk, clock: Steady
) -> None:
    engine = InlineEngine(clock, is_eager=False)
    service = Service({desk.name: desk}, engine=engine, clock=clock, owner="me")
    asked: list[Any] = []

    async def compare(_desk: Desk) -> None:
        asked.append(clock.now() - NOW)

    service._comparer.compare = compare  # type: ignore[assignment, method-assign]
    await service.start()
    for _ in range(31):
        await engine.tick()
        await engine.drain()
        clock.advance(60)
    before = len(asked)
    FigureBook(desk.parts.store).note_report(report())
    desk.parts.store.add_calls(Side.TIMETONIC, "2026-11", 5000)
    for _ in range(10):
        await engine.tick()
        await engine.drain()
        clock.advance(60)

    assert before == 3
    assert len(asked) == 3
    assert desk.slot[0] == 1440


async def test_connection_that_cannot_be_looked_at_holds_no_other_up(
    desk: Desk, clock: Steady, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: Any = Fixed(store.connection("broken"))
    engine = InlineEngine(clock, is_eager=False)
    desks = {ConnectionName("broken"): Desk(broken, desk.runner), desk.name: desk}
    service = Service(desks, engine=engine, clock=clock, owner="me")
    due_at = ConnectionStore.next_due_at

    def fail(self: ConnectionStore, **options: float) -> datetime | None:
        if self.name == "broken":
            raise StateError("The disk is gone")
        return due_at(self, **options)

    monkeypatch.setattr(ConnectionStore, "next_due_at", fail)
    await service.start()
    await service._tick({})

    assert desks[ConnectionName("broken")].slot == (0, -1)  # asked for again at the next tick
    assert desk.slot[0] == 15


async def test_old_events_are_pruned_once_a_day(
    desk: Desk, clock: Steady, store: Store
) -> None:
    memory = desk.parts.store
    arrival = Arrival(
        Side.HIGHLEVEL, "e1", "ContactUpdate", {}, NOW, Kind.CONTACT, RecordId("c1")
    )
    memory.put_event(arrival)
    memory.put_event(replace(arrival, event_id="e2", record_id=RecordId("c2")))
    memory.mark_done([event.seq for event in memory.take_batch(1)])
    told = Event(
        ConnectionName("main"), NOW, EventKind.RUN_RECOVERED, Severity.INFO, Digest("f")
    )
    memory.feed.append_events([told, replace(told, at=NOW + timedelta(days=60))])
    engine = InlineEngine(clock, is_eager=False)
    service = Service({desk.name: desk}, engine=engine, clock=clock, owner="me")
    await service.start()
    clock.advance(91 * 86_400)

    pruned = await service._prune({})

    assert pruned == {"main": 2}
    assert sum(memory.inbox_counts().states.values()) == 1  # what waits is never dropped
    kinds = [event.kind for event in memory.feed.list_events()]
    assert kinds == [EventKind.RUN_RECOVERED, EventKind.CREDENTIAL_EXPIRING]
    await service._prune({})
    assert len(memory.feed.list_events()) == 2  # a key that is due is told once a stage
    assert PRUNE in {tick.name for tick in engine._ticks}


# -- turns ------------------------------------------------------------------------------


async def test_turn_waits_for_another_process_and_then_gives_up(
    desk: Desk, clock: Steady
) -> None:
    desk.parts.store.acquire_lease("other", ttl_s=1000)
    turns = Turns("me", clock=clock)

    with pytest.raises(StateBusyError):
        async with turns.take(desk, purpose="drain"):
            pass

    assert len(clock.sleeps) == LEASE_S + 1


async def test_turn_that_passed_to_another_process_cuts_the_run(
    desk: Desk, clock: Steady
) -> None:
    turns = Turns("me", clock=clock)
    async with turns.take(desk, purpose="drain") as turn:
        turn.check_whole(report())
        clock.advance(LEASE_S + 1)
        desk.parts.store.acquire_lease("other", ttl_s=1000)
        await asyncio.sleep(0.1)

        with pytest.raises(StateBusyError, match="cut short"):
            turn.check_whole(report())


async def test_no_turn_begins_once_the_service_stops(desk: Desk, clock: Steady) -> None:
    turns = Turns("me", clock=clock)
    async with turns.take(desk, purpose="sync") as turn:
        turns.stop()

        assert turn.is_cut
    with pytest.raises(StateBusyError, match="stopping"):
        async with turns.take(desk, purpose="sync"):
            pass


async def test_turn_counts_as_lost_where_the_store_does_not_answer(
    desk: Desk, clock: Steady, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise StateError("The disk is gone")

    turns = Turns("me", clock=clock)
    async with turns.take(desk, purpose="sync") as turn:
        monkeypatch.setattr(ConnectionStore, "renew_lease", fail)
        monkeypatch.setattr(ConnectionStore, "release_lease", fail)
        await asyncio.sleep(0.1)

        assert turn.is_cut


# -- figures and watch ------------------------------------------------------------------


def test_figures_outlive_the_process_and_only_grow(desk: Desk) -> None:
    FigureBook(desk.parts.store).note_report(report(), left_today=150_000)
    FigureBook(desk.parts.store).note_report(report("drain"))
    dead = CredentialsError("No", system="timetonic")
    FigureBook(desk.parts.store).note_failure("sync", dead)
    figures = FigureBook(desk.parts.store).read()

    assert figures.runs == {"sync|done": 1, "drain|done": 1, "sync|failed": 1}
    assert figures.operations == {"timetonic|created": 4, "timetonic|failed": 2}
    assert figures.calls == {"highlevel": 6, "timetonic": 20}
    assert figures.left_today == 150_000
    assert figures.dead == ["timetonic"]


@pytest.mark.parametrize(
    ("reports", "lag"),
    [
        ([], None),
        ([report("drain")], None),
        ([report(failures=("1 x",))], None),
        ([report()], 60.0),
        ([report(), report(at=NOW + timedelta(seconds=30), failures=("1 x",))], 60.0),
        ([report(), report(at=NOW + timedelta(seconds=30))], 30.0),
    ],
)
def test_lag_counts_from_the_last_good_comparison(
    desk: Desk, reports: list[RunReport], lag: float | None
) -> None:
    book = FigureBook(desk.parts.store)
    for each in reports:
        book.note_report(each)

    assert lag_s(book.read(), NOW + timedelta(seconds=60)) == lag


def test_cost_of_a_comparison_is_a_moving_mean(desk: Desk) -> None:
    book = FigureBook(desk.parts.store)
    book.note_report(report())
    figures = book.note_report(report(api_calls={Side.TIMETONIC: 20}))

    assert figures.calls_each == pytest.approx(13.0)


def test_figures_of_another_version_count_from_nothing(desk: Desk) -> None:
    desk.parts.store.put_memo("service.figures", ["odd"])

    assert FigureBook(desk.parts.store).read().runs == {}


@pytest.mark.parametrize(
    ("ticked_s_ago", "error", "failing", "status"),
    [
        (1, None, set(), "ready"),
        (None, None, {"engine"}, "not ready"),
        (11, None, {"engine"}, "not ready"),
        (1, CredentialsError("No", system="highlevel"), {"credentials"}, "degraded"),
        (
            11,
            CredentialsError("No", system="highlevel"),
            {"engine", "credentials"},
            "not ready",
        ),
        (1, NotReachedError("Down", system="highlevel"), set(), "ready"),
    ],
)
async def test_service_is_ready_when_it_ticks_and_a_refused_key_is_told(  # noqa: PLR0917
    desk: Desk,
    clock: Steady,
    ticked_s_ago: int | None,
    error: Any,
    failing: set[str],
    status: str,
) -> None:
    store = desk.parts.store
    if ticked_s_ago is not None:
        store.put_memo(TICKED, "x", NOW - timedelta(seconds=ticked_s_ago))
    if error is not None:
        FigureBook(store).note_failure("sync", error)

    found = await Watch({desk.name: desk}, IntakeCounts(), clock=clock).readiness()

    looked = {**found.checks, **found.outside}
    assert {name for name, trouble in looked.items() if trouble} == failing
    assert found.status == status


async def test_store_that_cannot_be_written_is_all_that_is_said(
    desk: Desk, clock: Steady, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StateError("The disk is full")

    monkeypatch.setattr(ConnectionStore, "put_memo", fail)

    found = await Watch({desk.name: desk}, IntakeCounts(), clock=clock).readiness()

    assert found.checks == {"store": "the store cannot be written"}


def test_measures_read_what_runs_left(desk: Desk, clock: Steady) -> None:
    store = desk.parts.store
    FigureBook(store).note_report(report(), left_today=123)
    store.add_calls(Side.TIMETONIC, "2026-11", 400)
    store.put_memo(
        COMPARED,
        {
            "at": NOW.isoformat(),
            "config_digest": "d",
            "keys": [],
            "senders": ["highlevel"],
            "untold": {"highlevel": 2},
        },
    )
    clock.advance(5)

    found = Watch({desk.name: desk}, IntakeCounts(), clock=clock).measures()

    assert found.runs == {("main", "sync", "done"): 1}
    assert found.operations["main", "timetonic", "created"] == 2
    assert found.lag_s == {("main",): 5.0}
    assert found.quota_left == {
        ("main", "highlevel", "day"): 123,
        ("main", "timetonic", "month"): 600,
    }
    assert found.webhook_gap == {("main", "highlevel"): 2}
    assert found.calls == {("main", "highlevel"): 3, ("main", "timetonic"): 10}
