"""The switch and a rehearsal as people and machines read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.cli.examples import shown
from toolkit.app.live import LiveState, Obstacle, WriteLeave
from toolkit.app.rehearsal_report import Cost, Did, RehearsalReport
from toolkit.cli.render.live import leave_json, render_rehearsal, render_state, state_json
from toolkit.model.ids import Kind, Side

AT = datetime(2026, 11, 5, 14, 3, 9, tzinfo=UTC)
CALLS = {Side.HIGHLEVEL: 1234, Side.TIMETONIC: 7}
REPORT = RehearsalReport(
    connection="main",
    made_at=AT,
    records={Kind.CONTACT: dict.fromkeys(Side, 3000)},
    did={
        Kind.CONTACT: {
            Side.HIGHLEVEL: Did(linked=5, left_alone=3000),
            Side.TIMETONIC: Did(created=2990, updated=4, failed=1, left_alone=1),
        },
        Kind.NOTE: {},
    },
    cost=Cost(CALLS, 130.0, 0.0062, {Side.HIGHLEVEL: 12, Side.TIMETONIC: 3}),
    is_quiet=True,
)
OFF = WriteLeave(Obstacle.OFF, "The connection `main` only makes plans", "hightonic live on")
LIVE = WriteLeave(None, "The connection `main` is live")
STATE = LiveState("main", LIVE, is_live=True, is_paused=False, is_sandbox=False)


def test_report_tells_what_would_happen_what_it_costs_and_what_to_type():
    text = shown(render_rehearsal(REPORT, OFF))

    assert "Rehearsed main on a copy of your data, 2026-11-05 14:03 UTC" in text
    assert "2,990 created, 4 updated, 1 failed, 1 left alone" in text
    assert "5 linked" in text
    assert "about 2 min and these calls: HighLevel 1,234, TimeTonic 7 (0.6% of" in text
    assert "Nothing was written to your accounts" in text
    assert "HighLevel 12, TimeTonic 3" in text
    assert text.rstrip().endswith("type next: hightonic live on")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"held": 2, "brakes": ("too many",)},
            "A brake would hold back 2 operations\n  too many",
        ),
        ({"conflicts": {"contact.name": 3}}, "asked about\n  3 x contact.name"),
        ({"ambiguous": {"contact": 1}}, "left alone\n  1 x contact"),
        ({"findings": {"phone: odd": 9}}, "to look at\n  9 x phone: odd"),
        ({"failures": ("1 x create task: no date",)}, "Would not work\n  1 x create task: no"),
        ({"notes_unread": 7}, "Notes of 7 contacts were left out"),
        ({"unreadable": 1}, "1 value could not be read"),
        ({"cost": Cost(CALLS, 0.2, 0.0, CALLS)}, "about 1 s and"),
        ({"cost": Cost(CALLS, 0.2, 0.0, CALLS)}, "under 0.1% of"),
        ({"is_quiet": False}, "Does not come to rest"),
        ({"is_quiet": False}, "Next: mend the mapping"),
    ],
)
def test_everything_that_needs_a_person_has_a_line(changes, line):
    assert line in shown(render_rehearsal(replace(REPORT, **changes), OFF))


def test_long_lists_are_cut_short():
    findings = {f"reason {number}": 1 for number in range(13)}

    text = shown(render_rehearsal(replace(REPORT, findings=findings), OFF))

    assert "reason 9" in text
    assert "reason 10" not in text
    assert "... and 3 more" in text


def test_live_connection_is_told_to_sync():
    text = shown(render_rehearsal(REPORT, LIVE))

    assert text.rstrip().endswith("The connection `main` is live. Next: hightonic sync")


@pytest.mark.parametrize(
    ("state", "lines"),
    [
        (STATE, ["The connection `main` is live."]),
        (
            replace(STATE, leave=OFF, is_live=False, rehearsed_at=AT),
            [
                "The connection `main` only makes plans.",
                "These settings were rehearsed at 2026-11-05 14:03 UTC.",
                "Next: hightonic live on",
            ],
        ),
        (
            replace(STATE, leave=WriteLeave(Obstacle.PAUSED, "Paused", "x"), is_paused=True),
            ["Paused.", "It is live as soon as it goes on.", "Next: x"],
        ),
    ],
)
def test_state_says_how_it_stands_and_what_changes_it(state, lines):
    assert shown(render_state(state)).splitlines() == lines


def test_machines_read_the_same():
    told = state_json(replace(STATE, report=REPORT, rehearsed_at=AT))

    assert (told["may_write"], told["obstacle"], told["next"]) == (True, None, "")
    assert told["rehearsed_at"] == "2026-11-05T14:03:09+00:00"
    assert told["rehearsal"]["cost"]["calls"] == {"highlevel": 1234, "timetonic": 7}
    assert state_json(STATE)["rehearsal"] is None
    assert leave_json(OFF) == {
        "may_write": False,
        "obstacle": "live is off",
        "next": "hightonic live on",
    }
