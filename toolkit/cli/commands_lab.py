"""Commands that open the notebooks: lab."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from toolkit.cli.place import Place, command
from toolkit.cli.voice import note, say_json

if TYPE_CHECKING:
    from collections.abc import Iterator

PANEL = "Explore and edit"
_GROUP = "hightonic.lab"


class LabServer(Protocol):
    """A module that serves notebooks."""

    def check_installed(self, *, is_app: bool) -> None:
        """Raise `UseError` where something it needs is missing."""
        ...

    def serve_lab(self, home: Path, **options: Any) -> None:  # noqa: ANN401 — see notebooks.lab
        """Serve the notebooks of a home until stopped."""
        ...


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "lab", panel=PANEL)(lab)


def lab(
    place: Place,
    *,
    sandbox: Annotated[
        bool,
        typer.Option("--sandbox", help="Open them on made-up contacts, without an account."),
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="First port to try; 0 takes a free one.")
    ] = 8888,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only say the address.")
    ] = False,
    app: Annotated[
        bool,
        typer.Option("--app", help="Show the pages alone, without JupyterLab around them."),
    ] = False,
) -> None:
    """Explore, edit, map, sync and report in notebooks, without writing code.

    The notebooks stand in the folder `notebooks` of the home; what you change in them is kept.
    With --sandbox everything is made up, and gone when you stop. Ctrl-C ends it.
    """
    server = _find_server()
    server.check_installed(is_app=app)  # before a sandbox is made up, which takes a moment
    with _open_place(place, is_sandbox=sandbox) as (home, connection):
        server.serve_lab(
            home,
            connection=connection,
            config=None if sandbox else place.config,
            port=port,
            opens_browser=not (no_browser or place.as_json),
            is_app=app,
            tell=note,
            announce=lambda ready: _announce(ready, place=place),
        )


def _find_server() -> LabServer:
    """What the installed package of notebooks names; this package knows nothing of Jupyter.

    Raises:
        UseError: There is none.
    """
    from importlib.metadata import entry_points

    from toolkit.errors import UseError

    for point in entry_points(group=_GROUP):
        found: LabServer = point.load()
        return found
    raise UseError("No notebooks are installed", remedy="Install hightonic[notebooks] again")


@contextmanager
def _open_place(place: Place, *, is_sandbox: bool) -> Iterator[tuple[Path, str | None]]:
    if not is_sandbox:
        from toolkit.app.config import load_config

        # A name that is mistyped, or a home without a connection, is said before Jupyter starts.
        load_config(place.home.config_path).get_connection(place.connection)
        yield place.home.path, place.connection
        return
    from toolkit.cli.filled_sandbox import NAME, open_filled_sandbox

    with tempfile.TemporaryDirectory(prefix="hightonic-lab-") as folder:
        note("Making contacts up and syncing them; this takes a moment.")
        with open_filled_sandbox(Path(folder)):
            yield Path(folder), NAME


def _announce(ready: dict[str, Any], *, place: Place) -> None:
    if place.as_json:
        say_json(ready)
        return
    note(f"Open {ready['url']}")
    note("The address lets in whoever has it. Press Ctrl-C to stop.")
