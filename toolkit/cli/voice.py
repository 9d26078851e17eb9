"""How a command speaks: tables for people or one JSON value for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType


def say(renderables: Iterable[RenderableType]) -> None:
    """Print for people, on standard output.

    Markup and emoji codes stay off: a contact may well be called `[bold]`.
    """
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False)
    for renderable in renderables:
        console.print(renderable)


def say_json(value: object) -> None:
    """Print one JSON value on one line of standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def note(sentence: str) -> None:
    """A line beside the answer, on standard error, so that pipes stay clean."""
    typer.echo(sentence, err=True)
