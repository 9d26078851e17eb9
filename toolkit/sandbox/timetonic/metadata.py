"""How tables, fields and views look on the wire.

Key sets and value types are those of the vendor's own fixture (samples/timetonic/
fetchTables.json, server live-6.26); a test compares it with what is rendered here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from toolkit.sandbox.timetonic.schema import TALK_TYPES, Choices, Field, View
from toolkit.sandbox.timetonic.stamps import paris_text
from toolkit.sandbox.timetonic.table import Table


class Metadata:
    """Renders schemas; what never changes is rendered once.

    Args:
        tables: All tables by id.
        date_format: `dateFormat` of every date field.
    """

    def __init__(self, tables: Mapping[int, Table], *, date_format: str) -> None:
        self._tables = tables
        self._date_format = date_format
        self._fields: dict[int, dict[str, object]] = {}

    def of_field(self, table: Table, field_id: int) -> dict[str, object]:
        """All of a field but its values; do not change what you get."""
        if field_id not in self._fields:
            names = {each.id: each.name for each in self._tables.values()}
            for order, column in enumerate(table.fields.values(), start=1):
                self._fields[column.id] = field_metadata(
                    column,
                    order,
                    changed_at=table.changed_at,
                    date_format=self._date_format,
                    table_names=names,
                )
        return self._fields[field_id]

    def of_table(self, table: Table) -> dict[str, object]:
        """All of a table but its fields and rows."""
        columns = list(table.fields.values())
        views = [view_metadata(view, columns) for view in table.views.values()]
        return {
            "id": table.id,
            "name": table.name,
            "code": table.code,
            "description": "",
            "order": None,
            "fpAutoExport": True,
            "mobLargeColNb": 4,
            "mobSmallColNb": 3,
            "pivot_id": table.pivot_id,
            "p_catid": None,
            "locked": 0,
            "default_row_id": None,
            "tplUrl": None,
            "cssUrl": None,
            "cssStamp": 0,
            "sysFunc": table.sys_func,
            "triggerUpdateUrl": None,
            "customCss": None,
            "lastModified": paris_text(table.changed_at),
            # A text of epoch seconds here, an integer in another unit on the envelope.
            "sstamp": str(int(table.changed_at.timestamp())),
            "pivot_catid": None,
            "p_field_hz": None,
            "p_field_vt": None,
            "p_field_va": None,
            "p_field_co": None,
            "p_des": None,
            "p_dee": None,
            "p_src_tab_id": None,
            "rowDisplay": None,
            "isAverageCalculation": None,
            "columnPixelWidth": None,
            "firstColumnWidth": None,
            "groups": [],
            "prefs": {"link_presentation": 2},
            "views": views,
            "selectedViewId": next(iter(table.views)),
            "totalRowCount": len(table),
            "forbidAddRow": int(not table.is_plain),
            "forbidDeleteRow": not table.is_plain,
            "hiddenFields": [],
            **table.extra,
        }


def field_metadata(
    column: Field,
    order: int,
    *,
    changed_at: datetime,
    date_format: str,
    table_names: Mapping[int, str],
) -> dict[str, object]:
    """All of a field but its values."""
    is_date = column.type == "date"
    metadata: dict[str, object] = {
        "id": column.id,
        "group_id": None,
        "name": column.name,
        "code": column.code,
        "fixed_code": column.fixed_code,
        "description": None,
        "type": column.type,
        "ctype": "",
        "order": order,
        "defaultDay": False,
        "defaultValueConfig": 0,
        "notifActiv": "0",
        "timeAndDate": column.has_time,
        "textFormat": 0,
        "codeScan": False,
        "lastIncrement": None,
        "pixelWidth": 140,
        "mobTitle": False,
        "mobLargeColNb": 1,
        "mobSmallColNb": 1,
        "numformat": None,
        **({"dateFormat": date_format} if is_date else {}),
        "numlang": None,
        "default_field_restriction": "0",
        "section": None,
        "activePresentation": 1,
        "linkPresentation": 2,
        "addLinkViewId": None,
        "sysFunc": column.sys_func,
        "tplUrl": None,
        "lastModified": paris_text(changed_at),
        "hasRestrictions": False,
        "readOnly": int(column.is_read_only),
    }
    if column.choices is not None:
        metadata |= _choices_metadata(column.choices)
    if column.links_to is not None:
        target = {"id": column.links_to, "name": table_names[column.links_to]}
        metadata["link"] = {"category": target}
    if column.type in TALK_TYPES:
        metadata["notifSubscribe"] = _subscription() if column.type == "activity" else None
    return metadata | dict(column.extra)


def _choices_metadata(choices: Choices) -> dict[str, object]:
    colours = ("#BBEBFF", "#CCFFFF", "#99FFCC", "#FFCCCC")
    values = [
        {"value": label, "color": colours[place % len(colours)]}
        for place, label in enumerate(choices.labels)
    ]
    enum: dict[str, object] = {
        "values": values,
        "strict": choices.is_strict,
        "displayColors": True,
    }
    if choices.is_multiple:
        # How the schema marks a multi-select is not published; a client must cope without it.
        enum["multiple"] = True
    masks = [{"value": label, "mask": None} for label in sorted(choices.labels)]
    return {"enumColors": enum, "masks": masks}


def _subscription() -> dict[str, object]:
    return {
        "notif": {"type": 0},
        "message": {"type": 0, "activityFieldSelection": []},
        "mail": {"type": 0},
    }


def view_metadata(view: View, columns: Iterable[Field]) -> dict[str, object]:
    """A view with its calendar, gantt, scheduler, map, grid and card settings."""
    fields = list(columns)
    first = fields[0].id
    date_id = next((column.id for column in fields if column.type == "date"), None)
    return {
        "id": view.id,
        "default_row_id": None,
        "name": view.name,
        "description": None,
        "presentation": 1,
        "locked": False,
        "restrictions": [],
        "calendar": {
            "display_field_id": first,
            "start_field_id": date_id,
            "end_field_id": date_id,
            "co_field_id": None,
        },
        "gantt": {
            "text_field_id": None,
            "dateConfig": {"type": 1, "start_date_field_id": None, "duration_field_id": None},
            "projectConfig": {"type": 0},
            "parentConfig": {"type": 0},
            "userConfig": {"field_id": None},
            "scale": 1,
        },
        "scheduler": {
            "display_field_id": None,
            "group_by_field_id": None,
            "start_field_id": None,
            "end_field_id": None,
            "color_field_id": None,
            "startDate": "3",
            # A text here, a number under gantt: so in the vendor's fixture.
            "scale": "1",
        },
        "map": {"location_field_id": None, "display_field_id": None, "color_field_id": None},
        "grid": {"rowDisplay": None},
        "card": {
            "hz_field_id": first,
            "layout": 1,
            "title_field_id": None,
            "co_field_id": None,
            "free_order": 0,
            **view.card,
        },
        "filterGroup": view.filter_group,
        "applyHiddenFieldsInRowEdit": True,
        "linkViewIds": [],
    }
