"""Commands that replace keys: rotate highlevel, timetonic, key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from toolkit.cli.ask import read_secret
from toolkit.cli.place import Place, command
from toolkit.cli.voice import say, say_json

PANEL = "Set up"

rotate_app = typer.Typer(
    help="Replace a key while the old one still works.", no_args_is_help=True
)

StdinOption = Annotated[
    bool, typer.Option("--stdin", help="Read the new key from standard input.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(rotate_app, name="rotate", rich_help_panel=PANEL)
    command(rotate_app, "highlevel", panel="Keys")(rotate_highlevel)
    command(rotate_app, "timetonic", panel="Keys")(rotate_timetonic)
    command(rotate_app, "key", panel="Keys")(rotate_key)


def rotate_highlevel(place: Place, *, stdin: StdinOption = False) -> None:
    """Replace the private integration token of a connection.

    First rotate it in HighLevel (Settings, Private Integrations), where the old one lives on
    for 7 days. The new one comes from a hidden prompt, from HIGHTONIC_HIGHLEVEL_TOKEN_NEXT
    or from standard input. It is stored, tried and put in the old one's place; where that is
    broken off, the command goes on with it.
    """
    from toolkit.app.rotation import rotate_highlevel as rotate

    def ask() -> str:
        return read_secret(
            "new HighLevel private integration token",
            variable="HIGHTONIC_HIGHLEVEL_TOKEN_NEXT",
            stdin_option="--stdin",
            from_stdin=stdin,
        )

    _tell(place, asyncio.run(rotate(place.home, place.connection, ask=ask)))


def rotate_timetonic(place: Place, *, stdin: StdinOption = False) -> None:
    """Replace the TimeTonic session key of a connection.

    First make a new one in your TimeTonic profile. It comes from a hidden prompt, from
    HIGHTONIC_TIMETONIC_SESSKEY_NEXT or from standard input; the rest goes as for HighLevel.
    """
    from toolkit.app.rotation import rotate_timetonic as rotate

    def ask() -> str:
        return read_secret(
            "new TimeTonic session key",
            variable="HIGHTONIC_TIMETONIC_SESSKEY_NEXT",
            stdin_option="--stdin",
            from_stdin=stdin,
        )

    _tell(place, asyncio.run(rotate(place.home, place.connection, ask=ask)))


def rotate_key(
    place: Place,
    *,
    keep: Annotated[
        Literal["auto", "keyring", "file"],
        typer.Option(help="Where the key is kept from now on; auto leaves it where it is."),
    ] = "auto",
) -> None:
    """Encrypt every stored secret anew, with a new key.

    Stop `hightonic serve` first. A key from HIGHTONIC_KEY is yours to replace: put a new one
    in front of it, with a comma between, run this, then take the old one out.
    """
    from toolkit.app.rotation import rotate_key as rotate

    _tell(place, rotate(place.home, keep=keep))


def _tell(place: Place, done: Sequence[str]) -> None:
    if place.as_json:
        say_json({"done": list(done)})
        return
    say(done)
