"""The command lines that forms stand for: pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bot.parse.words import quoted
from bot.views.shown import BLANK


def lines_of(form: str, given: Mapping[str, object], where: Mapping[str, str]) -> list[str]:
    """What a submission asks for; nothing where nothing was changed.

    Args:
        form: Callback id of the modal.
        given: Block id -> what was put in, None for blank.
        where: What the form was opened for.
    """
    record = where.get("record", "")
    match form:
        case "contact_form":
            return _contact(given, record)
        case "resolver":
            return _resolved(given, json.loads(where.get("similar") or "{}"))
        case "tag_form":
            return _tags(given, record, json.loads(where.get("tags") or "[]"))
        case _:
            line = _line(form, given, record)
            return [line] if line else []


def _line(form: str, given: Mapping[str, object], record: str) -> str:
    match form:
        case "task_form":
            return _task(given)
        case "note_form":
            body = quoted(shown_text(given.get("body")))
            return f"note add {quoted(shown_text(given.get('contact')))} {body}"
        case "assign_form":
            return f"alert assign {quoted(record)} <@{shown_text(given.get('to'))}>"
        case _:
            return ""


def changed(given: Mapping[str, object], before: Mapping[str, str]) -> dict[str, object]:
    """Only what was typed over: the rest may have moved on meanwhile."""
    return {name: v for name, v in given.items() if shown_text(v) != before.get(name, "")}


def shown_text(value: object) -> str:
    """What was put in, as text; empty for blank, also where that was chosen from a menu."""
    return "" if value is None or value == BLANK else str(value)


def _contact(given: Mapping[str, object], record: str) -> list[str]:
    fields = [
        f"{name}={quoted(shown_text(value))}"
        for name, value in given.items()
        if value is not None or record
    ]
    verb = f"contact edit {quoted(record)}" if record else "contact add"
    return [" ".join([verb, *fields])] if fields else []


def _task(given: Mapping[str, object]) -> str:
    day, clock = shown_text(given.get("due")), shown_text(given.get("time"))
    keys = {
        "due": f"{day} {clock}".strip(),
        "contact": shown_text(given.get("contact")),
        "body": shown_text(given.get("body")),
    }
    parts = [f"{name}={quoted(value)}" for name, value in keys.items() if value]
    if owner := shown_text(given.get("owner")):
        parts.append(f"owner=<@{owner}>")
    return " ".join(["task add", *parts, quoted(shown_text(given.get("title")))])


def _resolved(given: Mapping[str, object], similar: Mapping[str, int]) -> list[str]:
    """A line a conflict; those like it go along where that was ticked, by their number."""
    lines = []
    for name, choice in given.items():
        kind, _, conflict = name.partition(".")
        if kind != "choice" or not choice:
            continue
        value = shown_text(given.get(f"value.{conflict}"))
        parts = ["sync resolve", quoted(conflict), str(choice)]
        parts += [f"value={quoted(value)}"] if choice == "value" else []
        count = similar.get(conflict, 0) if given.get("similar") else 0
        parts += [f"similar={count}"] if count and choice != "value" else []
        lines.append(" ".join(parts))
    return lines


def _tags(given: Mapping[str, object], record: str, before: Sequence[str]) -> list[str]:
    """Against what stood there when it opened: what others put there since stays."""
    chosen = given.get("tags")
    now = [str(each) for each in chosen] if isinstance(chosen, list) else []
    added = [f"+{quoted(tag)}" for tag in now if tag not in before]
    gone = [f"-{quoted(tag)}" for tag in before if tag not in now]
    if not added and not gone:
        return []
    return [" ".join([f"contact tag {quoted(record)}", *added, *gone])]
