"""The sync console as a widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.console_talk import ConsoleTalk
from notebooks.widgets.panel import panel

if TYPE_CHECKING:
    from notebooks.session import Session

_HEIGHT_PX: Final = 620


def console(session: Session) -> Any:  # noqa: ANN401 — see `panel`
    """Plan, run, conflicts, activity, runs.

    Raises:
        UseError: The extra `notebooks` is missing, or nothing is built.
    """
    return panel(ConsoleTalk(session), bundle="console.js", height_px=_HEIGHT_PX)
