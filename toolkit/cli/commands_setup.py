"""Commands that set up and check: init, connect, doctor."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli.ask import read_secret
from toolkit.cli.place import Place, command
from toolkit.cli.voice import say, say_json
from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.app.doctor import Check

PANEL = "Set up"

READY_KEYS = {
    "highlevel": {"base_url", "token", "location_id"},
    "timetonic": {"url", "user", "sesskey", "book_owner", "book_code"},
}
"""What connecting needs of the line a sandbox prints."""

connect_app = typer.Typer(
    help="Connect HighLevel, TimeTonic or the sandbox to this machine.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "init", panel=PANEL)(init)
    app.add_typer(connect_app, name="connect", rich_help_panel=PANEL)
    command(connect_app, "highlevel", panel="Services")(connect_highlevel)
    command(connect_app, "timetonic", panel="Services")(connect_timetonic)
    command(connect_app, "sandbox", panel="Services")(connect_sandbox)
    command(app, "doctor", panel=PANEL)(doctor)


def init(place: Place) -> None:
    """Make the home folder with a commented settings file.

    A settings file that is there already is left as it is.
    """
    from toolkit.app.setup import init_home

    settings = init_home(place.home)
    _finish(
        place,
        [f"The settings are in {settings}, each explained there."],
        next_up=["hightonic connect highlevel", "hightonic connect timetonic"],
    )


def connect_highlevel(
    place: Place,
    *,
    location_id: Annotated[str, typer.Option(help="Id of the location (sub-account).")],
    base_url: Annotated[
        str, typer.Option(help="Where the Contacts API answers; change it for a sandbox.")
    ] = "https://services.leadconnectorhq.com",
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the token from standard input.")
    ] = False,
    create_fields: Annotated[
        bool,
        typer.Option(
            "--create-fields", help="Create the custom fields the mapping needs and lacks."
        ),
    ] = False,
) -> None:
    """Connect a HighLevel location with a private integration token.

    The token comes from a hidden prompt, from HIGHTONIC_HIGHLEVEL_TOKEN or, with
    --token-stdin, from standard input. It is tried before it is stored, encrypted.
    """
    from toolkit.app.setup import connect_highlevel as connect

    token = read_secret(
        "HighLevel private integration token",
        variable="HIGHTONIC_HIGHLEVEL_TOKEN",
        stdin_option="--token-stdin",
        from_stdin=token_stdin,
    )
    _finish(
        place,
        asyncio.run(
            connect(
                place.home,
                place.connection or "main",
                base_url=base_url,
                location_id=location_id,
                token=token,
                create_fields=create_fields,
            )
        ),
        next_up=["hightonic connect timetonic", "hightonic doctor"],
    )


def connect_timetonic(  # noqa: PLR0913 — one option per thing TimeTonic needs to know
    place: Place,
    *,
    user: Annotated[str, typer.Option(help="Your TimeTonic user name (o_u).")],
    book_code: Annotated[str, typer.Option(help="Code of the book (b_c).")],
    book_owner: Annotated[
        str, typer.Option(help="Owner of the book (b_o); you, when left out.")
    ] = "",
    url: Annotated[
        str, typer.Option(help="Where TimeTonic answers; change it for a sandbox.")
    ] = "https://timetonic.com/live/api.php",
    login: Annotated[
        str, typer.Option(help="Log in with this e-mail and a password instead of a key.")
    ] = "",
    secret_stdin: Annotated[
        bool,
        typer.Option(
            "--sesskey-stdin",
            "--password-stdin",
            help="Read the session key (or, with --login, the password) from standard input.",
        ),
    ] = False,
) -> None:
    """Connect a TimeTonic book with a session key, or with login and password.

    The session key comes from a hidden prompt, from HIGHTONIC_TIMETONIC_SESSKEY or from
    standard input; a password (HIGHTONIC_TIMETONIC_PASSWORD) is used once, never stored.
    """
    from toolkit.app.setup import connect_timetonic as connect

    _finish(
        place,
        asyncio.run(
            connect(
                place.home,
                place.connection or "main",
                url=url,
                user=user,
                book_owner=book_owner or user,
                book_code=book_code,
                sesskey=None if login else _read_sesskey(from_stdin=secret_stdin),
                login=login or None,
                password=_read_password(from_stdin=secret_stdin) if login else None,
            )
        ),
        next_up=["hightonic doctor", "hightonic plan", "hightonic sync"],
    )


def _read_sesskey(*, from_stdin: bool) -> str:
    return read_secret(
        "TimeTonic session key",
        variable="HIGHTONIC_TIMETONIC_SESSKEY",
        stdin_option="--sesskey-stdin",
        from_stdin=from_stdin,
    )


def _read_password(*, from_stdin: bool) -> str:
    return read_secret(
        "TimeTonic password",
        variable="HIGHTONIC_TIMETONIC_PASSWORD",
        stdin_option="--password-stdin",
        from_stdin=from_stdin,
    )


def connect_sandbox(
    place: Place,
    *,
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="FILE|-", help="The line `hightonic sandbox --json` printed."
        ),
    ],
) -> None:
    """Connect the emulators that `hightonic sandbox` serves: no account needed."""
    from toolkit.app.setup import connect_sandbox as connect

    ready = _read_ready_line(source)
    _finish(
        place,
        asyncio.run(connect(place.home, place.connection or "main", ready)),
        next_up=["hightonic plan", "hightonic sync"],
    )


def _read_ready_line(source: str) -> dict[str, Any]:
    try:
        # One line only: the sandbox keeps its end of a pipe open while it serves.
        text = sys.stdin.readline() if source == "-" else Path(source).read_text("utf-8")
        ready = json.loads(text)
    except OSError as error:
        raise UseError(
            f"{source} cannot be read ({error.strerror})",
            unchanged="Nothing was changed",
            remedy="Write it with `hightonic sandbox --json > FILE`",
        ) from error
    except ValueError as error:
        raise _not_a_ready_line(source) from error
    if not _is_ready_line(ready):
        raise _not_a_ready_line(source)
    return dict(ready)


def _is_ready_line(ready: object) -> bool:
    if not isinstance(ready, dict):
        return False
    return all(
        isinstance(ready.get(system), dict) and keys <= ready[system].keys()
        for system, keys in READY_KEYS.items()
    )


def _not_a_ready_line(source: str) -> UseError:
    return UseError(
        f"{source} does not hold the line a sandbox prints when it is ready",
        unchanged="Nothing was changed",
        remedy="Write it with `hightonic sandbox --json > FILE`",
    )


def doctor(place: Place) -> None:
    """Check settings, keys, fields and state, and say what to mend.

    Writes nothing. Exit code 1 if a check failed.
    """
    from toolkit.app.doctor import run_doctor

    _show_checks(place, asyncio.run(run_doctor(place.home, name=place.connection)))


def _show_checks(place: Place, checks: Sequence[Check]) -> None:
    from toolkit.cli.render.setup import checks_json, render_checks

    if place.as_json:
        say_json({"checks": checks_json(checks)})
    else:
        say(render_checks(checks))
    if any(check.ok is False for check in checks):
        raise typer.Exit(1)


def _finish(place: Place, found: Sequence[str], *, next_up: Sequence[str]) -> None:
    if place.as_json:
        say_json({"found": list(found), "next": list(next_up)})
        return
    from toolkit.cli.render.setup import next_commands

    say([*found, next_commands(next_up)])
