from dataclasses import replace

import pytest

from tests.unit.cli.examples import AT, CREATE, SECRET, shown
from toolkit.cli.render.log import log_json, render_log
from toolkit.cli.render.runs import render_runs, runs_json
from toolkit.model.ids import Digest, Kind, LinkId, RecordId, RunId, Side
from toolkit.model.outcomes import OutcomeState
from toolkit.model.plan import operation_to_json
from toolkit.store import JournalEntry, RunEntry, RunState

ENTRY = JournalEntry(
    seq=7,
    run_id=RunId("r1"),
    link_id=LinkId("l1"),
    kind=Kind.CONTACT,
    side=Side.HIGHLEVEL,
    verb="update",
    record_id=RecordId("hl1"),
    before={"email": None},
    after={"email": SECRET},
    state=OutcomeState.DONE,
    reason="",
    error="",
    reference="",
    at=AT,
    altered=(),
    is_retryable=False,
    body="{}",
)
FAILED = replace(
    ENTRY,
    state=OutcomeState.FAILED,
    reason="HighLevel refused it",
    error="RejectedError",
    reference="abcd",
)
UNMADE = replace(
    FAILED,
    verb="create",
    side=Side.TIMETONIC,
    record_id=None,
    body=operation_to_json(CREATE),
)
LOCAL = replace(ENTRY, side=None, record_id=None, verb="unlink", before={"email": 1}, after={})
RUN = RunEntry(
    id=RunId("r1"),
    verb="sync",
    state=RunState.FINISHED,
    verdict="done",
    plan_hash=Digest("h"),
    config_digest=Digest("c"),
    started_at=AT,
    ended_at=AT,
    report='{"kinds": {"contact": {"highlevel": {"created": 2}, "timetonic": {"created": 3}}}}',
)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (ENTRY, ["2026-11-05 14:03:09", "r1", "update contact", "HighLevel hl1", "done"]),
        (FAILED, ["failed: HighLevel refused it (ref abcd)"]),
        (LOCAL, ["links only", "unlink contact", "email"]),
        (UNMADE, ["create contact", "TimeTonic, from HighLevel hl1", "failed"]),
    ],
)
def test_log_line_says_when_what_where_and_how_it_ended(entry, words):
    text = shown(render_log([entry]), width=200)

    assert [word for word in words if word not in text] == []


def test_log_shows_values_only_when_asked_for():
    assert SECRET not in shown(render_log([ENTRY]))
    assert f"email: (blank) -> {SECRET}" in shown(
        render_log([ENTRY], with_values=True), width=200
    )
    assert SECRET not in str(log_json([ENTRY]))
    assert log_json([ENTRY], with_values=True)[0]["after"] == {"email": SECRET}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"name": "Ada"}, {"name": None}, "name: Ada -> (blank)"),
        ({}, {"name": "Ada"}, "name: Ada"),
        ({"name": "Ada"}, {}, "name: Ada"),
    ],
)
def test_change_tells_blank_from_absent(before, after, change):
    entry = replace(ENTRY, before=before, after=after)

    assert f" {change}\n" in shown(render_log([entry], with_values=True), width=200)


def test_empty_log_is_a_sentence():
    assert shown(render_log([])) == "Nothing has been written yet that fits.\n"


def test_failed_create_tells_machines_whose_twin_is_missing():
    assert log_json([UNMADE])[0]["origin_id"] == "hl1"
    assert log_json([FAILED])[0]["origin_id"] is None


@pytest.mark.parametrize(("entry", "side"), [(ENTRY, "highlevel"), (LOCAL, None)])
def test_log_json_is_plain(entry, side):
    line = log_json([entry])[0]

    assert line["at"] == "2026-11-05T14:03:09Z"
    assert line["side"] == side
    assert line["fields"] == ["email"]


COUNTS = {"r2": {"created": 9, "skipped": 2, "failed": 1}}


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (RUN, ["r1", "sync", "done", "created 5"]),
        (replace(RUN, report=None, verdict="", state=RunState.INTERRUPTED), ["interrupted"]),
        (replace(RUN, id="r2", report=None, verdict="interrupted"), ["r2", "created 9"]),
        (replace(RUN, id="r2", verdict="interrupted"), ["r2", "created 9, failed 1"]),
    ],
)
def test_runs_are_listed_with_their_end(run, words):
    text = shown(render_runs([run], COUNTS))

    assert [word for word in words if word not in text] == []


def test_no_run_yet_names_the_command_to_start_with():
    assert "hightonic sync" in shown(render_runs([], {}))


def test_runs_json_carries_the_report_or_null():
    assert runs_json([RUN], {})[0]["report"]["kinds"]["contact"]["highlevel"] == {"created": 2}
    assert runs_json([replace(RUN, report=None)], {})[0]["report"] is None


def test_runs_json_counts_a_run_that_was_cut_off():
    cut = replace(RUN, id="r2", report=None)

    assert [each["counts"] for each in runs_json([RUN, cut], COUNTS)] == [
        {"created": 5},
        {"created": 9, "failed": 1},
    ]
