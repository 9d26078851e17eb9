"""The grid's memory of one moment: who is there, and columns as they are asked for."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from toolkit.app.grid.columns import SYNC
from toolkit.app.grid.memory import Codes, Held, Texts, fold_fast, hold, ranks, shown
from toolkit.app.grid.states import RowState, find_differences, quick_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from toolkit.app.grid.columns import GridColumn
    from toolkit.app.grid.shelf import GridShelf, StoredContact
    from toolkit.model.ids import Side
    from toolkit.model.values import Value

_BUDGET_BYTES: Final = 8_000_000
"""Room for columns that were sorted, filtered or counted; the oldest use gives way."""
_PAGE: Final = 500
_SEARCHED: Final = ("name", "email", "phone", "company")
_WORDS: Final = tuple(RowState)


class GridTable:
    """Rows of one moment. Columns are read from the store when they are first needed.

    Args:
        shelf: Reads the store.
        columns: By field.
        owners: HighLevel's users, id -> name.
    """

    def __init__(
        self, shelf: GridShelf, columns: Mapping[str, GridColumn], owners: Mapping[str, str]
    ) -> None:
        self._shelf = shelf
        self._columns = columns
        self._owners = owners
        self._compared = frozenset(
            name for name, each in columns.items() if each.is_editable and name != SYNC
        )
        self.contested = shelf.find_conflicts()
        self.waiting = shelf.find_waiting()
        self._quick = bytearray()
        self.ids = Texts(self._read_ids())
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._ranks: OrderedDict[str, array[int]] = OrderedDict()
        self._searched: Texts | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def size_bytes(self) -> int:
        """What it weighs, about."""
        held = sum(each.size_bytes for each in self._held.values())
        ranked = sum(each.itemsize * len(each) for each in self._ranks.values())
        searched = self._searched.size_bytes if self._searched else 0
        return self.ids.size_bytes + len(self._quick) + held + ranked + searched

    def column(self, name: str) -> Held:
        """Values of a column, one per row: agreed ones, or what the only side shows."""
        if name not in self._held:
            self._keep(name, self._read_sync() if name == SYNC else self._read_column(name))
        self._held.move_to_end(name)
        return self._held[name]

    def ranks_of(self, name: str) -> array[int]:
        """A number per row that sorts as the column does."""
        if name not in self._ranks:
            self._ranks[name] = ranks(self.column(name))
            while len(self._ranks) > 3:  # noqa: PLR2004 — nobody sorts by more at once
                self._ranks.popitem(last=False)
        self._ranks.move_to_end(name)
        return self._ranks[name]

    def searched(self) -> Texts:
        """What a search looks at, folded, one text per row."""
        if self._searched is None:
            names = [name for name in _SEARCHED if name in self._columns]
            self._searched = Texts(self._folded(names))
        return self._searched

    def state_of(self, contact: StoredContact) -> tuple[RowState, dict[str, dict[Side, Value]]]:
        """How one contact stands, and the fields in which its sides differ."""
        found = find_differences(contact, self._compared)
        known = quick_state(
            contact.state, is_alone=contact.is_alone, is_contested=contact.id in self.contested
        )
        if known is None:
            is_waiting = bool(found) or contact.id in self.waiting
            known = RowState.WAITING if is_waiting else RowState.IN_STEP
        return known, found

    def values_of(self, contact: StoredContact) -> dict[str, Value]:
        """What the grid shows of one contact, by field."""
        values = {**_only_seen(contact), **contact.base}
        return {
            name: self._drawn(name, values.get(name)) for name in self._columns if name != SYNC
        }

    def pages(self, ids: Sequence[str]) -> Iterator[dict[str, StoredContact]]:
        """These contacts whole, some hundred at a time."""
        for start in range(0, len(ids), _PAGE):
            yield self._shelf.read(ids[start : start + _PAGE])

    def _read_ids(self) -> Iterator[str]:
        for link_id, state, is_alone in self._shelf.scan():
            known = quick_state(
                state, is_alone=is_alone, is_contested=link_id in self.contested
            )
            self._quick.append(255 if known is None else _WORDS.index(known))
            yield link_id

    def _read_sync(self) -> Held:
        in_step = _WORDS.index(RowState.IN_STEP)
        codes = array("B", (in_step if each == 255 else each for each in self._quick))  # noqa: PLR2004 — not known yet
        suspects = sorted(self._shelf.find_suspects() | self.waiting)
        for page in self.pages(suspects):
            for link_id, contact in page.items():
                position = self.ids.find(link_id)
                if position >= 0:
                    codes[position] = _WORDS.index(self.state_of(contact)[0])
        return Codes(codes, tuple(each.value for each in _WORDS))

    def _read_column(self, name: str) -> Held:
        values: list[Value] = [None] * len(self)
        column = self._columns[name]
        scanned = (
            self._shelf.scan_seen(column.sides[0], name)
            if column.is_riding and column.sides
            else self._shelf.scan_fields([name])
        )
        for position, (value,) in self._aligned(scanned):
            values[position] = value
        for link_id, contact in self._lonely():
            if name not in contact.base:
                values[self.ids.find(link_id)] = _only_seen(contact).get(name)
        if column.is_owner:
            values = [self._drawn(name, value) for value in values]
        return hold(values, is_number=column.type == "number")

    def _folded(self, names: Sequence[str]) -> Iterator[str]:
        texts = [""] * len(self)
        for position, values in self._aligned(self._shelf.scan_fields(names)):
            texts[position] = fold_fast(" ".join(map(shown, values)))
        for link_id, contact in self._lonely():
            seen = {**_only_seen(contact), **contact.base}
            texts[self.ids.find(link_id)] = fold_fast(
                " ".join(shown(seen.get(name)) for name in names)
            )
        return iter(texts)

    def _aligned(
        self, scanned: Iterable[tuple[str, tuple[Value, ...]]]
    ) -> Iterator[tuple[int, tuple[Value, ...]]]:
        """Position and values; both lists go by id, and either may have moved on."""
        ids = enumerate(self.ids)
        position, link_id = next(ids, (-1, ""))
        for found, values in scanned:
            while position >= 0 and link_id < found:
                position, link_id = next(ids, (-1, ""))
            if position < 0:
                return
            if link_id == found:
                yield position, values

    def _lonely(self) -> Iterator[tuple[str, StoredContact]]:
        alone = _WORDS.index(RowState.ONE_SIDE)
        ids = [self.ids[at] for at, state in enumerate(self._quick) if state == alone]
        for page in self.pages(ids):
            yield from page.items()

    def _drawn(self, name: str, value: Value) -> Value:
        """Owners by name: nobody knows people by id."""
        if isinstance(value, str) and self._columns[name].is_owner:
            return self._owners.get(value, value)
        return value

    def _keep(self, name: str, held: Held) -> None:
        self._held[name] = held
        while len(self._held) > 1 and (
            sum(each.size_bytes for each in self._held.values()) > _BUDGET_BYTES
        ):
            self._held.popitem(last=False)


def _only_seen(contact: StoredContact) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for values in contact.seen.values():
        for name, value in values.items():
            if found.get(name) is None:
                found[name] = value
    return found


def positions(mask: bytearray, order: Sequence[int]) -> array[int]:
    """Rows of a mask in an order."""
    return array("I", filter(mask.__getitem__, order))
