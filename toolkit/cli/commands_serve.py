"""Commands of the service: serve."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated, Literal

import typer

from toolkit.cli.place import Place, command
from toolkit.cli.voice import note, say_json

PANEL = "Keep in step"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "serve", panel=PANEL)(serve)


def serve(
    place: Place,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8080,
    role: Annotated[
        Literal["all", "web", "worker"],
        typer.Option(help="Take events (web), work on them (worker), or both."),
    ] = "all",
) -> None:
    """Keep both sides in step by itself: events within seconds, a comparison every 15 minutes.

    Stops on SIGTERM or Ctrl-C: writes under way finish, nothing new starts. What is left
    goes on at the next start.
    """
    from toolkit.server.logs import configure_logs
    from toolkit.server.process import ServeOptions

    configure_logs()
    asyncio.run(_serve(place, ServeOptions(host=host, port=port, role=role)))


async def _serve(place: Place, options: object) -> None:
    from toolkit.server.process import ServeOptions, rest_the_collector, serving

    assert isinstance(options, ServeOptions)  # noqa: S101 — built one line above
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with serving(place.home, options) as running:
        rest_the_collector()
        if place.as_json:
            say_json({"port": running.port})
        elif running.port is not None:
            note(f"Serving on http://{options.host}:{running.port}. Press Ctrl-C to stop.")
        await stopped.wait()
        note("Stopping after the writes under way.")
