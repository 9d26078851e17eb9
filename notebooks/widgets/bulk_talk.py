"""What the bulk editor's form and Python say to each other: one change for all that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from notebooks.widgets.bulk_edits import BulkEdits
from notebooks.widgets.bulk_import import BulkImport
from notebooks.widgets.bulk_work import TAGS, Extra, several
from notebooks.widgets.talk import Answer, Answerer, Message, Talk
from notebooks.widgets.ticker import Ticker
from toolkit.app.grid import SYNC, GridQuery
from toolkit.errors import UseError

if TYPE_CHECKING:
    from notebooks.widgets.bulk_work import BulkWork
    from toolkit.app.bulk import BatchBook
    from toolkit.app.bulk.recipe import HangStep


class BulkTalk(Talk):
    """Stages changes for all contacts the grid shows.

    Args:
        work: The bench.
    """

    slow = frozenset({"set", "count", "replace", "tags", "hang", "choices"}) | BulkImport.kinds

    def __init__(self, work: BulkWork) -> None:
        self._work = work
        self._edits = BulkEdits(work)
        self._import = BulkImport(work, Ticker(self.push))
        super().__init__()
        # After the bench, which listens as well and was there first.
        self._leave = [work.session.bus.listen("view", self._view)]

    def answers(self) -> Mapping[str, Answerer]:
        """What the form's page asks."""
        return {
            "open": self._open,
            "choices": self._choices,
            "set": self._set,
            "count": self._count,
            "replace": self._replace,
            "tags": self._tags,
            "hang": self._hang,
            **self._import.answers(),
        }

    def close(self) -> None:
        """Listen no longer; a file that was not staged goes."""
        self._import.close()
        for leave in self._leave:
            leave()

    def _open(self, _: Message) -> Answer:
        columns = [
            {
                "field": each.field,
                "title": each.title,
                "type": each.type,
                "choices": each.choices,
                "is_open": each.is_open,
                "is_owner": each.is_owner,
            }
            for each in self._work.grid.columns
            if each.is_editable and not each.objection and each.field != SYNC
        ]
        return Answer({"kind": "opened", "columns": columns, **self._scope()})

    def _choices(self, _: Message) -> Answer:
        """Tags in use, the most used first; read once the page is there."""
        names = [each.field for each in self._work.grid.columns if each.field == TAGS]
        chips = [chip for name in names for chip in self._work.grid.facets(name)]
        tags = [each.value for each in chips if each.value is not None]
        return Answer({"kind": "choices", "tags": tags})

    def _set(self, message: Message) -> Answer:
        name, query = str(message["field"]), self._work.query
        staged = self._edits.set_column(name, str(message["text"]), query)
        return self._staged(staged)

    def _count(self, message: Message) -> Answer:
        name, find, into, ignores_case = _words(message)
        count = self._edits.count_replaced(
            name, find, query=self._work.query, ignores_case=ignores_case
        )
        return Answer({"kind": "count", "count": count, "into": into})

    def _replace(self, message: Message) -> Answer:
        name, find, into, ignores_case = _words(message)
        staged = self._edits.replace(
            name, find, into, query=self._work.query, ignores_case=ignores_case
        )
        return self._staged(staged)

    def _tags(self, message: Message) -> Answer:
        add, remove = (_split(message.get(each)) for each in ("add", "remove"))
        return self._staged(self._edits.edit_tags(add, remove, self._work.query))

    def _hang(self, message: Message) -> Answer:
        kind: Literal["task", "note"] = "task" if message["what"] == "task" else "note"
        typed = {str(name): str(text) for name, text in message["values"].items()}
        contacts = self._work.grid.ids(self._work.query)
        if not contacts:
            raise UseError("The grid shows nobody", unchanged="Nothing was staged")

        def build(book: BatchBook) -> HangStep:
            return book.stager.hang(kind, typed, contacts)

        step = self._work.session.start(self._work.desk.build(build)).result()
        count = len(step.contacts)
        title = f" “{typed['title'][:60]}”" if typed.get("title") else ""
        made, people = several(count, f"new {kind}"), several(count, "contact")
        self._work.add(Extra(f"{made}{title} for {people}", (step,), count))
        return self._staged(count, noun=f"new {kind}")

    def _staged(self, count: int, *, noun: str = "change") -> Answer:
        told = f"{several(count, noun)} staged. Nothing is sent before you press Apply."
        if not count:
            told = "Nothing to stage: these contacts have it so already."
        return Answer({"kind": "staged", "count": count, "sentence": told})

    def _view(self, **_facts: object) -> None:
        self.push("scope", **self._scope())

    def _scope(self) -> dict[str, Any]:
        whole = GridQuery().selection_key
        return {
            "total": self._work.total,
            "is_narrowed": self._work.query.selection_key != whole,
        }


def _words(message: Message) -> tuple[str, str, str, bool]:
    """Column, what to look for, what to put there, whether capitals count the same."""
    name, find, into = (str(message.get(each) or "") for each in ("field", "find", "into"))
    return name, find, into, message.get("ignores_case") is True


def _split(given: object) -> list[str]:
    """Tags as people list them: a comma between two."""
    return [each.strip() for each in str(given or "").split(",") if each.strip()]
