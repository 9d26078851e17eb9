"""A row of a smart table as a neutral record, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from toolkit.clients.timetonic.answers import Row
from toolkit.clients.timetonic.schema import Field, FieldId, FieldRef, Table
from toolkit.clients.timetonic.values import LinkedRow, Unreadable
from toolkit.executor.port import NewRecord
from toolkit.mapping.spec import KindMapping
from toolkit.mapping.translate import Translator
from toolkit.model.ids import CorrelationKey, RecordId, Side
from toolkit.model.records import FieldProblem, Record
from toolkit.model.values import Values

Cells = dict[FieldRef, object]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class RowLayout:
    """One kind's table, with the columns read and written beside the mapped ones.

    Attributes:
        columns: Mapped column -> its field.
        key: Holds the correlation key.
        parent: Links to the contact's row, where the kind hangs on one.
    """

    table: Table
    mapping: KindMapping
    translator: Translator
    columns: tuple[tuple[str, FieldId], ...]
    key: Field
    parent: Field | None
    id_column: str | None
    stamp_column: str | None

    @classmethod
    def of(cls, table: Table, mapping: KindMapping, translator: Translator) -> RowLayout:
        """Resolve every column once.

        Of a table of our own (`Kind.is_paired` is false) columns may be missing: what they
        would show is not written.

        Raises:
            UseError: A mapped column or the key column is not there.
        """
        names: Iterable[str] = translator.columns(Side.TIMETONIC)
        if not mapping.kind.is_paired:
            names = [name for name in names if table.find_field(name)]
        return cls(
            table=table,
            mapping=mapping,
            translator=translator,
            columns=tuple((name, table.field(name).id) for name in names),
            key=table.field(mapping.key_column),
            parent=table.find_field(mapping.parent_column) if mapping.parent_column else None,
            id_column=_existing(table, mapping.id_column),
            stamp_column=_existing(table, mapping.stamp_column),
        )

    @property
    def read_fields(self) -> tuple[FieldId, ...]:
        """Everything a record is made of, and nothing else."""
        own = [each.id for each in (self.key, self.parent) if each]
        return tuple(dict.fromkeys([*(field_id for _, field_id in self.columns), *own]))

    def cells(self, values: Values, *, at: datetime) -> Cells:
        """What to write for these fields, stamped with the moment of the write."""
        cells = self._rendered(values) if self.mapping.kind.is_paired else self._own(values)
        if self.stamp_column:
            cells[self.stamp_column] = at
        return cells

    def _rendered(self, values: Values) -> Cells:
        return dict(self.translator.render(Side.TIMETONIC, values).items())

    def _own(self, values: Values) -> Cells:
        """Of a row of ours; fields that are not mapped, or have no column, are left out."""
        shown = {each.name for each in self.mapping.fields}
        there = {name for name, _ in self.columns}
        cells = self._rendered({name: each for name, each in values.items() if name in shown})
        return {name: cell for name, cell in cells.items() if name in there}

    def new_cells(self, record: NewRecord, *, at: datetime) -> Cells:
        """What to write for a new row: also its key, its HighLevel id and its contact."""
        cells = self.cells(record.values, at=at)
        cells[self.mapping.key_column] = record.correlation
        if self.id_column and record.origin_id:
            cells[self.id_column] = record.origin_id
        if self.parent and record.parent_id:
            cells[self.parent.id] = (LinkedRow(int(record.parent_id)),)
        return cells

    def to_record(self, row: Row) -> Record:
        """The row as a record; cells nobody can read become problems, not blanks."""
        raw: dict[str, object] = {}
        broken: list[FieldProblem] = []
        for name, field_id in self.columns:
            cell = row.values.get(field_id, _ABSENT)
            if isinstance(cell, Unreadable):
                broken += [
                    FieldProblem(field.name, "TimeTonic's cell cannot be read")
                    for field in self.mapping.fields
                    if field.timetonic == name
                ]
            elif cell is not _ABSENT:
                raw[name] = _plain(cell)
        values, problems = self.translator.read(Side.TIMETONIC, raw)
        return Record(
            side=Side.TIMETONIC,
            kind=self.mapping.kind,
            id=RecordId(str(row.id)),
            values=values,
            parent_id=self._parent_of(row),
            correlation=self._key_of(row),
            problems=(*broken, *problems),
        )

    def _parent_of(self, row: Row) -> RecordId | None:
        links = row.values.get(self.parent.id) if self.parent else None
        if isinstance(links, tuple) and links:
            first = links[0]
            if isinstance(first, LinkedRow) and first.row_id is not None:
                return RecordId(str(first.row_id))
        return None

    def _key_of(self, row: Row) -> CorrelationKey | None:
        key = row.values.get(self.key.id)
        return CorrelationKey(key) if isinstance(key, str) and key else None


def _existing(table: Table, column: str | None) -> str | None:
    return column if column and table.find_field(column) else None


def _plain(cell: object) -> object:
    """A cell as the mapping takes it: no client types."""
    match cell:
        case Decimal():
            return int(cell) if cell == cell.to_integral_value() else float(cell)
        case tuple():
            return [each.label if isinstance(each, LinkedRow) else each for each in cell]
        case _:
            return cell
