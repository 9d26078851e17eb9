"""What each recipe stands for, as rules the way the file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

Raw: TypeAlias = dict[str, Any]
_DAILY: Final[Raw] = {"trigger": "schedule", "every": "day"}


def welcome_tasks(given: Mapping[str, Any]) -> list[Raw]:
    """First tasks of a contact that came to be."""
    return [
        {
            "name": "welcome_tasks",
            "when": given["when"],
            "then": [{"create_task": {"unless_open": True, **task}} for task in given["tasks"]],
        }
    ]


def new_lead(given: Mapping[str, Any]) -> list[Raw]:
    """Stage, tags, owner and follow-up of a new row in TimeTonic."""
    then: list[Raw] = []
    if given["stage"]:
        stage = given["stage"].replace("'", "")
        then.append({"lifecycle_stage": f"{{{{ lifecycle_stage or '{stage}' }}}}"})
    if given["tags"]:
        then.append({"add_tags": given["tags"]})
    if given["owner"]:
        then.append({"assign_owner": {**given["owner"], "unless_owned": True}})
    if given["follow_up"]:
        then.append({"create_task": {"unless_open": True, **given["follow_up"]}})
    return [{"name": "new_lead", "when": "lead_created", "then": then}] if then else []


def tag_by(given: Mapping[str, Any]) -> list[Raw]:
    """Tags that say what stands in fields, and whether there is activity."""
    rules: list[Raw] = []
    for name in given["fields"]:
        tag = f"{name}: {{{{ {name} | replace(',', ' ') }}}}"
        rules.append(
            {
                "name": f"tag_by.{name}",
                "when": [
                    "contact_created",
                    {"trigger": "contact_updated", "fields": [name]},
                    _DAILY,
                ],
                "if": {"all": [{"field": name, "is_blank": False}, {"not": {"tag": tag}}]},
                "then": [{"remove_tags": [f"{name}: *"]}, {"add_tags": [tag]}],
            }
        )
        rules.append(
            {
                "name": f"tag_by.{name}.blank",
                "when": {"trigger": "contact_updated", "fields": [name]},
                "if": {"field": name, "is_blank": True},
                "then": [{"remove_tags": [f"{name}: *"]}],
            }
        )
    if given["active_days"] is not None:
        rules += [
            _activity("active", "inactive", {"newer_than_days": given["active_days"]}),
            _activity("inactive", "active", {"older_than_days": given["active_days"]}),
        ]
    return rules


def _activity(tag: str, other: str, age: Raw) -> Raw:
    return {
        "name": f"tag_by.{tag}",
        "when": _DAILY,
        "if": {"field": "last_activity_at", **age},
        "then": [{"add_tags": [tag]}, {"remove_tags": [other]}],
    }


def overdue_escalation(given: Mapping[str, Any]) -> list[Raw]:
    """A tag and a message for who has an overdue task; the tag goes with the last one."""
    then: list[Raw] = [{"add_tags": [given["tag"]]}]
    if given["owner"]:
        then.append({"set": {"task.owner_id": given["owner"]}})
    if given["channel"]:
        text = "Overdue: {{ task.title }} ({{ name }})"
        then.append({"post": {"channel": given["channel"], "text": text}})
    return [
        {
            "name": "overdue_escalation",
            "when": {"trigger": "task_overdue", "after": given["after"]},
            "then": then,
        },
        {
            "name": "overdue_escalation.over",
            "when": "task_completed",
            "if": {"all": [{"tag": given["tag"]}, {"overdue_tasks": 0}]},
            "then": [{"remove_tags": [given["tag"]]}],
        },
    ]


def keep_dates(_given: Mapping[str, Any]) -> list[Raw]:
    """Dates that follow notes, appointments and tasks.

    The last contact never moves back; the next action is blanked only when the last open
    task is done, so that a date somebody set by hand stays.
    """
    step = {"set": {"next_action_date": "{{ next_step_on }}"}}
    return [
        {
            "name": "keep_dates.last_contacted",
            "when": ["note_added", "appointment_booked", _DAILY],
            "if": {"field": "last_touch_on", "is_blank": False},
            "then": [
                {"set": {"last_contacted": "{{ [last_contacted or '', last_touch_on] | max }}"}}
            ],
        },
        {
            "name": "keep_dates.task_done",
            "when": "task_completed",
            "then": [
                {"set": {"last_contacted": "{{ [last_contacted or '', today] | max }}"}},
                step,
            ],
        },
        {
            "name": "keep_dates.next_action_date",
            "when": ["task_created", "appointment_booked", _DAILY],
            "if": {"field": "next_step_on", "is_blank": False},
            "then": [step],
        },
    ]


def stale_archive(given: Mapping[str, Any]) -> list[Raw]:
    """Contacts without activity, open task or appointment to come are archived."""
    days = given["after_days"]
    conditions: list[Raw] = [
        {"field": "last_activity_at", "older_than_days": days},
        {"open_tasks": 0},
        {"field": "next_appointment_at", "is_blank": True},
    ]
    conditions += [{"not": {"tag": tag}} for tag in given["except_tags"]]
    return [
        {
            "name": "stale_archive",
            "when": _DAILY,
            "if": {"all": conditions},
            "then": [{"archive": {"reason": f"No activity for {days} days"}}],
        }
    ]
