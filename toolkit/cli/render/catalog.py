"""The catalogue and what an entry answered, as tables and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.words import count, show_calls, table

if TYPE_CHECKING:
    from toolkit.app.catalog import Entry
    from toolkit.app.catalog.calling import Called, Previewed


def render_entries(entries: Sequence[Entry]) -> Iterator[RenderableType]:
    """One line an entry."""
    if not entries:
        yield Text("Nothing in the catalogue fits.")
        return
    made = table("Entry", "Kind", "Calls", "What it does", whole=("Entry", "Kind", "Calls"))
    for entry in entries:
        made.add_row(entry.id, kind_of(entry), calls_of(entry), entry.summary)
    yield made
    yield Text(f"{len(entries)} entries. More on one: hightonic catalog ID")


def render_entry(entry: Entry) -> Iterator[RenderableType]:
    """Everything about one entry."""
    yield Text(f"{entry.id}: {entry.title}", style="bold")
    yield Text(entry.summary)
    made = table("", "")
    made.add_row("Kind", kind_of(entry))
    if entry.request:
        made.add_row("Request", entry.request)
    if entry.scope:
        made.add_row("Needs", entry.scope)
    made.add_row("Calls", calls_of(entry))
    again = "changes nothing more" if entry.is_idempotent else "does it once more"
    made.add_row("A second call", again)
    for name, shape in entry.input_schema.get("properties", {}).items():
        is_needed = name in entry.input_schema.get("required", ())
        made.add_row(f"{name}{'' if is_needed else ' (optional)'}", _shape(shape))
    yield made
    yield Text(f"Example: {typed_example(entry)}")


def entry_json(entry: Entry, *, whole: bool) -> dict[str, Any]:
    """The same for machines; schemas where one entry was asked for."""
    shown: dict[str, Any] = {
        "id": entry.id,
        "title": entry.title,
        "system": entry.system,
        "group": entry.group,
        "role": entry.role,
        "summary": entry.summary,
        "scope": entry.scope,
        "is_write": entry.is_write,
        "is_idempotent": entry.is_idempotent,
        "calls": entry.calls,
        "request": entry.request,
        "example": dict(entry.example),
    }
    if whole:
        shown |= {"input_schema": entry.input_schema, "output_schema": entry.output_schema}
    return shown


def render_called(called: Called) -> Iterator[RenderableType]:
    """The answer as indented JSON."""
    yield Text(json.dumps(called.value, ensure_ascii=False, indent=2))


def told_of(called: Called) -> str:
    """What it cost, in one line."""
    run = f" Run {called.run_id}: see `hightonic runs`." if called.run_id else ""
    return f"API calls: {show_calls(called.api_calls)}.{run}"


def called_json(called: Called) -> dict[str, Any]:
    """The same for machines."""
    calls = {side.value: number for side, number in called.api_calls.items()}
    return {
        "entry": called.entry,
        "value": called.value,
        "api_calls": calls,
        "run_id": called.run_id,
    }


def render_previewed(previewed: Previewed) -> Iterator[RenderableType]:
    """What a call would do."""
    act = "write" if previewed.is_write else "read"
    cost = "" if previewed.calls is None else f", about {count(previewed.calls, 'API call')}"
    yield Text(f"{previewed.entry} would {act}{cost}: {previewed.summary}", style="bold")
    if previewed.request:
        yield Text(previewed.request)
    yield Text(json.dumps(previewed.input, ensure_ascii=False, indent=2))
    if previewed.would is not None:
        yield Text(json.dumps({"would": previewed.would}, ensure_ascii=False, indent=2))
    done = "sent" if previewed.would is None else "written"
    yield Text(
        f"Nothing was {done}." + (f" {previewed.obstacle}" if previewed.obstacle else "")
    )


def previewed_json(previewed: Previewed) -> dict[str, Any]:
    """The same for machines."""
    return asdict(previewed)


def kind_of(entry: Entry) -> str:
    """`read`, `write` or `trigger`."""
    if entry.role == "trigger":
        return "trigger"
    return "write" if entry.is_write else "read"


def calls_of(entry: Entry) -> str:
    """The estimate, or `varies`."""
    return "varies" if entry.calls is None else str(entry.calls)


def typed_example(entry: Entry) -> str:
    """The example as it is typed."""
    import shlex

    words = [f"{name}={_typed(value)}" for name, value in entry.example.items()]
    return shlex.join(["hightonic", "call", entry.id, *words])


def _typed(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shape(shape: dict[str, Any]) -> str:
    variants: Iterable[dict[str, Any]] = shape.get("anyOf") or [shape]
    kinds = []
    for each in variants:
        words = each.get("enum") or ([each["const"]] if "const" in each else [])
        named = each.get("type") or each.get("$ref", "anything").rsplit("/", 1)[-1]
        kinds.append(" or ".join(map(str, words)) or str(named))
    told = shape.get("description", "")
    return ", ".join(each for each in kinds if each != "null") + (f": {told}" if told else "")
