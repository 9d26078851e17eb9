"""The figures of a run, as a table."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.unit.store.samples import NOON, a_conflict, a_create, a_delete, an_update
from toolkit.app.report import (
    brakes_of,
    count_outcomes,
    failures_of,
    report_to_json,
    writes_needed,
)
from toolkit.model.ids import CorrelationKey, Digest, Kind, LinkId, RecordId, RunId, Side
from toolkit.model.outcomes import Outcome, OutcomeState, RunReport
from toolkit.model.plan import BrakeTripped, Join, Operation, Plan, Rebase, Unlink

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
DONE = OutcomeState.DONE
LINK = LinkId("link1")
JOIN = Join(LINK, Kind.CONTACT, RecordId("h1"), RecordId("t1"), CorrelationKey("key1"), {})


@pytest.mark.parametrize(
    ("operation", "state", "side", "word"),
    [
        (a_create(), DONE, TIME, "created"),
        (an_update(), DONE, HIGH, "updated"),
        (a_delete(), DONE, TIME, "deleted"),
        (a_create(), OutcomeState.FAILED, TIME, "failed"),
        (a_create(), OutcomeState.UNKNOWN, TIME, "unknown"),
        (an_update(), OutcomeState.SKIPPED, HIGH, "skipped"),
        (JOIN, DONE, HIGH, "linked"),
        (Unlink(LINK, Kind.CONTACT, (TIME,), {}), DONE, TIME, "unlinked"),
        (Unlink(LINK, Kind.CONTACT, (), {}), DONE, HIGH, "unlinked"),
    ],
)
def test_outcome_is_counted_where_it_happened(
    operation: Operation, state: OutcomeState, side: Side, word: str
) -> None:
    tallies = count_outcomes([Outcome(operation, state)], [])

    assert getattr(tallies[Kind.CONTACT][side], word) == 1
    numbers = [
        getattr(tally, name)
        for sides in tallies.values()
        for tally in sides.values()
        for name in tally.__slots__
    ]
    assert sum(numbers) == 1


def test_bookkeeping_counts_nowhere_and_conflicts_on_both_sides() -> None:
    rebase = Rebase(LINK, Kind.CONTACT, {})

    tallies = count_outcomes([Outcome(rebase, DONE)], [a_conflict()])

    assert [tallies[Kind.CONTACT][side].conflicts for side in Side] == [1, 1]
    assert tallies[Kind.CONTACT][HIGH].updated == 0


@pytest.mark.parametrize(
    ("outcomes", "needed"),
    [
        ([], 0),
        ([Outcome(an_update(), DONE), Outcome(an_update(), DONE)], 1),
        ([Outcome(an_update(1), DONE), Outcome(an_update(2), DONE)], 2),
        ([Outcome(an_update(side=HIGH), DONE), Outcome(an_update(side=TIME), DONE)], 2),
        ([Outcome(an_update(), OutcomeState.SKIPPED)], 0),
        ([Outcome(an_update(), OutcomeState.UNKNOWN)], 1),
        ([Outcome(JOIN, DONE)], 0),
    ],
)
def test_record_needs_one_write_a_side(outcomes: list[Outcome], needed: int) -> None:
    assert writes_needed(outcomes) == needed


def test_failures_are_grouped_by_reason_most_frequent_first() -> None:
    failed = [
        Outcome(a_create(), OutcomeState.FAILED, reason="rare"),
        Outcome(a_create(), OutcomeState.UNKNOWN, reason="often"),
        Outcome(a_create(), OutcomeState.UNKNOWN, reason="often"),
        Outcome(a_create(), OutcomeState.SKIPPED, reason="never told"),
        Outcome(a_create(), DONE, reason="fine"),
    ]

    assert failures_of(failed) == ("2 x create contact: often", "1 x create contact: rare")


def test_brakes_are_told_in_words() -> None:
    brake = BrakeTripped(TIME, Kind.CONTACT, "delete", 20, 10, "too many")

    assert brakes_of(Plan("main", Digest("d"), brakes=(brake,))) == ("too many",)


def test_report_is_one_plain_object() -> None:
    report = RunReport(
        run_id=RunId("r"),
        connection="main",
        verb="sync",
        started_at=NOON,
        duration_s=1.23456,
        tallies=count_outcomes([Outcome(a_create(), DONE)], []),
        conflicts=0,
        ambiguous=0,
        findings=0,
        held=0,
        api_calls={HIGH: 3},
        minimum_api_calls={HIGH: 2, TIME: 1},
        writes_sent=2,
        writes_needed=1,
    )

    told = json.loads(json.dumps(report_to_json(report)))

    assert told["started_at"] == "2026-11-23T12:00:00Z"
    assert told["duration_s"] == 1.235
    assert told["api_calls"] == {"highlevel": 3, "timetonic": 0}
    assert (told["api_ratio"], told["write_amplification"]) == (1.0, 2.0)
    assert told["kinds"]["contact"]["timetonic"]["created"] == 1
    quiet = replace(report, minimum_api_calls={}, writes_needed=0)
    assert (quiet.api_ratio, quiet.write_amplification) == (1.0, 1.0)
