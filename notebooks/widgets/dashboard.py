"""The dashboard, and below it the explorer that its bars filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notebooks.widgets.boxes import below
from notebooks.widgets.dashboard_talk import DashboardTalk
from notebooks.widgets.explorer import explorer
from notebooks.widgets.panel import panel

if TYPE_CHECKING:
    from notebooks.session import Session


def dashboard(session: Session) -> Any:  # noqa: ANN401 — see `panel`
    """The picture of both systems; a click on a bar shows whom it counts.

    Raises:
        UseError: The extra `notebooks` is missing, or nothing is built.
    """
    return below(panel(DashboardTalk(session), bundle="dashboard.js"), explorer(session))
