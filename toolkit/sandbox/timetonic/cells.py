"""Cells as answers list them; activity and comments too (REAL shapes: fetchTableValues.json)."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.sandbox.timetonic.schema import Field
from toolkit.sandbox.timetonic.state import TimeTonicState
from toolkit.sandbox.timetonic.table import Table


def user_json(state: TimeTonicState, code: str) -> dict[str, object]:
    """A user as activity entries name one: code, name, stamp."""
    user = state.users.get(code)
    return {"c": code, "n": user.name if user else code, "s": user.sstamp if user else 0}


def activity_cell(state: TimeTonicState, table: Table, row_id: int) -> dict[str, object]:
    """The `Updates` cell of a row; null until somebody changed a value."""
    last = table.activity.get(row_id)
    if last is None:
        return {"id": row_id, "value": None}
    text = f"@{last.user}: changed field '{last.field.name}' from '{last.old}' to '{last.new}'"
    entry = {
        "id": last.id,
        "m": text,
        "mid": 0,
        "action": {
            "action": "changeValue",
            "fieldId": last.field.id,
            "fieldName": last.field.name,
            "newValue": last.new,
            "oldValue": last.old,
            "type": last.field.type,
        },
        "c": last.at_epoch_s,
        "s": last.sstamp,
        "u": user_json(state, last.user),
    }
    return {"id": row_id, "value": {"last": entry, "total": last.total}, "text": text}


def comments_cell(
    state: TimeTonicState, table: Table, row_id: int, field_id: int
) -> dict[str, object]:
    """The `Comments` cell of a row; null without comments, else shaped like activity (INF)."""
    comments = table.comments.get((row_id, field_id))
    if not comments:
        return {"id": row_id, "value": None}
    last = comments[-1]
    text = f"@{last.user}: {last.text}"
    entry = {
        "id": last.id,
        "m": last.text,
        "c": last.created_epoch_s,
        "s": last.sstamp,
        "u": user_json(state, last.user),
    }
    return {"id": row_id, "value": {"last": entry, "total": len(comments)}, "text": text}


def column_cells(
    state: TimeTonicState, table: Table, column: Field, page: Sequence[int]
) -> list[dict[str, object]]:
    """The cells of one field for a page of rows, empty ones included, in the order of the page."""
    if column.type == "activity":
        return [activity_cell(state, table, row_id) for row_id in page]
    if column.type == "comments":
        return [comments_cell(state, table, row_id, column.id) for row_id in page]
    stored = table.columns[column.id].get
    empty = state.rendering.empty(column)
    render = state.rendering.renderer(column)
    if render is None:
        return [{"id": row_id, "value": stored(row_id, empty)} for row_id in page]
    return [
        {"id": row_id, "value": empty if (value := stored(row_id)) is None else render(value)}
        for row_id in page
    ]


def row_fields(
    state: TimeTonicState, table: Table, fields: Sequence[Field], page: Sequence[int]
) -> list[dict[str, object]]:
    """Rows as `format=rows` lists them: id, and cells by field name (or id, by variant)."""
    is_named = state.variant.rows_key == "name"
    keys = [column.name if is_named else str(column.id) for column in fields]
    columns = [column_cells(state, table, column, page) for column in fields]
    for cells in columns:
        for cell in cells:
            del cell["id"]
    return [
        {
            "id": row_id,
            "fields": {key: cells[index] for key, cells in zip(keys, columns, strict=True)},
        }
        for index, row_id in enumerate(page)
    ]
