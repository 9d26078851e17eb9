"""The journal and the list of runs as tables and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.words import show_value, table

if TYPE_CHECKING:
    from toolkit.store.journal import JournalEntry


def show_moment(at: datetime) -> str:
    """`2026-11-05 14:03:09` in UTC, the zone of every time we keep."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def render_log(
    entries: Sequence[JournalEntry], *, with_values: bool = False
) -> Iterator[RenderableType]:
    """One line a record, newest first; values only when asked for."""
    if not entries:
        yield Text("Nothing has been written yet that fits.")
        return
    made = table(
        "When (UTC)", "Run", "What", "Where", "Outcome", "Fields", whole=("When (UTC)", "Run")
    )
    for entry in entries:
        made.add_row(
            show_moment(entry.at),
            entry.run_id,
            _what(entry),
            _where(entry),
            _outcome(entry),
            _change(entry) if with_values else ", ".join(_fields(entry)),
        )
    yield made


def log_json(
    entries: Iterable[JournalEntry], *, with_values: bool = False
) -> list[dict[str, Any]]:
    """The same for machines; `before` and `after` only when asked for."""
    return [_entry_json(entry, with_values=with_values) for entry in entries]


def _entry_json(entry: JournalEntry, *, with_values: bool) -> dict[str, Any]:
    shown = {
        "seq": entry.seq,
        "at": entry.at.isoformat().replace("+00:00", "Z"),
        "run_id": entry.run_id,
        "link_id": entry.link_id,
        "kind": entry.kind.value,
        "verb": entry.verb,
        "side": entry.side.value if entry.side else None,
        "record_id": entry.record_id,
        "origin_id": _origin_id(entry),
        "state": entry.state.value,
        "reason": entry.reason,
        "error": entry.error,
        "reference": entry.reference,
        "fields": _fields(entry),
        "rules": rules_behind(entry),
    }
    if with_values:
        shown |= {"before": dict(entry.before), "after": dict(entry.after)}
    return shown


def rules_behind(entry: JournalEntry) -> list[str]:
    """The rules that asked for it, sorted, or `a person (...)`; empty where nobody did."""
    causes = json.loads(entry.body).get("causes", ())
    return sorted({cause.partition("/")[0] for cause in causes})


def _what(entry: JournalEntry) -> str:
    behind = ", ".join(rules_behind(entry))
    return f"{entry.verb} {entry.kind}" + f" (for {behind})" * bool(behind)


def _where(entry: JournalEntry) -> str:
    if entry.side is None:
        return "links only"
    if entry.record_id is None and (origin := _origin_id(entry)):
        return f"{entry.side.label}, from {entry.side.other.label} {origin}"
    return f"{entry.side.label} {entry.record_id or ''}".rstrip()


def _origin_id(entry: JournalEntry) -> str | None:
    """The record a create was to give a twin to: all there is to look for when it failed."""
    operation = entry.operation if entry.verb == "create" else None
    return getattr(operation, "origin_id", None)


def _outcome(entry: JournalEntry) -> str:
    parts = [entry.state.value, entry.reason, f"ref {entry.reference}" * bool(entry.reference)]
    return ": ".join(filter(None, parts[:2])) + f" ({parts[2]})" * bool(parts[2])


def _fields(entry: JournalEntry) -> list[str]:
    return list(entry.after or entry.before)


def _change(entry: JournalEntry) -> str:
    return ", ".join(f"{name}: {_step(entry, name)}" for name in _fields(entry))


def _step(entry: JournalEntry, name: str) -> str:
    shown = [show_value(each[name]) for each in (entry.before, entry.after) if name in each]
    return " -> ".join(shown)
