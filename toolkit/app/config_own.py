"""Where our own rows stand in the book: the archive, and the figures of each day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from toolkit.app.config_schema import MetricsSection, OwnTableSection
from toolkit.app.config_source import Place
from toolkit.mapping.own_tables import own_tables
from toolkit.mapping.spec import FieldMapping, KindMapping
from toolkit.mapping.suggest import did_you_mean
from toolkit.model.ids import Kind


def build_own_tables(
    archive: OwnTableSection, metrics: MetricsSection, *, place: Place
) -> dict[Kind, KindMapping]:
    """The tables of our own as the file names them.

    Args:
        archive: `mapping: archive:` of the connection.
        metrics: `metrics:` of the connection.
        place: The connection.

    Raises:
        ConfigError: A figure nobody knows, or two in one column; names the line.
    """
    defaults = own_tables()
    return {
        Kind.ARCHIVE: _table(
            archive, defaults[Kind.ARCHIVE], place=place.at("mapping", "archive")
        ),
        Kind.METRIC: _table(metrics, defaults[Kind.METRIC], place=place.at("metrics")),
    }


def _table(section: OwnTableSection, base: KindMapping, *, place: Place) -> KindMapping:
    known = {each.name: each for each in base.fields}
    for name in section.columns:
        if name not in known:
            raise place.at("columns", name).error(
                f"`{name}` is not a column of this table", did_you_mean(name, known)
            )
    table = replace(
        base,
        table=section.table or base.table,
        key_column=section.key_column or base.key_column,
        fields=tuple(_fields(known, section.columns)),
    )
    _check_overlaps(table, section, place)
    return table


def _fields(
    known: Mapping[str, FieldMapping], columns: Mapping[str, str | None]
) -> Iterator[FieldMapping]:
    """The fields that are shown; one whose column is null is not."""
    for name, mapped in known.items():
        column = columns.get(name, mapped.timetonic)
        if column is not None:
            yield replace(mapped, timetonic=column)


def _check_overlaps(table: KindMapping, section: OwnTableSection, place: Place) -> None:
    users = {table.key_column: "key_column"}
    for each in table.fields:
        first = users.setdefault(each.timetonic or "", each.name)
        if first != each.name:
            said = each.name if each.name in section.columns else first
            raise place.at("columns", said).error(
                f"`{first}` and `{each.name}` both use the column `{each.timetonic}`"
            )
