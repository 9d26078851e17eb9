"""The bulk editor: a form for many, the grid, and the tray of what is staged and was applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.boxes import below, beside, narrow, wide
from notebooks.widgets.bulk_talk import BulkTalk
from notebooks.widgets.bulk_work import BulkWork
from notebooks.widgets.explorer import CHROME_PX, GRID_BUNDLE
from notebooks.widgets.grid_talk import GridTalk
from notebooks.widgets.panel import panel
from notebooks.widgets.tray_talk import TrayTalk

if TYPE_CHECKING:
    from notebooks.session import Session

FORM_BUNDLE: Final = "bulk.js"
TRAY_BUNDLE: Final = "tray.js"
HEIGHT_PX: Final = 340
TRAY_PX: Final = 320
_FORM_PX: Final = 280


@dataclass(frozen=True, slots=True)
class BulkTalks:
    """The Python halves of one bulk editor, on one bench."""

    work: BulkWork
    form: BulkTalk
    grid: GridTalk
    tray: TrayTalk


def bulk_editor(session: Session) -> Any:  # noqa: ANN401 — see `panel`
    """Form, grid and tray as one widget.

    Raises:
        UseError: The extra `notebooks` is missing, or nothing is built.
    """
    talks = bulk_talks(session)
    form = panel(talks.form, bundle=FORM_BUNDLE, height_px=HEIGHT_PX + CHROME_PX)
    grid = panel(talks.grid, bundle=GRID_BUNDLE, height_px=HEIGHT_PX)
    tray = panel(talks.tray, bundle=TRAY_BUNDLE, height_px=TRAY_PX)
    return below(beside(narrow(form, least_px=_FORM_PX), wide(grid)), tray)


_benches: list[BulkWork] = []


def bulk_talks(session: Session) -> BulkTalks:
    """The Python halves; what is staged outlives a cell that is run again."""
    _benches[:] = [each for each in _benches if not each.session.is_closed]
    work = next((each for each in _benches if each.session is session), None)
    if work is None:
        work = BulkWork(session)
        _benches.append(work)
    grid = GridTalk(
        session.grid,
        staging=work.staging,
        bus=session.bus,
        segments=session.desk.segments(session.grid),
        edits="elsewhere",
    )
    return BulkTalks(work, BulkTalk(work), grid, TrayTalk(work))
