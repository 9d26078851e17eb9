"""Rules built from cards, as a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.automation_talk import AutomationTalk
from notebooks.widgets.panel import panel

if TYPE_CHECKING:
    from notebooks.session import Session

BUNDLE: Final = "rules.js"


def automation_builder(session: Session, *, height_px: int = 640) -> Any:  # noqa: ANN401 — see `panel`
    """Rules as cards: trigger, conditions, actions.

    Args:
        session: Of the kernel.
        height_px: Of the list and the editor, at least 200.

    Raises:
        UseError: The extra `notebooks` is not installed, or the page half is not built.
    """
    talk = AutomationTalk(
        session.desk.rule_builder,
        start=session.start,
        name=session.name,
        saved=lambda: session.bus.tell("settings"),
    )
    return panel(talk, bundle=BUNDLE, height_px=height_px)
