"""Commands about the state itself: run-status, migrate-store."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from toolkit.cli.place import Place, command
from toolkit.cli.voice import note, say, say_json

WATCH_PANEL = "Look and decide"
SETUP_PANEL = "Set up"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "run-status", panel=WATCH_PANEL)(run_status)
    command(app, "migrate-store", panel=SETUP_PANEL)(migrate_store)


def run_status(place: Place) -> None:
    """See whether the service runs, what ran last, how far behind, and what is left to spend.

    Shows every connection, or the one named with --connection. Calls no service.
    """
    from toolkit.app.status import look_at_status
    from toolkit.cli.render.state import render_status, status_json

    status = look_at_status(place.home, place.connection)
    if place.as_json:
        say_json(status_json(status))
    else:
        say(render_status(status))


def migrate_store(
    place: Place,
    *,
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="URL", help="File or database; the home's own when left out."
        ),
    ] = "",
    target: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="URL",
            help="An empty database; HIGHTONIC_DATABASE_URL when left out.",
        ),
    ] = "",
) -> None:
    """Copy the whole state to another database, and compare both before it is kept.

    Stop `hightonic serve` first. Give a URL with a password through HIGHTONIC_DATABASE_URL:
    other programs of the machine can read a command line.
    """
    from toolkit.app.relocation import move_state
    from toolkit.cli.progress import open_progress
    from toolkit.cli.render.state import moved_json, render_moved

    if any(urlsplit(url).password for url in (source, target)):
        note("Others on this machine can see a password on a command line: change it soon.")
    with open_progress(is_silent=place.as_json) as progress:
        rows = move_state(place.home, source=source, target=target, progress=progress)
    if place.as_json:
        say_json(moved_json(rows))
    else:
        say(render_moved(rows))
