from dataclasses import replace

import pytest

from tests.unit.cli.examples import BUSY_REPORT, HELD_REPORT, QUIET_REPORT, shown
from toolkit.cli.ending import exit_code
from toolkit.cli.render.run import render_needs, render_run
from toolkit.model.ids import Kind, Side
from toolkit.model.outcomes import Tally


@pytest.mark.parametrize(
    "line",
    [
        "Synced main in 1.2 s",
        "Contacts  150 created, 12 updated, 2 failed  1,000 created  50 linked, 1 unlinked",
        "3 conflicts for you to decide: hightonic conflicts",
        "Left alone: 1 unclear match and 2 other findings: hightonic conflicts",
        "2 x create contact: HighLevel refused the phone number",
        "hightonic log --failed",
        "hightonic retry",
        "Calls: HighLevel 3, TimeTonic 4 (the least possible: HighLevel 3, TimeTonic 4; 1.00",
        "hightonic undo 20261105-140309000-ab",
    ],
)
def test_report_says_what_was_done_what_waits_and_what_it_cost(line):
    assert line in shown(render_run(BUSY_REPORT))


def test_kinds_without_work_take_no_line():
    assert "Tasks" not in shown(render_run(BUSY_REPORT))


def test_skipped_operations_point_to_their_reasons():
    report = replace(QUIET_REPORT, tallies={Kind.NOTE: {Side.TIMETONIC: Tally(skipped=1200)}})

    text = shown(render_run(report))

    assert "1,200 skipped, each for a reason: hightonic log --failed --run 20261105" in text


def test_quiet_run_says_so_and_offers_no_undo():
    text = shown(render_run(QUIET_REPORT))

    assert "Nothing had changed; nothing was written." in text
    assert "undo" not in text
    assert shown(render_needs(QUIET_REPORT)) == ""


@pytest.mark.parametrize("verb", ["undo", "retry", "resolve"])
def test_quiet_run_of_another_verb_says_what_was_not_there(verb):
    text = shown(render_run(replace(QUIET_REPORT, verb=verb)))

    assert "Nothing had changed" not in text
    assert "nothing was written" in text


@pytest.mark.parametrize(
    "waiting", [{"conflicts": 1}, {"resting": ("contact rests",)}, {"held": 1}]
)
def test_quiet_run_does_not_call_it_well_while_something_waits(waiting):
    text = shown(render_run(replace(QUIET_REPORT, **waiting)))

    assert "Nothing had changed" not in text
    assert "Nothing was written; this still waits:" in text


def test_resting_pairs_are_listed_and_long_lists_are_cut():
    text = shown(
        render_run(replace(QUIET_REPORT, resting=tuple(f"row {n}" for n in range(13))))
    )

    assert "Left out of step: 13 pairs" in text
    assert "row 9" in text
    assert "row 10" not in text
    assert "... and 3 more" in text
    assert "hightonic retry" in text


def test_held_run_gives_the_reason_and_both_next_commands():
    text = shown(render_run(HELD_REPORT))

    assert "Applied the plan to main" in text
    assert "60 contacts would be deleted" in text
    assert "hightonic plan" in text
    assert "hightonic sync --approve feedbeef" in text


def test_unknown_verbs_are_shown_as_they_are():
    assert "Tidy: main" in shown(render_run(replace(QUIET_REPORT, verb="tidy")))


def test_only_the_most_frequent_failures_are_listed():
    report = replace(QUIET_REPORT, failures=tuple(f"1 x reason {n}" for n in range(13)))

    text = shown(render_run(report))

    assert "reason 9" in text
    assert "reason 10" not in text
    assert "... and 3 other reasons" in text


@pytest.mark.parametrize(
    ("report", "stopped_by", "code"),
    [
        (QUIET_REPORT, None, 0),
        (replace(QUIET_REPORT, conflicts=3), None, 0),
        (BUSY_REPORT, None, 1),
        (HELD_REPORT, None, 78),
        (replace(HELD_REPORT, failures=("1 x",)), None, 78),
        (replace(QUIET_REPORT, resting=("contact rests",)), None, 1),
        (replace(QUIET_REPORT, resting=("contact rests",), verb="resolve"), None, 0),
        (QUIET_REPORT, 2, 130),
        (HELD_REPORT, 15, 143),
    ],
)
def test_exit_code_tells_how_a_run_ended(report, stopped_by, code):
    assert exit_code(report, stopped_by) == code


def test_run_whose_writes_were_all_refused_offers_no_undo():
    refused = replace(
        QUIET_REPORT,
        tallies={Kind.CONTACT: {Side.HIGHLEVEL: Tally(failed=2)}},
        writes_sent=2,
        failures=("2 x refused",),
    )

    assert "To take this run back" not in shown(render_run(refused))
