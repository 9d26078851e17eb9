"""Tables of people out of files: read, matched to fields and contacts, handed on as steps."""

from toolkit.app.bulk.importing.columns import ColumnGuess, guess_columns
from toolkit.app.bulk.importing.draft import ImportDraft, ImportOptions
from toolkit.app.bulk.importing.importer import Importer
from toolkit.app.bulk.importing.notes import NoteState, RowNote
from toolkit.app.bulk.importing.sheet import Sheet, SheetRow
from toolkit.app.bulk.importing.sheets import open_sheet

__all__ = [
    "ColumnGuess",
    "ImportDraft",
    "ImportOptions",
    "Importer",
    "NoteState",
    "RowNote",
    "Sheet",
    "SheetRow",
    "guess_columns",
    "open_sheet",
]
