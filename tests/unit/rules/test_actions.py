"""Actions: what a rule asks for, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.rules.desk import (
    ANNA,
    CALL,
    FRAME,
    NOW,
    READER,
    WORDS,
    at,
    contact,
    fired,
    happening,
    rule,
    task,
)
from toolkit.errors import ScriptError
from toolkit.model.automation import (
    ArchiveContact,
    EditTags,
    Happening,
    NewRecord,
    Send,
    SetFields,
    Trigger,
)
from toolkit.model.ids import Kind, LinkId, Side
from toolkit.rules.evaluate import evaluate, listens, matches, touched
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.reading_actions import read_actions
from toolkit.rules.words import FieldWord, Vocabulary

DUE_TUESDAY = "2026-11-24T16:00:00Z"


def _new_task(number: int = 0, **values):
    usual = {"is_completed": False, "due_at": DUE_TUESDAY, "owner_id": "u1"}
    return NewRecord(Kind.TASK, ANNA, {**usual, **values}, number)


@pytest.mark.parametrize(
    ("then", "values"),
    [
        ({"set": {"plan": "silver"}}, {"plan": "silver"}),
        (
            {"set": {"company": "{{ name }} Ltd", "score": 8}},
            {"company": "Anna Ek Ltd", "score": 8},
        ),
        ({"set": {"plan": None}}, {"plan": None}),
        ({"set": {"plan": 3}}, {"plan": "3"}),
        ({"set": {"plan": True}}, {"plan": "true"}),
        ({"set": {"plan": ""}}, {"plan": None}),
        ({"set": {"plan": "{{ company }}"}}, {"plan": None}),
        ({"set": {"score": "{{ score + 1 }}"}}, {"score": 8}),
        ({"set": {"score": "2.50"}}, {"score": 2.5}),
        ({"set": {"is_client": "no"}}, {"is_client": False}),
        ({"set": {"is_client": False}}, {"is_client": False}),
        ({"set": {"next_action_date": "+2 business days"}}, {"next_action_date": "2026-11-25"}),
        ({"set": {"next_action_date": "2026-12-01"}}, {"next_action_date": "2026-12-01"}),
        ({"set": {"next_action_date": "{{ today }}"}}, {"next_action_date": "2026-11-23"}),
        ({"set": {"met_at": "next monday 09:00"}}, {"met_at": "2026-11-30T08:00:00Z"}),
        ({"set": {"interests": ["golf", "art"]}}, {"interests": ("art", "golf")}),
        ({"set": {"interests": "golf, art"}}, {"interests": ("art", "golf")}),
        ({"lifecycle_stage": "lead"}, {"lifecycle_stage": "lead"}),
        ({"assign_owner": "u2"}, {"owner_id": "u2"}),
        ({"assign_owner": {"to": "{{ 'u' ~ 3 }}"}}, {"owner_id": "u3"}),
        ({"assign_owner": {"by_field": "plan", "map": {"gold": "u5"}}}, {"owner_id": "u5"}),
        (
            {"assign_owner": {"by_field": "company", "map": {"x": "u5"}, "otherwise": "u6"}},
            {"owner_id": "u6"},
        ),
    ],
)
def test_fields_are_set_on_both_sides_as_the_field_holds_them(then, values):
    assert fired(then).effects == (SetFields(ANNA, Kind.CONTACT, values),)


@pytest.mark.parametrize(
    "then",
    [
        {"set": {"plan": "Gold"}},
        {"set": {"company": None, "score": "7"}},
        {"set": {"last_contacted": "2026-11-20"}},
        [{"set": {"plan": "silver"}}, {"set": {"plan": "Gold"}}],
        {"add_tags": ["VIP", "beta"]},
        {"remove_tags": ["gone", "x-*"]},
        [{"remove_tags": "vip"}, {"add_tags": "vip"}],
        [{"add_tags": "new"}, {"remove_tags": "n*"}],
        {"add_tags": "{{ company }}"},
        {"assign_owner": {"to": "u1"}},
        {"assign_owner": {"round_robin": ["u7"], "unless_owned": True}},
        {"assign_owner": {"by_field": "plan", "map": {"silver": "u5"}}},
        {"create_task": {"title": "call", "unless_open": True}},
        {"complete_task": "Send offer"},
        {"complete_task": {"title": "Nothing like it"}},
        [],
    ],
)
def test_nothing_is_asked_for_that_is_so_already(then):
    facts = contact(task(), task("done", "Send offer", is_completed=True))

    firing = fired(then or [{"add_tags": "vip"}], facts)

    assert (firing.effects, firing.problem) == ((), "")


@pytest.mark.parametrize(
    ("then", "add", "remove"),
    [
        ({"add_tags": ["New", " Spaced  Out "]}, ("new", "spaced out"), ()),
        ({"add_tags": "{{ plan | lower }}"}, ("gold",), ()),
        ({"remove_tags": ["VIP", "none"]}, (), ("vip",)),
        ({"remove_tags": ["v*"]}, (), ("vip",)),
        ([{"remove_tags": ["*"]}, {"add_tags": ["beta", "x"]}], ("x",), ("vip",)),
        ([{"add_tags": "a"}, {"set": {"plan": "b"}}, {"add_tags": "c"}], ("a", "c"), ()),
    ],
)
def test_tags_of_a_firing_are_one_edit_that_leaves_the_others(then, add, remove):
    first = fired(then).effects[0]

    assert first == EditTags(ANNA, add=add, remove=remove)


def test_later_actions_see_what_earlier_ones_asked_for():
    firing = fired(
        [
            {"set": {"plan": "silver"}},
            {"assign_owner": "u2"},
            {"add_tags": "{{ plan }}"},
            {"create_task": {"title": "Call a {{ plan }} client"}},
            {"create_task": {"title": "call a SILVER client", "unless_open": True}},
            {"add_note": "{{ open_tasks }} open"},
        ]
    )

    assert firing.effects == (
        SetFields(ANNA, Kind.CONTACT, {"plan": "silver", "owner_id": "u2"}),
        EditTags(ANNA, add=("silver",)),
        _new_task(title="Call a silver client", owner_id="u2"),
        NewRecord(Kind.NOTE, ANNA, {"body": "1 open"}),
    )


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ("Call {{ name }}", {"title": "Call Anna Ek"}),
        ({"title": "x", "body": "{{ email }}"}, {"title": "x", "body": "anna@example.com"}),
        ({"title": "x", "body": "{{ company }}"}, {"title": "x"}),
        ({"title": "x", "owner": "u9"}, {"title": "x", "owner_id": "u9"}),
        ({"title": "x", "due": "in 4 hours"}, {"title": "x", "due_at": "2026-11-23T18:00:00Z"}),
        (
            {"title": "x", "due": "{{ last_contacted }} + 7 days"},
            {"title": "x", "due_at": "2026-11-27T16:00:00Z"},
        ),
        ({"title": "Call", "unless_open": False}, {"title": "Call"}),
    ],
)
def test_a_new_task_is_due_the_next_working_day_and_the_owner_s_own(raw, values):
    assert fired({"create_task": raw}, contact(task())).effects == (_new_task(**values),)


def test_due_dates_count_from_what_happened_not_from_when_it_is_worked_out():
    first, later = (
        fired({"create_task": "x"}, frame=at(moment))
        for moment in (NOW, datetime(2027, 5, 1, tzinfo=UTC))
    )

    assert first.effects == later.effects == (_new_task(title="x"),)


def test_several_new_records_of_one_firing_have_numbers_of_their_own():
    firing = fired([{"create_task": "a"}, {"add_note": "n"}, {"create_task": "b"}])

    assert [(each.kind, each.number) for each in firing.effects] == [
        (Kind.TASK, 0),
        (Kind.NOTE, 0),
        (Kind.TASK, 1),
    ]


@pytest.mark.parametrize("raw", [None, True, {}, "call", {"title": "Call"}])
def test_the_task_it_is_about_is_completed_once(raw):
    firing = fired({"complete_task": raw}, contact(task()), when="task_overdue", subject=CALL)

    assert firing.effects == (SetFields(CALL, Kind.TASK, {"is_completed": True}),)


def test_a_task_made_by_the_same_firing_is_not_completed_by_it():
    firing = fired([{"create_task": "Call"}, {"complete_task": "Call"}], contact(task()))

    assert firing.effects == (
        _new_task(title="Call"),
        SetFields(CALL, Kind.TASK, {"is_completed": True}),
    )


def test_fields_of_the_task_it_is_about_are_set():
    firing = fired(
        {"set": {"task.owner_id": "boss", "task.title": "Late: {{ task.title }}"}},
        contact(task()),
        when="task_overdue",
        subject=CALL,
    )

    assert firing.effects == (
        SetFields(CALL, Kind.TASK, {"owner_id": "boss", "title": "Late: Call"}),
    )


def test_an_archived_contact_is_not_archived_again():
    archive = {"archive": {"reason": "quiet since {{ last_contacted }}"}}

    assert fired(archive).effects == (ArchiveContact(ANNA, "quiet since 2026-11-20"),)
    assert fired([archive, {"archive": True}]).effects == fired(archive).effects
    assert fired({"archive": None}, contact(tags=("Archived",))).effects == ()


def test_archiving_carries_its_mark_itself():
    firing = fired([{"add_tags": "x"}, {"archive": "old"}])

    assert firing.effects == (EditTags(ANNA, add=("x",)), ArchiveContact(ANNA, "old"))


@pytest.mark.parametrize(
    ("then", "sent"),
    [
        (
            {"post": {"channel": "#sales", "text": "{{ name }} is {{ plan }}"}},
            Send("slack", "#sales", {"text": "Anna Ek is Gold"}, ANNA),
        ),
        (
            {
                "call_url": {
                    "to": "crm",
                    "body": {"n": "{{ name }}", "deep": [{"t": "{{ tags }}", "e": ""}], "k": 3},
                }
            },
            Send(
                "url",
                "crm",
                {"n": "Anna Ek", "deep": [{"t": "beta, vip", "e": ""}], "k": 3},
                ANNA,
            ),
        ),
    ],
)
def test_messages_are_rendered_all_the_way_down(then, sent):
    assert fired(then).effects == (sent,)


def test_without_a_body_the_contact_itself_is_sent():
    (sent,) = fired({"call_url": "crm"}).effects

    assert sent.body["contact"]["name"] == "Anna Ek"
    assert sent.body["happening"]["trigger"] == "contact_updated"
    assert sent.body["rule"] == "r"


def test_the_same_message_twice_is_two_messages():
    post = {"post": {"channel": "#a", "text": "x"}}

    assert len(fired([post, post]).effects) == 2


def test_a_run_that_failed_can_be_told_though_nobody_is_concerned():
    made = rule(
        {"post": {"channel": "#ops", "text": "{{ happening.facts.side }} is down"}},
        when="run_failed",
    )
    event = Happening("k", Trigger.RUN_FAILED, NOW, facts={"side": "timetonic"})

    assert evaluate(made, event, None, FRAME).effects == (
        Send("slack", "#ops", {"text": "timetonic is down"}),
    )


def test_round_robin_takes_turns_and_says_how_far_it_moved():
    then = {"assign_owner": {"round_robin": ["a", "b", "c"]}}
    owners, place = [], 5
    for _ in range(4):
        firing = fired(then, frame=replace(FRAME, turn=lambda _rule, now=place: now))
        owners.append(firing.effects[0].values["owner_id"])
        place += firing.turns

    assert owners == ["c", "a", "b", "c"]


def test_two_round_robins_of_one_rule_take_two_turns():
    then = {"assign_owner": {"round_robin": ["a", "b", "c"]}}
    firing = fired([then, {"add_note": "{{ owner_id }}"}, then, {"add_note": "{{ owner_id }}"}])

    notes = [each.values["body"] for each in firing.effects if isinstance(each, NewRecord)]
    assert (notes, firing.turns) == (["a", "b"], 2)


def test_counts_are_taken_from_the_tasks_not_from_what_was_shown_last():
    facts = contact(task(), open_tasks=99)

    assert fired({"add_note": "{{ open_tasks }}"}, facts).effects[0].values == {"body": "1"}


def test_a_round_robin_that_gave_nothing_out_has_not_moved():
    then = {"assign_owner": {"round_robin": ["a", "b"], "unless_owned": True}}

    assert fired(then).turns == 0
    assert fired(then, **{"if": {"tag": "none"}}).turns == 0
    assert fired(then, contact(owner_id=None)).turns == 1


# -- what goes wrong stays inside ---------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "problem"),
    [
        (
            {"set": {"plan": "{{ updated_at }}"}},
            "`updated_at` is not known of this contact yet",
        ),
        ({"set": {"plan": "{{ contact.updated_at }}"}}, "`contact.updated_at` is not known"),
        ({"set": {"plan": "{{ 1 / 0 }}"}}, "the template fails with ZeroDivisionError"),
        ({"set": {"plan": "{{ name.secret }}"}}, "the template fails with UndefinedError"),
        ({"set": {"plan": "{{ 'a' * 999999999 }}"}}, "fails: `*` is only for numbers"),
        ({"set": {"plan": "{{ 9 ** 99999 }}"}}, "fails: `**` is only for numbers"),
        ({"set": {"plan": "{{ '%999999999d' % 1 }}"}}, "fails: `%` is only for numbers"),
        ({"set": {"plan": "{{ ''.__class__.mro() }}"}}, "fails: it uses what is closed"),
        ({"set": {"plan": "{{ 'a'.zfill(999999999) }}"}}, "fails: it uses what is closed"),
        ({"set": {"plan": "{{ '{:>999999999}'.format(1) }}"}}, "fails: it uses what is closed"),
        (
            {"set": {"plan": f"{{% for i in '{'9' * 500}' %}}{'ab' * 99}{{% endfor %}}"}},
            "more text than",
        ),
        ({"set": {"score": "{{ name }}"}}, "`score`: this is not a number"),
        ({"set": {"is_client": "{{ name }}"}}, "`is_client`: this is neither yes nor no"),
        ({"set": {"met_at": "{{ name }}"}}, "`met_at`: this date cannot be read"),
        ({"create_task": "{{ company }}"}, "the task's title comes out empty"),
        ({"create_task": {"title": "x", "due": "{{ name }}"}}, "`task.due_at`: this date"),
        ({"add_note": " {{ company }} "}, "the note comes out empty"),
        ({"post": {"channel": "#a", "text": "{{ source }}"}}, "the message comes out empty"),
    ],
)
def test_what_cannot_be_worked_out_is_a_problem_that_names_the_place(then, problem):
    firing = fired([{"add_tags": "before"}, then])

    assert problem in firing.problem
    assert (firing.effects, firing.turns) == ((), 0)
    assert "Anna" not in firing.problem


def test_a_problem_names_file_and_line_of_the_action():
    reader = replace(READER, line_of=lambda place: 10 + place[-1])
    made = replace(
        rule({"add_tags": "x"}),
        actions=read_actions(
            [{"add_tags": "x"}, {"add_note": "{{ company }}"}], reader=reader, at=()
        ),
        line=9,
    )

    problem = evaluate(made, happening(), contact(), FRAME).problem

    assert problem == "hightonic.yaml:11: the note comes out empty"


@pytest.mark.parametrize(
    "then",
    [{"complete_task": None}, {"set": {"task.title": "x"}}, {"add_note": "{{ task.title }}"}],
)
def test_a_task_that_is_gone_is_a_problem(then):
    firing = fired(then, when="task_overdue", subject=LinkId("gone"))

    assert "task" in firing.problem


def test_what_a_customer_wrote_is_never_run_as_a_template():
    firing = fired({"add_note": "{{ name }}"}, contact(name="{{ 7 * 7 }}"))

    assert firing.effects[0].values["body"] == "{{ 7 * 7 }}"


# -- functions of the user ----------------------------------------------------------------


def _with(function):
    return replace(FRAME, functions={"welcome": function, "fails": function})


@pytest.mark.parametrize(
    ("given", "effects"),
    [
        (None, ()),
        ([], ()),
        ({"add_tags": ["x"]}, (EditTags(ANNA, add=("x",)),)),
        (
            [{"set": {"plan": "silver"}}, {"create_task": {"title": "Hi {{ name }}"}}],
            (
                SetFields(ANNA, Kind.CONTACT, {"plan": "silver"}),
                _new_task(title="Hi {{ name }}"),
            ),
        ),
        (EditTags(ANNA, add=("y",)), (EditTags(ANNA, add=("y",)),)),
    ],
)
def test_a_function_asks_for_actions_whose_braces_mean_nothing(given, effects):
    assert fired({"run": "welcome"}, frame=_with(lambda *_: given)).effects == effects


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([{"add_tagz": ["x"]}], "`welcome` gave an action that cannot be read: `add_tagz`"),
        ("add_tags", "gave an action that cannot be read"),
        ([{"run": "welcome"}], "`welcome` asks for another function"),
        ([{"set": {"score": "many"}}], "`score`: this is not a number"),
        ([{"set": {"updated_at": "now"}}], "can only be read"),
    ],
)
def test_a_function_that_gives_nonsense_is_a_problem(given, problem):
    assert problem in fired({"run": "welcome"}, frame=_with(lambda *_: given)).problem


def _divide(*_):
    return 1 / 0


def _fail(*_):
    raise ScriptError("ZeroDivisionError in fails at automations.py:7", file="automations.py")


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (_divide, "ZeroDivisionError in `fails`"),
        (_fail, "ZeroDivisionError in fails at automations.py:7"),
    ],
)
@pytest.mark.parametrize("where", ["if", "then"])
def test_a_function_that_fails_is_contained(function, problem, where):
    made = (
        {"then": {"run": "fails"}}
        if where == "then"
        else {"then": {"add_tags": "x"}, "if": {"function": "fails"}}
    )

    assert problem in fired(**made, frame=_with(function)).problem


def test_a_function_that_went_away_is_a_problem():
    assert "`welcome` is not there any more" in fired({"run": "welcome"}).problem


@pytest.mark.parametrize(
    "action", [{"add_tags": "x"}, {"add_note": "x"}, {"set": {"plan": "x"}}]
)
def test_a_function_cannot_act_on_nobody(action):
    made = rule({"run": "welcome"}, when="run_failed")
    event = Happening("k", Trigger.RUN_FAILED, NOW)

    assert (
        "no contact to act on" in evaluate(made, event, None, _with(lambda *_: action)).problem
    )


def test_a_field_that_is_mapped_no_more_is_a_problem():
    bare = replace(FRAME, words=Vocabulary({Kind.CONTACT: {"name": FieldWord()}}, tags=None))

    assert "no tags are mapped" in fired({"add_tags": "x"}, frame=bare).problem
    assert "`plan` is not a mapped field" in fired({"set": {"plan": "x"}}, frame=bare).problem


def test_tasks_without_a_mapped_owner_get_none():
    tasks = {key: word for key, word in WORDS.kinds[Kind.TASK].items() if key != "owner_id"}
    frame = replace(FRAME, words=replace(WORDS, kinds={**WORDS.kinds, Kind.TASK: tasks}))

    assert "owner_id" not in fired({"create_task": "x"}, frame=frame).effects[0].values


# -- values go through the mapping's own reading ------------------------------------------


def test_values_are_read_as_the_mapping_reads_them():
    def canon(_kind, name, raw):
        if raw == "nobody":
            reason = RuleProblemError("no single user of the location goes by that")
            raise reason
        return {"owner_id": "u42"}.get(name, raw)

    frame = replace(FRAME, canon=canon)

    assert fired({"assign_owner": "bo@example.com"}, frame=frame).effects[0].values == {
        "owner_id": "u42"
    }
    assert "no single user" in fired({"assign_owner": "nobody"}, frame=frame).problem


def test_a_misfit_is_told_without_the_value():
    def canon(*_):
        raise ValueError("Anna")

    problem = fired({"set": {"plan": "x"}}, frame=replace(FRAME, canon=canon)).problem

    assert problem == "hightonic.yaml: `plan`: it does not fit"


# -- who is woken -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "event", "is_woken"),
    [
        ("contact_updated", {"fields": ("plan",)}, True),
        ("contact_updated", {"fields": ("plan", "open_tasks")}, True),
        ("contact_updated", {"fields": ("open_tasks", "updated_at")}, False),
        ("contact_created", {"fields": ("plan",)}, False),
        ({"trigger": "contact_updated", "fields": ["plan"]}, {"fields": ("plan",)}, True),
        ({"trigger": "contact_updated", "fields": "plan"}, {"fields": ("name",)}, False),
        (
            {"trigger": "contact_updated", "fields": ["open_tasks"]},
            {"fields": ("open_tasks",)},
            True,
        ),
        ({"trigger": "contact_updated", "side": "timetonic"}, {"fields": ("plan",)}, False),
        (
            {"trigger": "contact_updated", "side": "timetonic"},
            {"fields": ("plan",), "side": Side.TIMETONIC},
            True,
        ),
        (["note_added", "contact_updated"], {"fields": ("plan",)}, True),
    ],
)
def test_what_wakes_a_rule(when, event, is_woken):
    assert listens(rule({"add_tags": "x"}, when=when), happening(**event), WORDS) is is_woken


@pytest.mark.parametrize(("tags", "is_woken"), [(["VIP"], True), (["other"], False)])
def test_tags_wake_by_any_case(tags, is_woken):
    made = rule(
        {"post": {"channel": "#a", "text": "x"}},
        when={"trigger": "contact_tagged", "tags": tags},
    )

    assert listens(made, happening("contact_tagged", tags=("Vip",)), WORDS) is is_woken


def test_a_disabled_rule_hears_nothing():
    made = rule({"add_tags": "x"}, enabled=False)

    assert not listens(made, happening(fields=("plan",)), WORDS)


@pytest.mark.parametrize(
    ("condition", "is_meant"),
    [
        ({"field": "plan", "is": "gold"}, True),
        ({"field": "plan", "is": "silver"}, False),
        ({"field": "updated_at", "is_blank": False}, False),
        ({"function": "is_big"}, False),
    ],
)
def test_a_rule_matches_where_its_conditions_surely_hold(condition, is_meant):
    made = rule({"add_tags": "x"}, **{"if": condition})

    assert matches(made, happening(fields=("plan",)), contact(), FRAME) is is_meant
    assert not matches(made, happening("note_added"), contact(), FRAME)


@pytest.mark.parametrize(
    ("when", "count"), [("contact_updated", 1), ("task_completed", 2), ("note_added", 1)]
)
def test_a_preview_shows_whom_a_rule_would_touch(when, count):
    people = [
        replace(contact(task(), task("b", "Other")), subjects={LinkId("n"): {"body": "x"}}),
        contact(plan="silver"),
    ]
    made = rule({"add_tags": "x"}, when=when, **{"if": {"field": "plan", "is": "gold"}})

    found = list(touched(made, people, FRAME))

    assert len(found) == count
    assert all(each.effects == (EditTags(ANNA, add=("x",)),) for each in found)


def test_a_firing_is_the_same_every_time():
    then = [{"set": {"plan": "{{ name }}"}}, {"create_task": "x"}, {"call_url": "crm"}]

    assert fired(then) == fired(then)
