"""How a command speaks: tables for people or one JSON value for machines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

PIPE_WIDTH = 160
"""Columns of a table where no terminal tells its own."""


def say(renderables: Iterable[RenderableType]) -> None:
    """Print for people, on standard output.

    Markup and emoji codes stay off: a contact may well be called `[bold]`. Sentences and
    commands are never broken into lines, so that they can be copied and searched for.
    """
    from rich.console import Console
    from rich.text import Text

    is_piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    console = Console(
        markup=False, emoji=False, highlight=False, width=PIPE_WIDTH if is_piped else None
    )
    for renderable in renderables:
        console.print(renderable, soft_wrap=isinstance(renderable, str | Text))


def say_json(value: object) -> None:
    """Print one JSON value on one line of standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def note(sentence: str) -> None:
    """A line beside the answer, on standard error, so that pipes stay clean."""
    typer.echo(sentence, err=True)
