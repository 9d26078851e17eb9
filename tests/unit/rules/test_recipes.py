"""Each recipe: what a person sees, in one line; and that nothing is asked for twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.rules.desk import ANNA, CALL, FRAME, NOW, READER, SEGMENTS, WORDS, contact, task
from toolkit.model.automation import (
    ArchiveContact,
    EditTags,
    Happening,
    NewRecord,
    Send,
    SetFields,
    Trigger,
)
from toolkit.model.ids import Kind
from toolkit.rules.due import due
from toolkit.rules.evaluate import evaluate, listens
from toolkit.rules.loops import find_loop
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.recipes import RECIPES, read_recipes
from toolkit.rules.words import Vocabulary

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def _rules(name, settings=True):
    return read_recipes({name: settings}, reader=READER, at=("recipes",), file="f")


def _answer(name, trigger, facts=None, *, settings=True, **event):
    """All effects of a recipe's rules that listen to this."""
    happening = Happening("k", Trigger(trigger), NOW, contact=ANNA, **event)
    firings = [
        evaluate(rule, happening, facts or contact(), FRAME)
        for rule in _rules(name, settings)
        if listens(rule, happening, WORDS)
    ]
    assert [each.problem for each in firings if each.problem] == []
    return [effect for each in firings for effect in each.effects]


def _task(title, due_at, number=0, owner="u1"):
    values = {"title": title, "due_at": due_at, "is_completed": False}
    return NewRecord(
        Kind.TASK, ANNA, {**values, **({"owner_id": owner} if owner else {})}, number
    )


LATE = task(due_at="2026-11-19T10:00:00Z")
DONE = task(is_completed=True)
NEW = contact(plan=None, tags=None, owner_id=None, lifecycle_stage=None)


@pytest.mark.parametrize(
    ("recipe", "settings", "trigger", "facts", "effects"),
    [
        (
            "welcome_tasks",
            True,
            "contact_created",
            contact(),
            [
                _task("Call Anna Ek", "2026-11-24T16:00:00Z"),
                _task("Send Anna Ek the welcome pack", "2026-11-26T16:00:00Z", 1),
            ],
        ),
        (
            "welcome_tasks",
            {"tasks": ["Say hello", {"title": "Call", "due": "today"}], "when": "lead_created"},
            "lead_created",
            contact(task()),
            [_task("Say hello", "2026-11-24T16:00:00Z")],
        ),
        (
            "new_lead",
            {"owner": ["a", "b"]},
            "lead_created",
            NEW,
            [
                SetFields(ANNA, Kind.CONTACT, {"lifecycle_stage": "lead", "owner_id": "a"}),
                EditTags(ANNA, add=("lead",)),
                _task("Follow up with Anna Ek", "2026-11-25T16:00:00Z", owner="a"),
            ],
        ),
        (
            "new_lead",
            {"owner": "a", "tags": ["web lead"], "follow_up": None, "stage": "lead"},
            "lead_created",
            contact(lifecycle_stage="customer"),
            [EditTags(ANNA, add=("web lead",))],
        ),
        (
            "new_lead",
            {
                "stage": None,
                "tags": [],
                "follow_up": "Ring {{ name }}",
                "owner": {"by_field": "source", "map": {"web": "w"}},
            },
            "lead_created",
            contact(owner_id=None, source="Web"),
            [
                SetFields(ANNA, Kind.CONTACT, {"owner_id": "w"}),
                _task("Ring Anna Ek", "2026-11-24T16:00:00Z", owner="w"),
            ],
        ),
        (
            "new_lead",
            {"stage": None, "tags": [], "follow_up": None, "owner": None},
            "lead_created",
            NEW,
            [],
        ),
        (
            "tag_by",
            True,
            "contact_created",
            contact(source="Trade, fair"),
            [
                EditTags(ANNA, add=("source: trade fair",)),
                EditTags(ANNA, add=("plan: gold",)),
            ],
        ),
        (
            "tag_by",
            {"fields": ["plan"]},
            "contact_updated",
            contact(tags=("plan: silver", "vip")),
            [EditTags(ANNA, add=("plan: gold",), remove=("plan: silver",))],
        ),
        (
            "tag_by",
            {"fields": "plan"},
            "contact_updated",
            contact(plan=None, tags=("plan: silver", "vip")),
            [EditTags(ANNA, remove=("plan: silver",))],
        ),
        (
            "tag_by",
            {"fields": [], "active_days": 10},
            "schedule",
            contact(tags=("inactive",)),
            [EditTags(ANNA, add=("active",), remove=("inactive",))],
        ),
        (
            "tag_by",
            {"fields": [], "active_days": 2},
            "schedule",
            contact(tags=("active",)),
            [EditTags(ANNA, add=("inactive",), remove=("active",))],
        ),
        ("tag_by", {"fields": [], "active_days": None}, "schedule", contact(), []),
        (
            "overdue_escalation",
            {"channel": "#sales", "owner": "boss"},
            "task_overdue",
            contact(LATE),
            [
                EditTags(ANNA, add=("overdue",)),
                SetFields(CALL, Kind.TASK, {"owner_id": "boss"}),
                Send("slack", "#sales", {"text": "Overdue: Call (Anna Ek)"}, ANNA),
            ],
        ),
        (
            "overdue_escalation",
            True,
            "task_completed",
            contact(DONE, tags=("overdue",)),
            [EditTags(ANNA, remove=("overdue",))],
        ),
        (
            "overdue_escalation",
            True,
            "task_completed",
            contact(LATE, task("b", is_completed=True), tags=("overdue",)),
            [],
        ),
        (
            "keep_dates",
            True,
            "note_added",
            replace(contact(), notes=({"written_at": "2026-11-22T10:00:00Z"},)),
            [SetFields(ANNA, Kind.CONTACT, {"last_contacted": "2026-11-22"})],
        ),
        (
            "keep_dates",
            True,
            "note_added",
            replace(contact(), notes=({"written_at": "2026-11-02T10:00:00Z"},)),
            [],
        ),
        (
            "keep_dates",
            True,
            "task_completed",
            contact(DONE, next_action_date="2026-11-24"),
            [
                SetFields(
                    ANNA,
                    Kind.CONTACT,
                    {"last_contacted": "2026-11-23", "next_action_date": None},
                )
            ],
        ),
        (
            "keep_dates",
            True,
            "task_created",
            contact(task()),
            [SetFields(ANNA, Kind.CONTACT, {"next_action_date": "2026-11-24"})],
        ),
        (
            "keep_dates",
            True,
            "appointment_booked",
            replace(contact(task()), appointments=({"starts_at": "2026-11-23T18:00:00Z"},)),
            [SetFields(ANNA, Kind.CONTACT, {"next_action_date": "2026-11-23"})],
        ),
        ("keep_dates", True, "schedule", contact(next_action_date="2026-12-24"), []),
        (
            "stale_archive",
            {"after_days": 2},
            "schedule",
            contact(),
            [ArchiveContact(ANNA, "No activity for 2 days")],
        ),
        ("stale_archive", {"after_days": 4}, "schedule", contact(), []),
        ("stale_archive", {"after_days": 2}, "schedule", contact(task()), []),
        ("stale_archive", {"after_days": 2, "except_tags": "vip"}, "schedule", contact(), []),
        (
            "stale_archive",
            {"after_days": 2},
            "schedule",
            replace(contact(), appointments=({"starts_at": "2026-12-23T18:00:00Z"},)),
            [],
        ),
    ],
)
def test_what_a_person_sees(recipe, settings, trigger, facts, effects):
    event = {"fields": ("plan", "source")} if trigger == "contact_updated" else {}
    subject = CALL if trigger.startswith("task") else None

    answer = _answer(recipe, trigger, facts, settings=settings, subject=subject, **event)

    assert answer == effects


