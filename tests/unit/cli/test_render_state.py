"""How lags, budgets and inboxes read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.cli.examples import AT, shown
from toolkit.app.budget import Budget
from toolkit.app.live import Obstacle, WriteLeave
from toolkit.app.status import ConnectionStatus, ServiceStatus, Status
from toolkit.cli.render.state import moved_json, render_moved, render_status, status_json
from toolkit.model.ids import Side


def status(*, is_running=True, **changes):
    given = {
        "name": "main",
        "leave": WriteLeave(None, "The connection `main` is live"),
        "is_paused": False,
        "runs": (),
        "lag_s": 30.0,
        "waiting": 2,
        "failed": 1,
        "oldest_waiting_at": AT,
        "conflicts": 3,
        "left_today": 199_000,
        "calls": {Side.HIGHLEVEL: 12, Side.TIMETONIC: 7},
        "budget": Budget(1_000, 7, AT),
        "every_minutes": 15,
        "next_sync_at": AT + timedelta(minutes=6),
    } | changes
    service = ServiceStatus(is_running, ("serve (pid 7)",) if is_running else ())
    return Status(AT, service, (ConnectionStatus(**given),))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "The service is running."),
        ({"is_running": False}, "hightonic serve"),
        ({"lag_s": None}, "never yet"),
        ({"lag_s": 30.0}, "30 s ago"),
        ({"lag_s": 600.0}, "10 min ago"),
        ({"lag_s": 36_000.0}, "10 h ago"),
        ({}, "in 6 min (2026-11-05 14:09:09 UTC)"),
        ({"next_sync_at": None}, "every 15 min while the service runs"),
        ({}, "2 waiting, 1 given up"),
        ({}, "3 fields to decide"),
        ({}, "199,000 calls left"),
        ({}, "993 of 1,000 calls left"),
        ({"leave": WriteLeave(Obstacle.OFF, "It plans only", "hightonic live on")}, "live on"),
    ],
)
def test_status_says(changes, expected):
    assert expected in shown(render_status(status(**changes)), width=160)


def test_unknown_numbers_are_null_for_machines():
    (main,) = status_json(status(left_today=None, budget=None))["connections"]

    assert main["quota_left"] == {"highlevel_today": None, "timetonic_month": None}
    assert main["inbox"]["oldest_waiting_at"].endswith("Z")


def test_tables_without_rows_are_only_for_machines():
    rows = {"link": (2, 2), "memo": (0, 0)}

    assert "memo" not in shown(render_moved(rows))
    assert moved_json(rows)["tables"]["memo"] == {"read": 0, "written": 0}
