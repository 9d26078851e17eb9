"""Commands that compare and write: plan, apply, sync, retry, undo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from toolkit.cli.place import Place, command

if TYPE_CHECKING:
    from toolkit.app.connection import Connection
    from toolkit.app.rule_preview import RulesPreview
    from toolkit.cli.progress import Progress
    from toolkit.model.plan import Plan

PANEL = "Keep in step"


FullOption = Annotated[
    bool,
    typer.Option("--full", help="Read everything again instead of what changed."),
]
NotesOption = Annotated[
    Literal["due", "all"],
    typer.Option(
        help="Notes cost one call a contact: read those that are due, or all of them."
    ),
]
ApproveOption = Annotated[
    str | None,
    typer.Option(
        "--approve", metavar="HASH", help="Let pass what a brake holds back in this plan."
    ),
]
ValuesOption = Annotated[
    bool,
    typer.Option("--values", help="Show the values, personal ones included."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "plan", panel=PANEL)(plan)
    command(app, "apply", panel=PANEL)(apply)
    command(app, "sync", panel=PANEL)(sync)
    command(app, "retry", panel=PANEL)(retry)
    command(app, "undo", panel=PANEL)(undo)


def plan(
    place: Place,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Keep the plan for `apply`."),
    ] = None,
    full: FullOption = False,
    notes: NotesOption = "due",
    values: ValuesOption = False,
) -> None:
    """See what a sync would do, without doing it.

    Counts and field names only, unless --values is given. The file holds the values
    and is readable by you alone.
    """
    from toolkit.cli.ending import end_plan
    from toolkit.cli.work import work

    async def look(
        connection: Connection, progress: Progress
    ) -> tuple[Plan, RulesPreview | None]:
        found = await connection.preview(full=full, notes=notes, progress=progress)
        has_rules = bool(connection.rules.list())
        return found, await connection.rules.preview_after(found) if has_rules else None

    found, rules = work(place, look, is_writing=False).value
    end_plan(place, found, output=output, with_values=values, rules=rules)


def apply(
    place: Place,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plan made by `plan -o`.")],
    approve: ApproveOption = None,
) -> None:
    """Carry out exactly the plan in FILE.

    What changed since it was made is left alone and listed. A second call writes nothing.
    """
    from toolkit.cli.ending import end_run
    from toolkit.cli.plan_file import read_plan
    from toolkit.cli.work import work

    stored = read_plan(file)
    end_run(
        place,
        work(
            place,
            lambda connection, progress: connection.apply(
                stored, approve=approve, progress=progress
            ),
        ),
    )


def sync(
    place: Place,
    *,
    full: FullOption = False,
    notes: NotesOption = "due",
    approve: ApproveOption = None,
) -> None:
    """Bring contacts, tasks and notes in step, both ways.

    Exit code 78 if a brake holds something back, 1 if a write failed or a refused record
    still rests. Conflicts wait for you and are no failure.
    """
    from toolkit.cli.ending import end_run
    from toolkit.cli.work import work

    end_run(
        place,
        work(
            place,
            lambda connection, progress: connection.sync(
                full=full, notes=notes, approve=approve, progress=progress
            ),
        ),
    )


def retry(place: Place) -> None:
    """Try again what failed or got no answer.

    Writes without an answer are looked up first, so nothing is written twice.
    """
    from toolkit.cli.ending import end_run
    from toolkit.cli.work import work

    end_run(
        place, work(place, lambda connection, progress: connection.retry(progress=progress))
    )


def undo(
    place: Place,
    *,
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="A run's id, or `last` for the latest that wrote."),
    ],
) -> None:
    """Take back what a run wrote, record by record.

    Records edited since are left alone and listed. Undoing the undo does it again.
    """
    from toolkit.cli.choose import choose_run
    from toolkit.cli.ending import end_run
    from toolkit.cli.work import work

    end_run(
        place,
        work(
            place,
            lambda connection, progress: connection.undo(
                choose_run(
                    run, connection.last_written(), nothing="No run has written anything yet"
                ),
                progress=progress,
            ),
        ),
    )