def test_old_contacts_are_tagged_once_by_the_schedule():
    tagging = _rules("tag_by", {"fields": ["plan"], "active_days": None})
    untagged, tagged = contact(), contact(tags=("plan: gold",))

    assert [len(due(rule, untagged, FRAME)) for rule in tagging] == [1, 0]
    assert [len(due(rule, tagged, FRAME)) for rule in tagging] == [0, 0]


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_is_on_with_one_line_and_off_with_another(name):
    on = _rules(name)

    assert on
    assert {each.recipe for each in on} == {name}
    assert all(each.name.split(".")[0] == name and each.source for each in on)
    assert _rules(name, None) == on
    assert _rules(name, {}) == on
    assert _rules(name, settings=False) == ()


def test_all_recipes_together_come_to_rest():
    rules = read_recipes(dict.fromkeys(RECIPES, True), reader=READER, at=())

    assert find_loop(rules, words=WORDS, segments=SEGMENTS) == ()
    assert len({each.name for each in rules}) == len(rules)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_recipes_say_what_they_do_and_what_can_be_chosen(recipe):
    assert recipe.doc
    assert all(each.doc for each in recipe.settings.values())


@pytest.mark.parametrize(
    ("raw", "reason", "place"),
    [
        ({"welcome": True}, "there is no recipe `welcome`", ("welcome",)),
        ({"stale_archive": {"days": 3}}, "`days` is not a setting", ("stale_archive", "days")),
        (
            {"stale_archive": {"after_days": 0}},
            "from 1 upwards",
            ("stale_archive", "after_days"),
        ),
        ({"stale_archive": 90}, "must be a group", ("stale_archive",)),
        ({"tag_by": {"fields": ["plam"]}}, "`tag_by`: `plam` is not a mapped", ("tag_by",)),
        (
            {"overdue_escalation": {"after": "soon"}},
            "`overdue_escalation`:",
            ("overdue_escalation",),
        ),
        (
            {"overdue_escalation": {"channel": "sales"}},
            "Slack channel",
            ("overdue_escalation",),
        ),
        ({"welcome_tasks": {"tasks": [{"titel": "x"}]}}, "`titel`", ("welcome_tasks",)),
        ({"welcome_tasks": {"when": "birth"}}, "no trigger `birth`", ("welcome_tasks",)),
        ({"new_lead": {"owner": {"round": ["a"]}}}, "`round` is not a setting", ("new_lead",)),
    ],
)
def test_recipes_refuse_what_cannot_be(raw, reason, place):
    with pytest.raises(RuleProblemError) as caught:
        read_recipes(raw, reader=READER, at=())

    assert reason in caught.value.reason
    assert caught.value.at == place


def test_a_recipe_names_the_field_it_misses():
    contact_only = Vocabulary({Kind.CONTACT: WORDS.kinds[Kind.CONTACT]})
    reader = replace(READER, words=contact_only)

    with pytest.raises(RuleProblemError, match="`welcome_tasks`: tasks have no mapped field"):
        read_recipes({"welcome_tasks": True}, reader=reader, at=())
