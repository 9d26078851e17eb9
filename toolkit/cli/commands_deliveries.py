"""Commands about what rules send out: deliveries list, send, retry, secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.place import Place, command
from toolkit.cli.voice import note, say, say_json

if TYPE_CHECKING:
    from toolkit.app.connection import Connection
    from toolkit.app.mailbox import Mailbox

PANEL = "Automations"

deliveries_app = typer.Typer(
    help="Messages that rules send to other systems: see, send, retry, sign.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(deliveries_app, name="deliveries", rich_help_panel=PANEL)
    command(deliveries_app, "list", panel=PANEL)(list_deliveries)
    command(deliveries_app, "send", panel=PANEL)(send)
    command(deliveries_app, "retry", panel=PANEL)(retry)
    command(deliveries_app, "secret", panel=PANEL)(secret)


def list_deliveries(
    place: Place,
    *,
    dead: Annotated[
        bool, typer.Option("--dead", help="Only those that were given up.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 50,
) -> None:
    """List messages, newest first; what they say stays sealed."""
    from toolkit.cli.render.deliveries import deliveries_json, render_deliveries
    from toolkit.cli.work import look
    from toolkit.store import DeliveryState

    states = [DeliveryState.DEAD] if dead else None
    entries = look(place, lambda opened: _mailbox(opened).entries(states=states, limit=limit))
    if place.as_json:
        say_json({"deliveries": deliveries_json(entries)})
    else:
        say(render_deliveries(entries))


def send(place: Place) -> None:
    """Send now what is due; `hightonic serve` and every sync do the same."""
    from toolkit.cli.render.deliveries import render_delivered
    from toolkit.cli.work import work

    # Beside the service: each message is taken by one sender.
    done = work(
        place, lambda opened, _progress: opened.deliver(), is_writing=False, read_only=True
    ).value
    if place.as_json:
        say_json({"sent": done.sent, "failed": done.failed, "dead": done.dead})
    else:
        say(render_delivered(done))


def retry(
    place: Place,
    *,
    wanted: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A message that was given up, as `list` shows it."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Give messages that were given up all their tries again; they are due at once."""
    from toolkit.cli.work import look
    from toolkit.errors import UseError

    if (wanted is None) is not everything:
        raise UseError(
            "Name one message, or say --all",
            unchanged="Nothing was changed",
            remedy="See `hightonic deliveries list --dead`",
        )
    revived = look(place, lambda opened: _mailbox(opened).revive(wanted))
    if place.as_json:
        say_json({"revived": revived})
        return
    noun = "message is" if revived == 1 else "messages are"
    say([f"{revived} {noun} due again. To send at once: hightonic deliveries send"])


def secret(
    place: Place,
    *,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="An address, as the settings name it.")
    ],
) -> None:
    """Make a new signing secret for an address and show it, this once.

    The receiver checks the header X-Hightonic-Signature with it. The secret before goes on
    signing for a day, beside the new one.
    """
    from toolkit.app.message_signing import renew_secret

    made = renew_secret(place.home, place.connection, name)
    if place.as_json:
        say_json({"address": name, "secret": made})
        return
    say([made])
    note("Store it with the receiver now: it is not shown again.")


def _mailbox(connection: Connection) -> Mailbox:
    from toolkit.errors import UseError

    if connection.mailbox is None:
        raise UseError("This connection sends no messages", unchanged="Nothing was changed")
    return connection.mailbox
