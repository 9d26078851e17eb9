"""Where our own rows stand, as the settings say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.app.config import ConnectionConfig, read_config
from toolkit.errors import ConfigError
from toolkit.model.ids import Kind

HEAD = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
"""


def load(extra: str = "") -> ConnectionConfig:
    return read_config(HEAD + extra, Path("hightonic.yaml")).get_connection()


def columns(config: ConnectionConfig, kind: Kind) -> dict[str, str | None]:
    return {each.name: each.timetonic for each in config.mapping.own[kind].fields}


def test_a_short_file_names_the_tables_of_a_new_book():
    config = load()

    assert {kind: each.table for kind, each in config.mapping.own.items()} == {
        Kind.ARCHIVE: "Archive",
        Kind.METRIC: "Metrics",
    }
    assert (config.metrics.is_shown, config.metrics.won) == (True, ("customer",))


def test_tables_and_columns_are_named_anew_and_null_is_not_shown():
    config = load(
        "    metrics:\n"
        "      {enabled: false, table: Figures, key_column: Key, won: [won, vip],\n"
        "       columns: {total_contacts: People, overdue_tasks: null}}\n"
        "    mapping: {archive: {table: Old, columns: {reason: Why, email: null}}}\n"
    )

    metric, archive = config.mapping.own[Kind.METRIC], config.mapping.own[Kind.ARCHIVE]
    assert (metric.table, metric.key_column, archive.table) == ("Figures", "Key", "Old")
    assert columns(config, Kind.METRIC)["total_contacts"] == "People"
    assert "overdue_tasks" not in columns(config, Kind.METRIC)
    assert columns(config, Kind.ARCHIVE)["reason"] == "Why"
    assert "email" not in columns(config, Kind.ARCHIVE)
    assert (config.metrics.is_shown, config.metrics.won) == (False, ("won", "vip"))


def test_where_our_rows_stand_voids_no_plan():
    assert load().digest == load("    metrics: {table: Figures}\n").digest


@pytest.mark.parametrize(
    ("extra", "line", "happened", "remedy"),
    [
        ("metrics: {colums: {}}", 6, "`colums` is not a setting", "columns"),
        ("metrics: {columns: {total_contact: X}}", 6, "not a column", "total_contacts"),
        ("metrics: {columns: {notes: Day}}", 6, "both use the column `Day`", ""),
        ("metrics: {key_column: Day}", 6, "both use the column `Day`", ""),
        ("metrics: {table: ''}", 6, "text, and is empty", ""),
        ("metrics: {won: customer}", 6, "must be a list", ""),
        ("mapping: {archive: {columns: {why: X}}}", 6, "not a column", ""),
        ("mapping: {archive: {direction: both}}", 6, "not a setting", ""),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(extra, line, happened, remedy):
    with pytest.raises(ConfigError) as caught:
        load(f"    {extra}\n")

    assert happened in str(caught.value)
    assert remedy in caught.value.remedy
    assert caught.value.line == line
