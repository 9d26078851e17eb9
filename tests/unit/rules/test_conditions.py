"""Conditions: typed comparisons, and a third answer where nobody has looked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.rules.desk import ANNA, FRAME, NOW, READER, contact, happening, task
from toolkit.model.automation import ContactFacts
from toolkit.model.ids import Kind
from toolkit.rules.conditions import holds
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.reading_conditions import read_condition
from toolkit.rules.scope import Scope

UNKNOWN = None
LATE = task(due_at="2026-11-20T10:00:00Z")
DONE = task("done", "Send offer", is_completed=True)


def _holds(raw, facts=None, frame=FRAME, reader=READER):
    condition = read_condition(raw, reader=reader, at=())
    return holds(condition, Scope("r", happening(), facts or contact(), frame))


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        ({"field": "plan", "is": "gold"}, True),
        ({"field": "plan", "is": " GOLD "}, True),
        ({"field": "plan", "is_not": "gold"}, False),
        ({"field": "plan", "in": ["silver", "gold"]}, True),
        ({"field": "plan", "not_in": ["silver", "gold"]}, False),
        ({"field": "plan", "in": "silver"}, False),
        ({"field": "name", "contains": "na e"}, True),
        ({"field": "name", "starts_with": "anna"}, True),
        ({"field": "name", "starts_with": "ek"}, False),
        ({"field": "name", "matches": r"^Anna\b"}, True),
        ({"field": "name", "matches": r"^anna"}, False),
        ({"field": "tags", "contains": "VIP"}, True),
        ({"field": "tags", "contains": "v"}, False),
        ({"field": "tags", "is": ["VIP", "beta"]}, True),
        ({"field": "tags", "is": ["vip"]}, False),
        ({"field": "tags", "is": None}, False),
        ({"field": "interests", "is": None}, True),
        ({"field": "interests", "is": ["none"]}, False),
        ({"field": "tags", "in": ["none", "vip"]}, True),
        ({"field": "score", "is": 7}, True),
        ({"field": "score", "is": "7"}, True),
        ({"field": "score", "in": [6, 7]}, True),
        ({"field": "score", "above": 6.5}, True),
        ({"field": "score", "above": 7}, False),
        ({"field": "score", "below": 7}, False),
        ({"field": "score", "above": 6, "below": 8}, True),
        ({"field": "is_client", "is": True}, True),
        ({"field": "is_client", "is": "yes"}, True),
        ({"field": "is_client", "in": [True]}, True),
        ({"field": "is_client", "in": [False]}, False),
        ({"field": "is_client", "is": False}, False),
        ({"field": "last_contacted", "before": "today"}, True),
        ({"field": "last_contacted", "before": "2026-11-20"}, False),
        ({"field": "last_contacted", "after": "2026-11-19"}, True),
        ({"field": "last_contacted", "after": "today - 3 days"}, False),
        ({"field": "last_contacted", "older_than_days": 2}, True),
        ({"field": "last_contacted", "older_than_days": 3}, False),
        ({"field": "last_contacted", "newer_than_days": 4}, True),
        ({"field": "last_contacted", "newer_than_days": 3}, False),
        ({"field": "met_at", "before": "now"}, True),
        ({"field": "met_at", "before": "- 3 hours"}, False),
        ({"field": "met_at", "after": "today"}, False),
        ({"field": "met_at", "before": "today"}, False),
        ({"field": "met_at", "before": "tomorrow"}, True),
        ({"field": "met_at", "newer_than_days": 0.1}, True),
    ],
)
def test_fields_compare_as_what_they_hold(raw, answer):
    assert _holds(raw) is answer


@pytest.mark.parametrize(
    ("name", "is_blank", "is_null", "is_empty", "is_not_gold"),
    [
        ("plan", False, False, False, False),
        ("company", True, True, False, True),
        ("source", True, False, True, True),
        ("updated_at", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_absent_null_and_empty_are_three_values(name, is_blank, is_null, is_empty, is_not_gold):
    assert _holds({"field": name, "is_blank": True}) is is_blank
    assert _holds({"field": name, "is": None}) is is_null
    assert _holds({"field": name, "is": ""}) is is_empty
    assert _holds({"field": name, "is_blank": False}) is (
        None if is_blank is None else not is_blank
    )
    gold = "2026-01-01" if name == "updated_at" else "gold"
    assert _holds({"field": name, "is_not": gold}) is is_not_gold


@pytest.mark.parametrize(
    "raw",
    [
        {"field": "next_action_date", "before": "2030-01-01"},
        {"field": "next_action_date", "after": "1990-01-01"},
        {"field": "next_action_date", "older_than_days": 0},
        {"field": "next_action_date", "newer_than_days": 9},
        {"field": "company", "contains": "e"},
        {"field": "company", "starts_with": "e"},
        {"field": "company", "matches": ".*"},
        {"field": "company", "in": ["", "x"]},
        {"field": "interests", "contains": "golf"},
    ],
)
def test_a_blank_field_is_neither_before_nor_above_nor_like_anything(raw):
    assert _holds(raw) is False


def test_a_list_that_holds_the_word_none_is_not_blank():
    assert _holds({"field": "interests", "is": None}, contact(interests=("none",))) is False


@pytest.mark.parametrize("op", ["above", "below"])
def test_a_blank_number_is_neither_above_nor_below(op):
    assert _holds({"field": "score", op: 3}, contact(score=None)) is False


YES, NO = {"field": "plan", "is": "gold"}, {"field": "plan", "is": "silver"}
DUNNO = {"field": "updated_at", "is_blank": True}


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (None, True),
        ({"all": []}, True),
        ({"any": []}, False),
        ([YES, YES], True),
        ({"all": [YES, NO]}, False),
        ({"all": [YES, DUNNO]}, UNKNOWN),
        ({"all": [DUNNO, NO]}, False),
        ({"any": [NO, YES]}, True),
        ({"any": [NO, NO]}, False),
        ({"any": [NO, DUNNO]}, UNKNOWN),
        ({"any": [DUNNO, YES]}, True),
        ({"not": NO}, True),
        ({"not": DUNNO}, UNKNOWN),
        ({"not": [YES, NO]}, True),
    ],
)
def test_unknown_parts_leave_the_whole_unknown_unless_the_others_decide(raw, answer):
    assert _holds(raw) is answer


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        ({"tag": "VIP"}, True),
        ({"tag": "gone"}, False),
        ({"tag": "{{ plan | lower }}"}, False),
        ({"tag": "{{ 'vip' }}"}, True),
        ({"segment": "gold"}, True),
        ({"segment": "gold_vip"}, True),
        ({"open_tasks": 1}, True),
        ({"open_tasks": {"above": 0, "below": 2}}, True),
        ({"open_tasks": {"above": 1}}, False),
        ({"total_tasks": 2}, True),
        ({"overdue_tasks": {"is_not": 0}}, True),
        ({"has_task": "call"}, True),
        ({"has_task": "Send  OFFER"}, True),
        ({"has_task": {"title": "Send offer", "open": True}}, False),
        ({"has_task": {"title": "Send offer", "open": False}}, True),
        ({"has_task": "Call {{ name }}"}, False),
        ({"field": "open_tasks", "is": 1}, True),
        ({"field": "overdue_tasks", "above": 0}, True),
    ],
)
def test_tags_segments_and_tasks(raw, answer):
    assert _holds(raw, contact(LATE, DONE)) is answer


@pytest.mark.parametrize(
    ("raw", "subject", "answer"),
    [
        ({"field": "task.title", "starts_with": "call"}, "call", True),
        ({"field": "task.title", "is": "Send offer"}, "call", False),
        ({"field": "task.due_at", "before": "now"}, "call", True),
        ({"field": "task.body", "is_blank": True}, "call", UNKNOWN),
        ({"field": "task.title", "is": "Call"}, "gone", UNKNOWN),
        ({"field": "task.title", "is": "Call"}, None, UNKNOWN),
        ({"field": "contact.plan", "is": "gold"}, "call", True),
    ],
)
def test_fields_of_the_task_it_is_about(raw, subject, answer):
    reader = READER.about(Kind.TASK, has_contact=True, can_write=True)
    condition = read_condition(raw, reader=reader, at=())
    event = happening("task_overdue", subject=subject)

    assert holds(condition, Scope("r", event, contact(LATE), FRAME)) is answer


def test_tags_nobody_has_looked_at_are_unknown():
    assert _holds({"tag": "vip"}, ContactFacts(ANNA, {})) is UNKNOWN


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_function_answers_yes_no_or_nothing(answer):
    seen = []
    frame = replace(FRAME, functions={"is_big": lambda *given: seen.append(given) or answer})

    assert _holds({"function": "is_big"}, contact(LATE), frame) is answer
    (who, what), *_ = seen
    assert (who["name"], who["open_tasks"], who["tasks"]) == ("Anna Ek", 1, [LATE.values])
    assert (what["trigger"], what["subject"]) == ("contact_updated", None)


def test_a_function_that_answers_otherwise_is_a_problem():
    frame = replace(FRAME, functions={"is_big": lambda *_: "yes"})

    with pytest.raises(RuleProblemError, match="neither True, False nor None"):
        _holds({"function": "is_big"}, frame=frame)


@pytest.mark.parametrize(
    ("raw", "reason", "place"),
    [
        ({"field": "plam", "is": 1}, "`plam` is not a mapped field", ("field",)),
        ({"field": "task.title", "is": "x"}, "not about one", ("field",)),
        ({"field": "plan"}, "what of `plan`", ()),
        ({"field": "plan", "iss": 1}, "`iss` is not a setting", ("iss",)),
        ({"field": "plan", "above": 3}, "suits fields of type number", ("above",)),
        ({"field": "score", "above": "3"}, "must be a number", ("above",)),
        ({"field": "score", "above": True}, "must be a number", ("above",)),
        ({"field": "score", "is": "many"}, "this is not a number", ("is",)),
        ({"field": "score", "matches": "x"}, "suits fields of type text", ("matches",)),
        ({"field": "plan", "before": "today"}, "suits fields of type day", ("before",)),
        ({"field": "met_at", "before": "soon"}, "this date cannot be read", ("before",)),
        ({"field": "plan", "matches": "("}, "this pattern cannot be read", ("matches",)),
        ({"field": "plan", "is_blank": "yes"}, "`true` or `false`", ("is_blank",)),
        ({"field": "plan", "is": {"a": 1}}, "a value, not a group", ("is",)),
        ({"field": "lifecycle_stage", "is": "boss"}, "no such option", ("is",)),
        ({"field": "lifecycle_stage", "in": ["lead", "boss"]}, "no such option", ("in", 1)),
        ({"segment": "golt"}, "there is no segment `golt`", ("segment",)),
        ({"function": "is_bigg"}, "no condition function", ("function",)),
        ({"tagg": "x"}, "`tagg` is not a condition", ("tagg",)),
        ({"tag": "a", "segment": "gold"}, "says one thing", ()),
        ({"tag": ""}, "must be text", ("tag",)),
        ({"all": {"tag": "x"}}, "conditions stand in a list", ("all",)),
        ({"any": [{"tag": "x"}, {"not": {"tagg": 1}}]}, "`tagg`", ("any", 1, "not", "tagg")),
        ({"open_tasks": {"more": 1}}, "`more` is not a setting", ("open_tasks", "more")),
        ({"open_tasks": "x"}, "must be a number", ("open_tasks", "is")),
        ({"has_task": {"titel": "x"}}, "`titel` is not a setting", ("has_task", "titel")),
        ({"has_task": "Call {{ nam }}"}, "names `nam`", ("has_task",)),
        ("vip", "must be a group", ()),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(raw, reason, place):
    with pytest.raises(RuleProblemError) as caught:
        read_condition(raw, reader=READER, at=())

    assert reason in caught.value.reason
    assert caught.value.at == place


def test_a_date_that_holds_none_is_a_problem_not_a_no():
    with pytest.raises(RuleProblemError, match="holds no date"):
        _holds({"field": "met_at", "before": "now"}, contact(met_at="soon"))


def test_where_no_tags_are_mapped_none_can_be_asked_for():
    reader = replace(READER, words=replace(READER.words, tags=None))

    with pytest.raises(RuleProblemError, match="no tags are mapped"):
        read_condition({"tag": "vip"}, reader=reader, at=())


def test_days_are_those_of_the_office():
    # Half past eleven at night in London is the next day in Paris.
    late = replace(FRAME, now=NOW.replace(hour=23, minute=30))

    assert _holds({"field": "last_contacted", "older_than_days": 3}, frame=late) is True
