"""What our own use cases take, as the catalogue describes it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from toolkit.app.catalog.entry import Input
from toolkit.model.events import EventKind


class LookInput(Input):
    """How much to look at."""

    full: bool = Field(
        default=False, description="Compare everything, even where a cursor would do."
    )
    notes: Literal["due", "all"] = "due"


class SyncInput(LookInput):
    """How much to look at, and what may pass."""

    approve: str | None = Field(None, description="Approval of a plan's held operations.")


class ApplyInput(Input):
    """A plan as `hightonic.plan` answered it."""

    plan: dict[str, Any]
    approve: str | None = None


class ResolveInput(Input):
    """One conflict and the choice: a side, or another value."""

    conflict_id: str
    choice: Literal["highlevel", "timetonic", "value"]
    value: str | bool | int | float | None = None


class UndoInput(Input):
    """Which run: its id, the beginning of it, or `last`."""

    run_id: str = "last"


class LogInput(Input):
    """Which lines of the journal."""

    run_id: str | None = None
    failed_only: bool = False
    record: str | None = Field(None, description="A record's id on either side.")
    limit: int = Field(50, ge=1, le=1000)
    with_values: bool = Field(default=False, description="Personal values too.")


class LimitInput(Input):
    """How many at most."""

    limit: int = Field(20, ge=1, le=1000)


class EventsInput(Input):
    """Which events of the feed."""

    after: int = Field(0, ge=0, description="Only events with a higher `seq`.")
    kinds: tuple[EventKind, ...] | None = None
    limit: int = Field(50, ge=1, le=1000)
