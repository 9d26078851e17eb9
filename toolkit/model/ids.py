"""Names for things that must not be swapped."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

ConnectionName = NewType("ConnectionName", str)
RecordId = NewType("RecordId", str)
"""A record's id on its own side: a HighLevel id, or a TimeTonic row id as text."""
LinkId = NewType("LinkId", str)
CorrelationKey = NewType("CorrelationKey", str)
"""Our 128-bit key in hex; also written into the records we create."""
RunId = NewType("RunId", str)
Digest = NewType("Digest", str)
"""BLAKE2b-16 in hex over canonical JSON."""


class Side(StrEnum):
    """One of the two systems."""

    HIGHLEVEL = "highlevel"
    TIMETONIC = "timetonic"

    @property
    def other(self) -> Side:
        """The system across."""
        return Side.TIMETONIC if self is Side.HIGHLEVEL else Side.HIGHLEVEL

    @property
    def label(self) -> str:
        """The vendor's own spelling, for people."""
        return "HighLevel" if self is Side.HIGHLEVEL else "TimeTonic"


class Kind(StrEnum):
    """What a record is."""

    CONTACT = "contact"
    TASK = "task"
    NOTE = "note"
    APPOINTMENT = "appointment"
    ARCHIVE = "archive"
    """A row of the book's archive: one contact set aside."""
    METRIC = "metric"
    """A row of the book's figures: one day of one connection."""

    @property
    def has_parent(self) -> bool:
        """Tasks, notes and appointments hang on a contact."""
        return self.is_paired and self is not Kind.CONTACT

    @property
    def is_paired(self) -> bool:
        """Whether it stands on both sides; the rest are our own rows, in TimeTonic only."""
        return self is not Kind.ARCHIVE and self is not Kind.METRIC
