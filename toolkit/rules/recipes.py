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
from toolkit.rules.recipe_rules import (
    Raw,
    keep_dates,
    new_lead,
    overdue_escalation,
    stale_archive,
    tag_by,
    welcome_tasks,
)
from toolkit.rules.spec import Rule

_Check: TypeAlias = Callable[[object, Path], object]


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
            welcome_tasks,
            {
                "when": Setting("contact_created", plain_text, "Trigger: or lead_created"),
                "tasks": Setting(_LEAD_TASKS, _tasks, "Tasks as `create_task` takes them"),
            },
        ),
        Recipe(
            "new_lead",
            "A new row in TimeTonic gets stage, tags, owner and a follow-up",
            new_lead,
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
            tag_by,
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
            overdue_escalation,
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
            keep_dates,
        ),
        Recipe(
            "stale_archive",
            "Contacts without activity are archived: tagged and listed, never deleted",
            stale_archive,
            {
                "after_days": Setting(180, _days, "Without note, appointment or finished task"),
                "except_tags": Setting([], _texts, "Contacts with one of these stay"),
            },
        ),
    )
}
"""Every recipe by name."""
