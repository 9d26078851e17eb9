"""Fields connected and rules built: the third notebook's page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.automation import automation_builder
from notebooks.widgets.mapping_talk import MappingTalk
from notebooks.widgets.panel import panel

if TYPE_CHECKING:
    from notebooks.session import Session

BUNDLE: Final = "mapping.js"


def mapping_editor(session: Session, *, height_px: int = 480) -> Any:  # noqa: ANN401 — see `panel`
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
    """The mapping editor, and the automation builder on a tab beside it.

    Raises:
        UseError: As `mapping_editor`.
    """
    editor, builder = mapping_editor(session), automation_builder(session)
    ipywidgets = import_module("ipywidgets")  # there: panels have been made with it
    # New fields are words for rules: the builder learns of them at once.
    session.bus.listen("settings", lambda: builder.talk.push("settings"))
    page = ipywidgets.Tab(children=[editor, builder], titles=["Mapping", "Automations"])
    page.add_class("htg-page")
    return page
