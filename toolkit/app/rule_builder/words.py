"""What cards can be made of: triggers, conditions and actions with the blanks people fill in.

Pure; the cards know no more than `toolkit.rules` does, and what they cannot show stays as it
is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from toolkit.errors import UseError
from toolkit.model.automation import Trigger
from toolkit.model.ids import Kind, Side
from toolkit.rules.comparisons import Op
from toolkit.rules.conditions import Counted
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.recipes import RECIPES
from toolkit.rules.words import DERIVED, FieldRef, FieldWord, Shape

if TYPE_CHECKING:
    from toolkit.app.config_rules import AutomationSettings

BlankKind: TypeAlias = Literal[
    "text", "long", "list", "number", "tick", "one_of", "field", "fields", "values"
]


@dataclass(frozen=True, slots=True)
class Blank:
    """One thing to fill in on a card.

    Attributes:
        key: In the file.
        kind: How it is filled in.
        options: What `one_of` offers.
        hint: An example.
    """

    key: str
    title: str
    kind: BlankKind = "text"
    is_needed: bool = False
    options: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CardKind:
    """One kind of card.

    Attributes:
        word: In the file.
        short: The blank that stands for all of them where nothing else is said.
        has_contact: Whether it is about one contact.
    """

    word: str
    title: str
    blanks: tuple[Blank, ...] = ()
    short: str = ""
    has_contact: bool = True


_SIDE: Final = Blank("side", "Only what began in", "one_of", options=tuple(Side))
_TRIGGERS: Final[Mapping[Trigger, tuple[str, tuple[Blank, ...]]]] = {
    Trigger.CONTACT_CREATED: ("A contact came to be", (_SIDE,)),
    Trigger.LEAD_CREATED: ("A new row in TimeTonic became a contact", ()),
    Trigger.CONTACT_UPDATED: (
        "A contact was changed",
        (Blank("fields", "Only these fields", "fields"), _SIDE),
    ),
    Trigger.CONTACT_DELETED: ("A contact was deleted", (_SIDE,)),
    Trigger.CONTACT_TAGGED: (
        "A contact got a tag",
        (Blank("tags", "Only these tags", "list", hint="vip, partner"), _SIDE),
    ),
    Trigger.TASK_CREATED: ("A task came to be", (_SIDE,)),
    Trigger.TASK_COMPLETED: ("A task was done", (_SIDE,)),
    Trigger.TASK_OVERDUE: (
        "A task is overdue",
        (Blank("after", "So long past its due date", hint="2 business days"),),
    ),
    Trigger.NOTE_ADDED: ("A note was added", (_SIDE,)),
    Trigger.APPOINTMENT_BOOKED: ("An appointment was booked", ()),
    Trigger.SCHEDULE: (
        "Every so often, for every contact",
        (
            Blank(
                "every",
                "How often",
                "one_of",
                options=("hour", "day", "work_day", "week", "month"),
            ),
            Blank("at", "At", hint="09:00"),
        ),
    ),
    Trigger.CONFLICT: (
        "A conflict was found",
        (Blank("fields", "Only in these fields", "fields"),),
    ),
    Trigger.RUN_FAILED: ("A sync failed", ()),
    Trigger.RUN_RECOVERED: ("Syncs work again", ()),
}
_COUNTED: Final[Mapping[Counted, str]] = {
    Counted.TOTAL_TASKS: "Tasks in all",
    Counted.OPEN_TASKS: "Open tasks",
    Counted.OVERDUE_TASKS: "Overdue tasks",
}
_TESTS: Final[Mapping[Op, tuple[str, BlankKind, tuple[Shape, ...] | None]]] = {
    Op.IS: ("is", "text", None),
    Op.IS_NOT: ("is not", "text", None),
    Op.IS_BLANK: ("is blank", "tick", None),
    Op.IN: ("is one of", "list", None),
    Op.NOT_IN: ("is none of", "list", None),
    Op.CONTAINS: ("contains", "text", (Shape.TEXT, Shape.TEXTS)),
    Op.STARTS_WITH: ("begins with", "text", (Shape.TEXT,)),
    Op.MATCHES: ("fits the pattern", "text", (Shape.TEXT,)),
    Op.ABOVE: ("is above", "number", (Shape.NUMBER,)),
    Op.BELOW: ("is below", "number", (Shape.NUMBER,)),
    Op.BEFORE: ("is before", "text", (Shape.DAY, Shape.MOMENT)),
    Op.AFTER: ("is after", "text", (Shape.DAY, Shape.MOMENT)),
    Op.OLDER_THAN_DAYS: ("is longer ago than days", "number", (Shape.DAY, Shape.MOMENT)),
    Op.NEWER_THAN_DAYS: ("is less long ago than days", "number", (Shape.DAY, Shape.MOMENT)),
}
_UNLESS_OPEN: Final = Blank("unless_open", "Not where such a task is open", "tick")
_ACTIONS: Final = (
    CardKind(
        "add_tags",
        "Add tags",
        (Blank("", "Tags", "list", is_needed=True, hint="vip, partner"),),
    ),
    CardKind("remove_tags", "Remove tags", (Blank("", "Tags", "list", is_needed=True),)),
    CardKind("set", "Set a field", (Blank("", "Field and value", "values", is_needed=True),)),
    CardKind(
        "lifecycle_stage",
        "Set the lifecycle stage",
        (Blank("", "Stage", "text", is_needed=True),),
    ),
    CardKind(
        "assign_owner",
        "Assign an owner",
        (
            Blank("to", "To", hint="name or e-mail of a user"),
            Blank("round_robin", "Or in turn", "list"),
            Blank("unless_owned", "Not where there is one", "tick"),
        ),
        short="to",
    ),
    CardKind(
        "create_task",
        "Create a task",
        (
            Blank("title", "Title", is_needed=True, hint="Call {{ name }}"),
            Blank("due", "Due", hint="+2 business days"),
            Blank("owner", "For", hint="the contact's owner"),
            Blank("body", "Description", "long"),
            _UNLESS_OPEN,
        ),
        short="title",
    ),
    CardKind(
        "complete_task",
        "Tick a task off",
        (Blank("title", "Title, where not its own"),),
        "title",
    ),
    CardKind(
        "add_note", "Add a note", (Blank("body", "Text", "long", is_needed=True),), "body"
    ),
    CardKind("archive", "Archive the contact", (Blank("reason", "Reason"),), "reason"),
    CardKind(
        "post",
        "Post to Slack",
        (
            Blank("channel", "Channel", is_needed=True, hint="#sales"),
            Blank("text", "Text", "long", is_needed=True, hint="{{ name }} became a customer"),
        ),
        has_contact=False,
    ),
)


def triggers() -> Sequence[CardKind]:
    """What rules wait for."""
    return [
        CardKind(each, title, blanks, has_contact=each.has_contact)
        for each, (title, blanks) in _TRIGGERS.items()
    ]


def conditions(automation: AutomationSettings) -> Sequence[CardKind]:
    """What rules ask of a contact, besides its fields."""
    count = (Blank("", "Number", "number", is_needed=True),)
    found = [
        CardKind("tag", "Has the tag", (Blank("", "Tag", "text", is_needed=True),)),
        CardKind(
            "has_task",
            "Has a task called",
            (Blank("title", "Title", "text", is_needed=True),),
            "title",
        ),
        *(CardKind(each, title, count) for each, title in _COUNTED.items()),
    ]
    if automation.segments:
        names = tuple(sorted(automation.segments))
        found.append(
            CardKind(
                "segment",
                "Is in the segment",
                (Blank("", "Segment", "one_of", is_needed=True, options=names),),
            )
        )
    functions = tuple(automation.scripts.names("condition"))
    if functions:
        blank = Blank("", "Function", "one_of", is_needed=True, options=functions)
        found.append(
            CardKind("function", "Your function says yes", (blank,), has_contact=False)
        )
    return found


def actions(automation: AutomationSettings, addresses: Sequence[str]) -> Sequence[CardKind]:
    """What rules do."""
    found = list(_ACTIONS)
    if addresses:
        to = Blank("to", "Address", "one_of", is_needed=True, options=tuple(addresses))
        found.append(CardKind("call_url", "Call an address", (to,), "to", has_contact=False))
    functions = tuple(automation.scripts.names("action"))
    if functions:
        blank = Blank("", "Function", "one_of", is_needed=True, options=functions)
        found.append(CardKind("run", "Run your function", (blank,), has_contact=False))
    return found


def tests() -> list[dict[str, Any]]:
    """How a field is compared."""
    return [
        {"op": op.value, "title": title, "kind": kind, "shapes": shapes and list(shapes)}
        for op, (title, kind, shapes) in _TESTS.items()
    ]


def rule_fields(automation: AutomationSettings) -> list[dict[str, Any]]:
    """Fields rules may name, contacts' first."""
    words = automation.words
    contact = words.kinds.get(Kind.CONTACT, {})
    found = [_field(name, word) for name, word in contact.items()]
    found += [
        _field(name, FieldWord(shape, is_settable=False), is_derived=True)
        for name, shape in DERIVED.items()
        if words.is_derived(FieldRef(Kind.CONTACT, name)) and name not in contact
    ]
    for kind in (Kind.TASK, Kind.NOTE, Kind.APPOINTMENT):
        own = words.kinds.get(kind, {})
        found += [_field(f"{kind.value}.{name}", word, of=kind) for name, word in own.items()]
    return found


