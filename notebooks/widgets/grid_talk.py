"""What the grid's page and Python say to each other: blocks of rows, chips, typed cells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Literal

from notebooks.session import Bus
from notebooks.widgets.talk import Answer, Answerer, Message, Talk
from toolkit.app.grid import SYNC, GridSource, StagedCell, Staging, Typed, read_query
from toolkit.errors import HightonicError, UseError
from toolkit.model.ids import LinkId

if TYPE_CHECKING:
    from toolkit.app.grid import Block, Gesture, GridColumn, GridQuery, GridRow
    from toolkit.app.segments import SegmentDesk

Edits = Literal["listed", "elsewhere", "never"]
_CHIPS: Final = 12
_LISTED: Final = 500
_SHOWN_FACETS: Final = 6


class GridTalk(Talk):
    """Answers the page of one grid.

    Args:
        source: The contacts.
        staging: Where typed cells are kept; None makes one.
        bus: Tells the other panels what is selected, filtered and staged; None for alone.
        segments: Saves filters under a name; None where that is not offered.
        edits: Whether cells can be typed into, and whether staged ones are listed below
            the grid or by another panel.
    """

    slow = frozenset({"facets", "summary", "paste"})

    def __init__(
        self,
        source: GridSource,
        *,
        staging: Staging | None = None,
        bus: Bus | None = None,
        segments: SegmentDesk | None = None,
        edits: Edits = "listed",
    ) -> None:
        self.source = source
        # One that is empty counts as nothing in a condition.
        self.staging = Staging(source) if staging is None else staging
        self._bus = bus or Bus()
        self._segments = segments
        self._edits = edits
        self._fields = frozenset(each.field for each in source.columns)
        self._viewed: tuple[object, ...] | None = None
        super().__init__()
        self._leave = [
            self._bus.listen("filter", self._filter),
            self._bus.listen("staged", self._staged_elsewhere),
            self._bus.listen("changed", self._written),
        ]

    def close(self) -> None:
        """Listen no longer."""
        for leave in self._leave:
            leave()

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
            "select": self._select,
            "segment": self._segment,
            "segment_show": self._segment_show,
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
        columns = [
            _column(each, can_edit=self._edits != "never") for each in self.source.columns
        ]
        return Answer(
            {
                "kind": "opened",
                "connection": self.source.connection,
                "columns": columns,
                "revision": self.source.refresh(),
                "edits": self._edits,
                "segments": None if self._segments is None else self._segments.names(),
                **self._counts(),
            }
        )

    def _select(self, message: Message) -> Answer:
        self._bus.tell("select", contact=LinkId(message["contact"]))
        return Answer({"kind": "selected"})

    def _segment(self, message: Message) -> Answer:
        if self._segments is None:
            raise UseError("Segments cannot be saved here")
        saved = self._segments.save(
            str(message["name"]),
            self._query(message),
            replaces=message.get("replaces") is True,
        )
        return Answer(
            {"kind": "segment", "sentence": saved, "segments": self._segments.names()}
        )

    def _segment_show(self, message: Message) -> Answer:
        if self._segments is None:
            raise UseError("Segments cannot be shown here")
        found = self._segments.show(str(message["name"]))
        filters = {
            name: {"test": test.test, "values": list(test.values)}
            for name, test in found.filters.items()
        }
        return Answer({"kind": "view", "query": {"filters": filters, "search": found.search}})

    def _filter(self, *, query: Mapping[str, Any], **_facts: object) -> None:
        read_query(query, known=self._fields)
        self.push("filter", query=dict(query))

    def _staged_elsewhere(self, *, by: object = None, **_facts: object) -> None:
        if by is not self:
            self.push("changed", cells=None, **self._counts())

    def _written(self, **_facts: object) -> None:
        self.push("revision", revision=self.source.refresh(at_once=True))

    def _rows(self, message: Message) -> Answer:
        query = self._query(message)
        block = self.source.rows(int(message["start"]), int(message["end"]), query)
        self._view(query, block)
        rows = [self._row(each) for each in block.rows]
        content = {
            "kind": "rows",
            "start": message["start"],
            "total": block.total,
            "revision": block.revision,
        }
        return Answer(content, _encode(rows))

    def _view(self, query: GridQuery, block: Block) -> None:
        seen = (query.selection_key, block.total)
        if seen != self._viewed:
            self._viewed = seen
            self._bus.tell("view", query=query, total=block.total)

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
        self._bus.tell("staged", by=self)
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


def _column(column: GridColumn, *, can_edit: bool) -> dict[str, Any]:
    sides = [side.label for side in column.sides]
    return {**asdict(column), "sides": sides, "is_editable": can_edit and column.is_editable}


def _encode(rows: object) -> bytes:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
