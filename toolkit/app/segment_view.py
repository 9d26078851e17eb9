"""A segment as a view of the grid, where the grid can say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.grid.query import Filter, GridQuery
from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.model.values import Value

Given = dict[str, Any]
"""A condition as the settings have it; what is in it is looked at here."""
_SEARCHED: Final = frozenset({"name", "email", "phone", "company"})
_BOUNDS: Final = {"below": 0, "before": 0, "above": 1, "after": 1}


class _CannotSayError(Exception):
    """The grid has no filter for it."""


@dataclass(slots=True)
class _View:
    filters: dict[str, Filter] = field(default_factory=dict)
    bounds: dict[str, list[Value]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def put(self, name: str, test: Filter) -> None:
        if name in self.filters:
            raise _CannotSayError
        self.filters[name] = test


def view_of(source: object, *, known: Iterable[str], tags: str) -> GridQuery:
    """What a segment of the settings shows; the other way round than `draft_segment`.

    Args:
        source: As the file has it.
        known: Names of the grid's columns.
        tags: Name of the column of tags.

    Raises:
        UseError: It says more than the grid can be filtered by.
    """
    try:
        return _read(source, frozenset(known), tags)
    except _CannotSayError:
        raise UseError(
            "This segment says more than the grid can be filtered by",
            unchanged="The grid shows what it showed",
            remedy="Rules and Slack use it as it is",
        ) from None


def _read(source: object, known: frozenset[str], tags: str) -> GridQuery:
    view = _View()
    for term in _terms(source):
        _take(view, term, tags)
    for name, (low, high) in view.bounds.items():
        filled = view.filters.pop(name, None)
        if filled is None or filled.test != "filled":
            raise _CannotSayError
        view.put(name, Filter("between", (low, high)))
    if not known.issuperset(view.filters):
        raise _CannotSayError
    return GridQuery((), view.filters, " ".join(view.words))


def _terms(source: object) -> Sequence[object]:
    if isinstance(source, Mapping) and list(source) == ["all"]:
        return list(source["all"])
    return source if isinstance(source, list) else [source]


def _take(view: _View, term: object, tags: str) -> None:
    if not isinstance(term, Mapping):
        raise _CannotSayError
    given: Given = dict(term)
    match given:
        case {"tag": str(tag), **rest} if not rest:
            view.put(tags, Filter("any_of", (tag,)))
        case {"not": {"field": str(name), **test}} if len(term) == 1 and len(test) == 1:
            _bound(view, name, dict(test))
        case {"any": [*parts]} if len(term) == 1:
            _any(view, parts)
        case {"field": str(name), **test} if len(test) == 1:
            view.put(name, _filter(test))
        case _:
            raise _CannotSayError


def _filter(test: Given) -> Filter:
    match test:
        case {"in": [*values]}:
            return Filter("any_of", tuple(values))
        case {"is": bool(value)}:
            return Filter("any_of", (value,))
        case {"is": str() | int() | float() as value}:
            return Filter("equals", (value,))
        case {"contains": str(part)}:
            return Filter("holds", (part,))
        case {"is_blank": bool(is_blank)}:
            return Filter("blank" if is_blank else "filled")
        case _:
            raise _CannotSayError


def _bound(view: _View, name: str, test: Mapping[Any, Any]) -> None:
    ((op, value),) = test.items()
    if op not in _BOUNDS or not isinstance(value, str | int | float):
        raise _CannotSayError
    view.bounds.setdefault(name, [None, None])[_BOUNDS[op]] = value


def _any(view: _View, parts: Sequence[object]) -> None:
    """One of some values or blank; or a word in one of the columns that are searched."""
    given = [dict(each) for each in parts if isinstance(each, Mapping)]
    names = {each.pop("field", None) for each in given}
    words = {each.get("contains") for each in given}
    if names <= _SEARCHED and len(names) > 1 and len(words) == 1 and None not in words:
        view.words.append(str(words.pop()))
        return
    if len(names) != 1 or len(given) != 2 or given[1] != {"is_blank": True}:  # noqa: PLR2004 — as `draft_segment` writes it
        raise _CannotSayError
    one = _filter(given[0])
    if one.test != "any_of":
        raise _CannotSayError
    view.put(str(names.pop()), Filter("any_of", (*one.values, None)))
