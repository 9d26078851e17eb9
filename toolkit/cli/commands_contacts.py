"""Commands about many contacts at once: archive, duplicates, report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from toolkit.cli.commands_sync import ValuesOption
from toolkit.cli.place import Place, command
from toolkit.cli.voice import say, say_json

if TYPE_CHECKING:
    from toolkit.app.connection import Connection
    from toolkit.app.effects_run import Wish
    from toolkit.app.overview import Overview
    from toolkit.cli.progress import Progress
    from toolkit.model.outcomes import RunReport
    from toolkit.model.plan import Plan

    Asking: TypeAlias = Callable[[Connection], Awaitable[Wish | None]]

PANEL = "Contacts"

ApproveOption = Annotated[
    str | None,
    typer.Option("--approve", metavar="HASH", help="Let pass what a brake holds back of it."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "archive", panel=PANEL)(archive)
    command(app, "duplicates", panel=PANEL)(duplicates)
    command(app, "report", panel=PANEL)(report)


def archive(  # noqa: PLR0913 — options, all optional
    place: Place,
    *,
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[list|restore] CONTACT...",
            help="E-mails, or ids of either side; nothing or `list` shows who is archived.",
        ),
    ] = None,
    stale: Annotated[
        int | None,
        typer.Option(min=1, metavar="DAYS", help="Everybody without activity for so long."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; stands in the archive.")] = "",
    apply: Annotated[
        bool, typer.Option("--apply/--dry-run", help="Do it; without, it is only shown.")
    ] = False,
    approve: ApproveOption = None,
    values: ValuesOption = False,
) -> None:
    """Set contacts aside, or take them back. Nobody is deleted.

    An archived contact gets the archive tag on both sides and a row in the book's Archive
    table. Without --apply nothing is written. `hightonic undo` takes it back as well.
    """
    from toolkit.cli.choose import choose_archiving
    from toolkit.cli.render.contacts import archived_json, render_archived
    from toolkit.cli.work import look

    asked = choose_archiving(what or [], stale=stale)
    if asked.verb == "list":
        entries = look(place, lambda connection: connection.archived())
        if place.as_json:
            say_json({"archived": archived_json(entries, with_values=values)})
        else:
            say(render_archived(entries, with_values=values))
        return

    async def asking(connection: Connection) -> Wish | None:
        if asked.verb == "restore":
            return connection.wish_restored(connection.find_contacts(asked.contacts))
        if stale is None:
            chosen = connection.find_contacts(asked.contacts)
            return connection.wish_archived(chosen, reason=reason)
        chosen = await connection.stale_contacts(stale)
        said = reason or f"no activity for {stale} days"
        return connection.wish_archived(chosen, reason=said) if chosen else None

    _carry_out(place, asking, is_applied=apply or approve is not None, approve=approve)


def duplicates(
    place: Place,
    *,
    at_least: Annotated[
        int, typer.Option(min=1, max=99, help="Lowest score of a pair, in per cent.")
    ] = 40,
    apply: Annotated[
        list[str] | None,
        typer.Option("--apply", metavar="GROUP", help="Complete and mark this group."),
    ] = None,
    approve: ApproveOption = None,
    values: ValuesOption = False,
) -> None:
    """Find contacts that may be one person, each group with a plan for one contact.

    Neither service can merge contacts: --apply fills the oldest one's blank fields, gives it
    all tags, and tags the others `duplicate-of-...`. Nothing is moved or deleted.
    """
    from toolkit.app.effects_run import Wish
    from toolkit.cli.render.contacts import merges_json, render_merges
    from toolkit.cli.work import look

    if not apply:
        found, names = look(
            place,
            lambda connection: (
                connection.merge_plans(at_least=at_least),
                connection.contact_names() if values else {},
            ),
        )
        if place.as_json:
            say_json(merges_json(found, with_values=values))
        else:
            say(render_merges(found, names=names, with_values=values))
        return

    async def asking(connection: Connection) -> Wish | None:
        plans = connection.merge_plans(at_least=at_least)
        chosen = [plans.get(each) for each in dict.fromkeys(apply)]
        effects = tuple(effect for plan in chosen for effect in plan.effects)
        return Wish(effects, "merge", " ".join(plan.group.id for plan in chosen))

    _carry_out(place, asking, is_applied=True, approve=approve)


def report(
    place: Place,
    *,
    days: Annotated[
        int, typer.Option(min=1, max=731, help="How many days back, at most.")
    ] = 30,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the dashboard as one page to send or print."),
    ] = None,
) -> None:
    """See the connection's figures: totals, leads and conversion by week, health, API use.

    They are taken by every sync; this calls no service. The page holds counts and the names
    of owners, stages and sources, no contact; it needs nothing from elsewhere.
    """
    from toolkit.cli.render.figures import dashboard_json, render_dashboard
    from toolkit.cli.work import look

    if html is not None:
        _write_page(place, html, look(place, lambda connection: connection.overview(days)))
        return
    dashboard = look(place, lambda connection: connection.figures(days))
    if place.as_json:
        say_json(dashboard_json(dashboard))
    else:
        say(render_dashboard(dashboard))


def _write_page(place: Place, path: Path, overview: Overview) -> None:
    from rich.text import Text

    from toolkit.app.picture import draw_dashboard, page
    from toolkit.cli.private_file import write_private

    write_private(page(f"{overview.status.name}: figures", draw_dashboard(overview)), path)
    if place.as_json:
        say_json({"file": str(path)})
    else:
        say([Text(f"The dashboard is in {path}.")])


def _carry_out(place: Place, asking: Asking, *, is_applied: bool, approve: str | None) -> None:
    """Show what a wish comes to, or do it."""
    from toolkit.cli.ending import end_run, end_wish
    from toolkit.cli.work import Worked, work

    async def preview(connection: Connection, _progress: Progress) -> Plan | None:
        wish = await asking(connection)
        return await connection.preview_wish(wish) if wish else None

    async def carry(connection: Connection, progress: Progress) -> RunReport | None:
        wish = await asking(connection)
        if wish is None:
            return None
        return await connection.carry_wish(wish, approve=approve, progress=progress)

    if not is_applied:
        end_wish(place, work(place, preview, is_writing=False).value)
        return
    done = work(place, carry)
    if done.value is None:
        end_wish(place, None)
    else:
        end_run(place, Worked(done.value, done.stopped_by))
