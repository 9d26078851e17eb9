"""A command written out in full: what the audit keeps, and what an approval runs later."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from bot.parse.values import Argument, ChannelRef, Compared, Due, PersonRef
from bot.parse.words import quoted

if TYPE_CHECKING:
    from bot.parse.grammar import Parameter
    from bot.parse.read import Parsed

_MINUTE_S = 60


def written(parsed: Parsed) -> str:
    """The line that reads as this command, whoever reads it and whenever.

    Days are absolute, verbs in full, texts quoted; `parse` gives the same command back.
    """
    parts = [parsed.command.name]
    # Keys are written before what takes the rest of the line.
    for parameter in (*parsed.command.keys, *parsed.command.parameters):
        value = parsed.values.get(parameter.name)
        if value is not None:
            parts.append(_keyed(parameter, value))
    parts += [f"{name}={quoted(text)}" for name, text in parsed.fields.items()]
    parts += [f"+{quoted(tag)}" for tag in parsed.tags_added]
    parts += [f"-{quoted(tag)}" for tag in parsed.tags_removed]
    parts += [f"--{flag}" for flag in sorted(parsed.flags - {"lang"})]
    parts += [f"--lang={parsed.language}"] if parsed.language else []
    return " ".join(parts)


def redacted(parsed: Parsed) -> str:
    """What the audit keeps: the command and the names of what was said, no values.

    An audit is kept for years and cannot forget a line, so no customer's value goes in.
    """
    names = [*parsed.values, *parsed.fields]
    names += ["+tag"] if parsed.tags_added else []
    names += ["-tag"] if parsed.tags_removed else []
    flags = [f"--{flag}" for flag in sorted(parsed.flags)]
    return " ".join([parsed.command.name, *(f"{name}=" for name in names), *flags])


def _keyed(parameter: Parameter, value: Argument) -> str:
    operator = value.operator if isinstance(value, Compared) else "="
    return f"{parameter.name}{operator}{_said(value)}"


def _said(value: Argument) -> str:
    match value:
        case Compared() | Due():
            due = value.value if isinstance(value, Compared) else value
            clock = f" {due.time:%H:%M}" if due.time else ""
            return quoted(f"{due.day.isoformat()}{clock}")
        case PersonRef():
            return _mention("@", value.id, value.name)
        case ChannelRef():
            return _mention("#", value.id, value.name)
        case timedelta():
            return f"{round(value.total_seconds()) // _MINUTE_S}m"
        case time():
            return f"{value:%H:%M}"
        case _:
            return quoted(str(value))


def _mention(mark: str, id_: str, name: str) -> str:
    if not id_:
        return quoted(name if name in {"me", "here"} else f"{mark}{name}")
    label = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<{mark}{id_}|{label}>"
