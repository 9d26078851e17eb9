"""Commands that need no account: demo, sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Annotated, Any

import typer

from toolkit.cli.place import Place, command
from toolkit.cli.voice import note, say, say_json

PANEL = "Try it without an account"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "demo", panel=PANEL)(demo)
    command(app, "sandbox", panel=PANEL)(sandbox)


def demo(
    place: Place,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End after the report instead of serving on.")
    ] = False,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the demo's home folder here.")
    ] = None,
) -> None:
    """Watch both sides come into step on this machine, with emulated services.

    Nothing leaves your machine: 1,000 contacts, tasks, notes and 200 leads are made up,
    synced, edited on both sides, synced again, resolved and undone.
    """
    from toolkit.cli.demo import run_demo

    run_demo(once=once, as_json=place.as_json, keep=keep)


def sandbox(  # noqa: PLR0913 — one option per size of the made-up world
    place: Place,
    *,
    contacts: Annotated[int, typer.Option(min=0, help="Contacts in HighLevel.")] = 1000,
    tasks: Annotated[int, typer.Option(min=0, help="Tasks on them.")] = 600,
    notes: Annotated[int, typer.Option(min=0, help="Notes on them.")] = 300,
    leads: Annotated[int, typer.Option(min=0, help="Rows in TimeTonic.")] = 200,
    shared: Annotated[int, typer.Option(min=0, help="Rows that are the same people.")] = 50,
    seed: Annotated[int, typer.Option(help="The same number makes the same people.")] = 1,
    port: Annotated[
        int, typer.Option(min=0, max=65534, help="First port to serve on; 0 takes a free one.")
    ] = 0,
    rate_limit: Annotated[
        bool, typer.Option("--rate-limit/--no-rate-limit", help="Refuse calls as vendors do.")
    ] = True,
    slack: Annotated[
        bool, typer.Option("--slack/--no-slack", help="Serve an emulated Slack workspace too.")
    ] = True,
    webhooks: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Tell `hightonic serve` there of every change."),
    ] = None,
) -> None:
    """Serve an emulated HighLevel, TimeTonic and Slack on this machine until you stop it.

    With --json exactly one line is printed, once all answer.
    """
    from toolkit.sandbox.serve import Sandbox, SandboxOptions
    from toolkit.sandbox.slack_app import sandbox_slack

    emulators = Sandbox(
        SandboxOptions(
            contacts=contacts,
            tasks=tasks,
            notes=notes,
            leads=leads,
            shared=shared,
            seed=seed,
            port=port,
            rate_limit=rate_limit,
            slack=sandbox_slack(rate_limit=rate_limit) if slack else None,
        )
    )
    if webhooks is not None:
        emulators.webhooks.configure(target=f"{webhooks.rstrip('/')}/webhooks/highlevel")
    with NamedTemporaryFile(
        "w", encoding="utf-8", prefix="hightonic-sandbox-", suffix=".json"
    ) as kept:
        emulators.run_forever(lambda ready: _announce(ready, kept, place=place))


def _announce(ready: dict[str, Any], kept: IO[str], *, place: Place) -> None:
    """Say where the emulators are; the file lives as long as they do."""
    if place.as_json:
        say_json(ready)
        return
    from toolkit.cli.render.setup import next_commands, render_sandbox

    json.dump(ready, kept)
    kept.flush()
    say(render_sandbox(ready))
    say([next_commands([f"hightonic connect sandbox --from {kept.name}", "hightonic sync"])])
    note("Press Ctrl-C to stop.")
