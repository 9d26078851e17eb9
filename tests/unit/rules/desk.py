"""A small office for tests of rules: fields, a contact, and rules in short."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from toolkit.model.automation import ContactFacts, Firing, Happening, TaskFacts, Trigger
from toolkit.model.ids import Kind, LinkId
from toolkit.model.values import Values
from toolkit.rules.calendar import Calendar
from toolkit.rules.evaluate import evaluate
from toolkit.rules.reading import Reader
from toolkit.rules.reading_conditions import read_condition
from toolkit.rules.reading_rules import read_rule
from toolkit.rules.spec import Frame, Rule
from toolkit.rules.words import FieldWord, Shape, Vocabulary

ANNA = LinkId("anna")
CALL = LinkId("call")
# A Monday, 15:00 in Paris.
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
PARIS = Calendar(country="FR", zone="Europe/Paris")
WORDS = Vocabulary(
    {
        Kind.CONTACT: {
            "name": FieldWord(),
            "email": FieldWord(),
            "company": FieldWord(),
            "plan": FieldWord(),
            "source": FieldWord(),
            "lifecycle_stage": FieldWord(options=("lead", "customer")),
            "tags": FieldWord(Shape.TEXTS),
            "interests": FieldWord(Shape.TEXTS),
            "owner_id": FieldWord(),
            "last_contacted": FieldWord(Shape.DAY),
            "next_action_date": FieldWord(Shape.DAY),
            "met_at": FieldWord(Shape.MOMENT),
            "score": FieldWord(Shape.NUMBER),
            "is_client": FieldWord(Shape.YES_NO),
            "updated_at": FieldWord(Shape.MOMENT, is_settable=False, is_counted=True),
            "open_tasks": FieldWord(Shape.NUMBER, is_settable=False, is_counted=True),
            "total_tasks": FieldWord(Shape.NUMBER, is_settable=False, is_counted=True),
        },
        Kind.TASK: {
            "title": FieldWord(),
            "body": FieldWord(),
            "due_at": FieldWord(Shape.MOMENT),
            "is_completed": FieldWord(Shape.YES_NO),
            "owner_id": FieldWord(),
        },
        Kind.NOTE: {"body": FieldWord(), "written_at": FieldWord(Shape.MOMENT)},
        Kind.APPOINTMENT: {
            "title": FieldWord(is_settable=False),
            "starts_at": FieldWord(Shape.MOMENT, is_settable=False),
        },
    }
)
VALUES: Values = {
    "name": "Anna Ek",
    "email": "anna@example.com",
    "company": None,
    "plan": "Gold",
    "source": "",
    "lifecycle_stage": None,
    "tags": ("beta", "vip"),
    "interests": None,
    "owner_id": "u1",
    "last_contacted": "2026-11-20",
    "next_action_date": None,
    "met_at": "2026-11-23T12:00:00Z",
    "score": 7,
    "is_client": True,
}
"""`plan` is filled, `company` null, `source` empty; `updated_at` nobody has looked at."""
READER = Reader(
    words=WORDS,
    segments=frozenset({"gold", "gold_vip"}),
    conditions=frozenset({"is_big", "fails"}),
    actions=frozenset({"welcome", "fails"}),
    addresses=frozenset({"crm"}),
    calendar=PARIS,
)
SEGMENTS = {
    "gold": read_condition({"field": "plan", "is": "gold"}, reader=READER, at=()),
    "gold_vip": read_condition([{"segment": "gold"}, {"tag": "vip"}], reader=READER, at=()),
}
FRAME = Frame(now=NOW, words=WORDS, calendar=PARIS, segments=SEGMENTS)


def task(link_id: str = "call", title: str = "Call", **values: Any) -> TaskFacts:
    """An open task due tomorrow, unless told otherwise."""
    usual = {"title": title, "due_at": "2026-11-24T16:00:00Z", "is_completed": False}
    return TaskFacts(LinkId(link_id), {**usual, **values})


def contact(*tasks: TaskFacts, **values: Any) -> ContactFacts:
    """Anna, with these tasks and differing fields."""
    return ContactFacts(ANNA, {**VALUES, **values}, tasks=tasks)


def rule(then: Any, *, when: Any = "contact_updated", **more: Any) -> Rule:
    """A rule as the file writes it."""
    raw = {"name": "r", "when": when, "then": then, **more}
    return read_rule(raw, reader=READER, at=(), file="hightonic.yaml")


def happening(trigger: str = "contact_updated", **more: Any) -> Happening:
    """Something that happened to Anna now."""
    return Happening("k", Trigger(trigger), NOW, contact=ANNA, **more)


def fired(
    then: Any,
    facts: ContactFacts | None = None,
    *,
    when: str = "contact_updated",
    frame: Frame = FRAME,
    **more: Any,
) -> Firing:
    """What a rule with these actions asks for."""
    subject = more.pop("subject", None)
    made = rule(then, when=when, **more)
    return evaluate(made, happening(when, subject=subject), facts or contact(), frame)


def at(moment: datetime) -> Frame:
    """The same office at another moment."""
    return replace(FRAME, now=moment)
