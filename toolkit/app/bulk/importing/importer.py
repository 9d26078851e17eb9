"""Imports for one connection: a file opened, its columns guessed, its rows worked out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final

from toolkit.app.bulk.importing.columns import ColumnGuess, guess_columns
from toolkit.app.bulk.importing.draft import (
    ImportDraft,
    ImportOptions,
    Progress,
    columns_chosen,
    draft_import,
)
from toolkit.app.bulk.importing.people import People
from toolkit.app.bulk.importing.rows import Rows, check_columns
from toolkit.app.grid.checking import CellReader
from toolkit.app.grid.columns import SYNC, GridColumn, list_columns
from toolkit.app.grid.shelf import GridShelf
from toolkit.model.ids import Kind

if TYPE_CHECKING:
    from toolkit.app.bulk.importing.sheet import Sheet
    from toolkit.app.bulk.standing import Standings
    from toolkit.app.wiring import Parts

_SAMPLED: Final = 50


class Importer:
    """Works files out. Synchronous; calls no service; sends nothing."""

    def __init__(self, parts: Parts, standings: Standings) -> None:
        self._config = parts.config
        self._shelf = parts.store.beside(GridShelf)
        self._standings = standings

    def columns(self) -> tuple[GridColumn, ...]:
        """Fields that can be imported."""
        known = self._shelf.surroundings()
        owners = {each["id"]: each["name"] or each["id"] for each in known.get("users", ())}
        found = list_columns(self._config.mapping.kinds[Kind.CONTACT], owners=owners)
        return tuple(each for each in found if each.is_editable and each.field != SYNC)

    def guess(self, sheet: Sheet) -> tuple[ColumnGuess, ...]:
        """What each heading probably is."""
        samples = [row.cells for row in islice(sheet.read(), _SAMPLED)]
        return guess_columns(sheet.headings, self.columns(), samples)

    def draft(
        self,
        sheet: Sheet,
        *,
        columns: Mapping[str, str | None] | None = None,
        options: ImportOptions | None = None,
        progress: Progress | None = None,
    ) -> ImportDraft:
        """What the file would change.

        Args:
            sheet: From `open_sheet`.
            columns: Heading -> field, or None to leave it out; those not named are guessed.
            options: How it is taken.
            progress: Told (what, done, total).

        Raises:
            UseError: A column or a line cannot be used.
        """
        chosen, taken = columns or {}, options or ImportOptions()
        draft = ImportDraft(sheet, _settled(self.guess(sheet), chosen))
        used = list(columns_chosen(draft.columns, chosen))
        check_columns(used, {each.field: True for each in self.columns()})
        reader = CellReader.of(self._config, self._shelf.surroundings())
        return draft_import(
            draft,
            Rows(sheet, used, reader=reader, clears_blanks=taken.clears_blanks),
            People.of(self._shelf),
            options=taken,
            read_contacts=self._standings.read_contacts,
            progress=progress,
        )


def _settled(
    guesses: tuple[ColumnGuess, ...], chosen: Mapping[str, str | None]
) -> tuple[ColumnGuess, ...]:
    """Guesses with what a person chose in their place; their fields are nobody else's."""
    taken = {field for field in chosen.values() if field is not None}

    def settled(guess: ColumnGuess) -> ColumnGuess:
        if guess.heading in chosen:
            return ColumnGuess(guess.heading, chosen[guess.heading], 1.0, "chosen")
        return ColumnGuess(guess.heading) if guess.field in taken else guess

    return tuple(map(settled, guesses))
