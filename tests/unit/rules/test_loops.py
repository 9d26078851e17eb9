"""Rules that would wake each other for ever are told from those that come to rest."""

from __future__ import annotations

import pytest

from tests.unit.rules.desk import READER, SEGMENTS, WORDS
from toolkit.rules.loops import check_loops, find_loop
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.reading_rules import read_rules

GROW = {"set": {"company": "{{ company }}!"}}
PLAN = {"trigger": "contact_updated", "fields": ["plan"]}


def _loop(*raw):
    rules = read_rules(
        [{"name": chr(97 + index), **each} for index, each in enumerate(raw)],
        reader=READER,
        at=(),
    )
    found = find_loop(
        [each for each in rules if each.is_enabled], words=WORDS, segments=SEGMENTS
    )
    return [step.rule for step in found]


def _rule(when, then, condition=None, **more):
    return {"when": when, "then": then, **({"if": condition} if condition else {}), **more}


@pytest.mark.parametrize(
    ("rules", "loop"),
    [
        # One rule alone.
        ([_rule("contact_updated", GROW)], ["a"]),
        ([_rule("contact_updated", GROW, enabled=False)], []),
        ([_rule({"trigger": "contact_updated", "fields": ["name"]}, GROW)], []),
        ([_rule({"trigger": "contact_updated", "fields": ["company"]}, GROW)], ["a"]),
        ([_rule({"trigger": "contact_updated", "side": "timetonic"}, GROW)], ["a"]),
        ([_rule("contact_created", GROW)], []),
        ([_rule("contact_updated", {"add_tags": "{{ name }}"})], ["a"]),
        ([_rule("contact_tagged", {"add_tags": "{{ name }}"})], ["a"]),
        (
            [_rule({"trigger": "contact_tagged", "tags": ["x"]}, {"add_tags": "{{ name }}"})],
            ["a"],
        ),
        (
            [
                _rule(
                    {"trigger": "contact_tagged", "tags": ["x"]}, {"remove_tags": "{{ name }}"}
                )
            ],
            [],
        ),
        ([_rule("task_created", {"create_task": "Again"})], ["a"]),
        ([_rule("note_added", {"add_note": "Thanks"})], ["a"]),
        ([_rule("contact_updated", {"assign_owner": {"round_robin": ["a", "b"]}})], ["a"]),
        ([_rule("contact_updated", {"set": {"next_action_date": "+1 day"}})], ["a"]),
        ([_rule("task_overdue", {"create_task": "Late: {{ task.title }}"})], ["a"]),
        ([_rule("task_overdue", {"set": {"task.due_at": "+1 day"}})], ["a"]),
        ([_rule(["note_added", "task_created"], {"create_task": "x"})], ["a"]),
        # What is the same every time is written once.
        ([_rule("contact_updated", {"set": {"plan": "gold"}})], []),
        ([_rule("contact_updated", {"set": {"score": 3, "company": None}})], []),
        ([_rule("contact_updated", {"set": {"next_action_date": "2026-12-01"}})], []),
        ([_rule("contact_updated", {"add_tags": "seen"})], []),
        ([_rule("contact_updated", {"archive": "x"})], []),
        ([_rule("contact_updated", {"assign_owner": "a"})], []),
        (
            [
                _rule(
                    "contact_updated",
                    {"assign_owner": {"round_robin": "a", "unless_owned": True}},
                )
            ],
            [],
        ),
        ([_rule("task_created", {"create_task": {"title": "x", "unless_open": True}})], []),
        ([_rule("task_completed", {"complete_task": "x"})], []),
        ([_rule("contact_updated", {"create_task": "x"})], []),
        (
            [
                _rule(
                    {"trigger": "contact_updated", "fields": "open_tasks"}, {"create_task": "x"}
                )
            ],
            ["a"],
        ),
        # ... unless it is taken back.
        ([_rule("contact_updated", [{"add_tags": "x"}, {"remove_tags": "x"}])], ["a"]),
        ([_rule("contact_updated", [{"add_tags": "x-1"}, {"remove_tags": "x-*"}])], ["a"]),
        ([_rule("contact_updated", [{"add_tags": "y"}, {"remove_tags": "x-*"}])], []),
        (
            [_rule(PLAN, {"set": {"plan": "gold"}}), _rule(PLAN, {"set": {"plan": "silver"}})],
            ["a", "b"],
        ),
        (
            [
                _rule("contact_updated", {"add_tags": "x"}, {"not": {"tag": "x"}}),
                _rule("contact_updated", {"remove_tags": "x"}, {"tag": "x"}),
            ],
            ["a", "b"],
        ),
        (
            [
                _rule("task_completed", {"create_task": {"title": "x", "unless_open": True}}),
                _rule("task_created", {"complete_task": "x"}),
            ],
            ["a", "b"],
        ),
        (
            [_rule(PLAN, {"set": {"plan": "gold"}}), _rule(PLAN, {"set": {"plan": "gold"}})],
            [],
        ),
        (
            [_rule("contact_updated", [{"add_tags": "x-a"}, {"remove_tags": "x-a*"}])],
            ["a"],
        ),
        (
            [
                _rule("contact_tagged", {"add_tags": "x"}),
                _rule("contact_tagged", {"remove_tags": "x"}),
            ],
            ["a"],
        ),
        # A condition is no help where another rule makes it hold again.
        (
            [
                _rule("contact_updated", {"remove_tags": "x"}),
                _rule("contact_tagged", {"add_tags": "x"}, {"not": {"tag": "x"}}),
            ],
            ["b"],
        ),
        (
            [
                _rule(
                    "note_added",
                    {"add_note": "Thanks"},
                    {"not": {"field": "note.body", "is": "thanks"}},
                ),
                _rule("note_added", {"complete_task": "x"}),
            ],
            [],
        ),
        (
            [
                _rule(
                    "task_created",
                    {"create_task": "x"},
                    {"field": "task.is_completed", "is": True},
                ),
                _rule("task_created", {"complete_task": "x"}),
            ],
            ["a"],
        ),
        # Several rules.
        (
            [
                _rule("note_added", {"create_task": "x"}),
                _rule("task_created", {"lifecycle_stage": "lead"}),
                _rule(
                    {"trigger": "contact_updated", "fields": ["lifecycle_stage"]},
                    {"add_note": "now a lead"},
                ),
            ],
            [],
        ),
        (
            [
                _rule("note_added", {"create_task": "x"}),
                _rule("task_created", {"add_note": "task made"}),
            ],
            ["a", "b"],
        ),
        (
            [
                _rule("note_added", {"create_task": "x"}),
                _rule("task_created", {"add_tags": "{{ task.title }}"}),
                _rule("contact_tagged", {"add_note": "tagged"}),
            ],
            ["a", "b", "c"],
        ),
        # Conditions that what was written contradicts.
        (
            [
                _rule(
                    "note_added",
                    {"add_note": "Thanks"},
                    {"not": {"field": "note.body", "is": "thanks"}},
                )
            ],
            [],
        ),
        (
            [
                _rule(
                    "note_added", {"add_note": "Thanks"}, {"field": "note.body", "is": "thanks"}
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "note_added",
                    {"add_note": "{{ name }}"},
                    {"not": {"field": "note.body", "is": "x"}},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "task_overdue",
                    {"create_task": "Escalate"},
                    {"field": "task.title", "is_not": "Escalate"},
                )
            ],
            [],
        ),
        # Overdue comes later: what was sure of the contact may be so no more.
        (
            [
                _rule(
                    "task_overdue",
                    [{"add_tags": "late"}, {"create_task": "x"}],
                    {"not": {"tag": "late"}},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "task_overdue",
                    [{"set": {"plan": "late"}}, {"create_task": "x"}],
                    {"field": "plan", "is_not": "late"},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "task_created",
                    [{"add_tags": "late"}, {"create_task": "x"}],
                    {"not": {"tag": "late"}},
                )
            ],
            [],
        ),
        (
            [
                _rule(
                    "contact_updated", [GROW, {"add_tags": "grown"}], {"not": {"tag": "Grown"}}
                )
            ],
            [],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"add_tags": "g"}, {"remove_tags": "{{ plan }}"}],
                    {"not": {"tag": "g"}},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"add_tags": "g"}, {"remove_tags": "*"}],
                    {"not": {"tag": "g"}},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"add_tags": "g"}, {"run": "welcome"}],
                    {"not": {"tag": "g"}},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "contact_updated", [GROW, {"set": {"plan": "silver"}}], {"segment": "gold"}
                )
            ],
            [],
        ),
        (
            [_rule("contact_updated", [GROW, {"set": {"plan": "gold"}}], {"segment": "gold"})],
            ["a"],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"set": {"plan": None}}],
                    {"field": "plan", "is_blank": False},
                )
            ],
            [],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"set": {"score": "9"}}],
                    {"field": "score", "below": 5},
                )
            ],
            [],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"set": {"is_client": "no"}}],
                    {"field": "is_client", "is": True},
                )
            ],
            [],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"set": {"next_action_date": "2026-12-01"}}],
                    {"field": "next_action_date", "before": "today"},
                )
            ],
            ["a"],
        ),
        (
            [_rule("contact_updated", GROW, {"all": [{"open_tasks": 0}, {"has_task": "x"}]})],
            ["a"],
        ),
        ([_rule("contact_updated", GROW, {"function": "is_big"})], ["a"]),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"set": {"next_action_date": "2026-12-01"}}],
                    {"field": "next_action_date", "after": "today"},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"set": {"next_action_date": "2026-12-01"}}],
                    {"field": "next_action_date", "older_than_days": 3},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"set": {"met_at": "2026-12-01T10:00:00+02:00"}}],
                    {"field": "met_at", "is": "2026-12-01T08:00:00Z"},
                )
            ],
            ["a"],
        ),
        # Who that is, only the location knows.
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"set": {"owner_id": "Bo"}}],
                    {"field": "owner_id", "is": "u1"},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "contact_updated",
                    [GROW, {"assign_owner": "bo@example.com"}],
                    {"field": "owner_id", "is": "u1"},
                )
            ],
            ["a"],
        ),
        (
            [
                _rule(
                    "task_completed",
                    [{"complete_task": "x"}, {"set": {"task.is_completed": False}}],
                )
            ],
            ["a"],
        ),
        ([_rule("task_completed", {"set": {"task.is_completed": "no"}})], []),
        ([_rule("task_created", {"set": {"task.is_completed": True}})], []),
        ([_rule("task_overdue", {"set": {"task.title": "{{ name }}"}})], []),
        ([_rule("contact_updated", {"run": "welcome"})], []),
        ([_rule("contact_updated", {"post": {"channel": "#a", "text": "x"}})], []),
    ],
)
def test_which_rules_never_rest(rules, loop):
    assert _loop(*rules) == loop


def test_the_loop_is_told_in_words_at_its_first_rule():
    rules = read_rules(
        [
            {"name": "quiet", "when": "contact_created", "then": {"add_tags": "x"}},
            {"name": "task", "when": "note_added", "then": {"create_task": "x"}},
            {"name": "note", "when": "task_created", "then": {"add_note": "x"}},
        ],
        reader=READER,
        at=(),
    )

    with pytest.raises(RuleProblemError) as caught:
        check_loops(rules, words=WORDS, segments=SEGMENTS)

    assert caught.value.reason == (
        "rules wake each other for ever (task -> note -> task): `task` creates a task, which "
        "`note` waits for; `note` adds a note, which `task` waits for"
    )
    assert caught.value.at == ("rules", 1)


def test_a_rule_that_wakes_itself_is_told_so():
    rules = read_rules(
        [{"name": "grow", "when": "contact_updated", "then": GROW}], reader=READER, at=()
    )

    with pytest.raises(RuleProblemError, match="wakes itself for ever: `grow` sets `company`"):
        check_loops(rules, words=WORDS, segments=SEGMENTS)
