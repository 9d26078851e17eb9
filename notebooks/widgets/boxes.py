"""Panels put together: beside each other where there is room, below each other where not."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from toolkit.errors import UseError

_GAP: Final = "12px"


def wide(panel: Any) -> Any:  # noqa: ANN401 — a widget
    """The panel as the one that takes the room that is left."""
    panel.layout = _layout()(flex="999 1 560px", min_width="0", width="auto")
    return panel


def narrow(panel: Any, *, least_px: int) -> Any:  # noqa: ANN401 — a widget
    """The panel as one that is as wide as it has to be."""
    panel.layout = _layout()(flex=f"1 1 {least_px}px", min_width="0", width="auto")
    return panel


def beside(*panels: Any) -> Any:  # noqa: ANN401 — widgets
    """Panels beside each other, left to right; below each other where there is no room.

    Raises:
        UseError: The extra `notebooks` is not installed.
    """
    layout = _layout()
    return _box()(list(panels), layout=layout(flex_flow="row wrap", grid_gap=_GAP))


def below(*panels: Any) -> Any:  # noqa: ANN401 — widgets
    """Panels below each other.

    Raises:
        UseError: The extra `notebooks` is not installed.
    """
    layout = _layout()
    return _box()(list(panels), layout=layout(flex_flow="column nowrap", grid_gap=_GAP))


def _box() -> Any:  # noqa: ANN401 — as above
    return _widgets().Box


def _layout() -> Any:  # noqa: ANN401 — as above
    return _widgets().Layout


def _widgets() -> Any:  # noqa: ANN401 — as above
    try:
        return import_module("ipywidgets")
    except ImportError as error:
        raise UseError(
            "The notebooks' libraries are not installed",
            remedy="Install hightonic with its extra: hightonic[notebooks]",
        ) from error
