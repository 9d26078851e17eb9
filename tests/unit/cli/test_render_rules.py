"""Rules and what fired, as people and machines read them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.cli.examples import QUIET_REPORT, shown
from toolkit.app.rule_memory import ParkedRule
from toolkit.app.rule_preview import RulesPreview
from toolkit.app.rules_desk import RuleEntry
from toolkit.cli.ending import exit_code
from toolkit.cli.render.rules import (
    firings_json,
    preview_json,
    render_firings,
    render_preview,
    render_rule,
    render_rules,
    rules_json,
)
from toolkit.cli.render.run import render_run
from toolkit.model.automation import EditTags, Firing, Happening, Send, Trigger
from toolkit.model.ids import Digest, Kind, LinkId, RecordId, Side
from toolkit.model.outcomes import HeldRules, RuleTally
from toolkit.model.plan import BrakeTripped, Finding, Plan, Update
from toolkit.rules.spec import Rule, When
from toolkit.store.firings import FiringEntry, FiringState

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOURCE = {"name": "welcome", "when": "note_added", "then": [{"add_tags": ["a"]}]}
RULE = Rule("welcome", (When(Trigger.NOTE_ADDED),), file="x.yaml", line=3, source=SOURCE)
PARKED = ParkedRule("welcome", ("welcome", "other", "welcome"), "k", AT)
HELD = HeldRules("abc123", {"welcome": 40}, 80, ("40 contacts would be changed",))
C1 = LinkId("c1")
FIRING = Firing(
    "welcome",
    Happening("note_added/7", Trigger.NOTE_ADDED, AT, C1, chain=("first",)),
    (EditTags(C1, add=("a",)), Send("slack", "#s", {"text": "secret"})),
)
UPDATE = Update(
    C1,
    Kind.CONTACT,
    Side.TIMETONIC,
    RecordId("t1"),
    before={"tags": None},
    after={"tags": ("a",)},
    other={},
    expected=Digest("d"),
)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (RuleEntry(RULE, {}), ["welcome", "x.yaml:3", "note_added", "on"]),
        (RuleEntry(RULE, {FiringState.DONE: 2}), ["done 2"]),
        (RuleEntry(replace(RULE, is_enabled=False), {}), ["off"]),
        (RuleEntry(replace(RULE, recipe="keep_dates"), {}), ["recipe keep_dates"]),
        (
            RuleEntry(RULE, {}, PARKED),
            ["parked", "welcome -> other -> welcome", "hightonic rules unpark welcome"],
        ),
    ],
)
def test_a_rule_is_one_line_with_how_it_fared(entry, said):
    text = shown(render_rules([entry], []))

    assert all(each in text for each in said)


def test_what_is_held_names_the_command_that_releases_it():
    text = shown(render_rules([RuleEntry(RULE, {})], [HELD]))

    assert "80 writes that rules ask for (welcome 40)" in text
    assert "hightonic sync --approve abc123" in text
    assert rules_json([], [HELD])["held"][0]["approval"] == "abc123"


def test_without_rules_a_person_is_told_how_to_begin():
    assert "recipes: {welcome_tasks: true}" in shown(render_rules([], []))


def test_a_rule_is_shown_as_the_file_would_have_it():
    text = shown(render_rule(RuleEntry(RULE, {}, PARKED)))

    assert "when: note_added" in text
    assert "Parked" in text
    (told,) = rules_json([RuleEntry(RULE, {FiringState.DONE: 2}, PARKED)], [])["rules"]
    assert told["loop"] == ["welcome", "other", "welcome"]
    assert (told["rule"], told["firings"]) == (SOURCE, {"done": 2})


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (FiringEntry(FIRING, FiringState.DONE), ["done", "tags 1"]),
        (FiringEntry(FIRING, FiringState.FAILED, reason="x.py:3: no"), ["x.py:3: no"]),
        (
            FiringEntry(FIRING, FiringState.HELD, reason="abc123"),
            ["hightonic sync --approve abc123"],
        ),
        (
            FiringEntry(FIRING, reason="it rests", not_before=AT),
            ["it rests; tried again after 2026-11-23 12:00:00"],
        ),
    ],
)
def test_a_firing_is_one_line_with_what_became_of_it(entry, said):
    text = shown(render_firings([entry]))

    assert all(each in text for each in said)
    assert "secret" not in text


def test_firings_tell_machines_no_values():
    (told,) = firings_json([FiringEntry(FIRING, FiringState.DONE, ended_at=AT)])

    assert told["effects"] == ["tags", "send"]
    assert told["chain"] == ["first"]
    assert (told["ended_at"], told["not_before"]) == ("2026-11-23T12:00:00Z", None)
    assert "secret" not in str(told)
    assert "Nothing has fired" in shown(render_firings([]))


def a_plan(**changes) -> Plan:
    return replace(Plan("main", Digest("d")), **changes)


def test_a_preview_tells_what_would_be_written_sent_held_and_left_alone():
    brake = BrakeTripped(Side.TIMETONIC, Kind.CONTACT, "update", 40, 10, "40 contacts")
    finding = Finding(Kind.CONTACT, Side.HIGHLEVEL, RecordId("h"), "Rule `x` left it alone")
    plan = a_plan(held=(UPDATE,), brakes=(brake,), findings=(finding,))
    bad = Firing("odd", FIRING.happening, problem="x.yaml:9: no such field")

    preview = RulesPreview((FIRING, bad), plan)
    text = shown(render_preview(preview, with_values=True))

    for said in ("1 happening (welcome 1)", "40 contacts", "left it alone", "slack 1"):
        assert said in text
    assert "1 x rule odd: x.yaml:9: no such field" in text
    assert "tags: (blank) -> a" in text
    assert preview_json(preview)["firings"] == {"welcome": 1}
    assert preview_json(preview)["problems"] == ["1 x rule odd: x.yaml:9: no such field"]


def test_a_preview_of_nothing_says_so():
    assert "nothing to do" in shown(render_preview(RulesPreview((), a_plan())))


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (replace(QUIET_REPORT, rules={"a": RuleTally(done=2)}), "Rules answered: a 2"),
        (
            replace(QUIET_REPORT, rules={"a": RuleTally(failed=2, waiting=1)}),
            "Rules left over: failed 2, waiting 1: hightonic rules firings",
        ),
        (replace(QUIET_REPORT, parked_rules=("a: a -> a",)), "a: a -> a"),
        (replace(QUIET_REPORT, held_rules=(HELD,)), "hightonic sync --approve abc123"),
    ],
)
def test_a_report_says_what_rules_did_and_what_waits(report, said):
    assert said in shown(render_run(report))


def test_what_is_held_of_rules_asks_a_person():
    assert exit_code(replace(QUIET_REPORT, held_rules=(HELD,))) == 78
