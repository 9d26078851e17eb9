"""Opens the grid of a connection. Needs no key: nothing but this machine's store is read."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toolkit.app.config import load_config
from toolkit.app.grid.shelf import GridShelf
from toolkit.app.grid.source import GridSource
from toolkit.app.home import Home, default_home
from toolkit.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def open_grid(
    name: str | None = None,
    *,
    home: Path | None = None,
    config: Path | None = None,
    monotonic_s: Callable[[], float] = time.monotonic,
) -> Iterator[GridSource]:
    """The contacts of a connection as a grid; without a name, of the only one there is.

    Another process may sync the same home meanwhile: the home is not claimed.

    Args:
        name: As in `hightonic.yaml`.
        home: Home folder; None for `HIGHTONIC_HOME` or the platform's.
        config: Settings file; None for the one in the home.
        monotonic_s: Replaces the clock that says when to look for changes.

    Raises:
        ConfigError: The settings cannot be used.
        StateError: The home cannot be used.
        UseError: No such connection.
    """
    place = Home(home or default_home(), config)
    settings = load_config(place.config_path).get_connection(name)
    database_url = os.environ.get("HIGHTONIC_DATABASE_URL")
    with Store.open(database_url or place.path) as store:
        shelf = GridShelf.of(store, settings.name)
        yield GridSource(settings, shelf, monotonic_s=monotonic_s)
