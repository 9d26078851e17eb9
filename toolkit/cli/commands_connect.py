"""Commands that connect: HighLevel by token or consent, TimeTonic, the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from toolkit.cli.ask import read_secret
from toolkit.cli.place import Place, command
from toolkit.cli.ready_line import read_ready_line
from toolkit.cli.voice import say, say_json
from toolkit.errors import UseError

CONSENT = "With --oauth"
VENDOR_URL = "https://services.leadconnectorhq.com"
CHOOSER_URL = "https://marketplace.gohighlevel.com"

connect_app = typer.Typer(
    help="Connect HighLevel, TimeTonic or the sandbox to this machine.",
    no_args_is_help=True,
)


def register(app: typer.Typer, *, panel: str) -> None:
    """Add the commands of this module."""
    app.add_typer(connect_app, name="connect", rich_help_panel=panel)
    command(connect_app, "highlevel", panel="Services")(connect_highlevel)
    command(connect_app, "timetonic", panel="Services")(connect_timetonic)
    command(connect_app, "sandbox", panel="Services")(connect_sandbox)
    command(connect_app, "webhook", panel="Services")(connect_webhook)


def connect_highlevel(  # noqa: PLR0913 — one option per thing HighLevel needs to know
    place: Place,
    *,
    location_id: Annotated[str, typer.Option(help="Id of the location (sub-account).")],
    base_url: Annotated[
        str, typer.Option(help="Where the Contacts API answers; change it for a sandbox.")
    ] = VENDOR_URL,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the token from standard input.")
    ] = False,
    create_fields: Annotated[
        bool,
        typer.Option(
            "--create-fields", help="Create the custom fields the mapping needs and lacks."
        ),
    ] = False,
    oauth: Annotated[
        bool, typer.Option("--oauth", help="Consent in the browser instead of a token.")
    ] = False,
    client_id: Annotated[
        str, typer.Option(help="Client id of your Marketplace app.", rich_help_panel=CONSENT)
    ] = "",
    client_secret_stdin: Annotated[
        bool,
        typer.Option(
            "--client-secret-stdin",
            help="Read the app's secret from standard input.",
            rich_help_panel=CONSENT,
        ),
    ] = False,
    redirect_url: Annotated[
        str,
        typer.Option(
            help="Where HighLevel sends you back to, as registered with the app.",
            rich_help_panel=CONSENT,
        ),
    ] = "http://127.0.0.1:8080/oauth/callback",
    chooser_url: Annotated[
        str,
        typer.Option(
            help="Where the consent page is, for an agency with its own domain.",
            rich_help_panel=CONSENT,
        ),
    ] = "",
    no_browser: Annotated[
        bool,
        typer.Option(
            "--no-browser",
            help="Print the page's address, open nothing.",
            rich_help_panel=CONSENT,
        ),
    ] = False,
) -> None:
    """Connect a HighLevel location with a private integration token, or by consent.

    The token comes from a hidden prompt, from HIGHTONIC_HIGHLEVEL_TOKEN or, with
    --token-stdin, from standard input. It is tried before it is stored, encrypted.

    With --oauth you agree in the browser for a Marketplace app of yours; its secret comes
    from a prompt, from HIGHTONIC_HIGHLEVEL_CLIENT_SECRET or from standard input.
    """
    if oauth:
        found = _consent(
            place,
            base_url=base_url,
            location_id=location_id,
            client_id=client_id,
            client_secret_stdin=client_secret_stdin,
            redirect_url=redirect_url,
            chooser_url=chooser_url,
            create_fields=create_fields,
            is_browser_opened=not no_browser,
        )
    else:
        found = _try_token(
            place,
            base_url=base_url,
            location_id=location_id,
            token_stdin=token_stdin,
            create_fields=create_fields,
        )
    finish(place, found, next_up=["hightonic connect timetonic", "hightonic doctor"])


def _try_token(
    place: Place, *, base_url: str, location_id: str, token_stdin: bool, create_fields: bool
) -> list[str]:
    from toolkit.app.setup import connect_highlevel as connect

    token = read_secret(
        "HighLevel private integration token",
        variable="HIGHTONIC_HIGHLEVEL_TOKEN",
        stdin_option="--token-stdin",
        from_stdin=token_stdin,
    )
    return asyncio.run(
        connect(
            place.home,
            place.connection or "main",
            base_url=base_url,
            location_id=location_id,
            token=token,
            create_fields=create_fields,
        )
    )


def _consent(  # noqa: PLR0913 — one argument per option
    place: Place,
    *,
    base_url: str,
    location_id: str,
    client_id: str,
    client_secret_stdin: bool,
    redirect_url: str,
    chooser_url: str,
    create_fields: bool,
    is_browser_opened: bool,
) -> list[str]:
    from toolkit.app.oauth_connect import SCOPES
    from toolkit.app.oauth_consent import OAuthApp
    from toolkit.cli.consenting import give_consent

    if not client_id:
        raise UseError("--oauth needs the --client-id of your Marketplace app")
    secret = read_secret(
        "client secret of the Marketplace app",
        variable="HIGHTONIC_HIGHLEVEL_CLIENT_SECRET",
        stdin_option="--client-secret-stdin",
        from_stdin=client_secret_stdin,
    )
    # An emulator shows the consent page itself; the vendor has a host of its own for it.
    page = chooser_url or (CHOOSER_URL if base_url == VENDOR_URL else base_url)
    app = OAuthApp(
        client_id=client_id,
        client_secret=secret,
        redirect_uri=redirect_url,
        scopes=SCOPES,
        location_id=location_id,
        base_url=base_url,
        chooser_url=page,
    )
    return asyncio.run(
        give_consent(
            place, app, create_fields=create_fields, is_browser_opened=is_browser_opened
        )
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

    finish(
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

    ready = read_ready_line(source)
    finish(
        place,
        asyncio.run(connect(place.home, place.connection or "main", ready)),
        next_up=["hightonic plan", "hightonic sync"],
    )


def connect_webhook(place: Place) -> None:
    """Make the secret that TimeTonic's "Call an API" shows to `hightonic serve`.

    It is shown this once and stored encrypted; calling again makes another one, and the
    former is good until the call after that.
    """
    from toolkit.app.setup import make_webhook_secret

    name = place.connection or "main"
    secret = make_webhook_secret(place.home, name)
    finish(
        place,
        [
            f"In TimeTonic let `Call an API` POST to /webhooks/timetonic/{name} of your server,",
            f"with this Bearer token, shown only now: {secret}",
            'and a body such as {"id": "$row_id", "table": "Contacts"}.',
        ],
        next_up=["hightonic serve"],
    )


def finish(place: Place, found: Sequence[str], *, next_up: Sequence[str]) -> None:
    """Say what was found and what to type next, on the same connection."""
    commands = [each + place.typed_connection for each in next_up]
    if place.as_json:
        say_json({"found": list(found), "next": commands})
    else:
        from toolkit.cli.render.setup import next_commands

        say([*found, next_commands(commands)])
