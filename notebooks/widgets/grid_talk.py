"""What the grid's page and Python say to each other: blocks of rows, chips, typed cells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.talk import Answer, Answerer, Message, Talk
from toolkit.app.grid import SYNC, GridSource, StagedCell, Staging, Typed, read_query
from toolkit.errors import HightonicError
from toolkit.model.ids import LinkId

if TYPE_CHECKING:
    from toolkit.app.grid import Gesture, GridColumn, GridQuery, GridRow

_CHIPS: Final = 12
_LISTED: Final = 500
_SHOWN_FACETS: Final = 6


class GridTalk(Talk):
    """Answers the page of one grid.

    Args:
        source: The contacts.
        staging: Where typed cells are kept; None makes one.
    """

    slow = frozenset({"facets", "summary"})

    def __init__(self, source: GridSource, *, staging: Staging | None = None) -> None:
        self.source = source
        self.staging = staging or Staging(source)
        self._fields = frozenset(each.field for each in source.columns)
        super().__init__()

    def answers(self) -> Mapping[str, Answerer]:
        """What the grid's page asks."""
        return {
            "open": self._open,
            "rows": self._rows,
            "facets": self._facets,
            "summary": self._summary,
            "edit": self._edit,
            "paste": self._paste,
            "drop": self._drop,
            "undo": lambda _: self._changed(self.staging.undo_typing()),
            "redo": lambda _: self._changed(self.staging.redo_typing()),
            "staged": lambda _: self._staged(),
            "poll": lambda _: Answer({"kind": "revision", "revision": self.source.refresh()}),
        }

    def warm(self) -> None:
        """Read what chips need and show them; then what searches need: people look first."""
        try:
            self.source.warm(self._shown_facets())
            self.push(**self._facets({}).content)
        except HightonicError as error:
            self.push("refused", sentence=error.sentence)
            return
        with suppress(HightonicError):  # the search itself will say what is wrong
            self.source.warm_search()

    def _open(self, _: Message) -> Answer:
        columns = [_column(each) for each in self.source.columns]
        return Answer(
            {
                "kind": "opened",
                "connection": self.source.connection,
                "columns": columns,
                "revision": self.source.refresh(),
                **self._counts(),
            }
        )

    def _rows(self, message: Message) -> Answer:
        block = self.source.rows(
            int(message["start"]), int(message["end"]), self._query(message)
        )
        rows = [self._row(each) for each in block.rows]
        content = {
            "kind": "rows",
            "start": message["start"],
            "total": block.total,
            "revision": block.revision,
        }
        return Answer(content, _encode(rows))

    def _row(self, row: GridRow) -> dict[str, Any]:
        drawn: dict[str, Any] = {"id": row.id, "v": row.values}
        if row.differs:
            drawn["differs"] = {
                name: {side.label: value for side, value in shown.items()}
                for name, shown in row.differs.items()
            }
        if row.reason:
            drawn["reason"] = row.reason
        staged = self.staging.of(row.id)
        if staged:
            drawn["staged"] = {name: _mark(each) for name, each in staged.items()}
        return drawn

    def _facets(self, message: Message) -> Answer:
        query = self._query(message)
        names = message.get("names") or self._shown_facets()
        facets = {
            name: [
                [each.value, each.count] for each in self.source.facets(name, query)[:_CHIPS]
            ]
            for name in names
        }
        return Answer({"kind": "facets", "facets": facets})

    def _summary(self, message: Message) -> Answer:
        found = asdict(self.source.summary(str(message["field"]), self._query(message)))
        return Answer({"kind": "summary", "summary": found})

    def _edit(self, message: Message) -> Answer:
        typed = Typed(LinkId(message["id"]), message["field"], str(message["text"]))
        return self._gesture(self.staging.type([typed]))

    def _paste(self, message: Message) -> Answer:
        gesture = self.staging.paste(
            [[str(cell) for cell in line] for line in message["cells"]],
            start=int(message["start"]),
            fields=[str(each) for each in message["fields"]],
            query=self._query(message),
        )
        return self._gesture(gesture)

    def _gesture(self, gesture: Gesture) -> Answer:
        answer = self._changed([(each.id, each.field) for each in gesture.cells])
        answer.content["skipped"] = gesture.skipped
        return answer

    def _drop(self, message: Message) -> Answer:
        cells = message.get("cells")
        keys = None if cells is None else [(LinkId(each[0]), str(each[1])) for each in cells]
        return self._changed(self.staging.drop(keys))

    def _changed(self, keys: list[tuple[LinkId, str]]) -> Answer:
        # So many cells are on no screen: the page asks for its blocks again instead.
        if len(keys) > _LISTED:
            return Answer({"kind": "changed", "cells": None, **self._counts()})
        rows = {row.id: row for row in self.source.find(list({key[0] for key in keys}))}
        cells = []
        for link_id, name in keys:
            mark = self.staging.of(link_id).get(name)
            stored = rows[link_id].values.get(name) if link_id in rows else None
            shown = None if mark is None else _mark(mark)
            cells.append({"id": link_id, "field": name, "staged": shown, "value": stored})
        return Answer({"kind": "changed", "cells": cells, **self._counts()})

    def _staged(self) -> Answer:
        listed = self.staging.cells()[:_LISTED]
        names = {
            row.id: row.values.get("name") for row in self.source.find([c.id for c in listed])
        }
        cells = [
            {"id": each.id, "name": names.get(each.id), "field": each.field, **_mark(each)}
            for each in listed
        ]
        return Answer({"kind": "staged", "cells": cells, **self._counts()})

    def _counts(self) -> dict[str, Any]:
        staging = self.staging
        return {
            "count": len(staging),
            "problems": staging.problems,
            "can_undo": staging.can_undo,
        }

    def _shown_facets(self) -> list[str]:
        names = [each.field for each in self.source.columns if each.is_faceted]
        names.sort(key=lambda name: name != SYNC)
        return names[:_SHOWN_FACETS]

    def _query(self, message: Message) -> GridQuery:
        return read_query(message, known=self._fields)


def _mark(cell: StagedCell) -> dict[str, Any]:
    return {"old": cell.old, "new": cell.new, "problem": cell.problem}


def _column(column: GridColumn) -> dict[str, Any]:
    return {**asdict(column), "sides": [side.label for side in column.sides]}


def _encode(rows: object) -> bytes:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
