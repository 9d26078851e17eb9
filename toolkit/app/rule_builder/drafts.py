"""Rules as a draft, and whether the file would take them: in the file's own sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from toolkit.app.config_rules_writing import put_rules, put_section
from toolkit.app.config_source import parse, plain
from toolkit.errors import ConfigError
from toolkit.rules.recipes import RECIPES

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.app.settings_file import SettingsFile

Raw = dict[str, Any]
"""A rule as the file has it."""


class RulesDraft(BaseModel):
    """The rules of one connection as they would be saved, in their order.

    Attributes:
        recipes: Those that are named, with what the file says of each; False is off.
    """

    model_config = ConfigDict(extra="forbid")

    rules: list[Raw] = Field(default_factory=list)
    recipes: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """Why a draft cannot be saved.

    Attributes:
        index: Of the rule, 0 for the first; None where it is about something else.
        part: `name`, `when`, `if` or `then`; empty where it is about all of it.
        item: Which of that part, 0 for the first; None where it is about all of it.
        recipe: Name of the recipe it is about.
    """

    index: int | None
    message: str
    remedy: str = ""
    part: str = ""
    item: int | None = None
    recipe: str = ""


@dataclass(frozen=True, slots=True)
class CheckedRules:
    """A draft that was looked at.

    Attributes:
        text: The file with it.
        config: None where it cannot be.
    """

    text: str
    config: ConnectionConfig | None = None
    problem: RuleProblem | None = None


def draft_of(file: SettingsFile) -> RulesDraft:
    """What the file says."""
    section = plain(file.document()["connections"][file.connection])
    own = section if isinstance(section, dict) else {}
    return RulesDraft(
        rules=[dict(each) for each in own.get("rules") or () if isinstance(each, dict)],
        recipes=dict(own.get("recipes") or {}),
    )


def check_rules(file: SettingsFile, draft: RulesDraft) -> CheckedRules:
    """The whole file with the draft in it, looked at as it is whenever it is loaded."""
    before = draft_of(file)
    text = file.edited(lambda document: _write(document, file.connection, before, draft))
    try:
        return CheckedRules(text, file.config(text))
    except ConfigError as error:
        return CheckedRules(text, problem=_placed(error, text, file.connection))


def _write(document: Any, connection: str, before: RulesDraft, draft: RulesDraft) -> None:  # noqa: ANN401 — YAML
    if draft.rules != before.rules:
        put_rules(document, connection, draft.rules)
    if draft.recipes != before.recipes:
        put_section(document, connection, section="recipes", value=draft.recipes)


def _placed(error: ConfigError, text: str, connection: str) -> RuleProblem:
    """The refusal at the card it is about; lines of a draft are nobody's."""
    place = f"{error.file}:{error.line}: " if error.line else f"{error.file}: "
    message = error.happened.removeprefix(place)
    section = parse(text, file="")["connections"][connection]
    line = error.line or 0
    recipe = _last_at(section.get("recipes"), line, _last_line(section, "recipes"))
    if recipe is not None:
        return RuleProblem(None, message, error.remedy, recipe=str(recipe))
    index = _last_at(section.get("rules"), line, _last_line(section, "rules"))
    if not isinstance(index, int):
        named = next((name for name in RECIPES if f"`{name}`" in message), "")
        return RuleProblem(None, message, error.remedy, recipe=named)
    rule = section["rules"][index]
    part = _last_at(rule, line, None) or ""
    inside = rule.get(part) if isinstance(rule, Mapping) and part else None
    inside = inside.get("all", inside) if isinstance(inside, Mapping) else inside
    item = _last_at(inside, line, None) if isinstance(inside, list) else None
    number = item if isinstance(item, int) else None
    return RuleProblem(index, message, error.remedy, part=str(part), item=number)


def _last_at(node: Any, line: int, end: int | None) -> Any:  # noqa: ANN401 — YAML
    """The last key of a group, or number in a list, that begins at the line or above."""
    marks = getattr(getattr(node, "lc", None), "data", None) or {}
    if end is not None and line >= end:
        return None
    found = [key for key, mark in marks.items() if mark[0] + 1 <= line]
    return found[-1] if found else None


def _last_line(section: Any, key: str) -> int | None:  # noqa: ANN401 — YAML
    """Where the next section begins; 0 where there is no such section at all."""
    marks = section.lc.data
    if key not in marks:
        return 0
    start = marks[key][0]
    return min((mark[0] + 1 for mark in marks.values() if mark[0] > start), default=None)
