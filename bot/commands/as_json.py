"""`--json`: what a command would show, as a file for programs; no more than it would show."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic_core import to_jsonable_python

from bot.commands.alerting import alerts_of
from bot.commands.arguments import text
from bot.commands.ground import Parcel
from bot.commands.personal import audit_of
from bot.commands.reading import tasks_of
from bot.views.blocks import Message, message, section
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.commands.ground import Ground
    from bot.commands.scene import Scene
    from bot.parse import Parsed

    Showing: TypeAlias = Callable[[Scene, Parsed], Any]


def _contacts(scene: Scene, parsed: Parsed) -> Any:  # noqa: ANN401 — JSON
    hits, total = scene.cards.find(text(parsed, "text"))
    return {"total": total, "contacts": hits}


def _contact(scene: Scene, parsed: Parsed) -> Any:  # noqa: ANN401 — JSON
    return {"contact": scene.cards.card(text(parsed, "contact"))}


def _tasks(scene: Scene, parsed: Parsed) -> Any:  # noqa: ANN401 — JSON
    found, total = tasks_of(scene, parsed)
    return {"total": total, "tasks": found}


def _notes(scene: Scene, parsed: Parsed) -> Any:  # noqa: ANN401 — JSON
    found = scene.cards.notes(text(parsed, "contact"))
    name, notes, total = found or ("", [], 0)
    return {"contact": name, "total": total, "notes": notes}


def _states(scene: Scene, parsed: Parsed) -> Any:  # noqa: ANN401 — JSON
    wanted = text(parsed, "connection")
    states = [each for each in scene.cards.states() if wanted in {"", each.connection}]
    return {"connections": states}


SHOWN: Final[Mapping[str, Showing]] = {
    "contact find": _contacts,
    "contact show": _contact,
    "task list": _tasks,
    "note list": _notes,
    "sync status": _states,
    "sync conflicts": lambda scene, _: {"conflicts": scene.cards.conflicts()},
    "alert list": lambda scene, parsed: {"alerts": alerts_of(scene, parsed)},
    "route list": lambda scene, _: {"routes": scene.settings.routes()},
    "mute list": lambda scene, _: {"mutes": scene.settings.mutes(scene.now)},
    "audit show": lambda scene, parsed: {"lines": audit_of(scene, parsed)},
}
"""Commands that have something to show a program."""


def wants_json(parsed: Parsed) -> bool:
    """Whether a file is asked for."""
    return "json" in parsed.flags


async def as_json(ground: Ground, parsed: Parsed) -> Message:
    """Hand the file to who asked.

    Raises:
        UseError: The command shows nothing; nothing was done.
    """
    scene, name = ground.scene, parsed.command.name
    showing = SHOWN.get(name)
    if showing is None:
        raise UseError(
            f"`{name}` has nothing to give as JSON",
            unchanged="Nothing was done",
            remedy="Leave --json away",
        )
    shown = await asyncio.to_thread(showing, scene, parsed)
    value = {"command": name, "at": scene.now, **shown}
    content = json.dumps(to_jsonable_python(value), ensure_ascii=False, indent=2).encode()
    file = f"hightonic-{name.replace(' ', '-')}-{scene.now:%Y-%m-%d}.json"
    said = scene.voice.say("json.here", command=name)
    await ground.deliver(scene.person, Parcel(file, content, said))
    done = scene.voice.say("json.sent", command=name)
    return message(scene.voice, done, [section(done)])
