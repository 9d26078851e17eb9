"""Next slots and the state's way to another place."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run

import pytest

from toolkit.app.home import Home
from toolkit.app.relocation import move_state
from toolkit.app.service import slot_of
from toolkit.app.status import next_slot_at
from toolkit.errors import StateBusyError, UseError
from toolkit.store import Lease, Store, find_holder

NOW = datetime(2026, 11, 23, 9, 0, 30, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("minutes", [1, 15, 1440])
@pytest.mark.parametrize("name", ["main", "second", "third"])
def test_next_slot_begins_then_and_not_before(name: str, minutes: int) -> None:
    at = next_slot_at(name, NOW, every_minutes=minutes)

    slots = [
        slot_of(name, at + timedelta(seconds=shift), every_minutes=minutes) for shift in (-1, 0)
    ]
    assert slots[1] == slots[0] + 1
    assert (
        timedelta(0) < at - NOW + timedelta(seconds=1) <= timedelta(minutes=minutes, seconds=1)
    )


def test_holder_is_seen_without_being_disturbed(tmp_path: Path) -> None:
    assert find_holder(tmp_path) is None
    with Lease(tmp_path, purpose="serve"):
        seen = [find_holder(tmp_path) for _ in range(3)]
    after = find_holder(tmp_path)

    assert [each.purpose for each in seen if each] == ["serve"] * 3
    assert after is None


def test_note_of_a_process_that_is_gone_names_nobody(tmp_path: Path) -> None:
    script = "import sys; from toolkit.store import Lease; Lease(sys.argv[1], purpose='serve')"
    run([sys.executable, "-c", script, str(tmp_path)], check=True)

    assert (tmp_path / "lock").read_text().endswith("serve\n")
    assert find_holder(tmp_path) is None


def test_state_moves_to_another_file_and_stays(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    with Store.open(home.path) as store:
        store.connection("main").put_memo("a", 1)
    other = tmp_path / "other.db"

    rows = move_state(home, target=f"sqlite:///{other}")

    assert rows["memo"] == (1, 1)
    with Store.open(home.path) as store:
        assert store.connection("main").get_memo("a") == 1
    with pytest.raises(UseError, match="in use already"):
        move_state(home, target=f"sqlite:///{other}")


def test_target_of_the_variable_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home").create()
    Store.open(home.path).close()
    monkeypatch.setenv("HIGHTONIC_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")

    assert move_state(home)


def test_state_somebody_works_in_stays(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    Store.open(home.path).close()

    with Lease(home.path, purpose="serve"), pytest.raises(StateBusyError):
        move_state(home, target=f"sqlite:///{tmp_path / 'other.db'}")


@pytest.mark.parametrize(
    ("target", "expected"), [("", "No target"), ("sqlite:///x.db", "There is no state")]
)
def test_move_that_cannot_begin_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, expected: str
) -> None:
    monkeypatch.delenv("HIGHTONIC_DATABASE_URL", raising=False)

    with pytest.raises(UseError, match=expected):
        move_state(Home(tmp_path / "none"), target=target)
