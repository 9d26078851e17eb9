"""What somebody asks the grid to show: order, filters and a search, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from toolkit.app.grid.memory import Codes, Held, Numbers, Texts, folded, is_blank, shown
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.model.values import Value

Test = Literal["any_of", "holds", "equals", "between", "blank", "filled"]
TESTS: Final[frozenset[str]] = frozenset(get_args(Test))


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one column.

    Attributes:
        test: `any_of` takes rows that hold one of `values` (a list holds its members; None
            is blank); `holds` a part of the text; `between` includes its two bounds, of
            which None is open.
        values: One for most tests, two for `between`, none for `blank` and `filled`.
    """

    test: Test
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One column to sort by; blank rows come last either way."""

    field: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class GridQuery:
    """Order, filters and search together. Equal queries show the same rows.

    Attributes:
        sort: The first one counts most.
        filters: Column -> condition; all must hold.
        search: Words that must all be in name, e-mail, phone or company.
    """

    sort: tuple[Order, ...] = ()
    filters: Mapping[str, Filter] = field(default_factory=dict)
    search: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """Names the view."""
        return (self.sort, *self.selection_key)

    @property
    def selection_key(self) -> tuple[object, ...]:
        """Names the rows, whatever their order."""
        chosen = tuple(sorted(self.filters.items(), key=lambda pair: pair[0]))
        return (chosen, folded(self.search))

    def without(self, name: str) -> GridQuery:
        """The same without the filter on one column."""
        kept = {each: test for each, test in self.filters.items() if each != name}
        return GridQuery(self.sort, kept, self.search)


def read_query(given: Mapping[str, Any], *, known: frozenset[str]) -> GridQuery:
    """A query out of JSON: `sort`, `filters` and `search`, each of them optional.

    Args:
        given: `{"sort": [{"field": ..., "down": bool}], "filters": {field: {"test": ...,
            "values": [...]}}, "search": text}`.
        known: Names of columns.

    Raises:
        UseError: A column or a test that does not exist.
    """
    sort = tuple(
        Order(_known(each.get("field"), known), is_descending=each.get("down") is True)
        for each in given.get("sort") or ()
    )
    filters = {
        _known(name, known): _read_filter(each)
        for name, each in (given.get("filters") or {}).items()
    }
    return GridQuery(sort, filters, str(given.get("search") or ""))


def matching(held: Held, wanted: Filter) -> bytearray:
    """A mask of the rows that meet a condition."""
    if isinstance(held, Texts) and wanted.test == "holds":
        # Packed text keeps its case, so a row is folded before it is compared.
        part = folded(shown(wanted.values[0]))
        return bytearray(part in folded(text) for text in held)
    fits = _fits(wanted)
    if isinstance(held, Codes):
        table = bytes(map(fits, held.words))
        return bytearray(map(table.__getitem__, held.codes))
    if isinstance(held, Numbers):
        return bytearray(fits(held[position]) for position in range(len(held)))
    return bytearray(fits(text) for text in held)


def _fits(wanted: Filter) -> Callable[[Value], bool]:
    values = wanted.values
    match wanted.test:
        case "any_of":
            return _any_of(values)
        case "blank":
            return is_blank
        case "filled":
            return lambda value: not is_blank(value)
        case "holds":
            part = folded(shown(values[0]))
            return lambda value: part in folded(shown(value))
        case "equals":
            whole = folded(shown(values[0]))
            return lambda value: folded(shown(value)) == whole
        case "between":
            return _within(values[0], values[1])


def _any_of(values: Sequence[Value]) -> Callable[[Value], bool]:
    wanted = set(values)
    takes_blank = any(map(is_blank, values))

    def fits(value: Value) -> bool:
        if is_blank(value):
            return takes_blank
        if isinstance(value, tuple):
            return not wanted.isdisjoint(value)
        return value in wanted

    return fits


def _within(low: Value, high: Value) -> Callable[[Value], bool]:
    def fits(value: Value) -> bool:
        if is_blank(value):
            return False
        if isinstance(value, (int, float)):
            return (low is None or _number(low) <= value) and (
                high is None or value <= _number(high)
            )
        # A day as the upper bound takes the moments of that day as well.
        text = shown(value)
        return (low is None or text >= shown(low)) and (
            high is None or text[: len(shown(high))] <= shown(high)
        )

    return fits


def _number(value: Value) -> float:
    try:
        return float(shown(value))
    except ValueError as error:
        raise UseError("A bound of a number must be a number") from error


def _read_filter(given: Mapping[str, Any]) -> Filter:
    test = given.get("test")
    if test not in TESTS:
        raise UseError("There is no such condition on a column")
    values = tuple(
        tuple(each) if isinstance(each, list) else each for each in given.get("values") or ()
    )
    needed = {"blank": 0, "filled": 0, "any_of": 0, "between": 2}.get(test, 1)
    if len(values) < needed:
        raise UseError(f"The condition `{test}` needs {needed} value(s)")
    return Filter(test, values)


def _known(name: object, known: frozenset[str]) -> str:
    if not isinstance(name, str) or name not in known:
        raise UseError("The grid has no such column", remedy="Reload the grid: columns changed")
    return name
