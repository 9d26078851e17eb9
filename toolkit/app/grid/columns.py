"""The grid's columns: the fields of both sides, as the mapping names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from toolkit.model.ids import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.mapping.spec import FieldMapping, KindMapping

SYNC: Final = "$sync"
"""The column that says how the sides stand; the mark keeps it apart from fields."""
ColumnType = Literal["text", "number", "boolean", "date", "choice", "list", "sync"]

_TYPES: Final[dict[str, ColumnType]] = {
    "number": "number",
    "rollup": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "date",
    "choice": "choice",
    "owner": "choice",
    "multi_choice": "list",
    "tags": "list",
}
_FACETED: Final = frozenset({"choice", "list", "boolean", "sync"})
_FACETED_NAMES: Final = frozenset({"source", "plan"})
_FIXED: Final = frozenset({"rollup", "constant", "template", "function"})


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column.

    Attributes:
        field: Neutral name of the field.
        title: What a person reads above it.
        type: How it is sorted, filtered and drawn.
        is_editable: Whether a person may type into it.
        is_pinned: Stays in sight while the others scroll.
        is_faceted: Shown as chips with counts.
        is_owner: Holds a HighLevel user, drawn and typed by name.
        is_riding: A side's own stamp: nobody agrees on it, so each side has its own.
        sides: Where the field has a place.
        width_px: Wide enough for most of its values.
        choices: What may be picked; others may be typed where `is_open`.
        is_open: Other values than `choices` are taken as well.
        hint: Why it cannot be typed into, or how it flows; empty where it is plain.
        objection: Why no contact that is there can be given another value, in a clause;
            new ones can.
    """

    field: str
    title: str
    type: ColumnType = "text"
    is_editable: bool = True
    is_pinned: bool = False
    is_faceted: bool = False
    is_owner: bool = False
    is_riding: bool = False
    sides: tuple[Side, ...] = tuple(Side)
    width_px: int = 150
    choices: tuple[str, ...] = ()
    is_open: bool = True
    hint: str = ""
    objection: str = ""


def list_columns(
    mapping: KindMapping,
    *,
    owners: Mapping[str, str],
    options: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[GridColumn, ...]:
    """Columns in the order of the mapping, but the name first and the sync state second.

    Args:
        mapping: Of contacts.
        owners: HighLevel's users, id -> name.
        options: Of `closed_options`.
    """
    closed = options or {}
    columns = [_column(each, owners, closed.get(each.name, ())) for each in mapping.fields]
    columns.sort(key=lambda each: not each.is_pinned)
    pinned = sum(each.is_pinned for each in columns)
    sync = GridColumn(
        SYNC, "Sync", type="sync", is_editable=False, is_faceted=True, width_px=150
    )
    return (*columns[:pinned], sync, *columns[pinned:])


def _column(
    field: FieldMapping, owners: Mapping[str, str], closed: Sequence[str]
) -> GridColumn:
    kind = _TYPES.get(field.type, "text")
    is_editable = not (field.rides or field.is_computed or field.type in _FIXED)
    choices: Sequence[str] = closed or [each.value for each in field.options.choices]
    if field.type == "owner":
        choices = sorted(set(owners.values()))
    return GridColumn(
        field=field.name,
        title=_title(field),
        type=kind,
        is_editable=is_editable,
        is_pinned=field.name == "name",
        is_faceted=kind in _FACETED or field.name in _FACETED_NAMES,
        is_owner=field.type == "owner",
        is_riding=field.rides,
        sides=tuple(side for side in Side if field.names_on(side)),
        width_px=_width(field),
        choices=tuple(choices),
        is_open=field.type != "owner" and not closed and (field.options.is_open or not choices),
        hint="" if is_editable else "Counted or made by the systems; nobody types it",
        objection=_objection(field),
    )


def _objection(field: FieldMapping) -> str:
    """As the planner would refuse it, told while it is typed."""
    sides = " and ".join(side.label for side in Side if side in field.create_only_on)
    return (
        f"{sides} takes it only when a contact is made; change it there by hand"
        if sides
        else ""
    )


def _title(field: FieldMapping) -> str:
    """TimeTonic's column is a name people chose; a neutral name is the second best."""
    return field.timetonic or field.name.replace("_", " ").capitalize()


def _width(field: FieldMapping) -> int:
    # A common e-mail was cut at 150 px in the study's screenshots.
    if field.type in {"email", "tags", "multi_choice", "longtext", "note"}:
        return 260
    if field.type in {"name", "phone"}:
        return 200
    return 110 if field.type in {"number", "rollup", "boolean"} else 150
