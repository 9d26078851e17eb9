"""Rules and actions out of the settings: what cannot be is refused at its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.rules.desk import READER, WORDS, rule
from toolkit.model.automation import Trigger
from toolkit.model.ids import Kind, Side
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.reading_actions import ACTION_NAMES, read_actions
from toolkit.rules.reading_rules import read_rules, read_segments
from toolkit.rules.spec import When
from toolkit.rules.templates import Text
from toolkit.rules.words import FieldWord, Shape, Vocabulary

TAG = {"add_tags": "x"}


def _refused(raw, *, reader=READER):
    with pytest.raises(RuleProblemError) as caught:
        read_rules(raw, reader=reader, at=("rules",))
    return caught.value


def _rule(**more):
    return [{"name": "r", "when": "contact_created", "then": TAG, **more}]


@pytest.mark.parametrize(
    ("raw", "when"),
    [
        ("note_added", (When(Trigger.NOTE_ADDED),)),
        ({"trigger": "note_added"}, (When(Trigger.NOTE_ADDED),)),
        (
            {"trigger": "contact_updated", "side": "timetonic", "fields": ["plan", "name"]},
            (When(Trigger.CONTACT_UPDATED, Side.TIMETONIC, frozenset({"plan", "name"})),),
        ),
        (
            {"trigger": "contact_tagged", "tags": "VIP"},
            (When(Trigger.CONTACT_TAGGED, tags=frozenset({"vip"})),),
        ),
        (
            {"trigger": "schedule", "every": "work_day", "at": "09:30"},
            (When(Trigger.SCHEDULE, every="work_day", at="09:30"),),
        ),
        (
            {"trigger": "task_overdue", "after": "2 business days"},
            (When(Trigger.TASK_OVERDUE, after="+2 business days"),),
        ),
        (
            {"trigger": "task_overdue", "after": "in 1 hour"},
            (When(Trigger.TASK_OVERDUE, after="in 1 hour"),),
        ),
        (
            ["note_added", {"trigger": "schedule"}],
            (When(Trigger.NOTE_ADDED), When(Trigger.SCHEDULE)),
        ),
    ],
)
def test_what_a_rule_can_wait_for(raw, when):
    assert rule(TAG, when=raw).when == when


def test_a_rule_remembers_how_it_was_written():
    raw = {"name": "r", "when": "note_added", "then": TAG, "enabled": False}
    made = rule(TAG, when="note_added", enabled=False)

    assert (made.source, made.is_enabled, made.subject) == (raw, False, Kind.NOTE)
    assert rule(TAG, when=["note_added", "task_created"]).subject is None


@pytest.mark.parametrize(
    ("raw", "reason", "place"),
    [
        ({"name": "r"}, "rules stand in a list", ()),
        (["r"], "must be a group", (0,)),
        ([{"when": "note_added", "then": TAG}], "`name` is missing", (0,)),
        ([{"name": "r", "then": TAG}], "`when` is missing", (0,)),
        ([{"name": "r", "when": "note_added"}], "`then` is missing", (0,)),
        (_rule(iff={}), "`iff` is not a setting of a rule", (0, "iff")),
        (_rule(name="a/b"), "cannot name a rule", (0, "name")),
        (_rule(name=["a"]), "must be text", (0, "name")),
        (_rule() * 2, "two rules are called `r`", (1, "name")),
        (_rule(enabled="yes"), "`true` or `false`", (0, "enabled")),
        (_rule(when="contact_craeted"), "there is no trigger", (0, "when")),
        (_rule(when=[]), "`when` is empty", (0, "when")),
        (_rule(when=["note_added", "x"]), "there is no trigger `x`", (0, "when", 1)),
        (_rule(when={"trigger": "x"}), "there is no trigger", (0, "when", "trigger")),
        (_rule(when={"side": "highlevel"}), "must be text", (0, "when", "trigger")),
        (_rule(when={"trigger": "schedule", "evry": 1}), "`evry`", (0, "when", "evry")),
        (
            _rule(when={"trigger": "schedule", "side": "highlevel", "fields": ["plan"]}),
            "`fields` does not go with `schedule`",
            (0, "when", "fields"),
        ),
        (
            _rule(when={"trigger": "note_added", "side": "left"}),
            "no such side",
            (0, "when", "side"),
        ),
        (
            _rule(when={"trigger": "contact_updated", "fields": ["plam"]}),
            "`plam` is not a mapped field",
            (0, "when", "fields"),
        ),
        (
            _rule(when={"trigger": "schedule", "every": "fortnight"}),
            "cannot come that often",
            (0, "when", "every"),
        ),
        (
            _rule(when={"trigger": "schedule", "at": "9 am"}),
            "no time of day",
            (0, "when", "at"),
        ),
        (
            _rule(when={"trigger": "task_overdue", "after": "a while"}),
            "cannot be read",
            (0, "when", "after"),
        ),
        (_rule(**{"if": {"tagg": 1}}), "`tagg` is not a condition", (0, "if", "tagg")),
        (_rule(then=[TAG, {"add_tag": 1}]), "`add_tag`", (0, "then", 1, "add_tag")),
        (
            _rule(when="run_failed"),
            "`add_tags` needs a contact",
            (0, "then", "add_tags"),
        ),
        (
            _rule(when="contact_deleted"),
            "`add_tags` needs a contact",
            (0, "then", "add_tags"),
        ),
        (
            _rule(when="run_failed", then={"run": "welcome"}, **{"if": {"tag": "x"}}),
            "not about a contact",
            (0, "if", "tag"),
        ),
        (
            _rule(
                when="run_failed",
                then={"run": "welcome"},
                **{"if": {"field": "plan", "is": "x"}},
            ),
            "not about a contact",
            (0, "if", "field"),
        ),
        (
            _rule(when="run_failed", then={"post": {"channel": "#a", "text": "{{ name }}"}}),
            "names `name`",
            (0, "then", "post", "text"),
        ),
    ],
)
def test_rules_that_cannot_be_are_refused_at_their_place(raw, reason, place):
    error = _refused(raw)

    assert reason in error.reason
    assert error.at == ("rules", *place)


def test_what_is_misspelt_tells_what_there_is():
    assert "contact_created" in _refused(_rule(when="contact_craeted")).known
    assert set(ACTION_NAMES) == set(_refused(_rule(then={"add_tag": 1})).known)


def test_a_contact_that_was_deleted_can_still_be_told_of():
    made = rule(
        {"post": {"channel": "#a", "text": "{{ name }} is gone"}},
        when="contact_deleted",
        **{"if": {"tag": "vip"}},
    )

    assert made.actions


@pytest.mark.parametrize(
    ("raw", "reason", "place"),
    [
        (None, "is empty", ()),
        ("add_tags", "must be a group", ()),
        ({"add_tags": "x", "archive": None}, "an action does one thing", ()),
        ({"set": {}}, "`set` names no field", ("set",)),
        ({"set": "plan"}, "must be a group", ("set",)),
        ({"set": {"plam": "x"}}, "`plam` is not a mapped field", ("set", "plam")),
        ({"set": {"tags": ["x"]}}, "not set as a whole", ("set", "tags")),
        (
            {"set": {"updated_at": "now"}},
            "`updated_at` can only be read",
            ("set", "updated_at"),
        ),
        ({"set": {"open_tasks": 3}}, "`open_tasks` can only be read", ("set", "open_tasks")),
        ({"set": {"last_note_at": "now"}}, "can only be read", ("set", "last_note_at")),
        ({"set": {"task.title": "x"}}, "not about one", ("set", "task.title")),
        ({"set": {"plan": ["a"]}}, "several values stand", ("set", "plan")),
        ({"set": {"score": "many"}}, "this is not a number", ("set", "score")),
        ({"set": {"score": True}}, "this is not a number", ("set", "score")),
        ({"set": {"score": "inf"}}, "this is not a number", ("set", "score")),
        ({"set": {"is_client": 3}}, "neither yes nor no", ("set", "is_client")),
        ({"set": {"interests": 3}}, "not a list of texts", ("set", "interests")),
        ({"set": {"met_at": "soon"}}, "this date cannot be read", ("set", "met_at")),
        ({"set": {"plan": {"a": 1}}}, "a value, not a group", ("set", "plan")),
        ({"lifecycle_stage": "boss"}, "no such option", ("lifecycle_stage",)),
        ({"set": {"plan": "{{ nam }}"}}, "names `nam`", ("set", "plan")),
        ({"set": {"plan": "{{ name"}}, "the template cannot be read", ("set", "plan")),
        ({"set": {"plan": "{{ contact.nam }}"}}, "`nam` is not a mapped", ("set", "plan")),
        ({"set": {"plan": "{{ task.title }}"}}, "not about one", ("set", "plan")),
        ({"set": {"plan": "{{ task }}"}}, "names a task", ("set", "plan")),
        ({"set": {"plan": "{{ happening.wen }}"}}, "`happening.wen`", ("set", "plan")),
        ({"add_tags": ["x", ""]}, "must be text", ("add_tags", 1)),
        ({"assign_owner": {}}, "takes one of", ("assign_owner",)),
        (
            {"assign_owner": {"to": "a", "round_robin": ["b"]}},
            "takes one of",
            ("assign_owner",),
        ),
        ({"assign_owner": {"too": "a"}}, "`too` is not", ("assign_owner", "too")),
        ({"assign_owner": {"to": "a", "map": {}}}, "do not go with `to`", ("assign_owner",)),
        (
            {"assign_owner": {"round_robin": []}},
            "names nobody",
            ("assign_owner", "round_robin"),
        ),
        (
            {"assign_owner": {"by_field": "plan"}},
            "`map` must be a group",
            ("assign_owner", "map"),
        ),
        (
            {"assign_owner": {"by_field": "plam", "map": {}}},
            "`plam` is not",
            ("assign_owner", "by_field"),
        ),
        ({"create_task": {}}, "`title` must be text", ("create_task", "title")),
        ({"create_task": {"title": "x", "duue": 1}}, "`duue`", ("create_task", "duue")),
        (
            {"create_task": {"title": "x", "due": "soon"}},
            "this date cannot be read",
            ("create_task", "due"),
        ),
        (
            {"create_task": {"title": "x", "unless_open": 1}},
            "`true` or `false`",
            ("create_task", "unless_open"),
        ),
        ({"complete_task": None}, "which task?", ("complete_task",)),
        ({"complete_task": {"titel": "x"}}, "`titel`", ("complete_task", "titel")),
        ({"add_note": {}}, "`body` must be text", ("add_note", "body")),
        ({"archive": {"why": "x"}}, "`why` is not", ("archive", "why")),
        ({"post": "hello"}, "must be a group", ("post",)),
        ({"post": {"channel": "sales", "text": "x"}}, "Slack channel", ("post", "channel")),
        ({"post": {"channel": "#sales"}}, "`text` must be text", ("post", "text")),
        ({"call_url": {"to": "crn"}}, "no address `crn`", ("call_url", "to")),
        ({"call_url": {"to": "crm", "body": "x"}}, "must be a group", ("call_url", "body")),
        (
            {"call_url": {"to": "crm", "body": {"a": [{"b": "{{ x }}"}]}}},
            "names `x`",
            ("call_url", "body", "a", 0, "b"),
        ),
        (
            {"call_url": {"to": "crm", "body": {"a": object()}}},
            "this is no JSON",
            ("call_url", "body", "a"),
        ),
        ({"run": "welcom"}, "no action function `welcom`", ("run",)),
        ({"run": "is_big"}, "no action function `is_big`", ("run",)),
    ],
)
def test_actions_that_cannot_be_are_refused_at_their_place(raw, reason, place):
    with pytest.raises(RuleProblemError) as caught:
        read_actions(raw, reader=READER, at=())

    assert reason in caught.value.reason
    assert caught.value.at == place


@pytest.mark.parametrize("channel", ["#sales", "#équipe-ventes", "C0123ABCDEF", "G0123ABCDEF"])
def test_slack_channels_by_name_or_id(channel):
    assert read_actions({"post": {"channel": channel, "text": "x"}}, reader=READER, at=())


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"add_tags": "x"}, "no tags are mapped"),
        ({"remove_tags": "x"}, "no tags are mapped"),
        ({"archive": None}, "no tags are mapped"),
        ({"create_task": "x"}, "tasks have no mapped field `title`"),
        ({"create_task": {"title": "x", "owner": "a"}}, "tasks have no mapped field"),
        ({"add_note": "x"}, "notes are not mapped"),
        ({"assign_owner": "a"}, "`owner_id` is not a mapped field"),
        ({"lifecycle_stage": "lead"}, "`lifecycle_stage` is not a mapped field"),
    ],
)
def test_what_is_not_mapped_cannot_be_written(raw, reason):
    bare = Vocabulary({Kind.CONTACT: {"name": FieldWord()}}, tags=None)

    with pytest.raises(RuleProblemError, match=reason):
        read_actions(raw, reader=replace(READER, words=bare), at=())


def test_where_nobody_knows_the_functions_any_name_passes():
    reader = replace(READER, conditions=None, actions=None, addresses=None)

    assert read_actions([{"run": "whatever"}, {"call_url": "x"}], reader=reader, at=())


def test_no_rules_at_all_are_none():
    assert read_rules(None, reader=READER, at=()) == ()


@pytest.mark.parametrize(
    ("raw", "circle"),
    [
        ({"a": {"segment": "a"}}, "a -> a"),
        (
            {"a": {"not": {"segment": "b"}}, "b": {"any": [{"tag": "x"}, {"segment": "a"}]}},
            "a -> b -> a",
        ),
        (
            {"c": {"segment": "a"}, "a": {"segment": "b"}, "b": [{"segment": "a"}]},
            "a -> b -> a",
        ),
    ],
)
def test_a_segment_made_of_itself_is_refused(raw, circle):
    reader = replace(READER, segments=frozenset(raw))

    with pytest.raises(RuleProblemError, match=f"made of itself: {circle}"):
        read_segments(raw, reader=reader, at=("segments",))


def test_a_mapped_field_goes_before_one_that_is_worked_out_save_for_counts():
    own = {"last_note_at": FieldWord(), "open_tasks": FieldWord(Shape.NUMBER, is_counted=True)}
    words = Vocabulary({Kind.CONTACT: own})
    shapes = {
        name: words.word(words.find(name, subject=None, at=())).shape
        for name in ("last_note_at", "open_tasks", "next_step_on")
    }

    assert shapes == {
        "last_note_at": Shape.TEXT,
        "open_tasks": Shape.NUMBER,
        "next_step_on": Shape.DAY,
    }
    assert words.counted() == {"open_tasks"}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (
            "{{ contact.name }}: {{ happening.trigger }} by {{ rule }}",
            "Anna Ek: contact_updated by r",
        ),
        ("{{ last_contacted | date('%d/%m/%Y') }}", "20/11/2026"),
        ("{{ next_action_date | date }}.", "."),
        ("{% for tag in tags %}[{{ tag }}]{% endfor %}", "[beta][vip]"),
        ("{% set n = name %}{{ n | upper }}", "ANNA EK"),
        ("{{ score * 2 }}", "14"),
        ("{{ company or 'nobody' }}", "nobody"),
        ("{{ updated_at | default('never') }}", "never"),
        ("{% if contact.updated_at is defined %}a{% else %}b{% endif %}", "b"),
        ("{{ contact.open_tasks }}", "0"),
        ("{{ next_step_on or 'nothing' }} {{ contact.open_tasks }}", "nothing 0"),
        ("{{ contact['name'] }}", "Anna Ek"),
    ],
)
def test_what_templates_can_say(template, text):
    from tests.unit.rules.desk import fired

    assert fired({"add_note": template}).effects[0].values["body"] == text


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ lipsum(9) }}", "names `lipsum`"),
        ("{% for i in range(99999) %}{% endfor %}", "names `range`"),
        ("{{ name | center(999999999) }}", "No filter named 'center'"),
        ("{{ '%999999999d' | format(1) }}", "No filter named 'format'"),
        ("{% include 'x' %}", "stands alone"),
        ("{% import 'x' as y %}", "stands alone"),
    ],
)
def test_words_that_templates_have_no_use_for_are_not_there(template, problem):
    with pytest.raises(RuleProblemError, match=problem):
        READER.text(template, ())


def test_a_literal_text_is_never_a_template():
    assert replace(READER, is_literal=True).text("{{ x", ()) == Text("{{ x", is_literal=True)


def test_every_field_has_a_shape_in_the_office():
    assert {word.shape for word in WORDS.kinds[Kind.CONTACT].values()} == set(Shape)
