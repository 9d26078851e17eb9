"""Commands about the user's own functions: scripts check."""

from __future__ import annotations

import typer

from toolkit.cli.place import Place, command
from toolkit.cli.voice import say, say_json

PANEL = "Automations"

scripts_app = typer.Typer(
    help="Your own Python functions, for rules and the mapping.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(scripts_app, name="scripts", rich_help_panel=PANEL)
    command(scripts_app, "check", panel=PANEL)(check)


def check(place: Place) -> None:
    """Load the script of a connection, list its functions, and try their examples.

    Examples are `>>>` lines in a function's docstring. Exit code 1 if one gives something
    else than it says. Calls no service.
    """
    from toolkit.app.config import load_config
    from toolkit.app.scripting import check_scripts
    from toolkit.cli.render.scripts import render_scripts, scripts_json

    path = place.home.config_path
    scripts = load_config(path).get_connection(place.connection).scripts
    checked = check_scripts(path, scripts)
    if place.as_json:
        say_json(scripts_json(scripts.file, checked))
    else:
        say(render_scripts(scripts.file, checked))
    if any(each.failed for each in checked):
        raise typer.Exit(1)
