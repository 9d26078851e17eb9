"""Whether a mapping fits what the two accounts really hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass

from toolkit.mapping.spec import FieldMapping, FieldType, KindMapping, Mapping
from toolkit.mapping.suggest import did_you_mean
from toolkit.mapping.vendor_fields import CUSTOM
from toolkit.model.ids import Kind, Side

_NUMBERS = frozenset({"int", "double", "number", "decimal", "currency"})
_DATES = frozenset({"date", "datetime"})
_BOOLEANS = frozenset({"boolean", "bool", "checkbox"})
_STRICT = _NUMBERS | _DATES | _BOOLEANS | {"link", "files", "file", "comments", "activity"}
# Column types seen in the wild (field list of a public book, published clients, read
# 2026-11). A type nobody has seen is not complained about.
_FITTING: MappingABC[FieldType, frozenset[str]] = {
    "date": _DATES,
    "datetime": _DATES,
    "number": _NUMBERS,
    "rollup": _NUMBERS,
    "boolean": _BOOLEANS,
}
_TEXTUAL = frozenset(
    {"shorttext", "mediumtext", "longtext", "text", "email", "phone", "url", "list"}
)

Columns = MappingABC[str, MappingABC[str, str]]
"""TimeTonic table name -> column name -> column type."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One place where the mapping names something that is not there.

    Attributes:
        message: What does not fit, in one clause.
        remedy: The nearest right name, or the right ones.
        line: 1-based line of the mapping file, where it names the place.
        missing: What is missing on `side`, as the mapping spells it; None for a misfit.
    """

    kind: Kind
    field: str
    side: Side
    message: str
    remedy: str = ""
    line: int | None = None
    missing: str | None = None


def check_against(
    mapping: Mapping, highlevel_fields: Collection[str], timetonic_columns: Columns
) -> list[Problem]:
    """Everything in a mapping that the two accounts do not have.

    Args:
        mapping: The connection's mapping.
        highlevel_fields: Custom fields of the location as `custom.<key>`; native names
            are checked when the file is loaded and may be left out.
        timetonic_columns: Table -> column -> type, of the whole book.
    """
    problems: list[Problem] = []
    for kind in mapping.kinds.values():
        problems += _check_custom_fields(kind, highlevel_fields)
        problems += _check_table(kind, timetonic_columns)
    return problems


def _check_custom_fields(kind: KindMapping, known: Collection[str]) -> Iterator[Problem]:
    customs = [name for name in known if name.startswith(CUSTOM)]
    for field, name in _custom_names(kind):
        if name in customs:
            continue
        yield Problem(
            kind.kind,
            field.name if field else "",
            Side.HIGHLEVEL,
            f"HighLevel has no custom field `{name.removeprefix(CUSTOM)}`",
            did_you_mean(name, customs),
            line=field.line if field else kind.line,
            missing=name,
        )


def _custom_names(kind: KindMapping) -> Iterator[tuple[FieldMapping | None, str]]:
    for field in kind.fields:
        yield from ((field, name) for name in field.highlevel if name.startswith(CUSTOM))
    if kind.key_field is not None:
        yield None, kind.key_field


def _check_table(kind: KindMapping, tables: Columns) -> Iterator[Problem]:
    columns = tables.get(kind.table)
    if columns is None:
        yield Problem(
            kind.kind,
            "",
            Side.TIMETONIC,
            f"The book has no table `{kind.table}`",
            did_you_mean(kind.table, tables),
            line=kind.line,
            missing=kind.table,
        )
        return
    yield from _check_own_columns(kind, columns)
    for field in kind.fields:
        if field.timetonic is not None:
            yield from _check_column(kind, field, columns)


def _check_own_columns(kind: KindMapping, columns: MappingABC[str, str]) -> Iterator[Problem]:
    own = (kind.key_column, kind.parent_column, kind.id_column, kind.stamp_column)
    for column in own:
        if column is not None and column not in columns:
            yield _no_column(kind, column, columns)


def _check_column(
    kind: KindMapping, field: FieldMapping, columns: MappingABC[str, str]
) -> Iterator[Problem]:
    column = field.timetonic or ""
    if column not in columns:
        yield _no_column(kind, column, columns, field=field)
    elif not _fits(field, columns[column]):
        yield Problem(
            kind.kind,
            field.name,
            Side.TIMETONIC,
            f"Column `{column}` is of type {columns[column]}, which does not hold a {field.type}",
            "Map another column, or change the field's type",
            line=field.line,
        )


def _fits(field: FieldMapping, column_type: str) -> bool:
    fitting = _FITTING.get(_type_shown(field))
    if fitting is not None:
        return column_type in fitting or column_type not in _STRICT | _TEXTUAL
    return column_type not in _STRICT


def _type_shown(field: FieldMapping) -> FieldType:
    return field.options.result if field.is_computed else field.type


def _no_column(
    kind: KindMapping,
    column: str,
    columns: Iterable[str],
    *,
    field: FieldMapping | None = None,
) -> Problem:
    return Problem(
        kind.kind,
        field.name if field else "",
        Side.TIMETONIC,
        f"Table `{kind.table}` has no column `{column}`",
        did_you_mean(column, columns),
        line=field.line if field else kind.line,
        missing=column,
    )
