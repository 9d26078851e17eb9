"""Ready-made rules, each switched on by one line; what they become is plain rules.

A recipe is a function from its settings to rules as the file writes them, so that
`hightonic rules show` can print what it stands for, and nothing but rules is ever run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from toolkit.rules.problems import Path, RuleProblemError
from toolkit.rules.reading import (
    Reader,
    check_keys,
    group,
    items,
    plain_text,
    whole,
)
from toolkit.rules.reading_rules import read_rule
from toolkit.rules.spec import Rule

Raw: TypeAlias = dict[str, Any]
_Check: TypeAlias = Callable[[object, Path], object]
_DAILY: Final[Raw] = {"trigger": "schedule", "every": "day"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing a recipe lets you choose.

    Attributes:
        default: What holds where the file says nothing.
        doc: One clause for people.
    """

    default: object
    check: _Check
    doc: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """A ready-made set of rules.

    Attributes:
        doc: What a person sees when it is on.
        expand: Settings, all of them -> rules as the file writes them.
    """

    name: str
    doc: str
    expand: Callable[[Mapping[str, Any]], list[Raw]]
    settings: Mapping[str, Setting] = field(default_factory=dict)


def read_recipes(
    raw: Mapping[str, object], *, reader: Reader, at: Path, file: str = ""
) -> tuple[Rule, ...]:
    """The rules of all recipes that are switched on.

    Raises:
        RuleProblemError: No such recipe, a setting that cannot be, or a field that it needs
            and that is not mapped.
    """
    rules: list[Rule] = []
    for name, given in raw.items():
        spot = (*at, name)
        recipe = RECIPES.get(name)
        if recipe is None:
            raise RuleProblemError(
                f"there is no recipe `{name}`", at=spot, wrong=name, known=RECIPES
            )
        if given is False:
            continue
        settings = _settings(recipe, given, spot)
        rules += [
            _read(recipe, each, reader=reader, at=spot, file=file)
            for each in recipe.expand(settings)
        ]
    return tuple(rules)


def _read(recipe: Recipe, raw: Raw, *, reader: Reader, at: Path, file: str) -> Rule:
    try:
        return read_rule(raw, reader=reader.standing(at), at=at, file=file, recipe=recipe.name)
    except RuleProblemError as error:
        raise RuleProblemError(
            f"`{recipe.name}`: {error.reason}",
            at=at,
            remedy=error.remedy,
            wrong=error.wrong,
            known=error.known,
        ) from error


def _settings(recipe: Recipe, given: object, at: Path) -> dict[str, object]:
    own = {} if given in (True, None) else group(given, at)
    check_keys(own, recipe.settings, at, what=f"the recipe `{recipe.name}`")
    return {
        name: setting.check(own[name], (*at, name)) if name in own else setting.default
        for name, setting in recipe.settings.items()
    }


def _text_or_none(raw: object, at: Path) -> str | None:
    return None if raw is None else plain_text(raw, at)


def _texts(raw: object, at: Path) -> list[str]:
    return [plain_text(each, (*at, index)) for index, each in enumerate(items(raw, at))]


def _days(raw: object, at: Path) -> int:
    return whole(raw, at, least=1)


def _days_or_none(raw: object, at: Path) -> int | None:
    return None if raw is None else _days(raw, at)


def _tasks(raw: object, at: Path) -> list[Raw]:
    return [
        {"title": each} if isinstance(each, str) else dict(group(each, (*at, index)))
        for index, each in enumerate(items(raw, at))
    ]


def _task_or_none(raw: object, at: Path) -> Raw | None:
    return None if raw is None else _tasks([raw], at)[0]


def _owner(raw: object, at: Path) -> Raw | None:
    if raw is None:
        return None
    if isinstance(raw, list):
        return {"round_robin": raw}
    return dict(group(raw, at)) if isinstance(raw, Mapping) else {"to": plain_text(raw, at)}


def _welcome_tasks(given: Mapping[str, Any]) -> list[Raw]:
    return [
        {
            "name": "welcome_tasks",
            "when": given["when"],
            "then": [{"create_task": {"unless_open": True, **task}} for task in given["tasks"]],
        }
    ]


def _new_lead(given: Mapping[str, Any]) -> list[Raw]:
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


def _tag_by(given: Mapping[str, Any]) -> list[Raw]:
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


def _overdue_escalation(given: Mapping[str, Any]) -> list[Raw]:
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


def _keep_dates(_given: Mapping[str, Any]) -> list[Raw]:
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


def _stale_archive(given: Mapping[str, Any]) -> list[Raw]:
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


_LEAD_TASKS: Final[list[Raw]] = [
    {"title": "Call {{ name or 'the new contact' }}", "due": "+1 business day"},
    {
        "title": "Send {{ name or 'the new contact' }} the welcome pack",
        "due": "+3 business days",
    },
]
_FOLLOW_UP: Final[Raw] = {
    "title": "Follow up with {{ name or 'the new lead' }}",
    "due": "+2 business days",
}

RECIPES: Final[Mapping[str, Recipe]] = {
    each.name: each
    for each in (
        Recipe(
            "welcome_tasks",
            "A contact that came to be gets its first tasks",
            _welcome_tasks,
            {
                "when": Setting("contact_created", plain_text, "Trigger: or lead_created"),
                "tasks": Setting(_LEAD_TASKS, _tasks, "Tasks as `create_task` takes them"),
            },
        ),
        Recipe(
            "new_lead",
            "A new row in TimeTonic gets stage, tags, owner and a follow-up",
            _new_lead,
            {
                "stage": Setting("lead", _text_or_none, "Where the stage is blank"),
                "tags": Setting(["lead"], _texts, "Added"),
                "owner": Setting(None, _owner, "A user, a list that takes turns, or a map"),
                "follow_up": Setting(_FOLLOW_UP, _task_or_none, "A task, or null"),
            },
        ),
        Recipe(
            "tag_by",
            "Tags say source, plan and activity",
            _tag_by,
            {
                "fields": Setting(["source", "plan"], _texts, "Each gives `field: value`"),
                "active_days": Setting(
                    30, _days_or_none, "Later it is inactive; null: neither"
                ),
            },
        ),
        Recipe(
            "overdue_escalation",
            "Who has an overdue task is tagged, and somebody is told",
            _overdue_escalation,
            {
                "after": Setting("1 business day", plain_text, "Past the due date"),
                "tag": Setting("overdue", plain_text, "On the contact, until it is over"),
                "owner": Setting(None, _text_or_none, "Who gets the task"),
                "channel": Setting(None, _text_or_none, "Slack channel that is told"),
            },
        ),
        Recipe(
            "keep_dates",
            "last_contacted and next_action_date follow notes, appointments and tasks",
            _keep_dates,
        ),
        Recipe(
            "stale_archive",
            "Contacts without activity are archived: tagged and listed, never deleted",
            _stale_archive,
            {
                "after_days": Setting(180, _days, "Without note, appointment or finished task"),
                "except_tags": Setting([], _texts, "Contacts with one of these stay"),
            },
        ),
    )
}
"""Every recipe by name."""
