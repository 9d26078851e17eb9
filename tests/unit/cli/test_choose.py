from dataclasses import replace

import pytest

from tests.unit.cli.examples import AT, CONFLICT
from toolkit.app.connection import Decision
from toolkit.cli.choose import choose_decisions, choose_run
from toolkit.errors import UseError
from toolkit.model.ids import Digest, RunId
from toolkit.store import ConflictEntry, ConflictState, RunEntry, RunState


def run(run_id, *, report=None):
    return RunEntry(
        id=RunId(run_id),
        verb="sync",
        state=RunState.FINISHED,
        verdict="done",
        plan_hash=Digest(""),
        config_digest=Digest(""),
        started_at=AT,
        ended_at=AT,
        report=report,
    )


def conflict(conflict_id, **changes):
    return ConflictEntry(
        id=conflict_id,
        conflict=replace(CONFLICT, **changes),
        state=ConflictState.OPEN,
        run_id=RunId("r1"),
        opened_at=AT,
        resolution=None,
        chosen_by="",
    )


OPEN = [conflict("c1f3"), conflict("c1aa"), conflict("c9d", highlevel=True, timetonic=False)]


@pytest.mark.parametrize(
    ("typed", "meant"), [("last", "20261105-3c"), ("20261105-2b", "20261105-2b")]
)
def test_run_is_meant_by_last_or_by_its_id(typed, meant):
    assert choose_run(typed, run("20261105-3c"), nothing="") == meant


def test_last_before_there_is_one_is_refused():
    with pytest.raises(UseError, match="There is no run yet"):
        choose_run("last", None, nothing="There is no run yet")


def choose(ids, *, everything=False, keep=None, value=None):
    return choose_decisions(OPEN, ids, everything=everything, keep=keep, value=value)


@pytest.mark.parametrize(
    ("ids", "options", "decisions"),
    [
        (["c1f3"], {"keep": "highlevel"}, [("c1f3", "highlevel", None)]),
        (
            ["c1f", "c9"],
            {"keep": "timetonic"},
            [("c1f3", "timetonic", None), ("c9d", "timetonic", None)],
        ),
        (["c1f3"], {"value": "Ada K."}, [("c1f3", "value", "Ada K.")]),
        (["c1f3"], {"value": ""}, [("c1f3", "value", None)]),
        (["c9d"], {"value": "no"}, [("c9d", "value", "no")]),
        (
            [],
            {"everything": True, "keep": "highlevel"},
            [(c.id, "highlevel", None) for c in OPEN],
        ),
    ],
)
def test_decision_names_conflict_and_choice(ids, options, decisions):
    assert choose(ids, **options) == [Decision(*each) for each in decisions]


@pytest.mark.parametrize(
    ("ids", "options", "happened"),
    [
        (["c1f3"], {}, "Say what shall stand"),
        (["c1f3"], {"keep": "highlevel", "value": "x"}, "Say what shall stand"),
        ([], {"keep": "highlevel"}, "Say which conflicts"),
        (["c1f3"], {"keep": "highlevel", "everything": True}, "Say which conflicts"),
        (["c1"], {"keep": "highlevel"}, "2 open conflicts begin with c1"),
        (["nope"], {"keep": "highlevel"}, "No open conflict is called nope"),
        ([""], {"keep": "highlevel"}, "No open conflict"),
    ],
)
def test_unclear_decision_is_refused(ids, options, happened):
    with pytest.raises(UseError, match=happened):
        choose(ids, **options)
