"""Tasks and notes in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.views.blocks import (
    Block,
    Message,
    button,
    context,
    data_table,
    header,
    lines,
    message,
    rich,
    section,
    shown_rows,
)
from bot.views.shown import BLANK
from bot.words import Markup, escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.words import Voice
    from toolkit.model.cards import NoteLine, TaskLine

_WITH_BUTTONS: Final = 5
_MOST_NOTES: Final = 15
_SHORT: Final = 8
"""Of an id, as people read and type it: its beginning will do."""


def task_sections(voice: Voice, tasks: Sequence[TaskLine]) -> list[Block]:
    """Each task a paragraph with a button that completes it."""
    return [_section(voice, task) for task in tasks]


def _section(voice: Voice, task: TaskLine) -> Block:
    title = Markup(f"*{escaped(task.title)}*") if task.title else voice.say("task.untitled")
    about = [due(voice, task), task.contact, task.owner]
    under = " \u00b7 ".join(escaped(each) for each in about if each)
    if task.is_completed:
        return section(lines(title, Markup(under)))
    done = button(voice.tell("button.done"), f"task.done.{task.id}"[:255], value=task.id)
    return section(lines(title, Markup(under)), accessory=done)


def due(voice: Voice, task: TaskLine) -> str:
    """When it is due, in the reader's zone; says so where that has passed."""
    if task.due_at is None:
        return voice.tell("task.no_due")
    day = voice.day(task.due_at.astimezone(ZoneInfo(voice.zone)).date())
    return voice.tell("task.overdue" if task.is_overdue else "task.due", day=day)


def listed(voice: Voice, tasks: Sequence[TaskLine], *, total: int, title: str = "") -> Message:
    """A list of tasks: a few with buttons, more as a table that pages."""
    heading = title or voice.tell("task.list")
    if not tasks:
        none = voice.say("task.none")
        return message(voice, none, [header(heading), section(none)])
    said = voice.say("task.found", count=total)
    if len(tasks) <= _WITH_BUTTONS:
        body = task_sections(voice, tasks)
        kept = len(tasks)
    else:
        rows = [_heading(voice), *(_row(voice, task) for task in tasks)]
        body = [data_table(rows, caption=heading)]
        kept = shown_rows(rows)
    blocks = [header(heading), section(said), *body]
    if total > kept:
        blocks.append(context(voice.say("task.more", count=total - kept)))
    return message(voice, said, blocks)


def _heading(voice: Voice) -> tuple[str, ...]:
    names = ("table.due", "table.task", "table.contact", "table.owner", "table.id")
    return tuple(voice.tell(name) for name in names)


def _row(voice: Voice, task: TaskLine) -> tuple[str, ...]:
    cells = (due(voice, task), task.title, task.contact, task.owner, task.id[:_SHORT])
    return tuple(each or BLANK for each in cells)


def notes(voice: Voice, name: str, found: Sequence[NoteLine], *, total: int) -> Message:
    """A contact's notes, newest first; their text is shown as it stands."""
    said = voice.say("note.found", count=total, name=name)
    blocks: list[Block] = [section(said)]
    for note in found[:_MOST_NOTES]:
        written = voice.moment(note.written_at) if note.written_at else Markup("")
        about = [each for each in (escaped(note.author), written) if each]
        blocks.append(rich(note.body))
        blocks += [context(Markup(" \u00b7 ".join(about)))] if about else []
    left = total - min(len(found), _MOST_NOTES)
    if left > 0:
        blocks.append(context(voice.say("note.more", count=left)))
    return message(voice, said, blocks)
