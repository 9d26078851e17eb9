"""What became of firings once their writes were tried."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from toolkit.app.rule_endings import WAIT_S, Aftermath, links_touched
from toolkit.app.rule_work import RuleWork, contacts_met
from toolkit.model.automation import EditTags, Firing, Happening, NewRecord, Send, Trigger
from toolkit.model.ids import CorrelationKey, Digest, Kind, LinkId, RecordId, RunId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Finding, Update
from toolkit.store.firings import FiringEntry, FiringState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
C1, RUN = LinkId("c1"), RunId("run1")
DONE, SKIPPED = OutcomeState.DONE, OutcomeState.SKIPPED
FAILED, UNKNOWN = OutcomeState.FAILED, OutcomeState.UNKNOWN


def an_entry(*effects, key="k", trigger=Trigger.CONTACT_CREATED, **changes) -> FiringEntry:
    firing = Firing("welcome", Happening(key, trigger, NOW, C1), effects or (EditTags(C1),))
    return replace(FiringEntry(firing, is_decided=True), **changes)


def an_outcome(state, *, is_retryable=False, causes=("welcome/k",)) -> Outcome:
    update = Update(
        C1,
        Kind.CONTACT,
        Side.TIMETONIC,
        RecordId("t1"),
        before={},
        after={"tags": ("a",)},
        other={},
        expected=Digest("d"),
        causes=causes,
    )
    return Outcome(update, state, reason="because", is_retryable=is_retryable)


def a_finding(rule="welcome", record="h1") -> Finding:
    reason = f"Rule `{rule}` left it alone: so it is"
    return Finding(Kind.CONTACT, Side.HIGHLEVEL, RecordId(record), reason)


def a_link(state=LinkState.LIVE) -> Link:
    return Link(C1, Kind.CONTACT, CorrelationKey("k"), RecordId("h1"), RecordId("t1"), state)


def ending(entry, *outcomes, findings=(), link=None, is_stopped=False) -> FiringEntry:
    after = Aftermath(outcomes, findings, {C1: link or a_link()}, RUN, NOW, is_stopped)
    (ended,) = after.endings([entry])
    return ended


@pytest.mark.parametrize(
    ("outcomes", "state", "reason"),
    [
        ([], FiringState.DONE, ""),
        ([an_outcome(DONE), an_outcome(DONE)], FiringState.DONE, ""),
        ([an_outcome(FAILED, causes=("other/k",))], FiringState.DONE, ""),
        ([an_outcome(DONE), an_outcome(FAILED)], FiringState.FAILED, "because"),
        ([an_outcome(FAILED, is_retryable=True)], FiringState.WAITING, "because"),
        ([an_outcome(UNKNOWN, is_retryable=True)], FiringState.WAITING, "because"),
        ([an_outcome(DONE), an_outcome(SKIPPED)], FiringState.WAITING, "because"),
    ],
)
def test_a_firing_is_as_good_as_its_worst_write(outcomes, state, reason):
    ended = ending(an_entry(), *outcomes)

    assert (ended.state, ended.reason, ended.run_id) == (state, reason, RUN)
    assert (ended.ended_at is None) == (state is FiringState.WAITING)


@pytest.mark.parametrize(
    ("finding", "link", "state"),
    [
        (a_finding(), a_link(), FiringState.WAITING),
        (a_finding(), a_link(LinkState.PARKED), FiringState.WAITING),
        (a_finding(), a_link(LinkState.UNLINKED), FiringState.REFUSED),
        (a_finding(rule="other"), a_link(), FiringState.DONE),
        (a_finding(record="h2"), a_link(), FiringState.DONE),
    ],
)
def test_what_could_not_be_planned_is_tried_again_while_it_may_pass(finding, link, state):
    assert ending(an_entry(), findings=[finding], link=link).state is state


def test_what_concerns_no_pair_we_know_is_refused():
    entry = an_entry(EditTags(LinkId("gone")))

    assert ending(entry, findings=[a_finding(record="")]).state is FiringState.REFUSED


def test_waits_grow_and_end_in_failure():
    entry, waits = an_entry(), []
    while entry.state is FiringState.WAITING:
        entry = ending(entry, an_outcome(SKIPPED))
        if entry.not_before is not None:
            waits.append((entry.not_before - NOW) / timedelta(seconds=1))

    assert waits == list(WAIT_S)
    assert (entry.state, entry.reason) == (FiringState.FAILED, "because")


def test_a_run_that_was_stopped_costs_no_try():
    ended = ending(an_entry(), an_outcome(SKIPPED), is_stopped=True)

    assert (ended.state, ended.tries, ended.not_before) == (FiringState.WAITING, 0, None)


def test_touched_are_the_pairs_that_effects_name():
    entry = an_entry(EditTags(C1), NewRecord(Kind.TASK, LinkId("c2"), {}), Send("url", "x", {}))

    assert links_touched([entry]) == {"c1", "c2"}


def test_a_run_counts_each_firing_by_its_last_state():
    work = RuleWork(RUN)
    first = an_entry(key="a", state=FiringState.HELD)
    bad = an_entry(key="b", state=FiringState.FAILED, reason="x.py:3: no")
    work.note([first, bad, an_entry(key="c", state=FiringState.FAILED, reason="x.py:3: no")])
    work.note([replace(first, state=FiringState.DONE)])

    assert work.tallies()["welcome"].done == 1
    assert work.tallies()["welcome"].failed == 2
    assert work.failures() == ["2 x rule welcome: x.py:3: no"]


def test_a_rule_about_how_runs_end_does_not_make_one_end_badly():
    work = RuleWork(RUN)
    work.note([an_entry(state=FiringState.FAILED, trigger=Trigger.RUN_FAILED)])

    assert work.failures() == []


def test_met_are_contacts_of_pairs_and_new_ones():
    task = Link(LinkId("t9"), Kind.TASK, CorrelationKey("k"), parent=LinkId("c9"))
    made = Create(
        LinkId("new"),
        Kind.TASK,
        Side.TIMETONIC,
        RecordId("h"),
        CorrelationKey("k"),
        {},
        {},
        parent=LinkId("c8"),
    )

    found = contacts_met([an_outcome(DONE), Outcome(made, DONE)], [task])

    assert found == {"c1", "c8", "c9"}
