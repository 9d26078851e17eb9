"""Commands that set up and check: init, connect, doctor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from toolkit.cli import commands_connect
from toolkit.cli.place import Place, command
from toolkit.cli.voice import say, say_json

if TYPE_CHECKING:
    from toolkit.app.doctor import Check

PANEL = "Set up"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "init", panel=PANEL)(init)
    commands_connect.register(app, panel=PANEL)
    command(app, "doctor", panel=PANEL)(doctor)


def init(place: Place) -> None:
    """Make the home folder with a commented settings file.

    A settings file that is there already is left as it is.
    """
    from toolkit.app.setup import init_home

    settings = init_home(place.home)
    commands_connect.finish(
        place,
        [f"The settings are in {settings}, each explained there."],
        next_up=["hightonic connect highlevel", "hightonic connect timetonic"],
    )


def doctor(place: Place) -> None:
    """Check settings, keys, fields, state and Slack, and say what to mend.

    Writes nothing. Exit code 1 if a check failed.
    """
    _show_checks(place, asyncio.run(_examine(place)))


async def _examine(place: Place) -> list[Check]:
    from toolkit.app.doctor import run_doctor
    from toolkit.app.slack_doctor import check_slack

    return [
        *await run_doctor(place.home, name=place.connection),
        *await check_slack(place.home),
    ]


def _show_checks(place: Place, checks: Sequence[Check]) -> None:
    from toolkit.cli.render.setup import checks_json, render_checks

    if place.as_json:
        say_json({"checks": checks_json(checks)})
    else:
        say(render_checks(checks))
    if any(check.ok is False for check in checks):
        raise typer.Exit(1)
