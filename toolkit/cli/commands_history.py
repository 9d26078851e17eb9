"""Commands that look back and decide: log, runs, conflicts, resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from toolkit.cli.commands_sync import ValuesOption
from toolkit.cli.place import Place, command
from toolkit.cli.voice import say, say_json

if TYPE_CHECKING:
    from toolkit.app.connection import Connection
    from toolkit.store import RunEntry

PANEL = "Look and decide"

LimitOption = Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "log", panel=PANEL)(log)
    command(app, "runs", panel=PANEL)(runs)
    command(app, "conflicts", panel=PANEL)(conflicts)
    command(app, "resolve", panel=PANEL)(resolve)


def log(  # noqa: PLR0913 — filters, all optional
    place: Place,
    *,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Only this run; `last` for the latest.")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only what failed, was skipped or got no answer.")
    ] = False,
    record: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this record's id, on either side.")
    ] = None,
    limit: LimitOption = 50,
    values: ValuesOption = False,
) -> None:
    """See what was written, where, when and how it ended.

    Newest first. Field names only, unless --values is given.
    """
    from toolkit.cli.choose import choose_run
    from toolkit.cli.render.log import log_json, render_log
    from toolkit.cli.work import look

    entries = look(
        place,
        lambda connection: connection.log(
            run=run and choose_run(run, _newest(connection), nothing="There is no run yet"),
            failed_only=failed,
            record=record,
            limit=limit,
        ),
    )
    if place.as_json:
        say_json({"entries": log_json(entries, with_values=values)})
    else:
        say(render_log(entries, with_values=values))


def _newest(connection: Connection) -> RunEntry | None:
    return next(iter(connection.runs(1)), None)


def runs(place: Place, *, limit: LimitOption = 20) -> None:
    """List the runs, newest first, with the id that `undo` and `log` take."""
    from toolkit.cli.render.runs import render_runs, runs_json
    from toolkit.cli.work import look

    stored, counts = look(
        place,
        lambda connection: (
            listed := connection.runs(limit=limit),
            # A run that was cut off has no report, or one that knows of nothing it did.
            {run.id: connection.counts(run.id) for run in listed if run.verdict != "done"},
        ),
    )
    if place.as_json:
        say_json({"runs": runs_json(stored, counts)})
    else:
        say(render_runs(stored, counts))


def conflicts(place: Place) -> None:
    """See what waits for you: both values side by side, and records left alone."""
    from toolkit.cli.render.conflicts import conflicts_json, render_conflicts, render_findings
    from toolkit.cli.work import look

    stored, findings = look(
        place, lambda connection: (connection.conflicts(), connection.findings())
    )
    if place.as_json:
        say_json(conflicts_json(stored, findings))
    else:
        say([*render_conflicts(stored), *render_findings(findings)])


def resolve(
    place: Place,
    *,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Conflicts as `hightonic conflicts` lists them."),
    ] = None,
    keep: Annotated[
        Literal["highlevel", "timetonic"] | None,
        typer.Option(help="The side whose value stands on both."),
    ] = None,
    value: Annotated[
        str | None, typer.Option(help="A third value for both sides; an empty one clears.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every open conflict.")] = False,
) -> None:
    """Decide conflicts: keep one side's value, or give another.

    The decision is written at once. It is void if a value changed since you looked.
    """
    from toolkit.cli.choose import choose_decisions
    from toolkit.cli.ending import end_run
    from toolkit.cli.work import work

    end_run(
        place,
        work(
            place,
            lambda connection, _progress: connection.resolve_many(
                choose_decisions(
                    connection.conflicts(),
                    ids or [],
                    everything=everything,
                    keep=keep,
                    value=value,
                )
            ),
        ),
    )
