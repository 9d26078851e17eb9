"""What a grid shows, kept under a name: a segment that rules and Slack know as well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from toolkit.app.config_rules_writing import put_section
from toolkit.app.config_source import plain
from toolkit.app.grid.columns import SYNC, GridColumn
from toolkit.app.grid.query import Filter, GridQuery
from toolkit.app.segment_view import view_of
from toolkit.app.settings_file import open_settings, save_settings
from toolkit.errors import UseError

if TYPE_CHECKING:
    from datetime import datetime

    from toolkit.app.grid.source import GridSource
    from toolkit.app.home import Home
    from toolkit.model.values import Value

Term = dict[str, object]
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_SEARCHED: Final = ("name", "email", "phone", "company")


@dataclass(frozen=True, slots=True)
class SegmentDraft:
    """A view in the settings' own words.

    Attributes:
        terms: Conditions, all of which must hold.
        left_out: What of the view a segment cannot say, each with the reason.
    """

    terms: tuple[Term, ...]
    left_out: tuple[str, ...] = ()

    @property
    def source(self) -> Term:
        """As the file has it."""
        return self.terms[0] if len(self.terms) == 1 else {"all": list(self.terms)}


def draft_segment(query: GridQuery, columns: Mapping[str, GridColumn]) -> SegmentDraft:
    """A view as conditions; its order is no part of a segment.

    Args:
        query: The view.
        columns: By field.
    """
    terms, left_out = list[Term](), list[str]()
    for name, test in query.filters.items():
        column = columns[name]
        reason = _obstacle(column, test)
        if reason:
            left_out.append(f"{column.title}: {reason}")
        else:
            terms.extend(_terms(column, test))
    here = [name for name in _SEARCHED if name in columns]
    terms += [
        {"any": [{"field": name, "contains": word} for name in here]}
        for word in query.search.split()
    ]
    return SegmentDraft(tuple(terms), tuple(left_out))


class SegmentDesk:
    """Saves segments into `hightonic.yaml`, whose comments stay.

    Args:
        home: Where the settings are.
        grid: Of the connection; owners are written by id.
        now: The clock.
    """

    def __init__(self, home: Home, grid: GridSource, *, now: Callable[[], datetime]) -> None:
        self._home = home
        self._connection = grid.connection
        self._grid = grid
        self._now = now

    def names(self) -> list[str]:
        """Segments there are, as the file has them now."""
        file = open_settings(self._home.config_path, self._connection)
        return sorted(file.config().automation.segments)

    def show(self, name: str) -> GridQuery:
        """What a segment shows in the grid, owners by name.

        Raises:
            UseError: There is none of that name, or it says more than the grid can.
        """
        file = open_settings(self._home.config_path, self._connection)
        source = _segments(plain(file.document()), self._connection).get(name)
        if source is None:
            raise UseError(f"There is no segment `{name}`", unchanged="Nothing was changed")
        columns = {each.field: each for each in self._grid.columns}
        tags = file.config().automation.words.tags or ""
        found = view_of(source, known=columns, tags=tags)
        filters = {
            name: Filter(test.test, tuple(self._grid.drawn(name, each) for each in test.values))
            for name, test in found.filters.items()
        }
        return GridQuery((), filters, found.search)

    def save(self, name: str, query: GridQuery, *, replaces: bool = False) -> str:
        """Keep a view under a name; says what was saved and what could not be.

        Args:
            name: Small letters, digits and underscores.
            query: The view.
            replaces: Whether a segment of that name gives way.

        Raises:
            ConfigError: The settings cannot be used.
            PlanChangedError: Somebody saved the settings at the same moment.
            UseError: The name does not suit, is taken, or nothing can be said of the view.
        """
        name = name.strip()
        if not NAME.fullmatch(name):
            raise UseError(
                "A segment's name is made of small letters, digits and underscores",
                unchanged="Nothing was saved",
                remedy="For example `late_customers`",
            )
        columns = {each.field: each for each in self._grid.columns}
        draft = draft_segment(self._by_id(query), columns)
        if not draft.terms:
            raise UseError(_nothing(draft), unchanged="Nothing was saved")
        file = open_settings(self._home.config_path, self._connection)
        known = _segments(plain(file.document()), self._connection)
        if name in known and not replaces and known[name] != draft.source:
            raise UseError(
                f"There is a segment `{name}` already",
                unchanged="Nothing was saved",
                remedy="Choose another name, or say that it shall be replaced",
            )
        new = {**known, name: draft.source}
        text = file.edited(
            lambda document: put_section(
                document, self._connection, section="segments", value=new
            )
        )
        save_settings(file, text, home=self._home, at=self._now())
        return _said(name, draft)

    def _by_id(self, query: GridQuery) -> GridQuery:
        """Owners by id: rules compare what is stored."""
        owners = {each.field for each in self._grid.columns if each.is_owner}
        filters = {
            name: Filter(test.test, tuple(map(self._owner, test.values)))
            if name in owners
            else test
            for name, test in query.filters.items()
        }
        return GridQuery((), filters, query.search)

    def _owner(self, value: Value) -> Value:
        ids = self._grid.owner_ids(value) if isinstance(value, str) else ()
        return ids[0] if len(ids) == 1 else value


def _segments(document: object, connection: str) -> dict[str, object]:
    here = document
    for key in ("connections", connection, "segments"):
        here = here.get(key) if isinstance(here, Mapping) else None
    return dict(here) if isinstance(here, Mapping) else {}


def _nothing(draft: SegmentDraft) -> str:
    if draft.left_out:
        return f"A segment cannot say this: {'; '.join(draft.left_out)}"
    return "The grid shows everybody: filter or search first"


def _said(name: str, draft: SegmentDraft) -> str:
    rest = f" Left out: {'; '.join(draft.left_out)}." if draft.left_out else ""
    return (
        f"Saved as segment `{name}`: rules can say `if: {{segment: {name}}}`. A service that "
        f"runs knows it once it is started again.{rest}"
    )


def _obstacle(column: GridColumn, test: Filter) -> str:
    """Why a segment cannot say a condition; empty where it can."""
    if column.field == SYNC:
        return "how the sides stand changes with every sync, and rules do not see it"
    if column.is_owner and test.test in {"holds", "equals"}:
        return "an owner can be chosen, not searched for by letters"
    if test.test == "holds" and column.type in {"number", "boolean", "date"}:
        return "a part of a number or a date says nothing to a rule"
    if test.test == "holds" and column.type == "list":
        return "a part of a tag says nothing to a rule; choose whole ones"
    return ""


def _terms(column: GridColumn, test: Filter) -> Iterator[Term]:
    name = column.field
    match test.test:
        case "blank":
            yield {"field": name, "is_blank": True}
        case "filled":
            yield {"field": name, "is_blank": False}
        case "holds":
            yield {"field": name, "contains": test.values[0]}
        case "equals":
            yield {"field": name, "is": _typed(column, test.values[0])}
        case "any_of":
            yield _any_of(name, test.values)
        case "between":
            yield from _between(column, *test.values)


def _any_of(name: str, values: tuple[Value, ...]) -> Term:
    filled = [each for each in values if each not in (None, "", ())]
    blank: Term = {"field": name, "is_blank": True}
    if not filled:
        return blank
    term: Term = {"field": name, "in": filled}
    if len(filled) == 1 and isinstance(filled[0], bool):
        term = {"field": name, "is": filled[0]}
    return {"any": [term, blank]} if len(filled) < len(values) else term


def _between(column: GridColumn, low: Value, high: Value) -> Iterator[Term]:
    # Bounds count in the grid and not in rules; a blank field is not below anything.
    name, is_date = column.field, column.type == "date"
    yield {"field": name, "is_blank": False}
    if low is not None:
        op = "before" if is_date else "below"
        yield {"not": {"field": name, op: _typed(column, low)}}
    if high is not None:
        op = "after" if is_date else "above"
        yield {"not": {"field": name, op: _typed(column, high)}}


def _typed(column: GridColumn, value: Value) -> Value:
    if column.type != "number" or not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() else number
