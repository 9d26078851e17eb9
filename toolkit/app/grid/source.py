"""What front ends ask of the grid: columns, blocks of rows, chips with counts, summaries."""

from __future__ import annotations

import threading
from array import array
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from toolkit.app.field_options import closed_options
from toolkit.app.grid.checking import CellReader
from toolkit.app.grid.columns import SYNC, GridColumn, list_columns
from toolkit.app.grid.memory import Codes, Held, is_blank, sort_key
from toolkit.app.grid.query import Filter, GridQuery, Order, matching
from toolkit.app.grid.table import GridTable, positions
from toolkit.errors import UseError
from toolkit.model.ids import Kind, LinkId, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from toolkit.app.config import ConnectionConfig
    from toolkit.app.grid.shelf import GridShelf, StoredContact
    from toolkit.model.values import Value

FRESH_S: Final = 2.0
"""How long an answer may be behind the store."""
MOST_ROWS: Final = 1_000
_VIEWS: Final = 4
_FACETS: Final = 40
_TOP: Final = 5


@dataclass(frozen=True, slots=True)
class GridRow:
    """One contact.

    Attributes:
        values: Column -> value, None where blank; a list is a tuple. `$sync` holds a word.
        differs: Field -> side -> value, where a side was last seen with something else
            than `values` says both agreed on.
        reason: Why the contact stands so, where somebody wrote it down.
    """

    id: LinkId
    values: Mapping[str, Value]
    differs: Mapping[str, Mapping[Side, Value]] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a view.

    Attributes:
        total: Rows of the whole view.
        revision: Grows when the store changed: rows of another revision are old.
    """

    rows: tuple[GridRow, ...]
    total: int
    revision: int


@dataclass(frozen=True, slots=True)
class FacetChip:
    """A value and how many rows of the view hold it; None is blank."""

    value: Value
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """One column at a glance.

    Attributes:
        distinct: Different values, blank not counted.
        top: The most frequent ones.
        low: The smallest value; None where nothing is filled.
        high: The largest.
    """

    field: str
    filled: int
    blank: int
    distinct: int
    top: tuple[FacetChip, ...]
    low: Value = None
    high: Value = None


class GridSource:
    """Contacts of one connection, from the local store alone. Safe from any thread.

    Args:
        config: The connection.
        shelf: Its share of the store.
        monotonic_s: Seconds that only grow; decides when to look whether the store moved on.
    """

    def __init__(
        self, config: ConnectionConfig, shelf: GridShelf, *, monotonic_s: Callable[[], float]
    ) -> None:
        self._config = config
        self._shelf = shelf
        self._monotonic_s = monotonic_s
        self._lock = threading.RLock()
        self._revision = 0
        self._stamp: tuple[object, ...] | None = None
        self._looked_at_s = 0.0
        self._read_again()

    @property
    def connection(self) -> str:
        """The connection's name."""
        return self._config.name

    @property
    def columns(self) -> tuple[GridColumn, ...]:
        """All columns, as they are shown."""
        return tuple(self._columns.values())

    @property
    def reader(self) -> CellReader:
        """Reads what people type into cells."""
        return self._reader

    @property
    def size_bytes(self) -> int:
        """What the grid keeps in memory, about."""
        views = sum(each.itemsize * len(each) for each in self._views.values())
        return self._table.size_bytes + views

    def column(self, name: str) -> GridColumn:
        """One column.

        Raises:
            UseError: There is none of that name.
        """
        if name not in self._columns:
            raise UseError("The grid has no such column")
        return self._columns[name]

    def drawn(self, name: str, value: Value) -> Value:
        """A value as the grid shows it: owners by name."""
        return self._table.drawn(self.column(name), value)

    def owner_ids(self, name: str) -> list[str]:
        """HighLevel's users of this name; two people may be called the same."""
        return [user for user, called in self._owners.items() if called == name]

    def refresh(self, *, at_once: bool = False) -> int:
        """Look whether the store changed, at most every two seconds; gives the revision.

        Args:
            at_once: Look now, however little time has passed.
        """
        with self._lock:
            now_s = self._monotonic_s()
            if at_once or now_s - self._looked_at_s >= FRESH_S:
                self._looked_at_s = now_s
                if self._shelf.change_count() != self._stamp:
                    self._read_again()
            return self._revision

    def rows(self, start: int, end: int, query: GridQuery | None = None) -> Block:
        """Rows of a view from `start` up to, not including, `end`.

        A view that is new is sorted first; blocks after that come from it.

        Args:
            start: 0 is the first row.
            end: At most 1,000 after `start`; past the end of the view is fine.
            query: Order, filters and search; None shows all by id.

        Raises:
            UseError: A block of no size, or too large a one.
        """
        if not 0 <= start <= end <= start + MOST_ROWS:
            raise UseError(f"A block has at most {MOST_ROWS} rows")
        with self._lock:
            self.refresh()
            view = self._view(query or GridQuery())
            rows = self._rows([self._table.ids[at] for at in view[start:end]])
            return Block(tuple(rows), len(view), self._revision)

    def find(self, ids: Sequence[str]) -> list[GridRow]:
        """These contacts, in this order; those that are gone are left out."""
        with self._lock:
            return self._rows(ids)

    def ids(self, query: GridQuery | None = None) -> list[LinkId]:
        """All contacts of a view, in its order: what a bulk change is about."""
        with self._lock:
            self.refresh()
            return [LinkId(self._table.ids[at]) for at in self._view(query or GridQuery())]

    def pairs(self, name: str, query: GridQuery | None = None) -> list[tuple[LinkId, Value]]:
        """(contact, value) of one column for every row of a view, as the grid shows it.

        Raises:
            UseError: There is no such column.
        """
        self.column(name)
        self._prepare([name])
        with self._lock:
            self.refresh()
            held, ids = self._table.column(name), self._table.ids
            rows = self._view(query or GridQuery())
            return [(LinkId(ids[at]), _blank_as_none(held[at])) for at in rows]

    def warm(self, names: Sequence[str]) -> None:
        """Read columns, so that their first use does not wait.

        Meant for a thread of its own: blocks are answered meanwhile. Twice is once.
        """
        self._prepare([name for name in names if name in self._columns])

    def warm_search(self) -> None:
        """The same for what searches look at."""
        table = self._prepare([])
        texts = table.read_searched()
        with self._lock:
            table.adopt_searched(texts)

    def facets(self, name: str, query: GridQuery | None = None) -> tuple[FacetChip, ...]:
        """A column's values with counts, the most frequent first, at most forty.

        Rows are those of the view without the column's own filter, so that the chips beside
        the chosen one still say what they would add.
        """
        column = self.column(name)
        self._prepare([name])
        with self._lock:
            self.refresh()
            counts = self._counts(name, (query or GridQuery()).without(name))
        if column.type == "sync":
            return tuple(FacetChip(word, count) for word, count in counts.items())
        return tuple(FacetChip(*pair) for pair in counts.most_common(_FACETS))

    def summary(self, name: str, query: GridQuery | None = None) -> Summary:
        """One column of a view at a glance."""
        self.column(name)
        self._prepare([name])
        with self._lock:
            self.refresh()
            counts = self._counts(name, query or GridQuery())
        blank = sum(count for value, count in counts.items() if is_blank(value))
        filled = Counter({value: n for value, n in counts.items() if not is_blank(value)})
        ends = sorted(filled, key=sort_key)
        return Summary(
            name,
            filled=filled.total(),
            blank=blank,
            distinct=len(filled),
            top=tuple(FacetChip(*pair) for pair in filled.most_common(_TOP)),
            low=ends[0] if ends else None,
            high=ends[-1] if ends else None,
        )

    def _read_again(self) -> None:
        # The stamp first: what is written meanwhile is then seen once too often, never too late.
        self._stamp = self._shelf.change_count()
        known = self._shelf.surroundings()
        owners = {each["id"]: each["name"] or each["id"] for each in known.get("users", ())}
        self._owners = owners
        mapping = self._config.mapping.kinds[Kind.CONTACT]
        options = closed_options(mapping, known)
        columns = list_columns(mapping, owners=owners, options=options)
        self._columns = {each.field: each for each in columns}
        self._reader = CellReader.of(self._config, known)
        self._table = GridTable(self._shelf, self._columns, owners)
        self._views: OrderedDict[tuple[object, ...], array[int]] = OrderedDict()
        self._revision += 1
        self._looked_at_s = self._monotonic_s()

    def _prepare(self, names: Sequence[str]) -> GridTable:
        """Have columns in memory; others are answered while they are read."""
        with self._lock:
            table = self._table
            missing = table.missing(names)
        if missing:
            columns = table.read_columns(missing)
            with self._lock:
                table.adopt(columns)
        return table

    def _rows(self, ids: Sequence[str]) -> list[GridRow]:
        found = self._shelf.read(ids)
        return [self._row(found[link_id]) for link_id in ids if link_id in found]

    def _row(self, contact: StoredContact) -> GridRow:
        state, differs = self._table.state_of(contact)
        values = {**self._table.values_of(contact), SYNC: state.value}
        return GridRow(contact.id, values, differs, contact.reason)

    def _counts(self, name: str, query: GridQuery) -> Counter[Value]:
        held = self._table.column(name)
        chosen = self._mask(query)
        counts: Counter[Value] = Counter()
        if isinstance(held, Codes):
            codes = held.codes if chosen is None else _chosen(held.codes, chosen)
            for code, count in Counter(codes).items():
                counts.update(_members(held.words[code], count))
            if name == SYNC:
                return Counter({word: counts.get(word, 0) for word in held.words})
            return counts
        for position in range(len(held)) if chosen is None else _ones(chosen):
            counts[_blank_as_none(held[position])] += 1
        return counts

    def _view(self, query: GridQuery) -> array[int]:
        key = query.key
        if key not in self._views:
            self._views[key] = self._ordered(query)
            while len(self._views) > _VIEWS:
                self._views.popitem(last=False)
        self._views.move_to_end(key)
        return self._views[key]

    def _ordered(self, query: GridQuery) -> array[int]:
        mask = self._mask(query)
        rows: Sequence[int] = range(len(self._table))
        if mask is not None:
            rows = positions(mask, rows)
        for order in reversed(query.sort):
            rows = self._sorted(rows, order)
        return array("I", rows)

    def _sorted(self, rows: Sequence[int], order: Order) -> list[int]:
        ranked = self._table.ranks_of(order.field)
        if not order.is_descending:
            return sorted(rows, key=ranked.__getitem__)
        # Blank rows hold the highest number, and are last in either direction.
        blank = _blank_rank(self._table.column(order.field), ranked)
        down = [len(ranked) + 1 if each == blank else blank - each for each in range(blank + 1)]
        return sorted(rows, key=lambda at: down[ranked[at]])

    def _mask(self, query: GridQuery) -> bytearray | None:
        masks = [
            matching(self._table.column(name), test) for name, test in query.filters.items()
        ]
        if query.search:
            searched = self._table.searched()
            *_, words = query.selection_key
            masks.extend(searched.holding(word) for word in str(words).split())
        if not masks:
            return None
        found = int.from_bytes(masks[0], "little")
        for each in masks[1:]:
            found &= int.from_bytes(each, "little")
        return bytearray(found.to_bytes(len(masks[0]), "little"))


def _members(value: Value, count: int) -> dict[Value, int]:
    if is_blank(value):
        return {None: count}
    return dict.fromkeys(value, count) if isinstance(value, tuple) else {value: count}


def _blank_as_none(value: Value) -> Value:
    return None if is_blank(value) else value


def _chosen(codes: Sequence[int], mask: bytearray) -> list[int]:
    return [codes[at] for at in _ones(mask)]


def _ones(mask: bytearray) -> list[int]:
    return [at for at, is_in in enumerate(mask) if is_in]


def _blank_rank(held: Held, ranked: Sequence[int]) -> int:
    """The number blank rows hold, or one more than any row holds."""
    highest = max(ranked, default=0)
    at = next((at for at, rank in enumerate(ranked) if rank == highest), None)
    return highest if at is not None and is_blank(held[at]) else highest + 1


__all__ = ["Block", "FacetChip", "Filter", "GridRow", "GridSource", "Summary"]
