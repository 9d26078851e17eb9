"""The live switch: who may write, what gives leave, and what takes it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from toolkit.app import live
from toolkit.app.config import ConnectionConfig, load_config
from toolkit.app.home import Home
from toolkit.app.live import Obstacle, check_live, is_sandbox, live_digest, may_write
from toolkit.app.rehearsal_report import (
    Cost,
    Did,
    RehearsalReport,
    read_report,
    report_json,
    write_report,
)
from toolkit.errors import DecisionNeededError, StateDamagedError
from toolkit.model.ids import Kind, Side
from toolkit.store import ConnectionStore, RehearsalEntry, Store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FILE = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc, base_url: "HIGH"}
    timetonic: {user: u, book_owner: o, book_code: b, url: "TIME"}
"""
VENDORS = (
    "https://services.leadconnectorhq.com",
    "https://timetonic.com/live/api.php",
)
REPORT = RehearsalReport(
    connection="main",
    made_at=NOW,
    records={Kind.CONTACT: {Side.HIGHLEVEL: 3, Side.TIMETONIC: 1}},
    did={Kind.CONTACT: {Side.TIMETONIC: Did(created=2, linked=1, left_alone=1)}},
    cost=Cost(dict.fromkeys(Side, 9), 1.5, 0.01, dict.fromkeys(Side, 4)),
    is_quiet=True,
    failures=("1 x create contact: it has no name",),
)


@pytest.fixture(autouse=True)
def _own_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HIGHTONIC_DATABASE_URL", raising=False)


@dataclass
class Office:
    """A home with one connection, and its memory."""

    home: Home
    store: ConnectionStore
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    @property
    def config(self) -> ConnectionConfig:
        return load_config(self.home.config_path).get_connection("main")

    def write(self, extra: str = "", urls: tuple[str, str] = VENDORS) -> None:
        text = FILE.replace("HIGH", urls[0]).replace("TIME", urls[1])
        self.home.config_path.write_text(text + extra, "utf-8")

    def rehearse(self, **changes: object) -> RehearsalEntry:
        report = write_report(replace(REPORT, **changes))  # type: ignore[arg-type]
        return self.store.put_rehearsal(live_digest(self.config), report)

    def turn(self, act: Callable[..., object]) -> live.LiveState:
        state = act(self.home, "main", clock=self.now)
        assert isinstance(state, live.LiveState)
        return state


@pytest.fixture
def office(tmp_path: Path):
    home = Home(tmp_path)
    with Store.open(tmp_path, clock=lambda: NOW) as store:
        office = Office(home, store.connection("main"))
        office.write()
        yield office


@pytest.mark.parametrize(
    ("high", "time", "is_emulated"),
    [
        ("http://127.0.0.1:8100", "http://127.0.0.1:8101/live/api.php", True),
        ("http://localhost:1", "http://[::1]:2/live/api.php", True),
        ("http://highlevel.invalid", "http://timetonic.invalid/live/api.php", True),
        ("http://127.0.0.1:8100", VENDORS[1], False),
        (VENDORS[0], "http://127.0.0.1:8101/live/api.php", False),
        ("https://10.0.0.7", "https://10.0.0.7/live/api.php", False),
        ("https://localhost.example.com", "https://invalid.example.com", False),
        (*VENDORS, False),
    ],
)
def test_sandbox_is_where_both_addresses_are_nobodys(office, high, time, is_emulated):
    office.write(urls=(high, time))

    assert is_sandbox(office.config) is is_emulated
    assert may_write(office).is_granted is is_emulated


def test_new_connection_only_makes_plans_and_says_what_to_type(office):
    leave = may_write(office)

    assert leave.obstacle is Obstacle.NEVER_REHEARSED
    assert "hightonic rehearse" in leave.sentence
    with pytest.raises(DecisionNeededError, match="never rehearsed") as refused:
        check_live(office)
    assert "Nothing was written." in refused.value.sentence
    assert refused.value.exit_code == 78


def test_rehearsed_and_switched_on_writes(office):
    office.rehearse()
    assert may_write(office).obstacle is Obstacle.OFF
    assert may_write(office).command == "hightonic live on"

    state = office.turn(live.turn_live_on)

    assert state.is_live
    assert state.report == REPORT
    assert may_write(office).is_granted
    assert office.turn(live.turn_live_on) == state
    check_live(office)


