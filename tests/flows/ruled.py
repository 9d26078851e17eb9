"""A world with rules in its settings, and what a person would see of them."""

from __future__ import annotations

import json
from typing import Any

from tests.flows.world import World
from toolkit.model.ids import Kind, Side

NEW = "nora.new@example.com"


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


def shown(world: World, email: str, name: str) -> list[Any]:
    """One field of a contact on both sides."""
    return [each and each[name] for each in seen(world, Kind.CONTACT, email)]


async def ready(world: World, *rules: dict[str, Any], **sections: Any) -> str:
    """Rules in force, a contact whom everybody knows, nothing left to do; its address."""
    world.add_contact(NEW)
    await world.sync()
    put_rules(world, *rules, **sections)
    await world.sync()
    return NEW


async def firings(world: World, **wanted: Any) -> list[Any]:
    async with world.open() as connection:
        return connection._parts.store.list_firings(**wanted)


async def letters(world: World) -> list[str]:
    """Texts for Slack that wait, taken out for good."""
    async with world.open() as connection:
        mailbox = connection._parts.mailbox
        found = mailbox.take("slack", limit=100)
        mailbox.mark_delivered(each.id for each in found)
    return [each.body["text"] for each in found]


def edit_in_timetonic(world: World, email: str, **values: Any) -> None:
    world.time.edit_row(
        "Contacts",
        world.row_id(email),
        {name.replace("_", " "): v for name, v in values.items()},
    )


def many(world: World, count: int) -> list[str]:
    emails = [f"p{number:03}.crowd@example.com" for number in range(count)]
    for email in emails:
        world.add_contact(email)
    return emails


def tags_of(world: World, emails: list[str]) -> set[tuple[str, ...]]:
    return {tuple(tags) for email in emails for tags in shown(world, email, "tags")}
