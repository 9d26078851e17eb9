"""The explorer: the grid of contacts, and beside it the one that is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.boxes import beside, narrow, wide
from notebooks.widgets.detail_talk import DetailTalk
from notebooks.widgets.grid_talk import GridTalk
from notebooks.widgets.panel import panel

if TYPE_CHECKING:
    from notebooks.session import Session

GRID_BUNDLE: Final = "grid.js"
DETAIL_BUNDLE: Final = "detail.js"
HEIGHT_PX: Final = 520
CHROME_PX: Final = 200
"""What stands above and below the grid's rows: bar, chips, foot."""


def explorer(session: Session) -> Any:  # noqa: ANN401 — see `panel`
    """Grid and detail pane as one widget.

    Raises:
        UseError: The extra `notebooks` is missing, or nothing is built.
    """
    grid, detail = explorer_talks(session)
    rows = panel(grid, bundle=GRID_BUNDLE, height_px=HEIGHT_PX)
    pane = panel(detail, bundle=DETAIL_BUNDLE, height_px=HEIGHT_PX + CHROME_PX)
    return beside(wide(rows), narrow(pane, least_px=400))


def explorer_talks(session: Session) -> tuple[GridTalk, DetailTalk]:
    """The Python halves: the grid and the pane beside it."""
    segments = session.desk.segments(session.grid)
    grid = GridTalk(session.grid, bus=session.bus, segments=segments, edits="never")
    return grid, DetailTalk(session)
