"""What setting up shows: checks with remedies, and the emulators' addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.words import bullet_list, table

if TYPE_CHECKING:
    from toolkit.app.doctor import Check

MARKS = {True: ("ok", "green"), False: ("NO", "bold red"), None: ("-", "dim")}


def render_checks(checks: Iterable[Check]) -> Iterator[RenderableType]:
    """One line a check; a failed one carries its remedy."""
    made = table("", "Check", "Found")
    for check in checks:
        word, style = MARKS[check.ok]
        detail = Text(check.detail)
        if check.remedy and not check.ok:
            detail.append(f"\n-> {check.remedy}", style="bold")
        made.add_row(Text(word, style=style), check.name, detail)
    yield made


def checks_json(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """The same for machines; `ok` is null where a check could not be made."""
    return [
        {"name": c.name, "ok": c.ok, "detail": c.detail, "remedy": c.remedy} for c in checks
    ]


def render_sandbox(ready: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Where the emulators listen, and the two commands to type next.

    Args:
        ready: The ready line. Its credentials open nothing but these emulators, so
            they are shown.
    """
    highlevel, timetonic = ready["highlevel"], ready["timetonic"]
    made = table("", "Address", "Key", "Place", whole=("Address", "Key"))
    made.add_row(
        "HighLevel", highlevel["base_url"], highlevel["token"], highlevel["location_id"]
    )
    made.add_row(
        "TimeTonic",
        timetonic["url"],
        timetonic["sesskey"],
        f"{timetonic['book_owner']} / {timetonic['book_code']}",
    )
    yield Text("The sandbox is running. All services are emulated; nothing leaves here.")
    yield made
    if slack := ready.get("slack"):
        yield Text(
            f"Slack, to type /hightonic once `hightonic serve` runs: {slack['page_url']}"
        )
    yield Text(f"Requests, faults and clock: {ready['control_url']}", style="dim")


def next_commands(commands: Iterable[str]) -> Text:
    """What to type next."""
    return bullet_list("Next", commands)
