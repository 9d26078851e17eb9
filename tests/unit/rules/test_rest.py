"""Rules in which no loop is seen do come to rest, whatever wakes them first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.desk import ANNA, CALL, FRAME, NOW, READER, SEGMENTS, WORDS, contact, task
from toolkit.model.automation import (
    ContactFacts,
    EditTags,
    Effect,
    Happening,
    NewRecord,
    SetFields,
    TaskFacts,
    Trigger,
)
from toolkit.model.ids import Kind, LinkId
from toolkit.rules.evaluate import evaluate, listens
from toolkit.rules.loops import find_loop
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.reading_rules import read_rules

ENOUGH = 400
"""Answers after which a set of three small rules can be told never to rest."""

WHEN = st.sampled_from(
    [
        "contact_updated",
        {"trigger": "contact_updated", "fields": ["plan"]},
        {"trigger": "contact_updated", "fields": ["tags", "company"]},
        "contact_tagged",
        {"trigger": "contact_tagged", "tags": ["x"]},
        "task_created",
        "task_completed",
        "note_added",
    ]
)
IF = st.sampled_from(
    [
        None,
        {"tag": "x"},
        {"not": {"tag": "x"}},
        {"segment": "gold"},
        {"not": {"segment": "gold"}},
        {"any": [{"tag": "y"}, {"field": "plan", "is": "silver"}]},
        {"field": "company", "is_blank": True},
        {"has_task": {"title": "A", "open": True}},
        {"open_tasks": {"below": 2}},
    ]
)
THEN = st.sampled_from(
    [
        {"set": {"plan": "gold"}},
        {"set": {"plan": "silver"}},
        {"set": {"plan": None}},
        {"set": {"company": "{{ plan }}"}},
        {"set": {"company": "{{ company }}!"}},
        {"add_tags": "x"},
        {"add_tags": ["x", "y"]},
        {"add_tags": "{{ plan }}"},
        {"remove_tags": "x"},
        {"remove_tags": "*"},
        {"create_task": {"title": "A", "unless_open": True}},
        {"create_task": "A"},
        {"create_task": {"title": "{{ plan or 'B' }}", "unless_open": True}},
        {"complete_task": "A"},
        {"add_note": "n"},
        {"assign_owner": {"round_robin": ["a", "b"], "unless_owned": True}},
    ]
)
RULE = st.fixed_dictionaries(
    {"when": WHEN, "if": IF, "then": st.lists(THEN, min_size=1, max_size=2)}
)
RULES = st.lists(RULE, min_size=1, max_size=3)
FIRST = st.sampled_from(
    [
        Happening("k", Trigger.CONTACT_UPDATED, NOW, contact=ANNA, fields=("plan",)),
        Happening("k", Trigger.CONTACT_UPDATED, NOW, contact=ANNA, fields=("tags",)),
        Happening("k", Trigger.CONTACT_TAGGED, NOW, contact=ANNA, tags=("x",)),
        Happening("k", Trigger.TASK_CREATED, NOW, contact=ANNA, subject=CALL),
        Happening("k", Trigger.TASK_COMPLETED, NOW, contact=ANNA, subject=CALL),
        Happening("k", Trigger.NOTE_ADDED, NOW, contact=ANNA),
    ]
)


def _applied(
    facts: ContactFacts, effect: Effect, number: int
) -> tuple[ContactFacts, list[Happening]]:
    """The contact after the effect, and what others hear of it."""

    def told(trigger: Trigger, **more: object) -> Happening:
        return Happening(f"{number}", trigger, NOW, contact=ANNA, **more)  # type: ignore[arg-type]

    match effect:
        case SetFields(kind=Kind.CONTACT):
            after = replace(facts, values={**facts.values, **effect.values})
            return after, [told(Trigger.CONTACT_UPDATED, fields=tuple(effect.values))]
        case SetFields():
            tasks = tuple(
                TaskFacts(each.link_id, {**each.values, **effect.values})
                if each.link_id == effect.link_id
                else each
                for each in facts.tasks
            )
            return replace(facts, tasks=tasks), [
                told(Trigger.TASK_COMPLETED, subject=effect.link_id)
            ]
        case EditTags():
            held = {*(facts.values["tags"] or ()), *effect.add} - set(effect.remove)
            after = replace(facts, values={**facts.values, "tags": tuple(sorted(held)) or None})
            tagged = [told(Trigger.CONTACT_TAGGED, tags=effect.add)] if effect.add else []
            return after, [told(Trigger.CONTACT_UPDATED, fields=("tags",)), *tagged]
        case NewRecord(kind=Kind.TASK):
            link_id = LinkId(f"task {number}")
            after = replace(facts, tasks=(*facts.tasks, TaskFacts(link_id, effect.values)))
            return after, [told(Trigger.TASK_CREATED, subject=link_id)]
        case _:
            link_id = LinkId(f"note {number}")
            after = replace(facts, subjects={**facts.subjects, link_id: {"body": "n"}})
            return after, [told(Trigger.NOTE_ADDED, subject=link_id)]


def _answers(rules: tuple, first: Happening) -> Iterator[Effect]:
    facts, waiting, number = contact(task()), deque([first]), 0
    while waiting:
        happening = waiting.popleft()
        for rule in rules:
            if not listens(rule, happening, WORDS):
                continue
            firing = evaluate(rule, happening, facts, FRAME)
            assert not firing.problem
            for effect in firing.effects:
                number += 1
                facts, heard = _applied(facts, effect, number)
                waiting.extend(heard)
                yield effect


@given(raw=RULES, first=FIRST)
def test_rules_without_a_loop_come_to_rest(raw, first):
    named = [{"name": f"r{index}", **each} for index, each in enumerate(raw)]
    try:
        rules = read_rules(named, reader=READER, at=())
    except RuleProblemError:
        return
    if find_loop(rules, words=WORDS, segments=SEGMENTS):
        return

    for count, _ in enumerate(_answers(rules, first)):
        assert count < ENOUGH
