"""The grid of contacts as a Jupyter widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.grid_talk import GridTalk
from notebooks.widgets.panel import panel

if TYPE_CHECKING:
    from toolkit.app.grid import GridSource, Staging

BUNDLE: Final = "grid.js"


def contact_grid(
    source: GridSource, *, height_px: int = 560, staging: Staging | None = None
) -> Any:  # noqa: ANN401 — see `panel`
    """A grid that can be shown in a cell; `.talk.staging` holds what was typed.

    Args:
        source: From `open_grid`; stays open as long as the grid is used.
        height_px: Of the rows, at least 200.
        staging: Share it between widgets; None makes one.

    Raises:
        UseError: The extra `notebooks` is not installed, or the page half is not built.
    """
    return panel(GridTalk(source, staging=staging), bundle=BUNDLE, height_px=height_px)
