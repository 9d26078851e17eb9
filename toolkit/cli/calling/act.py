"""Opens the stage and carries a call out, or shows what it would do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.app.catalog.calling import (
    Called,
    Previewed,
    call_entry,
    foresee_call,
    preview_call,
)
from toolkit.app.catalog.examples import fill_example
from toolkit.cli.calling.stage import Stage, open_stage
from toolkit.cli.work import attend

if TYPE_CHECKING:
    from pydantic import BaseModel

    from toolkit.app.catalog import Entry
    from toolkit.cli.place import Place
    from toolkit.cli.progress import Progress


@dataclass(frozen=True, slots=True)
class Asked:
    """One call as it was asked for.

    Attributes:
        given: None for the entry's example.
    """

    entry: Entry
    given: BaseModel | None
    is_sandbox: bool
    is_dry: bool


def act(place: Place, asked: Asked) -> Called | Previewed:
    """Do it.

    Raises:
        HightonicError: As `call_entry`, or the place cannot be opened.
    """
    entry = asked.entry
    is_writing = entry.is_write and not asked.is_dry
    opening = open_stage(
        place,
        sandbox=asked.is_sandbox,
        is_exclusive=is_writing or entry.looks_closely or asked.given is None,
    )

    async def use(stage: Stage, _progress: Progress) -> Called | Previewed:
        given = asked.given
        if given is None:
            given = entry.read_input(await fill_example(entry, stage.parts))
        if asked.is_dry:
            found = await foresee_call(entry, given, stage.parts)
            return preview_call(entry, given, stage.parts, found=found)
        return await call_entry(entry, given, stage.parts)

    return asyncio.run(
        attend(opening, use, is_silent=place.as_json, is_writing=is_writing)
    ).value