@pytest.mark.parametrize(
    "change",
    [
        "    sync: {appointments: {past_days: 3}}\n",
        "    sync: {deletes: {from_highlevel: archive}}\n",
        "    sync: {first_sync_winner: timetonic}\n",
        "    sync: {time_zone: Asia/Tokyo}\n",
        "    mapping: {contact: {fields: {company: {direction: to_timetonic}}}}\n",
    ],
)
def test_changed_mapping_or_filter_falls_back_to_plans(office, change):
    office.rehearse()
    office.turn(live.turn_live_on)

    office.write(change)

    assert may_write(office).obstacle is Obstacle.CHANGED
    with pytest.raises(DecisionNeededError, match="not the one that was allowed"):
        check_live(office)
    with pytest.raises(DecisionNeededError, match="never rehearsed"):
        office.turn(live.turn_live_on)
    assert may_write(office).command == "hightonic rehearse"
    office.rehearse()
    assert may_write(office).command == "hightonic live on"
    office.write()
    assert may_write(office).is_granted


def test_brakes_may_be_loosened_without_another_rehearsal(office):
    office.rehearse()
    office.turn(live.turn_live_on)

    office.write("    sync: {brakes: {update_floor: 7}}\n")

    assert may_write(office).is_granted


def test_leave_for_one_account_is_none_for_another(office):
    office.rehearse()
    office.turn(live.turn_live_on)
    path = office.home.config_path

    path.write_text(path.read_text("utf-8").replace("book_code: b", "book_code: b2"), "utf-8")

    assert may_write(office).obstacle is Obstacle.CHANGED


def test_old_rehearsal_gives_no_leave_but_takes_none_back(office):
    office.rehearse()
    office.at = NOW + timedelta(days=7, seconds=1)

    assert may_write(office).command == "hightonic rehearse"
    with pytest.raises(DecisionNeededError, match="7 days old"):
        office.turn(live.turn_live_on)

    office.at = NOW + timedelta(days=7)
    office.turn(live.turn_live_on)
    office.at = NOW + timedelta(days=70)
    assert may_write(office).is_granted


def test_rehearsal_that_did_not_come_to_rest_gives_no_leave(office):
    office.rehearse(is_quiet=False)

    with pytest.raises(DecisionNeededError, match="second run wrote again"):
        live.find_rehearsal(office.home, "main", clock=office.now)


def test_pause_holds_and_resume_goes_on_as_before(office):
    office.rehearse()
    office.turn(live.turn_live_on)

    paused = office.turn(live.pause)

    assert (paused.is_live, paused.is_paused) == (True, True)
    assert may_write(office).obstacle is Obstacle.PAUSED
    assert may_write(office).command == "hightonic resume"
    assert office.turn(live.resume).leave.is_granted


def test_pause_holds_the_sandbox_too(office):
    office.write(urls=("http://127.0.0.1:1", "http://127.0.0.1:2/live/api.php"))

    office.turn(live.pause)

    assert may_write(office).obstacle is Obstacle.PAUSED


def test_live_off_needs_no_more_than_saying_so(office):
    office.rehearse()
    office.turn(live.turn_live_on)

    state = office.turn(live.turn_live_off)

    assert (state.is_live, state.leave.obstacle) == (False, Obstacle.OFF)
    assert office.turn(live.look_at_switch) == state
    assert office.turn(live.turn_live_on).is_live


def test_newest_rehearsal_counts(office):
    office.rehearse(is_quiet=False)
    with Store.open(office.home.path, clock=lambda: NOW + timedelta(hours=1)) as later:
        office.store = later.connection("main")
        entry = office.rehearse(held=2)

    assert live.find_rehearsal(office.home, "main", clock=office.now).id == entry.id
    assert office.turn(live.look_at_switch).report == replace(REPORT, held=2)


def test_report_survives_the_store_and_counts_its_writes():
    assert read_report(write_report(REPORT)) == REPORT
    assert REPORT.writes == 2
    assert report_json(REPORT)["did"]["contact"]["timetonic"]["created"] == 2
    with pytest.raises(StateDamagedError, match="cannot be read"):
        read_report("{}")
