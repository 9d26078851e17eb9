"""What is to be said of a file's rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoteState(StrEnum):
    """What is to be said of a row."""

    REFUSED = "refused"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "nobody"
    """No contact is meant, and none shall be made."""
    FLAGGED = "flagged"
    """It is imported, but somebody should look at it."""


@dataclass(frozen=True, slots=True)
class RowNote:
    """One thing to be said of a row, without its values.

    Attributes:
        heading: The column it is about; empty for the whole row.
    """

    line: int
    state: NoteState
    reason: str
    heading: str = ""
