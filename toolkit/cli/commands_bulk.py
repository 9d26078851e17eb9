"""The command about batches: recipes and files of people, planned, applied, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.commands_contacts import PANEL, ApproveOption
from toolkit.cli.commands_sync import ValuesOption
from toolkit.cli.place import Place, command
from toolkit.cli.voice import say_json

if TYPE_CHECKING:
    from toolkit.cli.bulk.acts import FileOptions

BATCH = "BATCH"


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    command(app, "bulk", panel=PANEL)(bulk)


def bulk(  # noqa: PLR0913 — options, all optional
    place: Place,
    *,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="A recipe (.json), or people as .csv or .xlsx; none lists."
        ),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply/--dry-run", help="Do it; without, it is only shown.")
    ] = False,
    approve: ApproveOption = None,
    resume: Annotated[
        str | None, typer.Option(metavar=BATCH, help="Send what a batch did not send yet.")
    ] = None,
    retry: Annotated[
        str | None, typer.Option(metavar=BATCH, help="Send again what failed, alone.")
    ] = None,
    revert: Annotated[
        str | None, typer.Option(metavar=BATCH, help="Take back what nobody changed since.")
    ] = None,
    show: Annotated[
        str | None, typer.Option(metavar=BATCH, help="Print its recipe, values included.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Carry out a recipe that was carried out before.")
    ] = False,
    create: Annotated[
        bool, typer.Option("--create", help="Make contacts of rows that mean nobody.")
    ] = False,
    match: Annotated[
        str, typer.Option(metavar="KEYS", help="What tells contacts: of id, email, phone.")
    ] = "id,email,phone",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADING=FIELD", help="What a column is; no field leaves it out."),
    ] = None,
    clear_blanks: Annotated[
        bool, typer.Option("--clear-blanks", help="A blank cell clears the field.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(help="Of a CSV file; found out when left out.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="Of a CSV file; found out when left out.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of a workbook; the first when left out.")
    ] = None,
    values: ValuesOption = False,
) -> None:
    """Change many contacts at once: replay a recipe, import a file, resume or revert a batch.

    Without --apply nothing is kept or written. What somebody changed since is left alone
    and listed. Without a file the batches are listed.
    """
    from toolkit.cli.bulk.acts import FileOptions, act_on, list_batches, recipe_of, try_file

    chosen = [(word, given) for word, given in _acts(resume, retry, revert) if given]
    _check_one(file, [*chosen, *([("show", show)] if show else [])])
    if show is not None:
        say_json(recipe_of(place, show).model_dump(mode="json"))
    elif chosen:
        act_on(place, chosen[0][0], chosen[0][1], approve=approve, with_values=values)
    elif file is None:
        list_batches(place)
    else:
        options: FileOptions = FileOptions(
            file,
            creates=create,
            match=match,
            columns=tuple(column or ()),
            clears_blanks=clear_blanks,
            encoding=encoding,
            delimiter=delimiter,
            sheet=sheet,
            is_again=again,
        )
        is_applied = apply or approve is not None
        try_file(place, options, is_applied=is_applied, approve=approve, with_values=values)


def _acts(
    resume: str | None, retry: str | None, revert: str | None
) -> list[tuple[str, str | None]]:
    return [("resume", resume), ("retry", retry), ("revert", revert)]


def _check_one(file: Path | None, chosen: list[tuple[str, str]]) -> None:
    from toolkit.errors import UseError

    if len(chosen) + (file is not None) > 1:
        raise UseError(
            "Give a file, or one batch to resume, retry, revert or show",
            unchanged="Nothing was changed",
        )
