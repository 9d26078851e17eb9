"""What the cells of the notebooks call: one function each, which gives what is shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notebooks.session import open_session
from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from notebooks.session import Session


class NotShownError(Exception):
    """A cell that could not show its panel; a notebook prints the sentence alone."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback."""
        return [str(self)]


def open_explorer(connection: str | None = None) -> Any:  # noqa: ANN401 — a widget
    """Contacts of both systems, and all that is known of one."""
    from notebooks.widgets.explorer import explorer

    return _show(explorer, connection)


def open_bulk_editor(connection: str | None = None) -> Any:  # noqa: ANN401 — a widget
    """Changes for many contacts at once: staged, planned, applied, taken back."""
    from notebooks.widgets.bulk import bulk_editor

    return _show(bulk_editor, connection)


def open_mapping(connection: str | None = None) -> Any:  # noqa: ANN401 — a widget
    """Fields of both systems connected, and rules built from cards."""
    from notebooks.widgets.mapping import mapping_page

    return _show(mapping_page, connection)


def open_console(connection: str | None = None) -> Any:  # noqa: ANN401 — a widget
    """Plan, run, conflicts, activity, undo."""
    from notebooks.widgets.console import console

    return _show(console, connection)


def open_dashboard(connection: str | None = None) -> Any:  # noqa: ANN401 — a widget
    """How both systems and the sync between them stand."""
    from notebooks.widgets.dashboard import dashboard

    return _show(dashboard, connection)


def _show(build: Callable[[Session], Any], connection: str | None) -> Any:  # noqa: ANN401 — a widget
    # Set by `hightonic lab --config`; home and connection the session finds by itself.
    config = os.environ.get("HIGHTONIC_CONFIG")
    try:
        return build(open_session(connection, config=Path(config) if config else None))
    except HightonicError as error:
        raise NotShownError(error.sentence) from error
