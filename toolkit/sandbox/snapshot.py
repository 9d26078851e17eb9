"""A person's own two accounts, copied into both emulators: the stage of a rehearsal.

A snapshot holds what was read, in the emulators' own words. Whoever reads the accounts makes
one; nothing here knows how they were read, and nothing here reaches a network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from toolkit.errors import UseError
from toolkit.sandbox.common import EmulatorClock, InProcessTransport
from toolkit.sandbox.highlevel.app import HighLevelEmulator
from toolkit.sandbox.highlevel.records import Appointment, Contact, FieldDefinition, Note, Task
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.snapshot_highlevel import stage_highlevel
from toolkit.sandbox.snapshot_timetonic import stage_timetonic
from toolkit.sandbox.timetonic.app import TimeTonicEmulator
from toolkit.sandbox.timetonic.schema import Field
from toolkit.sandbox.timetonic.table import Value


@dataclass(frozen=True, slots=True)
class Team:
    """The location's settings, and who and what stands around its contacts.

    Attributes:
        country: ISO 3166 alpha-2, for phone numbers without a country code.
        timezone: IANA name, in which appointments are told.
        users: User id -> the user as the service shows one.
        calendars: Calendar id -> name.
        businesses: Business id -> name, as far as contacts tell it.
    """

    location_id: str
    name: str
    country: str
    timezone: str
    allow_duplicate_contact: bool = False
    unique_identifiers: tuple[str, ...] = ("email", "phone")
    users: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    calendars: Mapping[str, str] = field(default_factory=dict)
    businesses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HighLevelSnapshot:
    """One location, in the order in which it was listed."""

    team: Team
    fields: tuple[FieldDefinition, ...] = ()
    contacts: tuple[Contact, ...] = ()
    tasks: tuple[Task, ...] = ()
    notes: tuple[Note, ...] = ()
    appointments: tuple[Appointment, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSnapshot:
    """A smart table; `rows` is None where only its columns were read.

    Attributes:
        rows: Row id -> field id -> value; an empty cell is left out.
    """

    id: int
    name: str
    code: str
    fields: tuple[Field, ...]
    rows: Mapping[int, Mapping[int, Value]] | None = None

    def without_rows(self, row_ids: set[int]) -> TableSnapshot:
        """The same table without some of its rows."""
        kept = {i: cells for i, cells in (self.rows or {}).items() if i not in row_ids}
        return replace(self, rows=kept)


@dataclass(frozen=True, slots=True)
class TimeTonicSnapshot:
    """One book; `write_batch_size` and `page_size` are those its client goes by."""

    user: str
    book_owner: str
    book_code: str
    tables: tuple[TableSnapshot, ...]
    page_size: int = 100
    write_batch_size: int = 10
    create_answer: str = "rows_with_fields"

    def find_table(self, ref: str) -> TableSnapshot:
        """The table of that id, code or name.

        Raises:
            UseError: There is none.
        """
        for table in self.tables:
            if ref in {str(table.id), table.code, table.name}:
                return table
        raise UseError(f"The snapshot has no table {ref}")

    def with_table(self, changed: TableSnapshot) -> TimeTonicSnapshot:
        """The same book with one table in place of its namesake."""
        kept = (changed if each.id == changed.id else each for each in self.tables)
        return replace(self, tables=tuple(kept))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Both accounts at one moment. Holds personal values: it is never written to a disk."""

    taken_at: datetime
    highlevel: HighLevelSnapshot
    timetonic: TimeTonicSnapshot


@dataclass(frozen=True, slots=True)
class Stage:
    """Both emulators, holding a snapshot. Reached through `transports` alone."""

    highlevel: HighLevelEmulator
    timetonic: TimeTonicEmulator
    recorder: Recorder

    @classmethod
    def build(cls, snapshot: Snapshot, *, clock: EmulatorClock) -> Stage:
        """The emulators on that snapshot; two stages of one snapshot share nothing.

        Ids, stamps, definitions and columns are the accounts' own. Limits are lifted: what
        a run would cost is told by its calls.
        """
        recorder = Recorder()
        return cls(
            stage_highlevel(snapshot.highlevel, clock=clock, recorder=recorder),
            stage_timetonic(snapshot.timetonic, clock=clock, recorder=recorder),
            recorder,
        )

    def transports(self) -> dict[str, InProcessTransport]:
        """System to a transport for `httpx.AsyncClient`; no socket is opened."""
        return {
            "highlevel": InProcessTransport(self.highlevel.app),
            "timetonic": InProcessTransport(self.timetonic.app),
        }
