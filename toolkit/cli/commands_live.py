"""Commands that decide whether a connection writes: rehearse, live, pause, resume."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from toolkit.cli.place import Place, command
from toolkit.cli.voice import say, say_json

if TYPE_CHECKING:
    from toolkit.app.live import LiveState
    from toolkit.cli.rehearsal.perform import Rehearsed

PANEL = "Go live"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "rehearse", panel=PANEL)(rehearse)
    command(app, "live", panel=PANEL)(live)
    command(app, "pause", panel=PANEL)(pause)
    command(app, "resume", panel=PANEL)(resume)


def rehearse(
    place: Place,
    *,
    note_calls: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="Read the notes of N contacts at most: each costs one call.",
        ),
    ] = 1_000,
) -> None:
    """Try your settings on a copy of your own data. Nothing of yours is written.

    Both accounts are read into emulators on this machine and synced there, twice. The report
    holds counts only and says what to type next; the copy is removed. Exit code 1 if the
    copies did not come to rest.
    """
    _end(place, _perform(place, note_calls))


def _perform(place: Place, note_calls: int) -> Rehearsed:
    import asyncio

    from toolkit.cli.rehearsal.perform import open_rehearser
    from toolkit.cli.work import attend

    opening = open_rehearser(place.connection, home=place.home.path, config=place.config)
    acting = attend(
        opening,
        lambda rehearser, progress: rehearser.rehearse(
            most_note_calls=note_calls, progress=progress
        ),
        is_silent=place.as_json,
        is_writing=False,
    )
    return asyncio.run(acting).value


def _end(place: Place, done: Rehearsed) -> None:
    from toolkit.app.rehearsal_report import report_json
    from toolkit.cli.render.live import leave_json, render_rehearsal

    if place.as_json:
        say_json({**report_json(done.report), "live": leave_json(done.leave)})
    else:
        say(render_rehearsal(done.report, done.leave))
    if not done.report.is_quiet:
        raise typer.Exit(1)


def live(
    place: Place,
    *,
    switch: Annotated[
        Literal["on", "off"] | None,
        typer.Argument(metavar="[on|off]", help="Left out: show how the connection stands."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Switch on without being asked once more.")
    ] = False,
) -> None:
    """Let a connection write, or let it only make plans.

    On needs a rehearsal of exactly the present settings, at most 7 days old; changed settings
    fall back to plans. Where a connection only makes plans, nothing is written or deleted.
    """
    from toolkit.app import live as switches

    match switch:
        case "on":
            _turn_on(place, is_agreed=yes)
        case "off":
            _show(place, switches.turn_live_off(place.home, place.connection))
        case None:
            _show(place, switches.look_at_switch(place.home, place.connection))


def _turn_on(place: Place, *, is_agreed: bool) -> None:
    from toolkit.app import live as switches
    from toolkit.app.rehearsal_report import read_report
    from toolkit.cli.render.live import render_figures

    rehearsal = switches.find_rehearsal(place.home, place.connection)
    if not place.as_json:
        say(render_figures(read_report(rehearsal.report)))
        if sys.stdin.isatty() and not is_agreed:
            typer.confirm("Let it write?", abort=True, err=True)
    _show(place, switches.turn_live_on(place.home, place.connection))


def pause(place: Place) -> None:
    """Write nothing for a while; what happens meanwhile is remembered.

    A run under way finishes what it is writing.
    """
    from toolkit.app import live as switches

    _show(place, switches.pause(place.home, place.connection))


def resume(place: Place) -> None:
    """Go on after a pause, as it was before."""
    from toolkit.app import live as switches

    _show(place, switches.resume(place.home, place.connection))


def _show(place: Place, state: LiveState) -> None:
    from toolkit.cli.render.live import render_state, state_json

    if place.as_json:
        shown: dict[str, Any] = state_json(state)
        say_json(shown)
    else:
        say(render_state(state))
