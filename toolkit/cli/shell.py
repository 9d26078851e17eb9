"""The `hightonic` command tree. Nothing here imports a use case: commands do, when run."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli import (
    commands_bulk,
    commands_catalog,
    commands_contacts,
    commands_deliveries,
    commands_history,
    commands_keys,
    commands_lab,
    commands_live,
    commands_rules,
    commands_sandbox,
    commands_scripts,
    commands_serve,
    commands_setup,
    commands_slack,
    commands_state,
    commands_sync,
)

app = typer.Typer(
    name="hightonic",
    help=(
        "Keep HighLevel contacts, tasks and notes in step with TimeTonic, both ways.\n\n"
        "New here? `hightonic demo --once` shows everything on this machine, without an "
        "account, and changes nothing of yours."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool | None) -> None:  # noqa: FBT001 — Typer calls it by position
    if wanted:
        from importlib.metadata import version

        typer.echo(f"hightonic {version('hightonic')}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool | None,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version."
        ),
    ] = None,
) -> None:
    _ = version


for group in (
    commands_sandbox,
    commands_setup,
    commands_slack,
    commands_keys,
    commands_state,
    commands_live,
    commands_sync,
    commands_serve,
    commands_history,
    commands_contacts,
    commands_bulk,
    commands_rules,
    commands_deliveries,
    commands_scripts,
    commands_lab,
    commands_catalog,
):
    group.register(app)
