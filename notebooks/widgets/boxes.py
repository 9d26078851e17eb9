"""Panels put together: beside each other where there is room, below each other where not."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from toolkit.errors import UseError

_GAP: Final = "12px"


def beside(main: Any, *others: Any, other_px: int = 400) -> Any:  # noqa: ANN401 — widgets
    """A wide panel and narrow ones beside it.

    Args:
        main: Takes the room that is left.
        others: In their order, left to right.
        other_px: Least width of each of the others.

    Raises:
        UseError: The extra `notebooks` is not installed.
    """
    layout = _layout()
    main.layout = layout(flex="999 1 560px", min_width="0", width="auto")
    for each in others:
        each.layout = layout(flex=f"1 1 {other_px}px", min_width="0", width="auto")
    return _box()([main, *others], layout=layout(flex_flow="row wrap", grid_gap=_GAP))


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
