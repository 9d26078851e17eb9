"""Taking the day's figures: what is counted once, on which day, against which allowance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.store.samples import a_create, a_link, created
from toolkit.app.config import read_config
from toolkit.app.day_figures import SyncHealth
from toolkit.app.figures import FigureBook, Figures
from toolkit.app.metrics_day import FIRST_SYNC, KEPT, MetricsBook
from toolkit.model.events import EventKind
from toolkit.model.ids import Side
from toolkit.store import ConnectionStore, Store

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
SETTINGS = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
    schedule: {monthly_calls: 1000}
    sync: {time_zone: Europe/Paris}
"""


@dataclass
class Desk:
    """A connection's figures over a real store, on a clock of its own."""

    store: ConnectionStore
    book: MetricsBook
    clock: list[datetime] = field(default_factory=lambda: [MONDAY])

    def go_on(self, **passed: float) -> None:
        self.clock[0] += timedelta(**passed)

    def pair(self, number: int) -> None:
        """A run makes one more pair."""
        run = self.store.begin_run("drain")
        self.store.record_settled(run, [created(a_create(number), new_id=f"t{number}")])

    def news(self) -> dict[str, int]:
        return {f"{each.day:%m-%d}": each.new_contacts for each in self.book.read(99).days}

    def take(self, **sent: int) -> None:
        self.book.take(SyncHealth(), sent={Side(name): count for name, count in sent.items()})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = [MONDAY]
    with Store.open(tmp_path, clock=lambda: clock[0]) as opened:
        store = opened.connection("main")
        config = read_config(SETTINGS, Path("hightonic.yaml")).get_connection()
        first = store.begin_run("sync")
        store.record_settled(first, [created(a_create(1), new_id="t1")])
        store.put_memo(FIRST_SYNC, first)
        book = MetricsBook(config, store, now=lambda: clock[0])
        yield Desk(store, book, clock)


def test_a_contact_counts_on_the_day_it_came_though_figures_are_taken_later(desk: Desk) -> None:
    desk.take()
    desk.go_on(hours=1)
    desk.pair(2)
    desk.go_on(days=2)
    desk.pair(3)
    desk.take()
    desk.take()

    assert desk.news() == {"11-23": 1, "11-25": 1}


def test_a_day_on_which_only_events_were_worked_on_has_the_census_before_it(
    desk: Desk,
) -> None:
    desk.store.put_links([a_link(7)])
    desk.take()
    desk.go_on(days=1)
    desk.pair(2)
    desk.go_on(days=1)
    desk.take()

    tuesday = desk.book.read(99).days[1]
    assert (tuesday.day, tuesday.new_contacts) == (date(2026, 11, 24), 1)
    assert tuesday.census.contacts == 2


def test_a_day_before_any_look_is_kept_as_well(desk: Desk) -> None:
    desk.pair(2)
    desk.go_on(days=1)
    desk.take()

    assert desk.news() == {"11-23": 1, "11-24": 0}


def test_lines_of_an_earlier_day_are_added_to_what_is_known_of_it(desk: Desk) -> None:
    desk.pair(2)
    desk.take()
    desk.go_on(days=1)
    desk.take()
    desk.clock[0] -= timedelta(days=1)  # the clock was set back while a run wrote
    desk.pair(3)
    desk.clock[0] += timedelta(days=1)
    desk.take()

    assert desk.news() == {"11-23": 2, "11-24": 0}


def test_the_day_is_the_locations_own(desk: Desk) -> None:
    desk.clock[0] = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    desk.take()

    assert list(desk.news()) == ["11-24"]


def test_calls_of_the_day_are_those_since_the_day_before(desk: Desk) -> None:
    desk.store.add_calls(Side.HIGHLEVEL, "2026-11", 10)
    desk.take(highlevel=5)
    desk.store.add_calls(Side.HIGHLEVEL, "2026-11", 5)
    desk.take()
    desk.go_on(days=1)
    desk.store.add_calls(Side.HIGHLEVEL, "2026-11", 3)
    desk.take(highlevel=1)
    desk.go_on(days=9)
    desk.take(highlevel=2)

    found = [each.api.today["highlevel"] for each in desk.book.read(99).days]
    assert found == [15, 4, 2]
    assert desk.book.read(99).days[-1].api.month["highlevel"] == 2


def test_what_is_left_stands_where_somebody_told(desk: Desk) -> None:
    desk.take(timetonic=100)
    assert desk.book.read(1).days[0].api.left == {"timetonic month": 900}

    book = FigureBook(desk.store)
    book._keep(Figures(left_today=77))
    desk.take()

    assert desk.book.read(1).days[0].api.left == {"timetonic month": 1000, "highlevel day": 77}


def test_the_sides_stay_equal_as_of_the_last_time_they_were(desk: Desk) -> None:
    desk.book.take(SyncHealth(equal_at="2026-11-23T09:00:00+00:00"), sent={})
    desk.go_on(days=1)
    desk.book.take(SyncHealth(failures=1), sent={})

    latest = desk.book.read(1).latest
    assert latest is not None
    assert latest.health.equal_at == "2026-11-23T09:00:00+00:00"
    assert latest.health.lag_s(desk.clock[0]) == 86_400


def test_two_years_are_kept_and_each_ended_day_is_told_once(desk: Desk) -> None:
    desk.take()
    desk.go_on(days=1)
    desk.take()
    desk.take()
    desk.go_on(days=KEPT.days)
    desk.take()

    assert len(desk.book.read(99).days) == 2
    told = desk.store.feed.list_events(kinds=[EventKind.METRICS_TAKEN], limit=99)
    assert [each.facts["day"] for each in told] == ["2026-11-23", "2026-11-24"]