def _field(
    name: str, word: FieldWord, *, of: Kind = Kind.CONTACT, is_derived: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "of": of.value,
        "shape": word.shape.value,
        "options": list(word.options),
        "settable": word.is_settable and of in (Kind.CONTACT, Kind.TASK),
        "derived": is_derived,
    }


def recipe_cards() -> list[dict[str, Any]]:
    """Ready-made rules to begin with."""
    return [
        {
            "name": each.name,
            "doc": each.doc,
            "settings": [
                {"key": key, "doc": setting.doc, "default": setting.default}
                for key, setting in each.settings.items()
            ],
        }
        for each in RECIPES.values()
    ]


def expanded(name: str, given: object) -> list[dict[str, Any]]:
    """What a recipe stands for, as rules the way the file writes them.

    Args:
        name: Of the recipe.
        given: What the file says of it; anything but a group means its own settings.

    Raises:
        UseError: No such recipe, or a setting it does not take.
    """
    recipe = RECIPES.get(name)
    own = given if isinstance(given, Mapping) else {}
    if recipe is None:
        raise UseError(f"There is no recipe `{name}`", unchanged="Nothing was changed")
    try:
        settings = {
            key: each.check(own[key], (name, key)) if key in own else each.default
            for key, each in recipe.settings.items()
        }
    except RuleProblemError as error:
        raise UseError(error.reason, unchanged="Nothing was changed") from error
    return recipe.expand(settings)
