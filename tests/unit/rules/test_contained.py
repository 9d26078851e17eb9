"""Whatever stands in a contact, a rule answers with effects or with a problem, never a crash."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.desk import ANNA, CALL, FRAME, NOW, WORDS, rule
from toolkit.model.automation import ContactFacts, Firing, Happening, TaskFacts, Trigger
from toolkit.model.ids import Kind, LinkId
from toolkit.rules.due import due
from toolkit.rules.evaluate import evaluate

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.lists(st.text(max_size=4), max_size=3).map(lambda each: tuple(sorted(set(each)))),
    st.sampled_from(
        [
            "0001-01-01",
            "9999-12-31",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2026-11-23",
            "2026-11-23T10:00:00Z",
            "2026-02-30",
            "{{ name }}",
            "NaN",
            "1e400",
        ]
    ),
)
TASKS = st.fixed_dictionaries({}, optional=dict.fromkeys(WORDS.kinds[Kind.TASK], ODD))
NOTES = st.fixed_dictionaries({}, optional={"body": ODD, "written_at": ODD})
FACTS = st.builds(
    lambda values, task, note, appointment: ContactFacts(
        ANNA,
        values,
        tasks=(TaskFacts(CALL, task),),
        notes=(note,),
        appointments=(appointment,),
        subjects={LinkId("note"): note},
    ),
    st.fixed_dictionaries({}, optional=dict.fromkeys(WORDS.kinds[Kind.CONTACT], ODD)),
    TASKS,
    NOTES,
    st.fixed_dictionaries({}, optional={"starts_at": ODD, "status": ODD}),
)
CONDITIONS = [
    {"field": "score", "above": 3},
    {"field": "score", "is": 7},
    {"field": "plan", "is": "gold"},
    {"field": "plan", "in": ["gold", "silver"]},
    {"field": "plan", "contains": "o"},
    {"field": "plan", "starts_with": "g"},
    {"field": "plan", "matches": "^g"},
    {"field": "tags", "contains": "vip"},
    {"field": "tags", "is": ["vip"]},
    {"field": "is_client", "is": True},
    {"field": "last_contacted", "before": "today"},
    {"field": "last_contacted", "older_than_days": 3},
    {"field": "met_at", "after": "now"},
    {"field": "met_at", "newer_than_days": 3},
    {"field": "next_step_on", "before": "+9 days"},
    {"field": "last_activity_at", "older_than_days": 30},
    {"tag": "{{ plan }}"},
    {"has_task": "{{ name }}"},
    {"overdue_tasks": {"above": 0}},
]
ACTIONS = [
    {"set": {"score": "{{ plan }}", "met_at": "{{ last_contacted }} + 3 days"}},
    {"set": {"next_action_date": "{{ met_at }}", "interests": "{{ tags }}"}},
    {"set": {"is_client": "{{ is_client }}", "company": "{{ score }}"}},
    [{"remove_tags": "v*"}, {"add_tags": ["{{ name }}", "x"]}],
    {"assign_owner": {"by_field": "plan", "map": {"gold": "a"}, "otherwise": "b"}},
    {"create_task": {"title": "{{ name }}", "due": "{{ met_at }}", "unless_open": True}},
    {"complete_task": "{{ name }}"},
    {"add_note": "{{ last_contacted | date('%d') }} {{ next_task_due_at }}"},
    {"archive": "{{ source }}"},
    {"call_url": "crm"},
]
RULES = [
    *(rule({"add_tags": "x"}, **{"if": {"any": [each, {"not": each}]}}) for each in CONDITIONS),
    *(rule(each) for each in ACTIONS),
]
TIMED = [
    rule({"add_tags": "x"}, when="schedule", **{"if": CONDITIONS[-1]}),
    rule({"complete_task": None}, when={"trigger": "task_overdue", "after": "2 business days"}),
]


@given(facts=FACTS)
def test_odd_values_become_problems_not_crashes(facts):
    event = Happening("k", Trigger.CONTACT_UPDATED, NOW, contact=ANNA, subject=CALL)

    for each in RULES:
        firing = evaluate(each, event, facts, FRAME)
        assert isinstance(firing, Firing)
        assert not (firing.problem and firing.effects)


@given(facts=FACTS, now=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 — a zone is added
def test_odd_dates_are_never_due_nor_a_crash(facts, now):
    from tests.unit.rules.desk import at

    frame = at(now.replace(tzinfo=UTC))

    assert all(due(each, facts, frame) == due(each, facts, frame) for each in TIMED)
