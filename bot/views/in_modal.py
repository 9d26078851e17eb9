"""Answers shown in a modal: what Slack takes in messages alone becomes plain paragraphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from bot.views.blocks import Block, context, rich, section, spark
from bot.views.modals import View, modal
from bot.words import Markup, escaped

if TYPE_CHECKING:
    from bot.views.blocks import Message
    from bot.words import Voice

NAME: Final = "answered"
"""Callback id of answers."""
_BETWEEN: Final = " \u00b7 "
_LONGEST: Final = 2500
"""Characters of one paragraph, with room for the line that goes over it."""


def answered(voice: Voice, message: Message) -> View:
    """The same answer as a modal."""
    blocks = [made for each in message.blocks for made in _fitting(each)]
    return modal(voice, NAME, blocks or [section(message.text)])


def _fitting(block: Block) -> Iterator[Block]:
    """Tables and charts stand in messages alone (Slack's list of blocks, read 2026-11)."""
    match block["type"]:
        case "table" | "data_table":
            if caption := block.get("caption"):
                yield context(caption)
            yield from map(section, _paragraphs(_rows(block)))
        case "data_visualization":
            points = [each["value"] for each in block["chart"]["series"][0]["data"]]
            yield context(block["title"])
            yield rich(spark(points), is_code=True)
        case _:
            yield block


def _rows(block: Block) -> list[list[str]]:
    return [[_cell(each) for each in row] for row in block["rows"]]


def _cell(cell: dict[str, Any]) -> str:
    return str(cell.get("text", ""))


def _paragraphs(rows: Sequence[Sequence[str]]) -> Iterator[Markup]:
    """A line a row, the first cell bold; the heading is the first line."""
    held = ""
    for row in rows:
        first, *rest = row
        line = f"*{escaped(first)}*  {_BETWEEN.join(escaped(each) for each in rest)}"
        if held and len(held) + len(line) > _LONGEST:
            yield Markup(held)
            held = ""
        held = f"{held}\n{line}" if held else line
    if held:
        yield Markup(held)
