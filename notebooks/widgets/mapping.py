"""Fields connected and rules built: the third notebook's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.mapping_talk import MappingTalk
from notebooks.widgets.panel import panel

if TYPE_CHECKING:
    from notebooks.session import Session

BUNDLE: Final = "mapping.js"


def mapping_editor(session: Session, *, height_px: int = 520) -> Any:  # noqa: ANN401 — see `panel`
    """Lines between the fields of both systems.

    Args:
        session: Of the kernel.
        height_px: Of the two columns of fields, at least 200.

    Raises:
        UseError: The extra `notebooks` is not installed, or the page half is not built.
    """
    talk = MappingTalk(
        session.desk.mapping,
        start=session.start,
        name=session.name,
        saved=lambda: session.bus.tell("settings"),
    )
    return panel(talk, bundle=BUNDLE, height_px=height_px)


def mapping_page(session: Session) -> Any:  # noqa: ANN401 — see `panel`
    """The mapping editor; the automation builder stands on a tab beside it."""
    return mapping_editor(session)
