"""Commands over the catalogue: catalog, call, mcp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from toolkit.cli.place import Place, command
from toolkit.cli.voice import note, say, say_json

if TYPE_CHECKING:
    from toolkit.app.catalog.calling import Called, Previewed

PANEL = "Single operations"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "catalog", panel=PANEL)(catalog)
    command(app, "call", panel=PANEL)(call)
    command(app, "mcp", panel=PANEL)(mcp)


def catalog(
    place: Place,
    *,
    entry: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Everything about this entry.")
    ] = None,
    search: Annotated[
        str, typer.Option("--search", metavar="WORDS", help="Only entries with these words.")
    ] = "",
    system: Annotated[
        Literal["highlevel", "timetonic", "hightonic"] | None,
        typer.Option("--system", help="Only entries of this system."),
    ] = None,
    role: Annotated[
        Literal["action", "trigger"] | None,
        typer.Option("--role", help="Only what can be called, or only what fires."),
    ] = None,
) -> None:
    """List what can be called one by one, and what fires: both services and hightonic itself."""
    from toolkit.app.catalog import find_entries, get_entry
    from toolkit.cli.render.catalog import entry_json, render_entries, render_entry

    if entry is not None:
        chosen = get_entry(entry)
        if place.as_json:
            say_json(entry_json(chosen, whole=True))
        else:
            say(render_entry(chosen))
        return
    found = find_entries(words=search, system=system or "", role=role or "")
    if place.as_json:
        say_json({"entries": [entry_json(each, whole=False) for each in found]})
    else:
        say(render_entries(found))


def call(  # noqa: PLR0913 — one option per way to give an input
    place: Place,
    *,
    entry: Annotated[
        str, typer.Argument(metavar="ID", help="An entry as `hightonic catalog` lists it.")
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME=VALUE",
            help='Its input: `city=Paris`, `tags=["a","b"]`, `custom_fields.plan=gold`.',
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--input", metavar="FILE", help="The input as JSON; - reads a pipe."),
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="On emulated services, never on your accounts.")
    ] = False,
    example: Annotated[
        bool, typer.Option("--example", help="With the entry's example; needs --sandbox.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the input and show what would be sent.")
    ] = False,
) -> None:
    """Call one operation of either service, or of hightonic, by its id.

    A write needs a live connection or --sandbox, and is in the log as a run of its own.
    With a trigger's id the sandbox delivers that event as the service would.
    """
    from toolkit.app.catalog import get_entry
    from toolkit.cli.calling.act import Asked, act
    from toolkit.cli.calling.given import read_given

    chosen = get_entry(entry)
    asked = Asked(
        entry=chosen,
        given=None if example else chosen.read_input(read_given(chosen, words or [], file)),
        is_sandbox=sandbox,
        is_dry=dry_run,
    )
    done = act(place, asked)
    _show(place, done)


def mcp(
    place: Place,
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="On emulated services, never on your accounts.")
    ] = False,
) -> None:
    """Serve the catalogue to an assistant (Model Context Protocol, on standard input and output).

    Reads are open. A write is planned first, and carried out once with the plan's approval,
    within ten minutes, where the connection is live.
    """
    from toolkit.cli.calling.session import serve

    serve(place, sandbox=sandbox)


def _show(place: Place, done: Called | Previewed) -> None:
    from toolkit.app.catalog.calling import Called
    from toolkit.cli.render import catalog as shown

    match done:
        case Called() if place.as_json:
            say_json(shown.called_json(done))
        case Called():
            say(shown.render_called(done))
            note(shown.told_of(done))
        case _ if place.as_json:
            say_json(shown.previewed_json(done))
        case _:
            say(shown.render_previewed(done))
