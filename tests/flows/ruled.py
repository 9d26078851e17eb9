"""A world with rules in its settings, and what a person would see of them."""

from __future__ import annotations

import json
from typing import Any

from tests.flows.world import World
from toolkit.model.ids import Kind, Side


def put_rules(world: World, *rules: dict[str, Any], **sections: Any) -> None:
    """Write rules, and sections such as `recipes` or `segments`, into the settings file."""
    world.configure()
    path = world.home / "hightonic.yaml"
    document = json.loads(path.read_text(encoding="utf-8"))
    connection = document["connections"][world.name]
    connection |= {"rules": list(rules), **sections}
    path.write_text(json.dumps(document), encoding="utf-8")


def a_rule(name: str, when: Any, *then: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One rule as the file has it; `condition` stands for `if`."""
    rule = {"name": name, "when": when, "then": list(then)}
    if "condition" in more:
        rule["if"] = more.pop("condition")
    return rule | more


def seen(world: World, kind: Kind, key: Any) -> list[dict[str, Any] | None]:
    """What HighLevel and TimeTonic show of one record, in this order."""
    return [world.by_identity(side, kind).get(key) for side in Side]


def tasks_of(world: World, email: str) -> list[list[str]]:
    """Titles of a contact's tasks on both sides."""
    return [
        sorted(title for mail, title in world.by_identity(side, Kind.TASK) if mail == email)
        for side in Side
    ]


def notes_of(world: World, email: str) -> list[list[str]]:
    """Texts of a contact's notes on both sides."""
    return [
        sorted(text for mail, text in world.by_identity(side, Kind.NOTE) if mail == email)
        for side in Side
    ]
